"""The coordinate in which each estimand is searched: log odds of risks, log of ratios, artanh of a risk difference.

Examples
--------
>>> import numpy as np
>>> float(transform_of("risk_difference").forward(np.array(0.5)).round(4))
0.5493
"""

from __future__ import annotations

from bayes_ivf.quadrature import ATANH, IDENTITY, LOG, LOGIT, Transform

TRANSFORMS = {
    "risk_difference": ATANH,
    "risk_ratio": LOG,
    "odds_ratio": LOG,
    "log_odds_ratio": IDENTITY,
    "control_risk": LOGIT,
    "treatment_risk": LOGIT,
    "mean_difference": IDENTITY,
    "standardized_mean_difference": IDENTITY,
    "absolute_standardized_mean_difference": LOG,
    "ratio_of_means": IDENTITY,
    "control_mean": IDENTITY,
    "treatment_mean": IDENTITY,
    "mu": IDENTITY,
    "tau": LOG,
    "theta": IDENTITY,
    "theta_new": IDENTITY,
}
"""Transform of every estimand of the exact engine."""


def transform_of(estimand: str) -> Transform:
    """Return the transform of an estimand; ``theta[3]`` has that of ``theta``."""
    return TRANSFORMS[estimand.partition("[")[0]]
