"""From draws of the parameters of two arms to draws of their contrasts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.estimands import mean_contrasts, risk_contrasts
from bayes_ivf.problem import Problem
from bayes_ivf.structures.arms import arm_log_odds

Array = npt.NDArray[np.float64]


def _counts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    if problem.coding == "arms":
        return risk_contrasts(posterior["treatment"], posterior["control"])
    treatment, control = arm_log_odds(problem, posterior)
    return risk_contrasts(special.expit(treatment), special.expit(control), posterior["effect"])


def _mean_sd(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    sigma = posterior["sigma"]
    standardizer = np.sqrt((sigma**2).mean(axis=-1)) if problem.variant == "separate" else sigma
    if problem.coding == "arms":
        return mean_contrasts(posterior["treatment"], posterior["control"], standardizer)
    shift = posterior["effect"] * standardizer
    if problem.coding == "average":
        return mean_contrasts(posterior["average"] + shift / 2, posterior["average"] - shift / 2, standardizer)
    return mean_contrasts(posterior["control"] + shift, posterior["control"], standardizer)


def _claim_only(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    return {"standardized_mean_difference": posterior["effect"]}
