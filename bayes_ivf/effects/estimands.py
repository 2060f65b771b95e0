"""The quantities that are reported: their names, scales, and where no effect lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


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
