"""A two-dimensional posterior on a grid: panels of the outer coordinate u, and at each of their nodes panels of the inner v.

With nodes u_i and weights w_i of the outer panels, and panels in v at each of them (both in stretched coordinates)::

    Z         = int int k(u, v) dv du  =  sum_i w_i m_i,      m_i = int k(u_i, v) dv
    P(u <= t) = (1 / Z) int_{-inf}^t m(u) du                  (polynomials through the m_i, see `panels`)
    P(v <= g(u)) = (1 / Z) sum_i w_i int_{-inf}^{g(u_i)} k(u_i, v) dv

The last line is why there are two dimensions: a contrast h(u, v) that increases in v is at most s where v is at most the level
curve ``g_s(u)``, and its distribution function is an average of conditional ones, which is smooth in u where that of a sum over
nodes would have steps. Its density follows by the chain rule, with ``|dg_s / ds|``.

Examples
--------
A standard bivariate normal density with correlation 0.8, as a product of ridge functions: ``u = x1`` is N(0, 1) and, given u,
``v = x2`` is N(0.8 u, 0.36). Total, marginal, and the sum ``u + v ~ N(0, 3.6)`` against closed forms:

>>> import numpy as np
>>> from scipy import stats
>>> from bayes_ivf.quadrature import Rule
>>> class Normal:
...     size = 1
...     def factors(self):
...         def ridge(p, q, scale):
...             return LogFactor((p, q), lambda x: -0.5 * (x / scale) ** 2, np.zeros(1), np.full(1, scale))
...         return ridge(1, 0, 1.0), ridge(-0.8, 1, 0.6), ridge(1, 0, 1e3), ridge(0, 1, 1e3)
...     def take(self, index):
...         return self
...     def reach(self):
...         return np.full(1, 15.0)
>>> finder = SupportFinder(Normal(), Coordinates(t=(1.0, 0.0), c=(0.0, 1.0), outer=(1.0, 0.0)))
>>> grid = tabulate_grid(finder, Rule(outer=8, inner=8))
>>> bool(abs(grid.log_total[0] - np.log(2 * np.pi * 0.6)) < 1e-5)
True
>>> bool(abs(grid.marginal(np.array([[1.0]]))[0][0, 0] - stats.norm.cdf(1.0)) < 1e-6)
True
>>> level = 1.5 - grid.u[None]
>>> below, density = grid.conditional(level, np.ones_like(level))
>>> bool(abs(below[0, 0] - stats.norm.cdf(1.5, scale=np.sqrt(3.6))) < 1e-6)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.adaptive_mesh import with_kinks
from bayes_ivf.quadrature.coordinates import Coordinates, LogFactor
from bayes_ivf.quadrature.panels import ORDER, WEIGHTS, Panels, Rule, SinhMap, add_up, panel_nodes, peak
from bayes_ivf.quadrature.support2d import SupportFinder

Array = npt.NDArray[np.float64]

_AT_ONCE = 2**14
# Nodes that are tabulated at a time, if they are more than a panel's: 128 kB an array.
_NEAR = 3.0
# Nats by which the highest node may be lower than the mode between nodes: some node is within 2.4 sds of a normal peak.


@dataclass(frozen=True)
class Marginals:
    """Distributions of outer coordinates, in columns.

    Parameters
    ----------
    panels : Panels
        Densities, up to a factor, in the stretched coordinates.
    stretch : SinhMap
    """

    panels: Panels
    stretch: SinhMap

    @classmethod
    def side_by_side(cls, grids: Sequence[Grid2D]) -> Marginals:
        """Return those of several grids: all problems of the first, then of the next."""
        maps = [grid.outer_map for grid in grids]
        stretch = SinhMap(*(np.concatenate(parts) for parts in zip(*((m.center, m.scale) for m in maps), strict=True)))
        return cls(Panels.side_by_side([grid.outer for grid in grids]), stretch)

    def __call__(self, u: Array) -> tuple[Array, Array]:
        """Probabilities below, and densities at `u` (K, C)."""
        y = self.stretch.y(u)
        below, density = self.panels.below(y)
        # 600: beyond any panel the density is zero, and the Jacobian must not overflow
        slope = np.exp(-self.stretch.log_slope(y.clip(-600, 600)))
        return below / self.panels.total, density * slope / self.panels.total


@dataclass(frozen=True)
class Grid2D:
    """The posterior in one pair of coordinates under one rule.

    Parameters
    ----------
    chart : Coordinates
        What u and v are.
    u : array (N, B)
        Outer nodes.
    weight : array (N, B)
        Outer weights w_i, with respect to u; ``sum_i weight_i m_i`` is Z over exp(top).
    values : array (M, N, B)
        Kernel over exp(top) at the inner nodes, times the Jacobian of the inner sinh map.
    inner_edges : array (P + 1, N, B)
        In the inner stretched coordinate.
    inner_map : SinhMap
        Of each row.
    outer : Panels
        Marginal density of u, in the outer stretched coordinate.
    outer_map : SinhMap
    share : array (N, B)
        Posterior probability of each outer node.
    log_total : array (B,)
        log Z.
    top : array (B,)
        Log of the largest integrand at a node, in the stretched inner coordinate.
    """

    chart: Coordinates
    u: Array
    weight: Array
    values: Array
    inner_edges: Array
    inner_map: SinhMap
    outer: Panels
    outer_map: SinhMap
    share: Array
    log_total: Array
    top: Array

    @cached_property
    def edge_mass(self) -> Array:
        """Probability (B,) that the outermost nodes would carry in one more unit of the stretched coordinates."""
        outer = np.maximum(self.outer.values[0, 0], self.outer.values[-1, -1]) / self.outer.total
        inner = np.maximum(self.values[0], self.values[-1]) * self.weight
        return np.asarray(np.maximum(outer, add_up(inner) / self.outer.total))

    def reaches(self, height: Array) -> npt.NDArray[np.bool_]:
        """Whether (B,) some node is nearly as high as a log kernel of `height` (B,), the highest point known."""
        lowest = np.log(self.inner_map.scale).min(axis=0)
        return np.asarray(~(self.top < height + lowest - _NEAR))

    @cached_property
    def inner(self) -> Panels:
        """Conditional (times marginal) density of v at each outer node."""
        return Panels.tabulate(self.inner_edges, self.values)

    @cached_property
    def marginal(self) -> Marginals:
        """Distribution of the outer coordinate."""
        return Marginals(self.outer, self.outer_map)

    def conditional(self, v: Array, per_v: Array) -> tuple[Array, Array]:
        """Probability that the inner coordinate is below a threshold that depends on the outer one.

        Parameters
        ----------
        v : array (K, N, B)
            Threshold ``g_s(u_i)`` at each outer node.
        per_v : array (K, N, B)
            ``|dg_s / ds|``, to turn the conditional density of v into that of s.

        Returns
        -------
        below, density : array (K, B)
        """
        y = self.inner_map.y(v)
        below, density = self.inner.below(y)
        density *= np.exp(-self.inner_map.log_slope(y.clip(-600, 600)))
        density *= np.where(np.isfinite(per_v) & np.isfinite(v), per_v, 0.0)
        weight = self.weight / self.outer.total
        return add_up((below * weight).swapaxes(0, 1)), add_up((density * weight).swapaxes(0, 1))

    def covers(self, u: Array) -> npt.NDArray[np.bool_]:
        """Whether `u` (B,) lies within the panels."""
        y = self.outer_map.y(u)
        return np.asarray((y > self.outer.edges[0]) & (y < self.outer.edges[-1]))

    def expect_outer(self, values: Array) -> Array:
        """Posterior expectation of values (N, B) at the outer nodes."""
        return add_up(values * self.share)


def panels_at_once(u: Array) -> int:
    """Inner panels of rows `u` that are worked on at a time, so that arrays stay in the processor's cache."""
    return max(1, _AT_ONCE // (ORDER * u.size))


def tabulate_grid(finder: SupportFinder, rule: Rule, edges_at: Sequence[Array] = ()) -> Grid2D:
    """Tabulate the posterior of a batch in the coordinates of a search; `edges_at` (B,) become outer panel edges, too."""
    coordinates, outer_map = finder.rows.chart, finder.outer_map
    kinks = [outer_map.y(kink) for kink in [*_outer_kinks(finder.rows.factors, coordinates), *edges_at]]
    edges = with_kinks(finder.outer_shares.edges(rule.outer), kinks)
    y, y_weight = panel_nodes(edges)
    u = outer_map.x(y)
    inner_edges, inner_map = finder.inner_edges(u, rule.inner)
    log = finder.rows.log_posterior(u)
    panels = len(inner_edges) - 1
    values = np.empty((panels, ORDER, *u.shape))
    step = panels_at_once(u)
    for first in range(0, panels, step):
        z, _ = panel_nodes(inner_edges[first : first + step + 1])
        values[first : first + step] = (log(inner_map.x(z)) + inner_map.log_slope(z)).reshape(-1, ORDER, *u.shape)
    top = peak(values, (0, 1, 2))
    marginal_values = np.zeros_like(u)
    for panel in range(panels):
        panel_values = values[panel]
        panel_values -= top
        np.exp(panel_values, out=panel_values)
        half = (inner_edges[panel + 1] - inner_edges[panel]) / 2
        for weight, value in zip(WEIGHTS, panel_values, strict=True):
            marginal_values += (weight * half) * value
    values = values.reshape(-1, *u.shape)
    slope = np.exp(outer_map.log_slope(y))
    outer = Panels.tabulate(edges, (marginal_values * slope))
    weight = y_weight * slope
    with np.errstate(divide="ignore"):
        log_total = top + np.log(outer.total)
    share = marginal_values * weight / outer.total
    return Grid2D(coordinates, u, weight, values, inner_edges, inner_map, outer, outer_map, share, log_total, top)


def log_inner_integral(finder: SupportFinder, rule: Rule) -> Array:
    """Log (B,) of the posterior kernel's integral over the inner coordinate where the outer one is 0."""
    row = finder.row_at_zero
    edges = with_kinks(
        row.shares.edges(rule.inner),
        [row.stretch.y(kink) for kink in finder.rows.kinks(row.u)],
    )
    z, weight = panel_nodes(edges)
    logs = finder.rows.log_posterior(row.u)(row.stretch.x(z)) + row.stretch.log_slope(z)
    top = peak(logs)
    with np.errstate(divide="ignore"):
        return np.asarray((top + np.log(add_up(np.exp(logs - top) * weight)))[0])


def _outer_kinks(factors: tuple[LogFactor, ...], coordinates: Coordinates) -> list[Array]:
    """Kinks of the marginal of u: lines of constant u, and points where the kink lines of the last two factors cross."""
    kinks = [
        kink / coordinates.of(factor.combination)[0]
        for factor in factors
        if coordinates.of(factor.combination)[1] == 0
        for kink in factor.kinks
    ]
    third, fourth = factors[2], factors[3]
    (a, b), (c, d) = coordinates.of(third.combination), coordinates.of(fourth.combination)
    det = a * d - b * c
    if b != 0 and d != 0:
        kinks += [(d * x - b * y) / det for x in third.kinks for y in fourth.kinks]
    # A kink line that crosses the ridge of a narrow smooth factor leaves a near-kink in the marginal, as wide as that ridge:
    # edges at its middle and at three scales, where a normal ridge ends.
    for kinked in (third, fourth):
        for smooth in factors[:2]:
            (a, b), (c, d) = coordinates.of(smooth.combination), coordinates.of(kinked.combination)
            det = a * d - b * c
            if b != 0 and d != 0 and det != 0:
                for kink in kinked.kinks:
                    middle, spread = (d * smooth.center - b * kink) / det, np.abs(3 * d / det * smooth.scale)
                    kinks += [middle - spread, middle, middle + spread]
    return kinks
