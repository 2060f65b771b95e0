"""Where a two-dimensional posterior lives in one chart, row by row, before it is tabulated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.adaptive_mesh import (
    LogDensity,
    MonitorFunction,
    initial_points,
    locate_support,
    log_mass,
    with_kinks,
)
from bayes_ivf.quadrature.coordinates import Coordinates, Integrand, LogFactor, gaussian_approximation
from bayes_ivf.quadrature.panels import SinhMap, peak

Array = npt.NDArray[np.float64]

_DIRECT = 8
# Finer rules than this look at every row itself.
_RELEVANT = 45.0
# InnerSupport this far (in nats) below the best one need no resolution.


@dataclass(frozen=True)
class _LocatedRows:
    """Where the posterior lives on some rows: points (L, N, B) in each row's stretched coordinate, and its log there."""

    u: Array
    stretch: SinhMap
    points: Array
    logs: Array

    def log_mass(self) -> Array:
        """Log integral (N, B) of each row, roughly."""
        return log_mass(self.points, self.logs)

    def shares(self) -> MonitorFunction:
        return MonitorFunction.of(self.points, self.logs)

    def replace(self, some: npt.NDArray[np.intp], by: _LocatedRows) -> _LocatedRows:
        """Replace the rows of some problems."""
        pairs = (
            (self.u, by.u),
            (self.stretch.center, by.stretch.center),
            (self.stretch.scale, by.stretch.scale),
            (self.points, by.points),
            (self.logs, by.logs),
        )
        u, center, scale, points, logs = (np.array(mine) for mine, _ in pairs)
        for mine, (_, new) in zip((u, center, scale, points, logs), pairs, strict=True):
            mine[..., some] = new
        return _LocatedRows(u, SinhMap(center, scale), points, logs)


class InnerSupport:
    """A batch's posterior in one chart, row by row: as a function of the inner coordinate at given outer ones.

    Parameters
    ----------
    integrand : Integrand
    chart : Coordinates
    direct : bool
        Whether a narrow peak far from the guess of a row must be looked for.
    """

    def __init__(self, integrand: Integrand, chart: Coordinates, direct: bool) -> None:
        self.integrand, self.chart = integrand, chart
        self.factors = integrand.factors()
        self.reach = integrand.reach()
        self.direct = direct or any(term.kinks for term in self.factors)
        self.guess = gaussian_approximation(self.factors, chart)

    def take(self, index: npt.NDArray[np.intp]) -> InnerSupport:
        """Return some of the problems."""
        return InnerSupport(self.integrand.take(index), self.chart, self.direct)

    def start(self, u: Array) -> tuple[SinhMap, tuple[Array, Array]]:
        """Return starting points of the rows u (N, B) and the log kernel there."""
        mean_u, mean_v, _, slope, spread = self.guess
        center = mean_v + slope * (u - mean_u)
        log = self.log_posterior(u)
        marks: list[Array] = []
        middles = [center]
        for term in self.factors:
            a, b = self.chart.of(term.combination)
            if b != 0:
                middle = (term.center - a * u) / b
                middles.append(middle)
                marks += [middle, middle - 1.5 * term.scale / b, middle + 1.5 * term.scale / b]
        if self.direct:
            # The best of the candidates, so that a narrow peak far from the others is not lost to rounding.
            candidates = np.stack(middles)
            center = np.take_along_axis(candidates, np.argmax(log(candidates), axis=0)[None], axis=0)[0]
        stretch = SinhMap(center, np.broadcast_to(spread, u.shape))
        marks += self.kinks(u)
        points = _sorted(initial_points(np.broadcast_to(self.reach, u.shape)), [stretch.y(mark) for mark in marks])
        return stretch, (points, log(stretch.x(points)) + stretch.log_slope(points))

    def kinks(self, u: Array) -> list[Array]:
        """Inner coordinates (N, B) where a prior is not smooth."""
        pairs = [(self.chart.of(term.combination), kink) for term in self.factors for kink in term.kinks]
        return [(kink - a * u) / b for (a, b), kink in pairs if b != 0]

    def locate(self, u: Array) -> _LocatedRows:
        """Find where the posterior lives on the rows u (N, B)."""
        stretch, (points, logs) = self.start(u)

        def relevant(fine: Array, fine_logs: Array) -> npt.NDArray[np.bool_]:
            mass = log_mass(fine, fine_logs)
            return np.asarray(mass > peak(mass) - _RELEVANT)

        def part(some: npt.NDArray[np.intp]) -> LogDensity:
            return _stretched(self.take(some).log_posterior(u[:, some]), stretch.take(some))

        log = _stretched(self.log_posterior(u), stretch)
        return _LocatedRows(u, stretch, *locate_support(log, points, logs, 8, relevant, part))

    def log_posterior(self, u: Array) -> LogDensity:
        """Log kernel as a function of v (L, N, B), for rows u (N, B)."""
        row = np.zeros_like(u)
        slanted: list[tuple[LogFactor, Array, float]] = []
        for term in self.factors:
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


