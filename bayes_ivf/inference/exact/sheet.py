"""A two-dimensional posterior tabulated for conditional integrals: outer nodes, inner panels at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.inference.exact.charts import Chart, Term, log_risk
from bayes_ivf.inference.exact.placing import equidistribute, with_kinks
from bayes_ivf.inference.exact.quadrature import ORDER, WEIGHTS, Panels, Rule, Stretch, add_up, panel_nodes, peak
from bayes_ivf.inference.exact.scouts import Scout

Array = npt.NDArray[np.float64]

_TURN, _DETAIL = 120.0, 0.2
_NEAR = 3.0


@dataclass(frozen=True)
class Sheet:
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

    chart: Chart
    u: Array
    weight: Array
    values: Array
    inner_edges: Array
    inner_map: Stretch
    outer: Panels
    outer_map: Stretch
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

    @cached_property
    def contrast_moments(self) -> dict[str, tuple[Array, Array]]:
        """Mean and sd (B,) of the risk difference, the log risk ratio and the risk ratio.

        With them, under "edge", the share of the squared risk ratio's expectation that the outermost nodes carry.
        """
        blocks = range(len(self.inner_edges) - 1)
        weight = self.weight / self.outer.total

        def block(panel: int) -> tuple[Array, Array]:
            z, w = panel_nodes(self.inner_edges[panel : panel + 2])
            w *= self.values[panel * ORDER : (panel + 1) * ORDER]
            w *= weight
            return self.inner_map.x(z), w

        # Moments are taken around the contrasts at the mean point, so that nothing cancels.
        typical = add_up(add_up(np.stack([add_up(v * w) for v, w in map(block, blocks)])))
        base = _contrasts(self.chart, self.expect_outer(self.u), typical)
        first, second = np.zeros((3, *self.u.shape)), np.zeros((3, *self.u.shape))
        edge = np.zeros(self.u.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            for panel in blocks:
                v, w = block(panel)
                values = _contrasts(self.chart, self.u, v)
                if panel in (0, blocks[-1]):
                    end = 0 if panel == 0 else -1
                    edge += values[2][end] ** 2 * w[end]
                for row, (value, zero) in enumerate(zip(values, base, strict=True)):
                    value -= zero
                    w_value = value * w
                    first[row] += add_up(w_value)
                    w_value *= value
                    second[row] += add_up(w_value)
            squares = second[2] + 2 * base[2] * first[2] + base[2] ** 2 * self.share
            carried = (add_up(edge) + squares[0] + squares[-1]) / add_up(squares)
            moments = []
            for zero, one, two in zip(base, first, second, strict=True):
                shift = add_up(one)
                moments.append((zero + shift, np.sqrt(np.maximum(add_up(two) - shift * shift, 0))))
        names = ("risk_difference", "log_risk_ratio", "risk_ratio")
        return dict(zip(names, moments, strict=True)) | {"edge": (carried, carried)}

    def expect_outer(self, values: Array) -> Array:
        """Posterior expectation of values (N, B) at the outer nodes."""
        return add_up(values * self.share)


def build_sheet(found: Scout, rule: Rule, edges_at: Sequence[Array] = ()) -> Sheet:
    """Tabulate the posterior of a batch of tables in one chart; `edges_at` (B,) are made outer panel edges."""
    chart, outer_map = found.rows.chart, found.outer_map

    def detail(y: Array) -> Array:
        # Risks turn from 0 to 1 over a few units of log odds, whatever the width of the posterior.
        return np.clip(outer_map.x(y), -_TURN, _TURN) * _DETAIL

    kinks = [outer_map.y(kink) for kink in [*_outer_kinks(found.rows.terms, chart), *edges_at]]
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
    return Sheet(chart, u, weight, values, inner_edges, inner_map, outer, outer_map, share, log_total, top)


def log_row(found: Scout, u: Array, rule: Rule) -> Array:
    """Log of the posterior kernel's integral over the inner coordinate at outer `u` (B,)."""
    rows = found.direct_rows.scout(u[None])
    edges = with_kinks(rows.shares().edges(rule.inner), [rows.stretch.y(kink) for kink in found.rows.kinks(u[None])])
    z, weight = panel_nodes(edges)
    logs = found.rows.log_posterior(u[None])(rows.stretch.x(z)) + rows.stretch.log_slope(z)
    top = peak(logs)
    with np.errstate(divide="ignore"):
        return np.asarray((top + np.log(add_up(np.exp(logs - top) * weight)))[0])


def _outer_kinks(terms: tuple[Term, ...], chart: Chart) -> list[Array]:
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


def _contrasts(chart: Chart, u: Array, v: Array) -> list[Array]:
    """Risk difference, log risk ratio and risk ratio at (u, v)."""
    log_t = log_risk(chart.t[0] * u + chart.t[1] * v)
    log_c = log_risk(chart.c[0] * u + chart.c[1] * v)
    ratio = log_t - log_c
    with np.errstate(over="ignore"):
        return [np.exp(log_t) - np.exp(log_c), ratio, np.exp(ratio)]
