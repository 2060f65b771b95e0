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
