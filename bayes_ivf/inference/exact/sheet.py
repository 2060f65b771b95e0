"""A two-dimensional posterior tabulated for conditional integrals: outer nodes, inner panels at each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.inference.exact.charts import Chart, Table, Term, gaussian_guess, log_risk
from bayes_ivf.inference.exact.quadrature import (
    ORDER,
    WEIGHTS,
    Panels,
    Rule,
    Stretch,
    add_up,
    equidistribute,
    ladder,
    log_mass,
    panel_nodes,
    peak,
    scout,
    with_kinks,
)

Array = npt.NDArray[np.float64]

_TURN, _DETAIL = 120.0, 0.2
_DIRECT = 8
# Finer rules than this look at every row itself.
_RELEVANT = 45.0
# Rows this far (in nats) below the best one need no resolution.


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


@dataclass(frozen=True)
class _Rows:
    """Where the posterior lives on some rows: points (L, N, B) in each row's stretched coordinate, and its log there."""

    u: Array
    stretch: Stretch
    points: Array
    logs: Array

    def edges(self, panels: int) -> Array:
        return equidistribute(self.points, self.logs, panels)


class Scout:
    """Where a batch's posterior lives in one chart; the rules that are compared share it.

    Parameters
    ----------
    table : Table
    chart : Chart
    direct : bool
        Look at every row itself, rather than at some rows and between them in proportion. Slower, and needed where rows
        have power-law tails or kinks.
    """

    def __init__(self, table: Table, chart: Chart, direct: bool = False) -> None:
        self.table, self.chart = table, chart
        self.terms = table.terms()
        self.reach = table.reach()
        self.direct = direct or any(term.kinks for term in self.terms)
        mean, _, spread, _, _ = gaussian_guess(self.terms, chart)
        self.outer_map = outer_map = Stretch(mean, spread)
        start = _sorted(ladder(self.reach), [outer_map.y(mark) for mark in _outer_marks(self.terms, chart)])
        _, first = self._start(outer_map.x(start), self.direct)
        self.y, self.logs = scout(self._margin, start, log_mass(*first) + outer_map.log_slope(start))

    def _margin(self, y: Array) -> Array:
        self.rows = self.scout_rows(self.outer_map.x(y), self.direct)
        return log_mass(self.rows.points, self.rows.logs) + self.outer_map.log_slope(y)

    def _start(self, u: Array, direct: bool) -> tuple[Stretch, tuple[Array, Array]]:
        """Return starting points of the rows u (N, B) and the log kernel there."""
        mean_u, mean_v, _, slope, spread = gaussian_guess(self.terms, self.chart)
        center = mean_v + slope * (u - mean_u)
        log = self.log_posterior(u)
        marks: list[Array] = []
        middles = [center]
        for term in self.terms:
            a, b = self.chart.of(term.combination)
            if b != 0:
                middle = (term.center - a * u) / b
                middles.append(middle)
                marks += [middle, middle - 1.5 * term.scale / b, middle + 1.5 * term.scale / b]
        if direct:
            # The best of the candidates, so that a narrow peak far from the others is not lost to rounding.
            candidates = np.stack(middles)
            center = np.take_along_axis(candidates, np.argmax(log(candidates), axis=0)[None], axis=0)[0]
        stretch = Stretch(center, np.broadcast_to(spread, u.shape))
        marks += self._kinks(u)
        points = _sorted(ladder(np.broadcast_to(self.reach, u.shape)), [stretch.y(mark) for mark in marks])
        return stretch, (points, log(stretch.x(points)) + stretch.log_slope(points))

    def _kinks(self, u: Array) -> list[Array]:
        """Inner coordinates (N, B) where a prior is not smooth."""
        pairs = [(self.chart.of(term.combination), kink) for term in self.terms for kink in term.kinks]
        return [(kink - a * u) / b for (a, b), kink in pairs if b != 0]

    def scout_rows(self, u: Array, direct: bool) -> _Rows:
        """Find where the posterior lives on the rows u (N, B)."""
        stretch, (points, logs) = self._start(u, direct)
        log = self.log_posterior(u)

        def relevant(fine: Array, fine_logs: Array) -> npt.NDArray[np.bool_]:
            mass = log_mass(fine, fine_logs)
            return np.asarray(mass > peak(mass) - _RELEVANT)

        def stretched(y: Array) -> Array:
            return log(stretch.x(y)) + stretch.log_slope(y)

        return _Rows(u, stretch, *scout(stretched, points, logs, 8, relevant))

    def inner_edges(self, u: Array, panels: int) -> tuple[Array, Stretch]:
        """Inner edges (P + 1, N, B) on the rows u (N, B), and the rows' stretch."""
        if self.direct or panels > _DIRECT:
            rows = self.scout_rows(u, True)
            return with_kinks(rows.edges(panels), [rows.stretch.y(k) for k in self._kinks(u)]), rows.stretch
        # Between scouted rows the edges move in proportion.
        known = self.rows
        edges = known.stretch.x(known.edges(panels))
        interval = np.zeros(u.shape, dtype=np.intp)
        for row in known.u[1:-1]:
            interval += u >= row
        size = u.shape[1]
        flat = interval * size + np.arange(size)
        low, high = known.u.reshape(-1).take(flat), known.u.reshape(-1).take(flat + size)
        part = np.clip((u - low) / np.maximum(high - low, 1e-300), 0, 1)
        flattened = edges.reshape(len(edges), -1)
        v = flattened[:, flat] * (1 - part) + flattened[:, flat + size] * part
        mean_u, mean_v, _, slope, spread = gaussian_guess(self.terms, self.chart)
        stretch = Stretch(mean_v + slope * (u - mean_u), np.broadcast_to(spread, u.shape))
        return stretch.y(v), stretch

    def log_posterior(self, u: Array) -> Callable[[Array], Array]:
        """Log kernel as a function of v (L, N, B), for rows u (N, B)."""
        row = np.zeros_like(u)
        slanted: list[tuple[Term, Array, float]] = []
        for term in self.terms:
            a, b = self.chart.of(term.combination)
            if b == 0:
                row += term.log(a * u)
            else:
                slanted.append((term, a * u, b))

        def log(v: Array) -> Array:
            total = np.zeros(v.shape)
            total += row
            for term, shift, b in slanted:
                x = v * b
                x += shift
                total += term.log(x)
            return total

        return log


