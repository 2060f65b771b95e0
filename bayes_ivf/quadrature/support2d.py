"""For each outer node, find the interval of the inner coordinate that holds the mass.

For a kernel k(u, v) the rows are functions of v at fixed u. Each row has a sinh map of its own, centered on the ridge line of
the Gaussian approximation (or, with kinks and power-law tails, on the highest of several candidates), and `locate_support`
brackets its mass. The rows' rough integrals (trapezoidal, `log_mass`) give the marginal kernel of u::

    m(u) = int k(u, v) dv

which is bracketed in the same way: `SupportFinder` runs the one-dimensional search on m, each of whose evaluations searches
the rows. What it returns steers panels only; `grid2d` integrates anew at their nodes.

Examples
--------
The marginal of u = x1 of a bivariate normal density (unit factors at 0 on x1 and x2, one of scale 0.1 on x1 - x2) has
variance 1.01 / 2.01, and its ridge is v = x2 = x1 / 1.01:

>>> import numpy as np
>>> from bayes_ivf.quadrature import Coordinates, LogFactor
>>> class Product:
...     size = 1
...     def factors(self):
...         def normal(combination, scale):
...             return LogFactor(combination, lambda x: -0.5 * (x / scale) ** 2, np.zeros(1), np.full(1, scale))
...         return normal((1, 0), 1.0), normal((0, 1), 1.0), normal((1, -1), 0.1), normal((0, 1), 1e3)
...     def take(self, index):
...         return self
...     def reach(self):
...         return np.full(1, 15.0)
>>> finder = SupportFinder(Product(), Coordinates(t=(1.0, 0.0), c=(0.0, 1.0), outer=(1.0, 0.0)))
>>> u, log_marginal = finder.outer_map.x(finder.y), finder.logs - finder.outer_map.log_slope(finder.y)
>>> variance = 1.01 / 2.01
>>> difference = log_marginal + u**2 / (2 * variance)
>>> bool(np.ptp(difference[np.abs(u) < 2]) < 0.01)
True
"""

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
from bayes_ivf.quadrature.coordinates import Coordinates, Detail, Integrand, Joint, LogFactor, gaussian_approximation
from bayes_ivf.quadrature.panels import SinhMap, count_below, peak

Array = npt.NDArray[np.float64]

_COARSE = 8
# Rules of at most this many inner panels interpolate edges between the rows of the search; where a finer one is asked for,
# the rows of the search were too far apart.
_DETAIL_RANGE, _DETAIL = 120.0, 0.2
# Outer panels also resolve what is read off a grid, not the density alone: logistic functions turn from 0 to 1 over a few units
# of a coordinate, whatever the width of the posterior. One share per 5 units, within 120, beyond which exp(-120) is nothing.
_RELEVANT = 45.0
# Rows whose integral is below exp(-45) = 3e-20 of the largest need no resolution.


@dataclass(frozen=True)
class _LocatedRows:
    """Brackets of the mass on some rows u (N, B): points (L, N, B) in each row's stretched coordinate, and the log there."""

    u: Array
    stretch: SinhMap
    points: Array
    logs: Array

    def log_mass(self) -> Array:
        """Log integral (N, B) of each row, roughly."""
        return log_mass(self.points, self.logs)

    @cached_property
    def shares(self) -> MonitorFunction:
        """Monitor function of each row."""
        return MonitorFunction.of(self.points, self.logs)

    def replace(self, selected: npt.NDArray[np.intp], by: _LocatedRows) -> _LocatedRows:
        """Replace the rows of some problems."""
        pairs = (
            (self.u, by.u),
            (self.stretch.center, by.stretch.center),
            (self.stretch.scale, by.stretch.scale),
            (self.points, by.points),
            (self.logs, by.logs),
        )
        u, center, scale, points, logs = (np.array(old) for old, _ in pairs)
        for old, (_, new) in zip((u, center, scale, points, logs), pairs, strict=True):
            old[..., selected] = new
        return _LocatedRows(u, SinhMap(center, scale), points, logs)


