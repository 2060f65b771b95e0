"""Compound statements: probabilities that several things hold at once, from one joint posterior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.problem import Problem
from bayes_ivf.structures import deriving_structures

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Statement:
    """A statement about several outcomes with its probability.

    Parameters
    ----------
    study, model, options, prior : str
    text : str
    probability : float
        Share of joint draws in which all of it holds.
    """

    study: Annotated[str, "id of the study"]
    model: Annotated[str, "id of the model card"]
    options: Annotated[str, "options that were not left at their defaults, such as M=3;weights=equal"]
    prior: Annotated[str, "id of the prior set"]
    text: Annotated[str, "what holds at once"]
    probability: Annotated[float, "share of joint draws in which it holds"]


def statements(problem: Problem, estimands: Mapping[EstimandId, Array]) -> tuple[Statement, ...]:
    """Return the compound statements of a joint posterior; none for models of a single outcome."""
    # the likelihood of stages, pooled or not, is called as the structure that derives from them
    if problem.likelihood not in deriving_structures():
        return ()
    pregnant, ongoing, lost = (estimands[EstimandId("risk_difference", place)] for place in ("woman", "ongoing", ""))
    study, _, model, options, prior = problem.key
    told = {
        "More clinical pregnancies per woman, and miscarriage per clinical pregnancy not up": (pregnant > 0)
        & (lost <= 0),
        "More ongoing pregnancies per woman, and miscarriage per clinical pregnancy not up": (ongoing > 0)
        & (lost <= 0),
        "More clinical pregnancies, but not more ongoing pregnancies per woman": (pregnant > 0) & (ongoing <= 0),
    }
    where = f"{problem.comparison}: " if problem.comparison else ""
    return tuple(
        Statement(study, model, options, prior, f"{where}{text}", float(np.mean(holds))) for text, holds in told.items()
    )
