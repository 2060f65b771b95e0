"""The quantities that are reported: names, scales, ranges, where no effect lies, and how they follow from the two arms.

Both engines read them here. A contrast of two arms rises with the treatment arm and falls with the control arm, or is one of the
arms: with its value and one arm the other arm is known, which is what quadrature needs for its level curves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
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
    low, high : float
        Range, which may be infinite.
    null : float or None
        Value of no effect; None if the quantity is not a contrast of the arms.
    same_sign : str
        Another estimand that favors treatment exactly when this one does, so that one probability serves both; or empty.
    mcid : bool
        Whether the MCID is written on this scale.
    moments : bool
        Whether mean and standard deviation exist. Those of a ratio do not where its denominator may be zero, however
        improbable that is.
    of_arms : callable or None
        Value from treatment and control, as `arms` says; None if it does not follow from them alone.
    arms : {"risk", "mean", "rate", ""}
        Of what of the two arms it is a function; what `of_arms` takes.
    """

    name: str
    label: str
    scale: str
    low: float = -inf
    high: float = inf
    null: float | None = None
    same_sign: str = ""
    mcid: bool = False
    moments: bool = True
    of_arms: Callable[[Array, Array], Array] | None = None
    arms: str = ""

    @property
    def range(self) -> tuple[float, float]:
        """Between which values it lies."""
        return self.low, self.high


def _difference(treatment: Array, control: Array) -> Array:
    return treatment - control


def _ratio(treatment: Array, control: Array) -> Array:
    return treatment / control


def _log_ratio(treatment: Array, control: Array) -> Array:
    return np.asarray(np.log(treatment) - np.log(control))


def _log_odds_ratio(treatment: Array, control: Array) -> Array:
    return np.asarray(special.logit(treatment) - special.logit(control))


def _odds_ratio(treatment: Array, control: Array) -> Array:
    return np.asarray(np.exp(_log_odds_ratio(treatment, control)))


def _control(treatment: Array, control: Array) -> Array:
    return control


def _treatment(treatment: Array, control: Array) -> Array:
    return treatment


SIZE = "absolute_standardized_mean_difference"
"""What a claim of a difference without a direction is about: its sign is unknown."""

_MEMBERS = (
    Estimand(
        "risk_difference",
        "Risk difference",
        "probability",
        -1.0,
        1.0,
        null=0.0,
        same_sign="log_odds_ratio",
        mcid=True,
        of_arms=_difference,
        arms="risk",
    ),
    Estimand(
        "risk_ratio", "Risk ratio", "ratio", 0.0, null=1.0, same_sign="log_odds_ratio", of_arms=_ratio, arms="risk"
    ),
    Estimand(
        "odds_ratio", "Odds ratio", "ratio", 0.0, null=1.0, same_sign="log_odds_ratio", of_arms=_odds_ratio, arms="risk"
    ),
    Estimand("hazard_ratio", "Hazard ratio", "ratio", 0.0, null=1.0),
    Estimand("log_odds_ratio", "Log odds ratio", "log odds", null=0.0, of_arms=_log_odds_ratio, arms="risk"),
    Estimand("control_risk", "Risk, control", "probability", 0.0, 1.0, of_arms=_control, arms="risk"),
    Estimand("treatment_risk", "Risk, treatment", "probability", 0.0, 1.0, of_arms=_treatment, arms="risk"),
    Estimand("icc", "Intraclass correlation", "correlation", 0.0, 1.0),
    Estimand("q", "Chance per embryo in a receptive woman", "probability", 0.0, 1.0),
    Estimand("lambda", "Loss before clinical pregnancy", "probability", 0.0, 1.0),
    Estimand("mu", "Common mean of the effects", "effect"),
    Estimand("tau", "Spread of the effects", "effect", 0.0),
    Estimand(
        "mean_difference",
        "Mean difference",
        "outcome unit",
        null=0.0,
        same_sign="standardized_mean_difference",
        of_arms=_difference,
        arms="mean",
    ),
    Estimand(
        "standardized_mean_difference",
        "Standardized mean difference",
        "standard deviations",
        null=0.0,
        mcid=True,
        arms="mean",
    ),
    Estimand(SIZE, "Size of the standardized mean difference", "standard deviations", 0.0),
    Estimand("ratio_of_means", "Ratio of means", "ratio", null=1.0, moments=False, of_arms=_ratio, arms="mean"),
    Estimand("median_difference", "Difference of medians", "outcome unit", null=0.0),
    Estimand("ratio_of_medians", "Ratio of medians", "ratio", null=1.0, moments=False),
    Estimand("control_mean", "Mean, control", "outcome unit", of_arms=_control, arms="mean"),
    Estimand("treatment_mean", "Mean, treatment", "outcome unit", of_arms=_treatment, arms="mean"),
    Estimand(
        "rate_ratio", "Rate ratio", "ratio", 0.0, null=1.0, same_sign="log_rate_ratio", of_arms=_ratio, arms="rate"
    ),
    Estimand(
        "rate_difference",
        "Rate difference",
        "events per unit of time",
        null=0.0,
        same_sign="log_rate_ratio",
        mcid=True,
        of_arms=_difference,
        arms="rate",
    ),
    Estimand("log_rate_ratio", "Log rate ratio", "log rate", null=0.0, of_arms=_log_ratio, arms="rate"),
    Estimand("control_rate", "Rate, control", "events per unit of time", 0.0, of_arms=_control, arms="rate"),
    Estimand("treatment_rate", "Rate, treatment", "events per unit of time", 0.0, of_arms=_treatment, arms="rate"),
    Estimand("control_median", "Median, control", "outcome unit"),
    Estimand("treatment_median", "Median, treatment", "outcome unit"),
)

ESTIMANDS: Mapping[str, Estimand] = MappingProxyType({member.name: member for member in _MEMBERS})
"""Every estimand by name."""

RATIO_OF_MEANS_CONTROL = 0.999
"""A ratio of means is reported only if the control mean is positive with more than this probability."""


def _of_arms(arms: str, treatment: Array, control: Array) -> dict[str, Array]:
    """Return every quantity of two risks, means or rates, by name."""
    with np.errstate(divide="ignore", over="ignore"):
        return {
            name: each.of_arms(treatment, control)
            for name, each in ESTIMANDS.items()
            if each.arms == arms and each.of_arms is not None
        }


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
    contrasts = _of_arms("risk", treatment, control)
    if log_odds_ratio is not None:
        with np.errstate(over="ignore"):
            contrasts |= {"odds_ratio": np.exp(log_odds_ratio), "log_odds_ratio": log_odds_ratio}
    return contrasts


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
    found = _of_arms("mean", treatment, control)
    standardized = {"standardized_mean_difference": found["mean_difference"] / standardizer}
    contrasts = {"mean_difference": found.pop("mean_difference")} | standardized
    if not np.mean(control > 0) > RATIO_OF_MEANS_CONTROL:
        del found["ratio_of_means"]
    return contrasts | found


def rate_contrasts(treatment: Array, control: Array, log_rate_ratio: Array) -> dict[str, Array]:
    """Contrast two rates.

    Parameters
    ----------
    treatment, control : array
        Events per unit of time, same shape.
    log_rate_ratio : array
        A parameter of the model, kept for its precision.

    Returns
    -------
    dict of str to array
        Rate ratio, rate difference and rates (events per unit of time), log rate ratio.
    """
    with np.errstate(over="ignore"):
        ratios = {"rate_ratio": np.exp(log_rate_ratio), "log_rate_ratio": log_rate_ratio}
    return _of_arms("rate", treatment, control) | ratios