def _stretched(log: LogDensity, stretch: SinhMap) -> LogDensity:
    return lambda y: log(stretch.x(y)) + stretch.log_slope(y)


class SupportFinder:
    """Where a batch's posterior lives in one chart; the rules that are compared share it.

    Parameters
    ----------
    integrand : Integrand
    chart : Coordinates
    direct : bool
        Look at every row itself, rather than at some rows and between them in proportion. Slower, and needed where rows
        have power-law tails or kinks.
    """

    def __init__(self, integrand: Integrand, chart: Coordinates, direct: bool = False) -> None:
        self.rows = rows = InnerSupport(integrand, chart, direct)
        self.direct = rows.direct
        mean, _, spread, _, _ = rows.guess
        self.outer_map = outer_map = SinhMap(mean, spread)
        start = _sorted(initial_points(rows.reach), [outer_map.y(mark) for mark in _outer_marks(rows.factors, chart)])
        _, first = rows.start(outer_map.x(start))
        logs = log_mass(*first) + outer_map.log_slope(start)
        self.y, self.logs = locate_support(self._margin, start, logs, part=self._margin_of)

    def _margin(self, y: Array) -> Array:
        self.known = self.rows.locate(self.outer_map.x(y))
        return self.known.log_mass() + self.outer_map.log_slope(y)

    def _margin_of(self, some: npt.NDArray[np.intp]) -> LogDensity:
        rows, outer_map = self.rows.take(some), self.outer_map.take(some)

        def margin(y: Array) -> Array:
            known = rows.locate(outer_map.x(y))
            self.known = self.known.replace(some, known)
            return known.log_mass() + outer_map.log_slope(y)

        return margin

    @cached_property
    def direct_rows(self) -> InnerSupport:
        """The rows, each to be looked at by itself."""
        return self.rows if self.direct else InnerSupport(self.rows.integrand, self.rows.chart, True)

    @cached_property
    def known_shares(self) -> MonitorFunction:
        """Difficulty of the known rows."""
        return self.known.shares()

    def inner_edges(self, u: Array, panels: int) -> tuple[Array, SinhMap]:
        """Inner edges (P + 1, N, B) on the rows u (N, B), and the rows' stretch."""
        if self.direct or panels > _DIRECT:
            rows = self.direct_rows.locate(u)
            return with_kinks(
                rows.shares().edges(panels), [rows.stretch.y(k) for k in self.rows.kinks(u)]
            ), rows.stretch
        # Between scouted rows the edges move in proportion.
        known = self.known
        edges = known.stretch.x(self.known_shares.edges(panels))
        interval = np.zeros(u.shape, dtype=np.intp)
        for row in known.u[1:-1]:
            interval += u >= row
        size = u.shape[1]
        flat = interval * size + np.arange(size)
        low, high = known.u.reshape(-1).take(flat), known.u.reshape(-1).take(flat + size)
        part = np.clip((u - low) / np.maximum(high - low, 1e-300), 0, 1)
        flattened = edges.reshape(len(edges), -1)
        v = flattened[:, flat] * (1 - part) + flattened[:, flat + size] * part
        mean_u, mean_v, _, slope, spread = self.rows.guess
        stretch = SinhMap(mean_v + slope * (u - mean_u), np.broadcast_to(spread, u.shape))
        return stretch.y(v), stretch


def _sorted(points: Array, marks: list[Array]) -> Array:
    stacked = np.concatenate([points, *[np.broadcast_to(mark, points.shape[1:])[None] for mark in marks]])
    stacked.sort(axis=0)
    return stacked


def _outer_marks(terms: tuple[LogFactor, ...], chart: Coordinates) -> list[Array]:
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
