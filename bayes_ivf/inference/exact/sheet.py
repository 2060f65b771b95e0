"""A two-dimensional posterior tabulated for conditional integrals: outer nodes, inner panels at each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.inference.exact.charts import Chart, Table, Term, gaussian_guess
from bayes_ivf.inference.exact.quadrature import (
    ORDER,
    Panels,
    Rule,
    Stretch,
    add_up,
    ladder,
    panel_nodes,
    peak,
    place,
)

Array = npt.NDArray[np.float64]

_TURN, _DETAIL = 40.0, 0.2


@dataclass(frozen=True)
class Sheet:
    """The posterior in one chart.

    Parameters
    ----------
    u : array (N, B)
        Outer nodes.
    weight : array (N, B)
        Outer weights; ``weight * inner.total`` sums to the normalizing constant over exp(top).
    v, v_weight : array (M, N, B)
        Inner nodes, and their share of the posterior (they sum to one over both axes).
    inner, outer : Panels
        Conditional (times marginal) density of v at each u; marginal density of u.
    log_total : array (B,)
        Log of the integral of the posterior kernel.
    """

    chart: Chart
    u: Array
    weight: Array
    v: Array
    v_weight: Array
    inner: Panels
    inner_map: Stretch
    outer: Panels
    outer_map: Stretch
    log_total: Array

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
        v : array (N, K, B)
            Threshold at each outer node.
        per_v : array (N, K, B)
            Derivative of the threshold in the estimand, to turn the density of `v` into the estimand's.
        """
        y = np.moveaxis((Stretch(self.inner_map.center[:, None], self.inner_map.scale)).y(v), 1, 0)
        below, density = self.inner.below(y)
        slope = np.exp(-self.inner_map.log_slope(np.clip(y, -600, 600)))
        finite = np.moveaxis(np.where(np.isfinite(per_v) & np.isfinite(v), per_v, 0.0), 1, 0)
        total = self.outer.total
        mass = add_up(np.moveaxis(below * self.weight, 1, 0)) / total
        return mass, add_up(np.moveaxis(density * slope * finite * self.weight, 1, 0)) / total

    def covers(self, u: Array) -> npt.NDArray[np.bool_]:
        """Whether `u` (B,) lies within the panels."""
        y = self.outer_map.y(u)
        return np.asarray((y > self.outer.edges[0]) & (y < self.outer.edges[-1]))

    def expect(self, values: Array) -> Array:
        """Posterior expectation of values (M, N, B) at the nodes."""
        return add_up(add_up(values * self.v_weight))


def build_sheet(table: Table, chart: Chart, rule: Rule, edges_at: Sequence[Array] = ()) -> Sheet:
    """Tabulate the posterior of a batch of tables in one chart; `edges_at` (B,) are made outer panel edges."""
    terms = table.terms()
    reach = table.reach()
    center, _, scale, _, _ = gaussian_guess(terms, chart)
    outer_map = Stretch(center, scale)
    start = _sorted(ladder(reach), [outer_map.y(mark) for mark in _outer_marks(terms, chart)])

    def log_margin(y: Array) -> Array:
        _, _, log_mass = _inner_edges(terms, chart, outer_map.x(y), reach, rule.inner, passes=2)
        return log_mass + outer_map.log_slope(y)

    kinks = [outer_map.y(kink) for kink in [*_outer_kinks(terms, chart), *edges_at]]

    def detail(y: Array) -> Array:
        # Risks turn from 0 to 1 over a few units of log odds, whatever the width of the posterior.
        return np.clip(outer_map.x(y), -_TURN, _TURN) * _DETAIL

    edges, _ = place(log_margin, start, rule.outer, kinks, detail=detail)
    y, y_weight = panel_nodes(edges)
    u = outer_map.x(y)
    inner_edges, inner_map, _ = _inner_edges(terms, chart, u, reach, rule.inner)
    z, z_weight = panel_nodes(inner_edges)
    v = inner_map.x(z)
    logs = _log_posterior(terms, chart, u)(v) + inner_map.log_slope(z)
    top = peak(logs, (0, 1))
    values = np.exp(logs - top)
    inner = Panels.tabulate(inner_edges, values.reshape(-1, ORDER, *u.shape))
    slope = np.exp(outer_map.log_slope(y))
    outer = Panels.tabulate(edges, (inner.total * slope).reshape(-1, ORDER, table.size))
    weight = y_weight * slope
    share = values * z_weight * (weight / outer.total)
    with np.errstate(divide="ignore"):
        log_total = top + np.log(outer.total)
    return Sheet(chart, u, weight, v, share, inner, inner_map, outer, outer_map, log_total)


def log_row(table: Table, chart: Chart, u: Array, rule: Rule) -> Array:
    """Log of the posterior kernel's integral over the inner coordinate at outer `u` (B,)."""
    terms = table.terms()
    row = u[None]
    edges, inner_map, _ = _inner_edges(terms, chart, row, table.reach(), rule.inner)
    z, weight = panel_nodes(edges)
    logs = _log_posterior(terms, chart, row)(inner_map.x(z)) + inner_map.log_slope(z)
    top = peak(logs)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((top + np.log(add_up(np.exp(logs - top) * weight)))[0])


def _log_posterior(terms: tuple[Term, ...], chart: Chart, u: Array) -> Callable[[Array], Array]:
    """Log kernel as a function of v (L, N, B), for rows u (N, B)."""
    row = np.zeros_like(u)
    slanted: list[tuple[Term, Array, float]] = []
    for term in terms:
        a, b = chart.of(term.combination)
        if b == 0:
            row += term.log(a * u)
        else:
            slanted.append((term, a * u, b))

    def log(v: Array) -> Array:
        total = np.broadcast_to(row, v.shape).copy()
        for term, shift, b in slanted:
            total += term.log(shift + b * v)
        return total

    return log


def _inner_edges(
    terms: tuple[Term, ...], chart: Chart, u: Array, reach: Array, panels: int, passes: int = 8
) -> tuple[Array, Stretch, Array]:
    """Edges (P + 1, N, B) of the inner panels at rows u (N, B), their stretch, and the log mass of each row."""
    log = _log_posterior(terms, chart, u)
    mean_u, mean_v, _, slope, scale = gaussian_guess(terms, chart)
    centers = [mean_v + slope * (u - mean_u)]
    marks, kinks = [], []
    for term in terms:
        a, b = chart.of(term.combination)
        if b != 0:
            middle = (term.center - a * u) / b
            centers.append(middle)
            marks += [middle, middle - 1.5 * term.scale / b, middle + 1.5 * term.scale / b]
            kinks += [(kink - a * u) / b for kink in term.kinks]
    candidates = np.stack(centers)
    best = np.argmax(log(candidates), axis=0)[None]
    stretch = Stretch(np.take_along_axis(candidates, best, axis=0)[0], scale)
    start = _sorted(ladder(np.broadcast_to(reach, u.shape)), [stretch.y(mark) for mark in marks + kinks])

    def stretched(y: Array) -> Array:
        return log(stretch.x(y)) + stretch.log_slope(y)

    edges, log_mass = place(stretched, start, panels, [stretch.y(kink) for kink in kinks], passes)
    return edges, stretch, log_mass


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
