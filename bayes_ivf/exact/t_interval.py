"""Probability that a t statistic lies in an interval, given its noncentrality: a printed P or t, with its rounding.

With ``T = (Z + ncp) / S``, ``df S ** 2 ~ chi2(df)`` and ``x = arsinh(T / sqrt(df))`` the density of the noncentral t is::

    f(x | ncp) = C cosh(x) ** -df  exp(-(ncp sech x) ** 2 / 2)  int_0^inf y ** df exp(-(y - ncp tanh x) ** 2 / 2) dy
    C = 1 / (sqrt(pi) Gamma(df / 2) 2 ** ((df - 1) / 2))

and the probability of an interval of T a Gauss-Legendre sum over x. The inner integral has its peak, on the scale of log y, at
``sqrt(a) exp(q)`` with ``a = df + 1`` and ``q = arsinh(ncp tanh x / (2 sqrt(a)))``. Around it, in v = log y less the peak::

    int ... = const(a) exp(a (q + (1 - exp(-2 q)) / 2)) int exp(a (v - E) - a exp(2 q) E ** 2 / 2) dv,    E = exp(v) - 1

whose integrand is analytic and falls off on both sides, so that a trapezoidal sum over ``v = z / sqrt(a (1 + exp(2 q)))`` is
right to 1e-10 with three women and to 1e-13 with ten. All is in logs, and nothing cancels from df 2 to 2 million.

References
----------
Johnson NL, Welch BL (1940). Applications of the non-central t-distribution. doi 10.1093/biomet/31.3-4.362.

Examples
--------
>>> from scipy import stats
>>> nodes = t_nodes([43.0], [2.005], [2.015], 8)
>>> log = log_t_interval(np.array([[1.5]]), np.array([43.0]), *nodes)
>>> chance = stats.nct(43, 1.5).cdf(2.015) - stats.nct(43, 1.5).cdf(2.005)
>>> bool(abs(np.exp(log[0, 0]) / chance - 1) < 1e-9)
True
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature import add_up, peak

Array = npt.NDArray[np.float64]

INNER_STEP = 0.4
INNER_NODES = INNER_STEP * np.arange(-65, 26)
"""Nodes of the inner integral in its own widths: on its left, for few women, it falls only exponentially."""
NUMBERS = (8, 20, 64)
_WIDEST = (0.5, 2.5, 12.0)
# Nodes of the interval, and the widths up to which they are enough: a standard error of T is about 1.


def interval_width(df: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Array:
    """Width of an interval of sizes of t on the scale on which t has a spread near 1, ``sqrt(df) arsinh(t / sqrt(df))``."""
    root = np.sqrt(np.asarray(df, dtype=float))
    return np.asarray(root * (np.arcsinh(np.asarray(high) / root) - np.arcsinh(np.asarray(low) / root)))


def number_of_nodes(df: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """How many nodes an interval of t needs; 0 where it is wider than any number is made for."""
    index = np.searchsorted(_WIDEST, interval_width(df, low, high))
    return np.asarray([*NUMBERS, 0], dtype=np.intp)[index]


def t_nodes(df: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, number: int) -> tuple[Array, Array, Array]:
    """Nodes over an interval of sizes of t.

    Parameters
    ----------
    df : array (...)
        Degrees of freedom, at least 2.
    low, high : array (...)
        Ends of the interval, ``0 <= low < high``.
    number : int
        From `number_of_nodes`.

    Returns
    -------
    slope : array (number, ...)
        ``t / sqrt(t ** 2 + df)`` at the nodes.
    shrink : array (number, ...)
        ``df / (t ** 2 + df)``.
    log_weights : array (number, ...)
        Log weights, with all factors of the density that do not depend on the noncentrality.
    """
    df, low, high = (np.asarray(each, dtype=float) for each in (df, low, high))
    root = np.sqrt(df)
    ends = np.arcsinh(low / root), np.arcsinh(high / root)
    nodes, weights = _legendre(number)
    shape = (-1, *[1] * df.ndim)
    half = (ends[1] - ends[0]) / 2
    x = ends[0] + half * (1 + nodes.reshape(shape))
    log_cosh = x + np.log1p(np.exp(-2 * x)) - np.log(2)
    a = df + 1
    constant = a / 2 * (np.log(a) - 1) - special.gammaln(df / 2) - np.log(np.pi) / 2 - (df - 1) / 2 * np.log(2)
    log_weights = np.log(weights).reshape(shape) + np.log(half) + constant - df * log_cosh
    return np.tanh(x), np.exp(-2 * log_cosh), np.asarray(log_weights)


@cache
def _legendre(number: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(number)


def log_t_interval(ncp: Array, df: Array, slope: Array, shrink: Array, log_weights: Array) -> Array:
    """Log probability (K, B) that a t statistic lies in an interval.

    Parameters
    ----------
    ncp : array (K, B)
        Noncentrality: the standardized difference over ``sqrt(1 / n_t + 1 / n_c)``.
    df : array (B,)
    slope, shrink, log_weights : array (M, B)
        From `t_nodes`.
    """
    logs = np.empty((len(slope), *ncp.shape))
    for node, (tanh, sech2, weight) in enumerate(zip(slope, shrink, log_weights, strict=True)):
        logs[node] = weight - ncp * ncp * sech2 / 2 + _log_inner(ncp * tanh, df + 1)
    top = peak(logs)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.isneginf(top), -np.inf, top + np.log(add_up(np.exp(logs - top)))))


def _log_inner(mu: Array, a: Array) -> Array:
    """Log of ``int y ** (a - 1) exp(-(y - mu) ** 2 / 2) dy`` over y > 0, less ``a (log(a) - 1) / 2``."""
    q = np.arcsinh(mu / (2 * np.sqrt(a)))
    squared = np.exp(2 * q)
    width = 1 / np.sqrt(a * (1 + squared))
    total = np.zeros_like(q)
    for z in INNER_NODES:
        v = width * z
        e = np.expm1(v)
        total += np.exp(a * (v - e) - a * squared * e * e / 2)
    return np.asarray(a * (q - np.expm1(-2 * q) / 2) + np.log(width * INNER_STEP * total))