class InnerSupport:
    """Rows of a batch's kernel: functions of the inner coordinate at fixed outer ones, and the search for their mass.

    Parameters
    ----------
    integrand : Integrand
    chart : Coordinates
    direct : bool
        If True, center each row on the highest of several candidates instead of the ridge line: a narrow peak may be far
        from it. Always so where a factor has kinks.
    """

    def __init__(self, integrand: Integrand, chart: Coordinates, direct: bool) -> None:
        self.integrand, self.chart = integrand, chart
        self.factors = integrand.factors()
        self.joint: Joint | None = getattr(integrand, "log_joint", None)
        self.detail: Detail | None = getattr(integrand, "detail", None)
        self.reach = integrand.reach()
        self.direct = direct or any(factor.kinks for factor in self.factors)
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
        centers = [center]
        for factor in self.factors:
            a, b = self.chart.of(factor.combination)
            if b != 0:
                middle = (factor.center - a * u) / b
                centers.append(middle)
                # the middle of each factor and its flanks, at 1.5 scales, where a normal density has fallen to a third
                marks += [middle, middle - 1.5 * factor.scale / b, middle + 1.5 * factor.scale / b]
        if self.direct:
            # The best of the candidates, so that a narrow peak far from the others is not lost to rounding.
            candidates = np.stack(centers)
            center = np.take_along_axis(candidates, np.argmax(log(candidates), axis=0)[None], axis=0)[0]
        stretch = SinhMap(center, np.broadcast_to(spread, u.shape))
        marks += self.kinks(u)
        points = _sorted(stretch, initial_points(np.broadcast_to(self.reach, u.shape)), marks)
        return stretch, (points, log(stretch.x(points)) + stretch.log_slope(points))

    def kinks(self, u: Array) -> list[Array]:
        """Inner coordinates (N, B) where a factor is not smooth."""
        pairs = [(self.chart.of(factor.combination), kink) for factor in self.factors for kink in factor.kinks]
        return [(kink - a * u) / b for (a, b), kink in pairs if b != 0]

    def locate(self, u: Array) -> _LocatedRows:
        """Bracket the mass of the rows u (N, B)."""
        stretch, (points, logs) = self.start(u)

        def relevant(samples: Array, sample_logs: Array) -> npt.NDArray[np.bool_]:
            mass = log_mass(samples, sample_logs)
            return np.asarray(mass > peak(mass) - _RELEVANT)

        def part(selected: npt.NDArray[np.intp]) -> LogDensity:
            return _stretched(self.take(selected).log_posterior(u[:, selected]), stretch.take(selected))

        log = _stretched(self.log_posterior(u), stretch)
        return _LocatedRows(u, stretch, *locate_support(log, points, logs, 8, relevant, part))

    def axes(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Both axes at (u, v); one that only u moves has the shape of u."""
        first, second = ((a * u if b == 0 else a * u + b * v) for a, b in (self.chart.t, self.chart.c))
        return first, second

    def detail_within(self, u: Array, stretch: SinhMap) -> LogDensity | None:
        """What panels of the rows u (N, B) also resolve, as a function of the stretched coordinate."""
        detail = self.detail
        if detail is None:
            return None
        slopes = self.chart.t[1], self.chart.c[1]
        return lambda y: detail(*slopes, *self.axes(u, stretch.x(y)))

    def detail_across(self, u: Array) -> Array | float:
        """What outer panels also resolve, along the middle of the rows u (..., B)."""
        if self.detail is None:
            return 0.0
        mean_v = np.broadcast_to(self.guess[1], u.shape)
        return self.detail(self.chart.t[0], self.chart.c[0], *self.axes(u, mean_v))

    def log_posterior(self, u: Array) -> LogDensity:
        """Log kernel as a function of v (L, N, B), for rows u (N, B)."""
        row = np.zeros_like(u)
        varying: list[tuple[LogFactor, Array, float]] = []
        for factor in self.factors:
            a, b = self.chart.of(factor.combination)
            if b == 0:
                row += factor.log(a * u)
            else:
                varying.append((factor, a * u, b))

        joint = self.joint

        def log(v: Array) -> Array:
            total = np.zeros(v.shape)
            total += row
            for factor, shift, b in varying:
                x = v * b
                x += shift
                total += factor.log(x)
            if joint is not None:
                total += joint(*self.axes(u, v))
            return total

        return log


def _stretched(log: LogDensity, stretch: SinhMap) -> LogDensity:
    """Log density in the stretched coordinate."""
    return lambda y: log(stretch.x(y)) + stretch.log_slope(y)


class SupportFinder:
    """Bracket the mass of a batch's kernel in some coordinates; the rules that are compared share it.

    Parameters
    ----------
    integrand : Integrand
    chart : Coordinates
        The outer and the inner coordinate.
    direct : bool
        If True, adapt the inner mesh at every outer node; otherwise interpolate edges between the rows of the search.
        Slower, and needed where rows have power-law tails or kinks.
    """

    def __init__(self, integrand: Integrand, chart: Coordinates, direct: bool = False) -> None:
        self.rows = rows = InnerSupport(integrand, chart, direct)
        self.direct = rows.direct
        mean, _, spread, _, _ = rows.guess
        self.outer_map = outer_map = SinhMap(mean, spread)
        start = _sorted(outer_map, initial_points(rows.reach), _outer_marks(rows.factors, chart))
        _, first = rows.start(outer_map.x(start))
        logs = log_mass(*first) + outer_map.log_slope(start)
        self.y, self.logs = locate_support(self._margin, start, logs, part=self._margin_of)

    def _margin(self, y: Array) -> Array:
        self.known = self.rows.locate(self.outer_map.x(y))
        return self.known.log_mass() + self.outer_map.log_slope(y)

    def _margin_of(self, selected: npt.NDArray[np.intp]) -> LogDensity:
        rows, outer_map = self.rows.take(selected), self.outer_map.take(selected)

        def margin(y: Array) -> Array:
            known = rows.locate(outer_map.x(y))
            self.known = self.known.replace(selected, known)
            return known.log_mass() + outer_map.log_slope(y)

        return margin

    @cached_property
    def direct_rows(self) -> InnerSupport:
        """The rows, each with an inner mesh of its own."""
        return self.rows if self.direct else InnerSupport(self.rows.integrand, self.rows.chart, True)

    @cached_property
    def outer_shares(self) -> MonitorFunction:
        """Monitor function of the marginal, with what else outer panels resolve."""
        return MonitorFunction.of(self.y, self.logs, self._detail)

    def _detail(self, y: Array) -> Array:
        u = self.outer_map.x(y)
        return np.clip(u, -_DETAIL_RANGE, _DETAIL_RANGE) * _DETAIL + self.rows.detail_across(u)

    @cached_property
    def row_at_zero(self) -> _LocatedRows:
        """Bracket of the row u = 0 alone."""
        return self.direct_rows.locate(np.zeros((1, self.rows.integrand.size)))

    def inner_edges(self, u: Array, panels: int) -> tuple[Array, SinhMap]:
        """Inner edges (P + 1, N, B) on the rows u (N, B), and the rows' sinh maps."""
        if self.direct or panels > _COARSE:
            rows = self.direct_rows.locate(u)
            shares = MonitorFunction.of(rows.points, rows.logs, self.direct_rows.detail_within(u, rows.stretch))
            return with_kinks(shares.edges(panels), [rows.stretch.y(k) for k in self.rows.kinks(u)]), rows.stretch
        # between two rows of the search the edges are interpolated linearly in u
        known = self.known
        edges = known.stretch.x(known.shares.edges(panels))
        size = u.shape[1]
        flat = count_below(known.u[1:-1], u) * size + np.arange(size)
        low, high = known.u.reshape(-1).take(flat), known.u.reshape(-1).take(flat + size)
        # 1e-300: rows coincide at the bound of the search
        part = np.clip((u - low) / np.maximum(high - low, 1e-300), 0, 1)
        flattened = edges.reshape(len(edges), -1)
        v = flattened[:, flat] * (1 - part) + flattened[:, flat + size] * part
        mean_u, mean_v, _, slope, spread = self.rows.guess
        stretch = SinhMap(mean_v + slope * (u - mean_u), np.broadcast_to(spread, u.shape))
        return stretch.y(v), stretch


def _sorted(stretch: SinhMap, points: Array, marks: list[Array]) -> Array:
    """Points, which are stretched, and marks, which are not, in ascending order."""
    joined = np.empty((len(points) + len(marks), *points.shape[1:]))
    joined[: len(points)] = points
    stretched = joined[len(points) :]
    for i, mark in enumerate(marks):
        stretched[i] = mark
    stretched[:] = stretch.y(stretched)
    joined.sort(axis=0)
    return joined


def _outer_marks(factors: tuple[LogFactor, ...], chart: Coordinates) -> list[Array]:
    """Values of u (B,) that the search samples: middle and flanks of the first two factors, of the last two, and of each."""
    p, q = chart.outer
    marks: list[Array] = []
    for pair in (factors[:2], factors[2:]):
        # two factors determine (x1, x2): solve for the point, and propagate the scales
        (a, b), (c, d) = pair[0].combination, pair[1].combination
        det = a * d - b * c
        first, second = (p * d - q * c) / det, (q * a - p * b) / det
        middle = first * pair[0].center + second * pair[1].center
        spread = np.hypot(first * pair[0].scale, second * pair[1].scale)
        marks += [middle, middle - 1.5 * spread, middle + 1.5 * spread]
    for factor in factors:
        along, across = chart.of(factor.combination)
        if across == 0:
            marks += [(factor.center + k * factor.scale) / along for k in (-1.5, 0.0, 1.5)]
    return marks
