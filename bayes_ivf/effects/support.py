"""Where a reported quantity can lie at all, which a drawn density must know."""

from __future__ import annotations

from math import inf

from bayes_ivf.estimands import ESTIMANDS, SIZE

_BOUNDED = {"risk_difference": (-1.0, 1.0), "icc": (0.0, 1.0), SIZE: (0.0, inf), "tau": (0.0, inf)}
_ABOVE_ZERO = ("risk_ratio", "odds_ratio", "hazard_ratio")


def support(estimand: str) -> tuple[float, float]:
    """Return the bounds of an estimand, which may be infinite."""
    if estimand in _BOUNDED:
        return _BOUNDED[estimand]
    if estimand in _ABOVE_ZERO:
        return 0.0, inf
    return (0.0, 1.0) if estimand in ESTIMANDS and ESTIMANDS[estimand].scale == "probability" else (-inf, inf)
