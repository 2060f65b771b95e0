"""Posterior draws as bare arrays: what a sampler returns before anybody names or judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


SAMPLER_NAMES = {
    "tree_depth": "depth",
    "reached_max_treedepth": "maxdepth_reached",
    "acceptance_rate": "mean_tree_accept",
    "lp": "logp",
}
"""What nutpie calls the statistics that ArviZ's plots and checks expect under other names."""


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws and sampler statistics of one fit.

    Parameters
    ----------
    posterior : mapping of str to array, shape (chain, draw, ...)
        Every free and deterministic variable.
    stats : mapping of str to array, shape (chain, draw)
        ``diverging, depth, maxdepth_reached, energy, ...`` as nutpie names them.
    target_accept : float
        That was used in the end.
    seconds : float
        Sampling only.
    """

    posterior: Mapping[str, Array]
    stats: Mapping[str, Array]
    target_accept: float
    seconds: float

    def __getitem__(self, name: str) -> npt.NDArray[np.float64]:
        return np.asarray(self.posterior[name], dtype=float)
