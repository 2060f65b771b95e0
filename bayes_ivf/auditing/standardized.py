"""Printed means as standardized differences."""

from __future__ import annotations

from math import sqrt

from bayes_ivf.study import MeanSD, Outcome, sd_factor

_LARGE = 1e100


def arm_means(item: Outcome) -> tuple[MeanSD, MeanSD] | None:
    """Return the means of both arms, if both are printed."""
    data = (None, None) if item.data is None else (item.data.get("treatment"), item.data.get("control"))
    if isinstance(data[0], MeanSD) and isinstance(data[1], MeanSD) and usable(data[0]) and usable(data[1]):
        return data[0], data[1]
    return None


def usable(datum: MeanSD, *, constant: bool = False) -> bool:
    """Whether mean and sd are of a size that floating-point arithmetic can work with; an sd of 0 only if `constant`."""
    sd = float(datum.sd)
    return abs(float(datum.mean)) < _LARGE and (1 / _LARGE < sd < _LARGE or (constant and sd == 0))


def standardized_difference(a: MeanSD, b: MeanSD, spread: str | None = None) -> tuple[float, float]:
    """Return the standardized mean difference and its large-sample standard error.

    Parameters
    ----------
    a, b : MeanSD
        Treatment and control.
    spread : str or None
        What the printed spreads are; no range.

    Returns
    -------
    d, se : float
        d = difference / sqrt((sd_a^2 + sd_b^2) / 2).
    """
    sds = [float(arm.sd) * (sd_factor(spread, arm.n) or 1.0) for arm in (a, b)]
    d = (float(a.mean) - float(b.mean)) / (sqrt((sds[0] / max(sds)) ** 2 / 2 + (sds[1] / max(sds)) ** 2 / 2) * max(sds))
    return d, sqrt(1 / a.n + 1 / b.n + d * d / (2 * (a.n + b.n)))


def standard_error_at_zero(n_treatment: int, n_control: int) -> float:
    """Return the standard error of a standardized difference near zero."""
    return sqrt(1 / n_treatment + 1 / n_control)
