"""The quantities that are reported: their names, scales, and where no effect lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimand:
    """A reported quantity.

    Parameters
    ----------
    name, label, scale : str
        As in ``effects.csv``.
    null : float or None
        Value of no effect; None if the quantity is not a contrast of the arms.
    mcid : bool
        Whether the MCID is written on this scale.
    moments : bool
        Whether mean and standard deviation exist. Those of a ratio do not where its denominator may be zero, however
        improbable that is.
    """

    name: str
    label: str
    scale: str
    null: float | None = None
    mcid: bool = False
    moments: bool = True


SIZE = "absolute_standardized_mean_difference"
"""What a claim of a difference without a direction is about: its sign is unknown."""

_MEMBERS = (
    Estimand("risk_difference", "Risk difference", "probability", 0.0, mcid=True),
    Estimand("risk_ratio", "Risk ratio", "ratio", 1.0),
    Estimand("odds_ratio", "Odds ratio", "ratio", 1.0),
    Estimand("log_odds_ratio", "Log odds ratio", "log odds", 0.0),
    Estimand("control_risk", "Risk, control", "probability"),
    Estimand("treatment_risk", "Risk, treatment", "probability"),
    Estimand("icc", "Intraclass correlation", "correlation"),
    Estimand("q", "Chance per embryo in a receptive woman", "probability"),
    Estimand("lambda", "Loss before clinical pregnancy", "probability"),
    Estimand("mu", "Common mean of the effects", "effect"),
    Estimand("tau", "Spread of the effects", "effect"),
    Estimand("mean_difference", "Mean difference", "outcome unit", 0.0),
    Estimand("standardized_mean_difference", "Standardized mean difference", "standard deviations", 0.0, mcid=True),
    Estimand(SIZE, "Size of the standardized mean difference", "standard deviations"),
    Estimand("ratio_of_means", "Ratio of means", "ratio", 1.0, moments=False),
    Estimand("control_mean", "Mean, control", "outcome unit"),
    Estimand("treatment_mean", "Mean, treatment", "outcome unit"),
)

ESTIMANDS: Mapping[str, Estimand] = MappingProxyType({member.name: member for member in _MEMBERS})
"""Every estimand by name."""

RATIO_OF_MEANS_CONTROL = 0.999
"""A ratio of means is reported only if the control mean is positive with more than this probability."""


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
