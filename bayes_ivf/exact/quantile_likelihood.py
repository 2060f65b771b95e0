"""The likelihood of an arm's printed median, quartiles and range, of normal values; see `quantile_nodes`.

Log-normal values are normal ones on the log scale, of the logs of the rounding intervals.

Examples
--------
Of 7 values the median is the fourth; printed as 1.0 it lay between 0.95 and 1.05. Four or more values lie below 1.05, and no
more than three below 0.95, or less; that is a difference of two binomial tails:

>>> from scipy import stats
>>> from bayes_ivf.exact.quantile_nodes import quantile_nodes
>>> nodes = quantile_nodes(np.array([0.1, 0.95]), np.array([0.3, 1.05]), np.array([2.0, 4.0]), 7)
>>> alone = QuantileNodes(nodes.groups[1:], np.array([4.0, 4.0]), float(special.gammaln(8.0) - 2 * special.gammaln(4.0)))
>>> below = stats.norm.cdf([0.95, 1.05], 0.7, 0.5)
>>> expected = stats.binom.sf(3, 7, below[1]) - stats.binom.sf(3, 7, below[0])
>>> bool(abs(np.exp(log_likelihood_of_arm(alone, np.array(0.7), np.array(0.5))) / expected - 1) < 1e-9)
True
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.quantile_nodes import QuantileNodes

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_LEAST = 1e-290
"""Probabilities below are not told apart: they are met far from where a likelihood is read."""
_AT_ONCE = 400_000
"""Numbers of one array: bounds the memory."""


def log_likelihood_of_arm(nodes: QuantileNodes, mu: Array, sigma: Array) -> Array:
    """Log probability that an arm's numbers are printed so, all constants included.

    Parameters
    ----------
    nodes : QuantileNodes
    mu, sigma : array (...)
        Mean and standard deviation of one value.

    Returns
    -------
    array (...)
    """
    mu, sigma = np.broadcast_arrays(np.asarray(mu, dtype=float), np.asarray(sigma, dtype=float))
    sizes = [len(group.q) for group in nodes.groups]
    most = max([*sizes, *(a * b for a, b in pairwise(sizes))])
    block = max(1, _AT_ONCE // most)
    flat_mu, flat_sigma = mu.reshape(-1, 1), sigma.reshape(-1, 1)
    found = [_of_block(nodes, flat_mu[i : i + block], flat_sigma[i : i + block]) for i in range(0, len(flat_mu), block)]
    return np.concatenate(found).reshape(mu.shape)


def _of_block(nodes: QuantileNodes, mu: Array, sigma: Array) -> Array:
    """The same for parameters (points, 1)."""
    alpha, place = nodes.alpha - 1, 0
    log = last = np.zeros((0, 0))
    for group in nodes.groups:
        z = [(column - mu) / sigma for column in group.q.T]
        inner = group.log_weight - sum(each * each for each in z) / 2 - len(z) * (np.log(sigma) + _LOG_SQRT_2PI)
        inner = inner + (_joined(log, last, z[0], alpha[place]) if place else alpha[0] * special.log_ndtr(z[0]))
        for k in range(1, len(z)):
            inner = inner + alpha[place + k] * log_between(z[k - 1], z[k])
        log, last, place = inner, z[-1], place + len(z)
    return np.asarray(nodes.log_constant + special.logsumexp(log + alpha[-1] * special.log_ndtr(-last), axis=1))


def _joined(log: Array, last: Array, z: Array, power: float) -> Array:
    """Log of the sum over nodes `last` (points, M) of ``exp(log)`` times a power of what lies between them and `z` (points, N).

    As `log_between`, but with the distribution function found once for each node and not for each pair.
    """
    sides = [(special.ndtr(sign * last)[:, :, None], special.ndtr(sign * z)[:, None, :]) for sign in (1, -1)]
    between = np.where(last[:, :, None] + z[:, None, :] < 0, sides[0][1] - sides[0][0], sides[1][0] - sides[1][1])
    logs = np.log(np.maximum(between, _LEAST, out=between), out=between)
    logs *= power
    logs += log[:, :, None]
    top = logs.max(axis=1)
    logs -= top[:, None]
    return np.asarray(top + np.log(np.exp(logs, out=logs).sum(axis=1)))


def log_between(a: Array, b: Array) -> Array:
    """Log probability that a standard normal value lies between `a` and the larger `b`.

    Seen from the side where both lie in the smaller tail, so that nothing cancels.
    """
    half, middle = (b - a) / 2, np.abs(a + b) / 2
    upper, lower = special.log_ndtr(half - middle), special.log_ndtr(-half - middle)
    return np.asarray(upper + np.log(-np.expm1(np.minimum(lower - upper, -1e-300))))
