"""Probability of a claim from few women: averaged over the numerator of t, where nodes of its denominator leave steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature import add_up, along, peak

Array = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_DEPTH = 60.0
_SIDE = 11.0
_DEEP, _FAR, _TINY = 600.0, 1e12, 1e-100
_HALVINGS = 12
# The peak is wanted to a fraction of the width; the bracket is at most sqrt(df) wide.
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


def critical_value(df: Array, alpha: Array) -> Array:
    """Return the two-sided critical value of t; by the beta distribution where SciPy's inverse of t overflows."""
    found = -special.stdtrit(df, alpha / 2)
    with np.errstate(divide="ignore"):
        beta = 1 / special.betaincinv(df / 2, 0.5, alpha) - 1
    return np.asarray(np.where(np.isfinite(found), found, np.sqrt(df * beta)))


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
    far = np.sqrt(ncp * ncp + 4 * df)
    # from -ncp or 0 to the root of u (u - ncp) = df, without cancellation
    low, high = np.maximum(-ncp, 0.0), np.where(ncp > 0, 2 * df / (far + np.abs(ncp)), (far - ncp) / 2)

    def log_event(z: Array) -> tuple[Array, Array]:
        log_x = _log_chi(np.maximum(ncp + z, _TINY), df, critical)
        return log_x, _log_below(df / 2, log_x)

    def rising(z: Array) -> npt.NDArray[np.bool_]:
        return _log_slope(ncp + z, df, *log_event(z)) > np.log(z)

    top = _halve(low, high, rising)
    return _log_average(np.maximum(top - _SIDE, -ncp), top + _SIDE, lambda z: log_event(z)[1])


def _log_not_significant(ncp: Array, df: Array, critical: Array) -> Array:
    """Log of E[Pr(S > U / c); U > 0], whose integrand is log-concave too, and has its peak at or below ncp."""

    def log_event(z: Array) -> tuple[Array, Array]:
        log_x = _log_chi(np.maximum(ncp + z, _TINY), df, critical)
        x = np.exp(log_x)
        deep = df / 2 * log_x - x - special.gammaln(df / 2) - np.log(np.maximum(x + 1 - df / 2, 1.0))
        with np.errstate(divide="ignore"):
            return log_x, np.where(x > _DEEP + df, deep, np.log(special.gammaincc(df / 2, x)))

    def rising(z: Array) -> npt.NDArray[np.bool_]:
        return _log_slope(ncp + z, df, *log_event(z)) < np.log(-z)

    above = np.maximum(ncp, _TINY)
    top = _halve(-above, np.zeros_like(above), rising)
    reach = 2 * _DEPTH / (np.abs(ncp) + np.sqrt(ncp * ncp + 2 * _DEPTH))
    low = np.where(ncp > 0, np.maximum(top - _SIDE, -ncp), -ncp)
    high = np.where(ncp > 0, top + _SIDE, reach - ncp)
    return _log_average(low, high, lambda z: log_event(z)[1])


def _halve(low: Array, high: Array, rising: Callable[[Array], npt.NDArray[np.bool_]]) -> Array:
    """Roughly where a log-concave function has its peak."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        up = rising(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
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
    deep = shape * log_x - x - special.gammaln(shape + 1) - np.log1p(-np.minimum(x / (shape + 1), 0.5))
    return np.asarray(np.where(log > -_DEEP, log, deep))


def _log_average(low: Array, high: Array, log_event: Callable[[Array], Array]) -> Array:
    """Log of the integral of an event's probability over Z = U - ncp between two ends."""
    half = np.maximum((high - low) / 2, _TINY)
    z = low + half * (1 + along(_NODES, low.ndim))
    log = log_event(z) - 0.5 * z * z - _LOG_SQRT_2PI + np.log(half) + along(np.log(_WEIGHTS), low.ndim)
    top = peak(log)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(add_up(np.exp(log - top))))
