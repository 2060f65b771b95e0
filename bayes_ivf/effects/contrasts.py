"""From draws of a model's parameters to draws of the estimands; plain arrays of any shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.effects.estimands import RATIO_OF_MEANS_CONTROL
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]


def risk_contrasts(treatment: Array, control: Array, log_odds_ratio: Array | None = None) -> dict[str, Array]:
    """Contrast two risks.

    Parameters
    ----------
    treatment, control : array
        Probabilities, same shape.
    log_odds_ratio : array, optional
        If the model has it as a parameter, to keep its precision.

    Returns
    -------
    dict of str to array
        Risk difference and risks (probability), risk ratio, odds ratio, log odds ratio.
    """
    if log_odds_ratio is None:
        log_odds_ratio = special.logit(treatment) - special.logit(control)
    with np.errstate(divide="ignore", over="ignore"):
        return {
            "risk_difference": treatment - control,
            "risk_ratio": treatment / control,
            "odds_ratio": np.exp(log_odds_ratio),
            "log_odds_ratio": log_odds_ratio,
            "control_risk": control,
            "treatment_risk": treatment,
        }


def mean_contrasts(treatment: Array, control: Array, standardizer: Array) -> dict[str, Array]:
    """Contrast two means.

    Parameters
    ----------
    treatment, control : array
        Means, unit of the outcome.
    standardizer : array
        Root mean square of the arms' standard deviations.

    Returns
    -------
    dict of str to array
        Mean difference and means (unit of the outcome), standardized mean difference, and the ratio of means if the
        control mean is surely positive.
    """
    difference = treatment - control
    contrasts = {"mean_difference": difference, "standardized_mean_difference": difference / standardizer}
    if np.mean(control > 0) > RATIO_OF_MEANS_CONTROL:
        contrasts["ratio_of_means"] = treatment / control
    return contrasts | {"control_mean": control, "treatment_mean": treatment}


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws of every estimand of a problem, each of shape (chain, draw)."""
    return _MAKERS[problem.likelihood](problem, posterior)


def _counts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    if problem.coding == "arms":
        return risk_contrasts(posterior["treatment"], posterior["control"])
    effect = posterior["effect"]
    if problem.coding == "average":
        treatment, control = posterior["average"] + effect / 2, posterior["average"] - effect / 2
    else:
        treatment, control = posterior["control"] + effect, posterior["control"]
    return risk_contrasts(special.expit(treatment), special.expit(control), effect)


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


_MAKERS = {"counts": _counts, "mean_sd": _mean_sd, "claim_only": _claim_only}
