"""A printed spread read as a standard error."""

from __future__ import annotations

from math import sqrt

from bayes_ivf.study import MeanSD, Printed


def se_read_as_sd(datum: MeanSD) -> Printed:
    """Return the sd that a printed spread stands for if it is a standard error: printed x sqrt(n).

    It is given to one decimal less than printed for each factor of ten in sqrt(n), since rounding grows with it.
    """
    decimals = max(0, datum.sd.decimals - (1 if datum.n >= 10 else 0))
    value = float(datum.sd) * sqrt(datum.n)
    return Printed(f"{value:.{decimals}f}")


def sd_factor(spread: str | None, n: int) -> float | None:
    """Return by what a printed spread is multiplied to be an sd; None for a range, which is no multiple of it.

    Parameters
    ----------
    spread : str or None
        As declared in the study file; undeclared and unknown spreads are read as sds.
    n : int
        Values behind the mean.
    """
    from scipy.special import stdtrit

    if spread in (None, "sd", "unknown"):
        return 1.0
    if spread == "se":
        return sqrt(n)
    return sqrt(n) / float(stdtrit(n - 1, 0.975)) if spread in ("ci95", "half_width") else None
