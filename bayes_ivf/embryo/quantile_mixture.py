"""Mixing over a shared parameter by quantiles, where probabilities are not smooth in it.

An arm's risk r q cannot exceed q, so the probability of a risk below t has a bend at q = t, and nodes of q meet it badly.
The quantiles of r given q have none: they are interpolated to as many values of q as the bend needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.embryo.quantities import log_odds_of_product
from bayes_ivf.quadrature import find_quantiles, tabulate_quantiles

Array = npt.NDArray[np.float64]

ByNode = Callable[[Array, bool], tuple[Array, Array]]

_SCORES = 5.6
"""Outermost normal score: the tails beyond hold 1e-8 each."""
_STEPS = 6
_FAR, _BEYOND = 30.0, 200.0
"""Log odds over the bound, where a distribution is placed and where an interpolated quantile may lie."""
_NEGLIGIBLE = 1e-14


@dataclass(frozen=True)
class QuantileMixture:
    """Distribution of one coordinate as a mixture of I distributions given by their quantiles.

    Parameters
    ----------
    scores : (Z,) array of float
        Normal scores, ascending.
    quantiles, slopes : (Z, I) array of float
        Coordinate at each score, and its derivative.
    weights : (I,) array of float
        Of the distributions; they sum to one.
    """

    scores: Array
    quantiles: Array
    slopes: Array
    weights: Array

    def evaluate(self, s: Array) -> tuple[Array, Array]:
        """Distribution function and density at coordinates s (K, 1), two arrays (K, 1)."""
        pairs = [self._at(float(value)) for value in s[:, 0]]
        return np.array([[below] for below, _ in pairs]), np.array([[density] for _, density in pairs])

    def _at(self, s: float) -> tuple[float, float]:
        locate_quantiles = np.clip((self.quantiles < s).sum(axis=0), 1, len(self.scores) - 1)
        column = np.arange(len(self.weights))
        low, high = locate_quantiles - 1, locate_quantiles
        s0, s1 = self.quantiles[low, column], self.quantiles[high, column]
        gap = np.maximum(s1 - s0, 1e-300)
        rise = self.scores[1] - self.scores[0]
        # cubic in s through both scores with their derivatives; straight beyond the outermost
        d0, d1 = gap / self.slopes[low, column], gap / self.slopes[high, column]
        x = (s - s0) / gap
        inside = np.clip(x, 0, 1)
        y = 1 - inside
        z = self.scores[low] + inside**2 * (3 - 2 * inside) * rise + inside * y * (y * d0 - inside * d1)
        slope = 6 * inside * y * rise + y * (1 - 3 * inside) * d0 - inside * (2 - 3 * inside) * d1
        z = z + (x - inside) * slope
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * slope / gap
        return float(special.ndtr(z) @ self.weights), float(density @ self.weights)


@dataclass(frozen=True)
class _Columns:
    """Each node of the shared parameter as a problem of its own, on the log odds of the risk over its bound."""

    by_node: ByNode
    bound: Array
    center: Array
    spread: Array

    def evaluate(self, estimand: str, y: Array) -> tuple[Array, Array]:
        return self._ask(y, exact=True)

    def sketch(self, estimand: str, y: Array) -> tuple[Array, Array]:
        return self._ask(y, exact=False)

    def location(self, estimand: str) -> tuple[Array, Array]:
        return self.center, self.spread

    def moments(self, estimand: str) -> tuple[Array, Array]:
        return self.center, self.spread

    def _ask(self, y: Array, *, exact: bool) -> tuple[Array, Array]:
        s, slope = _log_odds(y, self.bound)
        below, density = self.by_node(s, exact)
        return below, density * slope


def locate_quantiles(bound: Array, s: Array, share: Array) -> tuple[Array, Array]:
    """Center and spread (B,) of the log odds of the risk over its bound, given each node.

    Parameters
    ----------
    bound : (B,) array of float
        Upper bound of the risk.
    s, share : (..., B) array of float
        Log odds of the risk at points of the posterior, and their probabilities.
    """
    risk = special.expit(s)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.clip(np.nan_to_num(np.log(risk) - np.log(bound - risk), nan=_FAR, posinf=_FAR), -_FAR, _FAR)
    axes = tuple(range(s.ndim - 1))
    share = share / share.sum(axis=axes)
    center = (y * share).sum(axis=axes)
    return center, np.sqrt(((y - center) ** 2 * share).sum(axis=axes))


def mix_quantiles(
    by_node: ByNode,
    bound: Array,
    placed: tuple[Array, Array],
    nodes: Array,
    fine: tuple[Array, Array],
    number: int,
) -> QuantileMixture:
    """Tabulate the quantiles at the nodes of the shared parameter, and interpolate them to many more values of it.

    Parameters
    ----------
    by_node : callable
        Coordinates (K, B), and whether to answer exactly, to distribution functions and densities given each node, two
        arrays (K, B).
    bound : (B,) array of float
        Upper bound of the risk given each node.
    placed : two arrays (B,) of float
        From `locate_quantiles`.
    nodes : (B,) array of float
        Of the shared parameter, from `gauss_rule`.
    fine : (I,) arrays of float
        Values of the shared parameter and their probabilities.
    number : int
        Scores at which quantiles are tabulated.
    """
    center, spread = placed
    curve = _Columns(by_node, bound, center, np.maximum(spread, 1e-8))
    scores = np.linspace(-_SCORES, _SCORES, number)
    found = find_quantiles(curve, "", tabulate_quantiles(curve, ""), special.ndtr(scores), _STEPS)
    # the quantiles are more accurate than the densities at them
    slopes = interpolate.CubicSpline(scores, found)(scores, 1)
    values, weights = (each[fine[1] > _NEGLIGIBLE] for each in fine)
    between = _lagrange(nodes, values)
    finer = np.clip(np.exp(np.minimum(np.log(bound) @ between, 0.0)), 1e-300, np.nextafter(1.0, 0.0))
    quantiles, slope = _log_odds(np.clip(found @ between, -_BEYOND, _BEYOND), finer)
    slopes = np.maximum(slope * (slopes @ between), 1e-12)
    return QuantileMixture(scores, np.maximum.accumulate(quantiles, axis=0), slopes, weights / weights.sum())


def _log_odds(y: Array, bound: Array) -> tuple[Array, Array]:
    """Log odds of the risk from those of the risk over its bound, and the derivative."""
    s = log_odds_of_product(y, bound)
    return s, special.expit(-y) / special.expit(-s)


def _lagrange(nodes: Array, values: Array) -> Array:
    """Weights (B, I) of the polynomial through values at `nodes` (B,), at other points (I,)."""
    found = np.ones((len(nodes), len(values)))
    for i, node in enumerate(nodes):
        others = np.delete(nodes, i)
        # factor by factor, since products of differences alone would underflow
        found[i] = np.prod((values - others[:, None]) / (node - others)[:, None], axis=0)
    return found
