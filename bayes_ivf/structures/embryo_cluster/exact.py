"""The exact posterior of embryo totals, asked by the texts of an `EstimandId` as every posterior is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.forms.embryo_totals import arms_of
from bayes_ivf.problem import Problem

if TYPE_CHECKING:
    from bayes_ivf.embryo import EmbryoPosterior

Array = npt.NDArray[np.float64]


def id_of(name: str) -> EstimandId:
    """Return which quantity is meant by a name: ``woman_risk_ratio_standardized`` is ``risk_ratio@woman_standardized``."""
    place = ""
    if name.startswith("woman_"):
        name, place = name.removeprefix("woman_"), "woman"
    for suffix in ("standardized", "receptivity"):
        if name.endswith(f"_{suffix}"):
            name, place = name.removesuffix(f"_{suffix}"), f"{place}_{suffix}".strip("_")
    return EstimandId(name, place)


@dataclass(frozen=True, eq=False)
class EmbryoQuantities:
    """An `EmbryoPosterior` that answers to the texts of quantities."""

    posterior: EmbryoPosterior

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {id_of(name).text: name for name in self.posterior.estimands}

    @property
    def estimands(self) -> tuple[str, ...]:
        """Texts of all quantities."""
        return tuple(self._names)

    def cdf(self, estimand: str, t: Any) -> Array:
        """Probability of a value at most `t`."""
        return self.posterior.cdf(self._names[estimand], t)

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = defaults.CI_PROB) -> dict[str, Any]:
        """Summaries by name."""
        return {name: self.posterior.summarize(self._names[name], ci_prob) for name in estimands or self.estimands}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.posterior, name)


def solve_totals(problem: Problem) -> EmbryoQuantities:
    """Solve a problem of the structure `embryo_cluster` by quadrature."""
    from bayes_ivf.embryo import solve_embryo

    return EmbryoQuantities(solve_embryo(*arms_of(problem), dict(problem.priors)))


STACKED = False
"""Each problem has tables of its own and is solved by itself."""


def solver(problem: Problem) -> Callable[[Sequence[Problem], int | None], Any] | None:
    """Return what solves a problem."""
    return _solve


def _solve(problems: Sequence[Problem], workers: int | None) -> Any:
    return solve_totals(problems[0])
