"""Mixing over a shared parameter by quantiles, where probabilities are not smooth in it.

Under ``receptivity`` an arm's risk r q cannot exceed q, so ``Pr(r q <= t | q)`` has a bend at q = t, and a Gauss rule over q
meets it badly. The quantiles of the risk given q have none. With y the log odds of the risk over its bound, ``y = logit(risk
/ bound)``, the quantile y_p(q) at each of some normal scores z = Phi^-1(p) is a smooth function of q. It is computed at the
nodes of the Gauss rule, interpolated by a polynomial to some thousand values q_i, and the mixture is

    F(t) = sum_i w_i Phi(z_i(t)),        z_i the inverse of the quantile function z -> y given q_i,

with w_i the posterior probabilities of q_i and z_i the cubic Hermite interpolant between tabulated scores.

Examples
--------
The quantiles of Normal(-1, 1) and Normal(1, 1) at each score z are -1 + z and 1 + z; their equal mixture:

>>> scores = np.linspace(-5.6, 5.6, 57)
>>> quantiles = np.array([-1.0, 1.0]) + scores[:, None]
>>> mixture = QuantileMixture(scores, quantiles, np.ones((57, 2)), np.array([0.5, 0.5]))
>>> below, density = mixture.evaluate(np.array([[0.0], [1.0]]))
>>> print(below[:, 0].round(4), density[:, 0].round(4))  # (Phi(2) + Phi(0)) / 2 = 0.7386 at one
[0.5    0.7386] [0.242  0.2265]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.embryo.estimands import log_odds_of_product
from bayes_ivf.quadrature import Curves, find_quantiles, tabulate_quantiles

Array = npt.NDArray[np.float64]

ByNode = Callable[[Array, bool], tuple[Array, Array]]

_OUTERMOST_SCORE = 5.6
"""The tails beyond hold 1e-8 each."""
_NEWTON_STEPS = 6
"""From starting values of four digits: two or three steps reach the last."""
_LOCATION_LIMIT, _QUANTILE_LIMIT = 30.0, 200.0
"""Clipping limits for logit(risk / bound): 30 for the location, which then is finite, 200 for quantiles, so that exp is."""
_NEGLIGIBLE = 1e-14
"""Posterior probability of a value of q that is left out: a thousand of them are 1e-11."""
_TINY = 1e-300
"""Stands for zero where a logarithm or a quotient is taken."""


@dataclass(frozen=True)
class QuantileMixture:
    """Distribution of one coordinate as a mixture of I distributions given by their quantiles.

    Parameters
    ----------
    scores : (Z,) array of float
        Normal scores, ascending, equidistant.
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
        high = np.clip((self.quantiles < s).sum(axis=0), 1, len(self.scores) - 1)
        column = np.arange(len(self.weights))
        low = high - 1
        s0, s1 = self.quantiles[low, column], self.quantiles[high, column]
        gap = np.maximum(s1 - s0, _TINY)
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
class _RisksGivenNodes:
    """Each node of the shared parameter as a problem of its own, on y = logit(risk / bound); what `find_quantiles` asks."""

    by_node: ByNode
    bound: Array
    center: Array
    spread: Array

    def evaluate(self, estimand: str, y: Array) -> tuple[Array, Array]:
        return self._distribution(y, exact=True)

    def sketch(self, estimand: str, y: Array) -> tuple[Array, Array]:
        return self._distribution(y, exact=False)

    def location(self, estimand: str) -> tuple[Array, Array]:
        return self.center, self.spread

    def moments(self, estimand: str) -> tuple[Array, Array]:
        return self.center, self.spread

    def _distribution(self, y: Array, *, exact: bool) -> tuple[Array, Array]:
        s, slope = _log_odds(y, self.bound)
        below, density = self.by_node(s, exact)
        return below, density * slope


def locate_over_bound(bound: Array, s: Array, probability: Array) -> tuple[Array, Array]:
    """Mean and sd (B,) of logit(risk / bound) given each node.

    Parameters
    ----------
    bound : (B,) array of float
        Upper bound of the risk.
    s, probability : (..., B) array of float
        Log odds of the risk at points of the posterior, and their probabilities.
    """
    risk = special.expit(s)
    limit = _LOCATION_LIMIT
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.clip(np.nan_to_num(np.log(risk) - np.log(bound - risk), nan=limit, posinf=limit), -limit, limit)
    axes = tuple(range(s.ndim - 1))
    probability = probability / probability.sum(axis=axes)
    center = (y * probability).sum(axis=axes)
    return center, np.sqrt(((y - center) ** 2 * probability).sum(axis=axes))


def mix_quantiles(
    by_node: ByNode,
    bound: Array,
    location: tuple[Array, Array],
    nodes: Array,
    dense: tuple[Array, Array],
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
    location : two arrays (B,) of float
        From `locate_over_bound`.
    nodes : (B,) array of float
        Of the shared parameter, from `gauss_rule`.
    dense : (I,) arrays of float
        Values of the shared parameter and their probabilities.
    number : int
        Scores at which quantiles are tabulated.
    """
    center, spread = location
    conditional = _RisksGivenNodes(by_node, bound, center, np.maximum(spread, 1e-8))
    scores = np.linspace(-_OUTERMOST_SCORE, _OUTERMOST_SCORE, number)
    curves = Curves(conditional, ("",))
    y = find_quantiles(curves, tabulate_quantiles(curves), special.ndtr(scores), _NEWTON_STEPS)
    # the quantiles are more accurate than the densities at them
    slopes = interpolate.CubicSpline(scores, y)(scores, 1)
    values, weights = (array[dense[1] > _NEGLIGIBLE] for array in dense)
    between = _lagrange(nodes, values)
    bound_between = np.clip(np.exp(np.minimum(np.log(bound) @ between, 0.0)), _TINY, np.nextafter(1.0, 0.0))
    quantiles, slope = _log_odds(np.clip(y @ between, -_QUANTILE_LIMIT, _QUANTILE_LIMIT), bound_between)
    # a quantile function rises: rounding must not make it fall
    slopes = np.maximum(slope * (slopes @ between), 1e-12)
    return QuantileMixture(scores, np.maximum.accumulate(quantiles, axis=0), slopes, weights / weights.sum())


def _log_odds(y: Array, bound: Array) -> tuple[Array, Array]:
    """Log odds of the risk from those of the risk over its bound, and the derivative."""
    s = log_odds_of_product(y, bound)
    return s, special.expit(-y) / special.expit(-s)


def _lagrange(nodes: Array, values: Array) -> Array:
    """Weights (B, I) of the polynomial through values at `nodes` (B,), at other points (I,)."""
    weights = np.ones((len(nodes), len(values)))
    for i, node in enumerate(nodes):
        others = np.delete(nodes, i)
        # factor by factor, since products of differences alone would underflow
        weights[i] = np.prod((values - others[:, None]) / (node - others)[:, None], axis=0)
    return weights
