"""Where the computations begin whose results are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Solver:
    """Where a computation begins.

    Parameters
    ----------
    entries : tuple of str
        Definitions, as ``module:name`` or by name alone; one that has moved is found by its name.
    known : mapping of str to str
        Attributes of its problems with one value only, such as ``structure``: a registry that is read with one of them
        gives that value, instead of all.
    """

    entries: tuple[str, ...]
    known: Mapping[str, str] = field(default_factory=dict)


SOLVERS: Mapping[str, Solver] = {
    "exact": Solver(("bayes_ivf.batches.work:exact_part",)),
    "nuts": Solver(("bayes_ivf.batches.work:nuts_part",)),
}
"""Engines by name, as batches use them."""
