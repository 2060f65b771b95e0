"""Probability of a significance claim given the standardized mean difference, by fixed nodes of the pooled sd.

The t statistic is ``(Z + ncp) / S`` with ``df S ** 2 ~ chi2(df)`` and noncentrality ``ncp = d / scale``; "lower" means
``t < -c``::

    P(lower | d) = E Phi(-c S - ncp) = sum_m w_m Phi(-c S_m - ncp)

with Gauss-Legendre nodes S_m on the range of S where its density is above exp(-120) (below) and exp(-45) (above) of its peak.
All in logs, so that probabilities far below the smallest float keep their shape. With few women c S is spread more widely than
Z, and nodes would leave steps in d: there see `claim_few`.

Examples
--------
>>> from scipy import stats
>>> c_times_s, log_weight = claim_nodes([43.0], [0.05])
>>> log = log_claim_probability(np.array([[-0.8]]), "lower", np.array([0.3]), c_times_s, log_weight)
>>> bool(abs(np.exp(log[0, 0]) - stats.nct(43, -0.8 / 0.3).cdf(stats.t(43).ppf(0.025))) < 1e-9)
True
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.claim_few import critical_value
from bayes_ivf.quadrature import add_up, peak

Array = npt.NDArray[np.float64]

_NODES = 96
# Of the pooled sd. Found by experiment over 3,000 problems that are not `few` (df 2 to 400, levels 1e-6 to 0.5, noncentrality
# up to 15): logs to 3e-10 with 48 nodes, to 1e-13 with 64.
_DEPTH = 120.0
# Nodes reach down to exp(-120) of the density of S at its lower end: an effect far against the claimed sign makes it there.


def claim_nodes(df: npt.ArrayLike, alpha: npt.ArrayLike) -> tuple[Array, Array]:
    """Quadrature nodes for the pooled standard deviation of a t test.

    The t statistic is (Z + ncp) / S with S = sqrt(chi2_df / df), independent of Z ~ N(0, 1); the test of level
    `alpha` is significant where |Z + ncp| > c S, c its critical value. Averages over S are Gauss-Legendre sums over
    these nodes.

    Parameters
    ----------
    df : array (...)
        Degrees of freedom, whole numbers, at least 1.
    alpha : array (...)
        Level of the two-sided test.

    Returns
    -------
    c_times_s : array (96, ...)
        The nodes c S.
    log_weight : array (96, ...)
        Log weights; their exponentials sum to one.
    """
    df, alpha = np.broadcast_arrays(np.asarray(df, dtype=float), np.asarray(alpha, dtype=float))
    critical = critical_value(df, alpha)
    # S ** df exp(-df (S ** 2 - 1) / 2), to a given depth on either side of its peak at S = 1; 45 nats above are 3e-20.
    low = np.sqrt(_lambert_like(_DEPTH / df, -1.0))
    high = np.sqrt(_lambert_like(45.0 / df, 1.0))
    x, w = np.polynomial.legendre.leggauss(_NODES)
    shape = (-1, *[1] * df.ndim)
    half = (high - low) / 2
    s = (high + low) / 2 + half * x.reshape(shape)
    log = (df - 1) * np.log(s) - df * s * s / 2 + np.log(w).reshape(shape) + np.log(half)
    top = peak(log)
    return np.asarray(critical * s), np.asarray(log - (top + np.log(add_up(np.exp(log - top)))))


def _lambert_like(depth: Array, side: float) -> Array:
    """Solve q - 1 - log q = 2 depth for q = S ** 2 below (side -1) or above (side 1) one."""
    # Bisection, 60 halvings to the last bit. (Below, q is near exp(-(1 + 2 depth)) when deep; above, near 1 + 2 depth + log.)
    low, high = (np.zeros_like(depth), np.ones_like(depth)) if side < 0 else (np.ones_like(depth), 4 + 6 * depth)
    for _ in range(60):
        middle = (low + high) / 2
        with np.errstate(divide="ignore"):
            not_yet = middle - 1 - np.log(middle) < 2 * depth
        toward_one = not_yet if side > 0 else ~not_yet
        low, high = np.where(toward_one, middle, low), np.where(toward_one, high, middle)
    return np.asarray((low + high) / 2)


def log_claim_probability(d: Array, direction: str, scale: Array, c_times_s: Array, log_weight: Array) -> Array:
    """Log probability of a claim given the standardized mean difference.

    Parameters
    ----------
    d : array (K, B)
        Standardized mean difference, treatment minus control.
    direction : {"lower", "higher", "differs", "no difference"}
    scale : array (B,)
        ``sqrt(1 / n_t + 1 / n_c)``.
    c_times_s, log_weight : array (M, B)
        From `claim_nodes`.

    Returns
    -------
    array (K, B)
    """
    ncp = d / scale
    if direction == "higher":
        ncp = -ncp
    elif direction != "lower":
        ncp = np.abs(ncp)
    logs = np.empty((len(c_times_s), *ncp.shape))
    for node, (bound, weight) in enumerate(zip(c_times_s, log_weight, strict=True)):
        below = special.log_ndtr(-bound - ncp)
        if direction == "differs":
            below = np.logaddexp(below, special.log_ndtr(ncp - bound))
        elif direction == "no difference":
            not_yet = special.log_ndtr(bound - ncp)
            with np.errstate(divide="ignore"):
                below = not_yet + np.log(-np.expm1(np.minimum(below - not_yet, 0.0)))
        logs[node] = below + weight
    top = peak(logs)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(add_up(np.exp(logs - top))))
