"""What is printed after ``±`` as a multiple of a standard deviation."""

from __future__ import annotations

from math import sqrt


def sd_factor(spread: str | None, n: int) -> float | None:
    """Return by what a printed spread is multiplied to be an sd; None for a range, which is no multiple of it.

    Parameters
    ----------
    spread : str or None
        As declared in the study file; undeclared and unknown spreads are read as sds.
    n : int
        Values behind the mean, at least 2.
    """
    from scipy.special import stdtrit

    if spread in (None, "sd", "unknown"):
        return 1.0
    if spread == "se":
        return sqrt(n)
    return sqrt(n) / float(stdtrit(n - 1, 0.975)) if spread in ("ci95", "half_width") else None
