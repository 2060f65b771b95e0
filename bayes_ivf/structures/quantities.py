"""From draws of a model's parameters to draws of the estimands; plain arrays of any shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimands import SIZE
from bayes_ivf.problem import Problem
from bayes_ivf.structures.discovery import find_structure

Array = npt.NDArray[np.float64]


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws of every estimand of a problem, each of shape (chain, draw)."""
    return find_structure(problem.structure).load_contrasts().contrasts(problem, posterior)


def with_sizes(problem: Problem, estimands: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws with the size of every difference that is claimed without a direction, sizes first."""
    undirected = find_structure(problem.structure).load_contrasts().unsigned(problem)
    return {f"{SIZE}{each}": np.abs(estimands[f"standardized_mean_difference{each}"]) for each in undirected} | dict(
        estimands
    )
