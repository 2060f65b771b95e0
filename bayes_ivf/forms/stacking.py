"""Problems of one kind, as arrays with one row for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bayes_ivf.problem import Problem

if TYPE_CHECKING:
    from bayes_ivf.priors import BatchedPrior


def stacked(problems: Sequence[Problem], name: str) -> np.ndarray:
    """Return an array of all problems, shape (problem, ...)."""
    return np.stack([problem.data[name] for problem in problems])


def batched_priors(problems: Sequence[Problem]) -> Mapping[str, BatchedPrior]:
    """Return the priors of all problems by slot; each has one family, and parameters of shape (problem,)."""
    from bayes_ivf.priors import BatchedPrior

    return {
        slot: BatchedPrior(
            prior.dist,
            {
                name: np.array([problem.priors[slot].parameters[name] for problem in problems])
                for name in prior.parameters
            },
        )
        for slot, prior in problems[0].priors.items()
    }
