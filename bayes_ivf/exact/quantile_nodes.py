"""Where a printed median and its neighbors may have lain before rounding: nodes over their rounding intervals.

With F the distribution function of one value and r_k the (fractional) rank of the k-th printed number among n,

    (F(q_1), F(q_2) - F(q_1), ..., 1 - F(q_K)) ~ Dirichlet(r_1, r_2 - r_1, ..., n + 1 - r_K),

times the densities at q. Rounding is integrated: each q_k over its interval [a_k, b_k]. The integrand is a chain, in which each
number meets its neighbors alone, so that a sum over nodes is a product of matrices. Numbers that are printed alike share their
interval and stand in order within it; with ``q_k = a + (q_{k+1} - a) t_k`` the powers of t and 1 - t that make their
integral steep are the weight function of Gauss-Jacobi nodes.

Examples
--------
The median of three values between 0 and 1 is the second order statistic, Beta(2, 2):

>>> nodes = quantile_nodes(np.array([0.0]), np.array([1.0]), np.array([2.0]), 3)
>>> q, weight = nodes.groups[0].q[:, 0], np.exp(nodes.groups[0].log_weight + nodes.log_constant)
>>> bool(abs((weight * q * (1 - q)).sum() - 1) < 1e-12)
True

References
----------
David HA, Nagaraja HN (2003). Order statistics. doi:10.1002/0471722162
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

Array = npt.NDArray[np.float64]

_FEWEST, _MOST = 4, 30
"""Nodes of a number that has its interval alone."""
_PER_ERROR = 2.0
"""Further nodes for each standard error of a mean that an interval is wide."""
_TIED = {2: 10, 3: 7, 4: 5}
"""Nodes of each of so many numbers that are printed alike."""


@dataclass(frozen=True)
class Group:
    """Printed numbers that share one interval, nearly always a single one.

    Parameters
    ----------
    q : array (M, g)
        Nodes: values of the g numbers in order.
    log_weight : array (M,)
        Log weights; of tied numbers without the powers of their distances.
    """

    q: Array
    log_weight: Array


@dataclass(frozen=True)
class QuantileNodes:
    """All of an arm.

    Parameters
    ----------
    groups : tuple of Group
        In order.
    alpha : array (K + 1,)
        Parameters of the Dirichlet distribution.
    log_constant : float
        Log of its constant.
    """

    groups: tuple[Group, ...]
    alpha: Array
    log_constant: float


def quantile_nodes(low: Array, high: Array, rank: Array, n: int) -> QuantileNodes:
    """Make the nodes of an arm.

    Parameters
    ----------
    low, high : array (K,)
        Ends of the intervals, in order; equal for numbers that are printed alike, else apart.
    rank : array (K,)
        Increasing, above 0 and below n + 1.
    n : int
        Values.
    """
    alpha = np.diff(np.concatenate([[0.0], rank, [n + 1.0]]))
    constant = float(special.gammaln(n + 1.0) - special.gammaln(alpha).sum())
    starts = [0, *(k for k in range(1, len(low)) if low[k] != low[k - 1]), len(low)]
    error = rough_sigma(low, high, rank, n) / np.sqrt(n)
    groups = []
    for first, end in pairwise(starts):
        width = float(high[first] - low[first])
        count = int(np.clip(np.ceil(_FEWEST + _PER_ERROR * width / error), _FEWEST, _MOST))
        powers = tuple((alpha[first + 1 : end] - 1).tolist())
        groups.append(_group(float(low[first]), width, powers, _TIED.get(len(powers) + 1, count)))
    return QuantileNodes(tuple(groups), alpha, constant)


def rough_sigma(low: Array, high: Array, rank: Array, n: int) -> float:
    """Return about the standard deviation of normal values with these quantiles; of equal ones, as much as rounding hides."""
    middle = (low + high) / 2
    z = special.ndtri(rank[[0, -1]] / (n + 1))
    distance = middle[-1] - middle[0] if low[-1] > low[0] else high[0] - low[0]
    return float(distance / (z[1] - z[0] if len(low) > 1 else 1.0))


@lru_cache(maxsize=4096)
def _group(start: float, width: float, powers: tuple[float, ...], count: int) -> Group:
    """Nodes of numbers whose distances have these powers within one interval."""
    if not powers:
        z, weight = np.polynomial.legendre.leggauss(count)
        return Group(start + width * (z[:, None] + 1) / 2, np.log(weight * width / 2))
    beta, rules = 0.0, []
    for power in (*powers, 0.0):
        rules.append(_jacobi(count, power, beta))
        beta += power + 1
    t = np.stack([each.ravel() for each in np.meshgrid(*(rule[0] for rule in rules), indexing="ij")], axis=1)
    log_weight = sum(each.ravel() for each in np.meshgrid(*(rule[1] for rule in rules), indexing="ij"))
    # the largest first: each is a share of the way to the next larger one
    q = start + width * np.cumprod(t[:, ::-1], axis=1)[:, ::-1]
    distances = np.diff(q, axis=1)
    log_weight = log_weight + (len(powers) + 1 + sum(powers)) * np.log(width)
    return Group(q, np.asarray(log_weight - (np.log(distances) * powers).sum(axis=1)))


@lru_cache(maxsize=256)
def _jacobi(count: int, power: float, beta: float) -> tuple[Array, Array]:
    """Nodes and log weights on (0, 1) for the weight function ``(1 - t)**power t**beta``, by Golub and Welsch (1969).

    In logs, since with a thousand women the weight function underflows. doi:10.1090/S0025-5718-69-99647-1
    """
    k = np.arange(count, dtype=float)
    total = 2 * k + power + beta
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (beta**2 - power**2) / (total * (total + 2))
    diagonal[0] = (beta - power) / (power + beta + 2)
    j = k[1:]
    total = 2 * j + power + beta
    square = 4 * j * (j + power) * (j + beta) * (j + power + beta) / (total**2 * (total + 1) * (total - 1))
    square[:1] = 4 * (1 + power) * (1 + beta) / ((2 + power + beta) ** 2 * (3 + power + beta))
    z, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(square))
    log_weight = 2 * np.log(np.abs(vectors[0])) + special.betaln(power + 1, beta + 1)
    return (z + 1) / 2, log_weight