def build_sheet(found: Scout, rule: Rule, edges_at: Sequence[Array] = ()) -> Sheet:
    """Tabulate the posterior of a batch of tables in one chart; `edges_at` (B,) are made outer panel edges."""
    chart, outer_map = found.chart, found.outer_map

    def detail(y: Array) -> Array:
        # Risks turn from 0 to 1 over a few units of log odds, whatever the width of the posterior.
        return np.clip(outer_map.x(y), -_TURN, _TURN) * _DETAIL

    kinks = [outer_map.y(kink) for kink in [*_outer_kinks(found.terms, chart), *edges_at]]
    edges = with_kinks(equidistribute(found.y, found.logs, rule.outer, detail), kinks)
    y, y_weight = panel_nodes(edges)
    u = outer_map.x(y)
    inner_edges, inner_map = found.inner_edges(u, rule.inner)
    log = found.log_posterior(u)
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
    return Sheet(chart, u, weight, values, inner_edges, inner_map, outer, outer_map, share, log_total)


def log_row(found: Scout, u: Array, rule: Rule) -> Array:
    """Log of the posterior kernel's integral over the inner coordinate at outer `u` (B,)."""
    rows = found.scout_rows(u[None], True)
    edges = with_kinks(rows.edges(rule.inner), [rows.stretch.y(kink) for kink in found._kinks(u[None])])
    z, weight = panel_nodes(edges)
    logs = found.log_posterior(u[None])(rows.stretch.x(z)) + rows.stretch.log_slope(z)
    top = peak(logs)
    with np.errstate(divide="ignore"):
        return np.asarray((top + np.log(add_up(np.exp(logs - top) * weight)))[0])


def _sorted(points: Array, marks: list[Array]) -> Array:
    stacked = np.concatenate([points, *[np.broadcast_to(mark, points.shape[1:])[None] for mark in marks]])
    stacked.sort(axis=0)
    return stacked


def _outer_marks(terms: tuple[Term, ...], chart: Chart) -> list[Array]:
    """Where the marginal of u may vary: what the data alone, the priors alone and each factor alone suggest."""
    p, q = chart.outer
    marks: list[Array] = []
    for pair in (terms[:2], terms[2:]):
        # Two factors determine (x_t, x_c): solve for the point, and propagate the scales.
        (a, b), (c, d) = pair[0].combination, pair[1].combination
        det = a * d - b * c
        first, second = (p * d - q * c) / det, (q * a - p * b) / det
        middle = first * pair[0].center + second * pair[1].center
        spread = np.hypot(first * pair[0].scale, second * pair[1].scale)
        marks += [middle, middle - 1.5 * spread, middle + 1.5 * spread]
    for term in terms:
        along, across = chart.of(term.combination)
        if across == 0:
            marks += [(term.center + k * term.scale) / along for k in (-1.5, 0.0, 1.5)]
    return marks


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
