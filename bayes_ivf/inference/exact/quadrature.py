"""Deterministic integration of many one-dimensional densities at once.

Panels with Gauss-Legendre nodes are placed where a density varies, so that narrow, skewed, two-humped and heavy-tailed
densities share one rule. The trailing axes of every array are independent problems; the leading axis is integrated. No
result depends on what else is in the batch: there is no matrix product and no stopping rule across problems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LogDensity = Callable[[Array], Array]
Detail = Callable[[Array], Array]

ORDER = 12
"""Gauss-Legendre nodes in a panel."""
_DROP = 28.0
# Density below exp(-28) of its maximum is outside the window.
_ESCAPE = -20.0
_FARTHEST = 300.0
# Beyond the window the density must be below exp(-20) of its maximum.
_TEMPER = 1.0 / 20.0
_BEND, _SLOPE, _LENGTH = 1.0, 0.08, 0.2
# What a panel is spent on, times density ** (1 / 20): root of the log density's curvature (one share per sd of a normal
# density), its slope (twelve nats), and plain length, since the stretched coordinate bends on a length of about one.
# For a normal density polynomials of order 2 k err alike on panels that share density ** (1 / 2 k); more is spent in
# the center, where distribution functions are read off.
_LOG_2 = float(np.log(2.0))
_SCOUTS = 8
_FEW = 4
# For fewer points than this, polynomials are made only where they are asked for.
# Panels of the placing passes.


@dataclass(frozen=True)
class Rule:
    """How fine a rule is: panels of the outer and of the inner integral."""

    outer: int
    inner: int


def _legendre() -> tuple[Array, Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    to_series = np.linalg.inv(np.polynomial.legendre.legvander(nodes, ORDER - 1))
    integral = np.zeros((ORDER + 1, ORDER))
    for k in range(ORDER):
        series = np.polynomial.legendre.legint(to_series[:, k], lbnd=-1)
        integral[:, k] = np.pad(np.polynomial.legendre.leg2poly(series), (0, ORDER + 1))[: ORDER + 1]
    return nodes, weights, integral


NODES, WEIGHTS, _INTEGRAL = _legendre()


def add_up(values: Array) -> Array:
    """Sum over the leading axis in an order that does not depend on the other axes."""
    while len(values) > 1:
        half = len(values) // 2
        head = values[:half] + values[half : 2 * half]
        values = np.concatenate([head, values[2 * half :]]) if len(values) % 2 else head
    return np.asarray(values[0])


def log_cosh(y: Array) -> Array:
    """Log of cosh without overflow."""
    size = np.abs(y)
    total = np.exp(-2 * size)
    np.log1p(total, out=total)
    total += size
    total -= _LOG_2
    return total


@dataclass(frozen=True)
class Stretch:
    """The map ``x = center + scale * sinh(y)``: linear near the center, logarithmic in the tails.

    Power-law tails become exponential in `y`, which panels integrate well.
    """

    center: Array
    scale: Array

    def x(self, y: Array) -> Array:
        """Natural coordinate at `y`."""
        return np.asarray(self.center + self.scale * np.sinh(y))

    def y(self, x: Array) -> Array:
        """Stretched coordinate at `x`; infinities stay infinite."""
        return np.arcsinh((x - self.center) / self.scale)

    def log_slope(self, y: Array) -> Array:
        """Log of dx/dy."""
        return np.asarray(log_cosh(y) + np.log(self.scale))


def _integrate(values: Array) -> Array:
    """Powers (ORDER + 1, ...) of the integral from -1 of the polynomial through values (ORDER, ...) at the nodes."""
    powers = np.zeros((ORDER + 1, *values.shape[1:]))
    term = np.empty(values.shape[1:])
    for j in range(ORDER + 1):
        for k in range(ORDER):
            np.multiply(values[k], _INTEGRAL[j, k], out=term)
            powers[j] += term
    return powers


@dataclass(frozen=True)
class Panels:
    """A density as polynomials on panels: its integral up to any point.

    Parameters
    ----------
    edges : array (P + 1, ...)
        Panel boundaries in the stretched coordinate.
    values : array (ORDER, P, ...)
        Density at the nodes.
    start : array (P + 1, ...)
        Integral up to each edge.
    """

    edges: Array
    values: Array
    start: Array

    @classmethod
    def tabulate(cls, edges: Array, values: Array) -> Panels:
        """From the density at the nodes, array (P * ORDER, ...)."""
        half = np.diff(edges, axis=0) / 2
        by_node = np.ascontiguousarray(np.moveaxis(values.reshape(-1, ORDER, *edges.shape[1:]), 1, 0))
        masses = half * add_up(by_node * _along(WEIGHTS, half.ndim))
        start = np.zeros_like(edges)
        np.cumsum(masses, axis=0, out=start[1:])
        return cls(edges, by_node, start)

    @property
    def total(self) -> Array:
        """Integral over all panels."""
        return np.asarray(self.start[-1])

    @cached_property
    def powers(self) -> Array:
        """Polynomials of all panels; touch it before many calls of `below` for few points each."""
        return _integrate(self.values)

    def below(self, y: Array) -> tuple[Array, Array]:
        """Integral up to `y` and density at `y`.

        Parameters
        ----------
        y : array (K, ...)
            Points in the stretched coordinate; may be infinite.
        """
        inside = np.clip(y, self.edges[0], self.edges[-1])
        panel = np.zeros(y.shape, dtype=np.intp)
        for edge in self.edges[1:-1]:
            panel += inside > edge
        rows = int(np.prod(self.edges.shape[1:], dtype=int))
        flat = panel * rows + np.arange(rows).reshape(self.edges.shape[1:])
        left = self.edges[:-1].reshape(-1).take(flat)
        half = np.maximum((self.edges[1:].reshape(-1).take(flat) - left) / 2, 1e-300)
        z = np.clip((inside - left) / half - 1, -1, 1)
        few = len(y) < _FEW and "powers" not in self.__dict__
        if few:
            powers = _integrate(np.stack([values.reshape(-1).take(flat) for values in self.values]))
        else:
            powers = self.powers.reshape(ORDER + 1, -1)
        mass = powers[ORDER] if few else powers[ORDER].take(flat)
        slope = np.zeros(y.shape)
        for j in range(ORDER - 1, -1, -1):
            slope *= z
            slope += mass
            mass = mass * z
            mass += powers[j] if few else powers[j].take(flat)
        mass *= half
        mass += self.start[:-1].reshape(-1).take(flat)
        slope[(y < self.edges[0]) | (y > self.edges[-1])] = 0.0
        return mass, slope


def panel_nodes(edges: Array) -> tuple[Array, Array]:
    """Nodes (P * ORDER, ...) and weights of the same shape for panels with these edges (P + 1, ...)."""
    half = (np.diff(edges, axis=0) / 2)[:, None]
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    shape = (-1, *edges.shape[1:])
    dims = edges.ndim - 1
    return (middle + half * _along(NODES, dims)).reshape(shape), (half * _along(WEIGHTS, dims)).reshape(shape)


def _along(values: Array, dims: int) -> Array:
    return values.reshape(-1, *[1] * dims)


def ladder(reach: Array) -> Array:
    """Place starting points in a stretched coordinate, from ``-reach`` to ``reach``, dense at the center."""
    steps = np.array([0.5, 1.1, 1.8, 2.7, 4.0, 6.0, 8.5])
    reach = np.asarray(reach, dtype=float)
    far = 8.5 + np.maximum(reach - 8.5, 1.0) * _along(np.array([0.4, 1.0]), reach.ndim)
    side = np.concatenate([np.broadcast_to(_along(steps, reach.ndim), (len(steps), *reach.shape)), far])
    return np.concatenate([-side[::-1], np.zeros((1, *reach.shape)), side])


def _take(values: Array, index: npt.NDArray[np.intp]) -> Array:
    """Entries (K, ...) of values (L, ...) at an index (K, ...) along the leading axis."""
    rows = int(np.prod(values.shape[1:], dtype=int))
    return values.reshape(-1).take(index * rows + np.arange(rows).reshape(values.shape[1:]))


def peak(logs: Array, axis: int | tuple[int, ...] = 0) -> Array:
    """Maximum along an axis; finite even where everything is minus infinity."""
    return np.asarray(np.maximum(logs.max(axis=axis), -1e300))


def _difficulty(points: Array, height: Array) -> Array:
    """How many panels, up to a factor, each interval between points deserves."""
    floor = np.maximum(height, -2 * _DROP)
    width = np.diff(points, axis=0)
    rise = np.diff(floor, axis=0)
    slope = rise / np.maximum(width, 1e-12)
    bend = np.abs(np.diff(slope, axis=0)) / np.maximum((width[1:] + width[:-1]) / 2, 1e-12)
    root = np.sqrt(np.concatenate([bend[:1], np.maximum(bend[1:], bend[:-1]), bend[-1:]]))
    return _BEND * np.minimum(root * width, 4.0) + _SLOPE * np.abs(rise) + _LENGTH * width


def _trim(points: Array, height: Array) -> Array:
    """Move the points just outside the window to where the density, as a normal tail, leaves it."""
    inside = height > -_DROP
    drop = np.sqrt(np.maximum(-height, 0))
    target = np.sqrt(_DROP)
    trimmed = points.copy()
    for here, outward in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        near, far = drop[here], drop[outward]
        leaves = inside[here] & ~inside[outward]
        gap = np.where(leaves & np.isfinite(far), np.minimum(far, 1e150) - np.minimum(near, 1e150), 1.0)
        share = np.where(leaves, (target - np.minimum(near, 1e150)) / gap, 1.0)
        moved = points[here] + np.clip(share, 0, 1) * (points[outward] - points[here])
        trimmed[outward] = np.where(leaves & np.isfinite(far), moved, trimmed[outward])
    return trimmed


def equidistribute(points: Array, logs: Array, panels: int, detail: Detail | None = None) -> Array:
    """Edges (panels + 1, ...) that share the difficulty of a density equally, from its log at sorted points (L, ...).

    `detail` is an increasing function of the coordinate whose rise asks for panels too.
    """
    height = logs - peak(logs)
    inside = height > -_DROP
    between = np.logical_or.accumulate(inside, axis=0) & np.logical_or.accumulate(inside[::-1], axis=0)[::-1]
    weight = np.where(between, np.exp(np.maximum(height, -_DROP) * _TEMPER), 0.0)
    # Trimming is for the two ends only; gaps between humps keep their points.
    points = np.where(between, points, _trim(points, height))
    cumulative = np.zeros_like(points)
    difficulty = _difficulty(points, height)
    if detail is not None:
        difficulty += np.diff(detail(points), axis=0)
    np.cumsum(difficulty * (weight[:-1] + weight[1:]), axis=0, out=cumulative[1:])
    level = _along(np.linspace(0, 1 - 1e-13, panels + 1), points.ndim - 1) * cumulative[-1]
    interval = np.zeros(level.shape, dtype=np.intp)
    for edge in cumulative[1:-1]:
        interval += edge <= level
    low = _take(cumulative, interval)
    step = _take(cumulative, interval + 1) - low
    left = _take(points, interval)
    fraction = np.where(step > 0, (level - low) / np.where(step > 0, step, 1.0), 0.0)
    return left + fraction * (_take(points, interval + 1) - left)


def _unresolved(logs: Array) -> npt.NDArray[np.bool_]:
    """Whether the density jumps between neighboring points where it matters, or leaves the window."""
    height = logs - peak(logs)
    escapes = (height[:2] > _ESCAPE).any(axis=0) | (height[-2:] > _ESCAPE).any(axis=0)
    matters = np.maximum(height[1:], height[:-1]) > -10
    jump = np.abs(np.diff(np.maximum(height, -80.0), axis=0))
    return np.asarray((matters & (jump > 9)).any(axis=0) | escapes)


def log_mass(points: Array, logs: Array) -> Array:
    """Log integral over the leading axis by the trapezoidal rule, from the log density at sorted points."""
    top = peak(logs)
    heights = np.exp(logs - top)
    mass = add_up(np.diff(points, axis=0) * (heights[1:] + heights[:-1])) / 2
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(mass))


def scout(
    log_density: LogDensity,
    points: Array,
    logs: Array,
    passes: int = 8,
    relevant: Callable[[Array, Array], npt.NDArray[np.bool_]] | None = None,
) -> tuple[Array, Array]:
    """Points where a density lives, and its log there.

    Parameters
    ----------
    log_density : callable
        Log density in the stretched coordinate, array (L, ...) to array (L, ...).
    points, logs : array (L, ...)
        Sorted starting points that see every feature of the density, and its log there.
    passes : int
        How often at most the points are moved.
    relevant : callable, optional
        From new points and logs, which rows (...) are worth another pass.
    """
    edges = equidistribute(points, logs, _SCOUTS)
    rough = np.ones(points.shape[1:], dtype=bool)
    for left in range(passes - 1, -1, -1):
        # Points beyond the window show whether it has caught the peak.
        width = edges[-1] - edges[0]
        beyond = [edges[:1] - 3 * width, edges[:1] - width / 2, edges[-1:] + width / 2, edges[-1:] + 3 * width]
        fine = np.clip(np.concatenate([edges, (edges[:-1] + edges[1:]) / 2, *beyond]), -_FARTHEST, _FARTHEST)
        fine.sort(axis=0)
        fine_logs = log_density(fine)
        rough &= _unresolved(fine_logs)
        if relevant is not None:
            rough &= relevant(fine, fine_logs)
        if left == 0 or not rough.any():
            break
        # Resolved rows keep their points, so that a row does not depend on its neighbors.
        edges = np.where(rough, equidistribute(fine, fine_logs, _SCOUTS), edges)
    return fine, fine_logs


def with_kinks(edges: Array, kinks: Sequence[Array]) -> Array:
    """Edges with the points (...) added where a density is not smooth; those outside become empty panels."""
    if not kinks:
        return edges
    inside = [np.clip(np.broadcast_to(kink, edges.shape[1:]), edges[0], edges[-1])[None] for kink in kinks]
    joined = np.concatenate([edges, *inside])
    joined.sort(axis=0)
    return joined
