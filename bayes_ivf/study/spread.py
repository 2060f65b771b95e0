"""What is printed after ``±`` as a multiple of a standard deviation."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt


def sd_factor(spread: str | None, n: int) -> float | None:
    """Return by what a printed spread is multiplied to be an sd; None for a range of which the ends are not printed.

    Parameters
    ----------
    spread : str or None
        As declared in the study file; undeclared and unknown spreads are read as sds.
    n : int
        Values behind the mean, at least 2.
    """
    from scipy.special import ndtri, stdtrit

    if spread in (None, "sd", "unknown"):
        return 1.0
    if spread == "se":
        return sqrt(n)
    if spread == "half_range":
        return 1 / float(ndtri((n - 0.375) / (n + 0.25)))
    return sqrt(n) / float(stdtrit(n - 1, 0.975)) if spread in ("ci95", "half_width") else None


_RULES: Mapping[str, str] = {
    "se": "Standard deviations are the printed standard errors times the square root of n.",
    "ci95": "Standard deviations follow from half the width of the printed 95% intervals, times the square root of n, over the "
    "quantile of Student's t with n - 1 degrees of freedom.",
    "half_range": "Standard deviations follow from the printed smallest and largest values by the rule of Wan 2014 (doi "
    "10.1186/1471-2288-14-135): their distance over twice the normal quantile of (n - 0.375)/(n + 0.25), if values are about "
    "normal; one from two values is less certain than the model takes it to be.",
}
"""How an sd follows from what is printed, in a sentence for readers."""


def spread_rule(spread: str | None) -> str:
    """Return how sds follow from printed spreads, in a sentence; empty where they are printed themselves."""
    return _RULES.get("ci95" if spread == "half_width" else spread or "", "")
