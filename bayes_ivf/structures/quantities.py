"""From draws of a model's parameters to draws of the estimands; plain arrays of any shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.estimands import SIZE
from bayes_ivf.problem import Problem
from bayes_ivf.structures.discovery import find_structure

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[EstimandId, Array]:
    """Return the draws of every estimand of a problem, each of shape (chain, draw)."""
    return find_structure(problem).load_contrasts().contrasts(problem, posterior)


def with_sizes(problem: Problem, estimands: Mapping[EstimandId, Array]) -> dict[EstimandId, Array]:
    """Return the draws with the size of every difference that is claimed without a direction, sizes first."""
    undirected = (
        EstimandId("standardized_mean_difference", place)
        for place in find_structure(problem).load_contrasts().unsigned(problem)
    )
    return {each.of(SIZE): np.abs(estimands[each]) for each in undirected} | dict(estimands)


def moment_orders(problem: Problem) -> Mapping[EstimandId, float]:
    """Return the order below which moments exist, of quantities that lack some under this problem's priors."""
    found: Mapping[EstimandId, float] = getattr(find_structure(problem).load_contrasts(), "moments", lambda _: {})(
        problem
    )
    return found
