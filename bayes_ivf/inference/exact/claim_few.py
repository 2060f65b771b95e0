"""Probability of a claim from few women: averaged over the numerator of t, where nodes of its denominator leave steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.exact.quadrature import add_up, along, peak

Array = npt.NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_DEPTH = 60.0
_SIDE = 11.0
_DEEP = 600.0
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


def few(df: Array, critical: Array) -> npt.NDArray[np.bool_]:
    """Whether c S is spread wider than the numerator: c / sqrt(2 df) is its sd."""
    return critical > np.sqrt(2 * df)


def log_claim_of_few(d: Array, direction: str, scale: Array, df: Array, critical: Array) -> Array:
    """Log probability (K, B) of a claim, as `log_claim_probability`, for problems that are `few`.

    With U = Z + ncp the test is significant where S < U / c, which has a chi-squared probability that is smooth in U.
    """
    ncp = d / scale
    if direction == "lower":
        return _log_side(-ncp, df, critical, True)
    if direction == "higher":
        return _log_side(ncp, df, critical, True)
    significant = direction == "differs"
    return np.logaddexp(*(_log_side(sign * ncp, df, critical, significant) for sign in (-1, 1)))


def _log_side(ncp: Array, df: Array, critical: Array, significant: bool) -> Array:
    """Log of E[Pr(S < U / c); U > 0] or of E[Pr(S > U / c); U > 0]."""
    # the other event holds U down where it is far beyond c
    center = ncp if significant else ncp / (1 + df / critical**2)
    reach = 2 * _DEPTH / (np.abs(ncp) + np.sqrt(ncp * ncp + 2 * _DEPTH))
    low, high = np.maximum(center - _SIDE, 0.0), np.where(center > 0, center + _SIDE, reach)
    half = (high - low) / 2
    u = low + half * (1 + along(_NODES, ncp.ndim))
    x = df / 2 * (u / critical) ** 2
    with np.errstate(divide="ignore"):
        if significant:
            log = np.log(special.gammainc(df / 2, x))
        else:
            deep = (df / 2 - 1) * np.log(np.maximum(x, 1.0)) - x - special.gammaln(df / 2)
            log = np.where(x > _DEEP, deep, np.log(special.gammaincc(df / 2, x)))
    log = log - 0.5 * (u - ncp) ** 2 - _LOG_SQRT_2PI + np.log(half) + along(np.log(_WEIGHTS), ncp.ndim)
    top = peak(log)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(add_up(np.exp(log - top))))
