"""A two-dimensional posterior tabulated for conditional integrals: outer nodes, inner panels at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.adaptive_mesh import equidistribute, with_kinks
from bayes_ivf.quadrature.coordinates import Coordinates, LogFactor
from bayes_ivf.quadrature.panels import ORDER, WEIGHTS, Panels, Rule, SinhMap, add_up, panel_nodes, peak
from bayes_ivf.quadrature.support2d import SupportFinder

Array = npt.NDArray[np.float64]

_TURN, _DETAIL = 120.0, 0.2
_NEAR = 3.0


@dataclass(frozen=True)
class Grid2D:
    """The posterior in one chart.

    Parameters
    ----------
    u : array (N, B)
        Outer nodes.
    weight : array (N, B)
        Outer weights; ``weight * row totals`` sums to the normalizing constant over exp(top).
    values : array (M, N, B)
        Density at the inner nodes.
    inner_edges : array (P + 1, N, B)
    outer : Panels
        Marginal density of u.
    log_total : array (B,)
        Log of the integral of the posterior kernel.
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
    """Posterior probability of each outer node, array (N, B)."""
    log_total: Array
    top: Array
    """Log of the largest integrand at a node, in the stretched inner coordinate, array (B,)."""

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

    def marginal(self, u: Array) -> tuple[Array, Array]:
        """Probability below, and density at `u` (K, B) of the outer coordinate."""
        y = self.outer_map.y(u)
        below, density = self.outer.below(y)
        slope = np.exp(-self.outer_map.log_slope(np.clip(y, -600, 600)))
        return below / self.outer.total, density * slope / self.outer.total

    def conditional(self, v: Array, per_v: Array) -> tuple[Array, Array]:
        """Probability that the inner coordinate is below a threshold that depends on the outer one.

        Parameters
        ----------
        v : array (K, N, B)
            Threshold at each outer node.
        per_v : array (K, N, B)
            Derivative of the threshold in the estimand, to turn the density of `v` into the estimand's.
        """
        y = self.inner_map.y(v)
        below, density = self.inner.below(y)
        density *= np.exp(-self.inner_map.log_slope(np.clip(y, -600, 600)))
        density *= np.where(np.isfinite(per_v) & np.isfinite(v), per_v, 0.0)
        weight = self.weight / self.outer.total
        return add_up(np.moveaxis(below * weight, 1, 0)), add_up(np.moveaxis(density * weight, 1, 0))

    def covers(self, u: Array) -> npt.NDArray[np.bool_]:
        """Whether `u` (B,) lies within the panels."""
        y = self.outer_map.y(u)
        return np.asarray((y > self.outer.edges[0]) & (y < self.outer.edges[-1]))

    def expect_outer(self, values: Array) -> Array:
        """Posterior expectation of values (N, B) at the outer nodes."""
        return add_up(values * self.share)


def tabulate_grid(found: SupportFinder, rule: Rule, edges_at: Sequence[Array] = ()) -> Grid2D:
    """Tabulate the posterior of a batch of tables in one chart; `edges_at` (B,) are made outer panel edges."""
    chart, outer_map = found.rows.chart, found.outer_map

    def detail(y: Array) -> Array:
        # Risks turn from 0 to 1 over a few units of log odds, whatever the width of the posterior.
        return np.clip(outer_map.x(y), -_TURN, _TURN) * _DETAIL

    kinks = [outer_map.y(kink) for kink in [*_outer_kinks(found.rows.factors, chart), *edges_at]]
    edges = with_kinks(equidistribute(found.y, found.logs, rule.outer, detail), kinks)
    y, y_weight = panel_nodes(edges)
    u = outer_map.x(y)
    inner_edges, inner_map = found.inner_edges(u, rule.inner)
    log = found.rows.log_posterior(u)
    panels = len(inner_edges) - 1
    values = np.empty((panels, ORDER, *u.shape))
    for panel in range(panels):
        # Panel by panel, so that the work stays in the processor's cache.
        z, _ = panel_nodes(inner_edges[panel : panel + 2])
        values[panel] = log(inner_map.x(z))
        values[panel] += inner_map.log_slope(z)
    top = peak(values, (0, 1, 2))
    rows = np.zeros_like(u)
    for panel in range(panels):
        block = values[panel]
        block -= top
        np.exp(block, out=block)
        half = (inner_edges[panel + 1] - inner_edges[panel]) / 2
        for weight, value in zip(WEIGHTS, block, strict=True):
            rows += (weight * half) * value
    values = values.reshape(-1, *u.shape)
    slope = np.exp(outer_map.log_slope(y))
    outer = Panels.tabulate(edges, (rows * slope))
    weight = y_weight * slope
    with np.errstate(divide="ignore"):
        log_total = top + np.log(outer.total)
    share = rows * weight / outer.total
    return Grid2D(chart, u, weight, values, inner_edges, inner_map, outer, outer_map, share, log_total, top)


def log_inner_integral(found: SupportFinder, u: Array, rule: Rule) -> Array:
    """Log of the posterior kernel's integral over the inner coordinate at outer `u` (B,)."""
    rows = found.direct_rows.locate(u[None])
    edges = with_kinks(rows.shares().edges(rule.inner), [rows.stretch.y(kink) for kink in found.rows.kinks(u[None])])
    z, weight = panel_nodes(edges)
    logs = found.rows.log_posterior(u[None])(rows.stretch.x(z)) + rows.stretch.log_slope(z)
    top = peak(logs)
    with np.errstate(divide="ignore"):
        return np.asarray((top + np.log(add_up(np.exp(logs - top) * weight)))[0])


def _outer_kinks(terms: tuple[LogFactor, ...], chart: Coordinates) -> list[Array]:
    """Kinks of the marginal of u: lines of constant u, and points where two kink lines cross."""
    kinks = [kink / chart.of(t.combination)[0] for t in terms if chart.of(t.combination)[1] == 0 for kink in t.kinks]
    first, effect = terms[2], terms[3]
    (a, b), (c, d) = chart.of(first.combination), chart.of(effect.combination)
    det = a * d - b * c
    if b != 0 and d != 0:
        kinks += [(d * x - b * y) / det for x in first.kinks for y in effect.kinks]
    # A kink line that crosses an arm known closely leaves a near-kink in the margin, as wide as that arm's log odds.
    for prior in (first, effect):
        for arm in terms[:2]:
            (a, b), (c, d) = chart.of(arm.combination), chart.of(prior.combination)
            det = a * d - b * c
            if b != 0 and d != 0 and det != 0:
                for kink in prior.kinks:
                    middle, spread = (d * arm.center - b * kink) / det, np.abs(3 * d / det * arm.scale)
                    kinks += [middle - spread, middle, middle + spread]
    return kinks
