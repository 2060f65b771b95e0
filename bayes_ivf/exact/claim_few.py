"""Probability of a claim from few women: averaged over the numerator of t, where nodes of its denominator leave steps.

With ``t = U / S``, ``U = Z + ncp``, ``df S ** 2 ~ chi2(df)``, the test is significant in one direction where ``S < U / c``::

    P(significant | ncp) = int_0^inf phi(u - ncp) P(S < u / c) du,    P(S < u / c) = gammainc(df / 2, df (u / c) ** 2 / 2)

The integrand is log-concave, so that bisection of its slope finds the peak, and a Gauss-Legendre rule around it the integral. In
logs throughout: at levels such as 1e-6 both factors underflow.

Examples
--------
Two women an arm, level 0.05, noncentrality 1.5, against the noncentral t distribution:

>>> from scipy import stats
>>> df, alpha = np.array([2.0]), np.array([0.05])
>>> critical = critical_value(df, alpha)
>>> log = log_claim_of_few(np.array([[1.5]]), "higher", np.ones(1), df, critical)
>>> bool(abs(np.exp(log[0, 0]) - stats.nct(2, 1.5).sf(critical[0])) < 1e-9)
True
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature import add_up, along, peak

Array = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
# Nodes of the integral over 22 sds. Found by experiment over the `few` of 3,000 problems: logs to 2e-10 with 60, to 1e-13 with
# 80.
_DEPTH = 60.0
# Nats below its start at which the falling integrand is cut, where it has no peak inside.
_SIDE = 11.0
# From the peak to either end: the integrand falls at least as a normal density, by 60 nats within 11 sds.
_DEEP, _FAR, _TINY = 600.0, 1e12, 1e-100
# Nats below which a log probability comes from a series, not from SciPy's number, which underflows at 708; bound of the
# noncentrality, whose square stays exact enough; least positive width or argument.
_HALVINGS = 12
# The peak is wanted to a fraction of the width; the bracket is at most sqrt(df) wide.
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


def critical_value(df: Array, alpha: Array) -> Array:
    """Return the two-sided critical value of t; by the beta distribution where SciPy's inverse of t overflows."""
    critical = -special.stdtrit(df, alpha / 2)
    with np.errstate(divide="ignore"):
        beta = 1 / special.betaincinv(df / 2, 0.5, alpha) - 1
    return np.asarray(np.where(np.isfinite(critical), critical, np.sqrt(df * beta)))


def few(df: Array, critical: Array) -> npt.NDArray[np.bool_]:
    """Whether c S, whose sd is c / sqrt(2 df), is spread at least half as wide as the numerator."""
    return critical > np.sqrt(df / 2)


def log_claim_of_few(d: Array, direction: str, scale: Array, df: Array, critical: Array) -> Array:
    """Log probability (K, B) of a claim, as `log_claim_probability`, for problems that are `few`.

    With U = Z + ncp the test is significant where S < U / c, which has a chi-squared probability that is smooth in U.
    """
    ncp = np.clip(d / scale, -_FAR, _FAR)
    if direction == "lower":
        return _log_significant(-ncp, df, critical)
    if direction == "higher":
        return _log_significant(ncp, df, critical)
    one_side = _log_significant if direction == "differs" else _log_not_significant
    return np.logaddexp(*(one_side(sign * ncp, df, critical) for sign in (-1, 1)))


def _log_significant(ncp: Array, df: Array, critical: Array) -> Array:
    """Log of E[Pr(S < U / c); U > 0].

    The integrand is log-concave and falls from its peak at least as a normal density. There U - ncp is the slope of
    log Pr(S < U / c), which is at most df / U.
    """
    root = np.sqrt(ncp * ncp + 4 * df)
    # from -ncp or 0 to the root of u (u - ncp) = df, without cancellation
    low, high = np.maximum(-ncp, 0.0), np.where(ncp > 0, 2 * df / (root + np.abs(ncp)), (root - ncp) / 2)

    def log_event(z: Array) -> tuple[Array, Array]:
        log_x = _log_chi(np.maximum(ncp + z, _TINY), df, critical)
        return log_x, _log_below(df / 2, log_x)

    def rising(z: Array) -> npt.NDArray[np.bool_]:
        return _log_slope(ncp + z, df, *log_event(z)) > np.log(z)

    mode = _halve(low, high, rising)
    return _log_average(np.maximum(mode - _SIDE, -ncp), mode + _SIDE, lambda z: log_event(z)[1])


def _log_not_significant(ncp: Array, df: Array, critical: Array) -> Array:
    """Log of E[Pr(S > U / c); U > 0], whose integrand is log-concave too, and has its peak at or below ncp."""

    def log_event(z: Array) -> tuple[Array, Array]:
        log_x = _log_chi(np.maximum(ncp + z, _TINY), df, critical)
        x = np.exp(log_x)
        by_series = df / 2 * log_x - x - special.gammaln(df / 2) - np.log(np.maximum(x + 1 - df / 2, 1.0))
        with np.errstate(divide="ignore"):
            return log_x, np.where(x > _DEEP + df, by_series, np.log(special.gammaincc(df / 2, x)))

    def rising(z: Array) -> npt.NDArray[np.bool_]:
        return _log_slope(ncp + z, df, *log_event(z)) < np.log(-z)

    above = np.maximum(ncp, _TINY)
    mode = _halve(-above, np.zeros_like(above), rising)
    length = 2 * _DEPTH / (np.abs(ncp) + np.sqrt(ncp * ncp + 2 * _DEPTH))
    low = np.where(ncp > 0, np.maximum(mode - _SIDE, -ncp), -ncp)
    high = np.where(ncp > 0, mode + _SIDE, length - ncp)
    return _log_average(low, high, lambda z: log_event(z)[1])


def _halve(low: Array, high: Array, rising: Callable[[Array], npt.NDArray[np.bool_]]) -> Array:
    """Roughly where a log-concave function has its peak."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        uphill = rising(middle)
        low, high = np.where(uphill, middle, low), np.where(uphill, high, middle)
    return (low + high) / 2


def _log_chi(u: Array, df: Array, critical: Array) -> Array:
    """Log of half of df S ** 2 where S = u / c."""
    return np.asarray(np.log(df / 2) + 2 * (np.log(u) - np.log(critical)))


def _log_slope(u: Array, df: Array, log_x: Array, log_event: Array) -> Array:
    """Log of the size of the slope of an event's log probability."""
    log_density = df / 2 * log_x - np.exp(log_x) - special.gammaln(df / 2)
    return np.asarray(np.log(2 / np.maximum(u, _TINY)) + log_density - log_event)


def _log_below(shape: Array, log_x: Array) -> Array:
    """Log of the regularized lower incomplete gamma function, also where it is less than any number."""
    x = np.exp(log_x)
    with np.errstate(divide="ignore"):
        log = np.log(special.gammainc(shape, x))
    # the first terms of its series; here x is far below the shape
    by_series = shape * log_x - x - special.gammaln(shape + 1) - np.log1p(-np.minimum(x / (shape + 1), 0.5))
    return np.asarray(np.where(log > -_DEEP, log, by_series))


def _log_average(low: Array, high: Array, log_event: Callable[[Array], Array]) -> Array:
    """Log of the integral of an event's probability over Z = U - ncp between two ends."""
    half = np.maximum((high - low) / 2, _TINY)
    z = low + half * (1 + along(_NODES, low.ndim))
    log = log_event(z) - 0.5 * z * z - _LOG_SQRT_2PI + np.log(half) + along(np.log(_WEIGHTS), low.ndim)
    top = peak(log)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(add_up(np.exp(log - top))))
