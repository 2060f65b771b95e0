"""Where panels go: points that see a density, and edges that share its difficulty.

The trailing axis of every array is independent problems; no result depends on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.panels import add_up, along, peak

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
LogDensity = Callable[[Array], Array]
Detail = Callable[[Array], Array]

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
_SCOUTS = 8
# Panels of the placing passes.


def initial_points(reach: Array) -> Array:
    """Place starting points in a stretched coordinate, from ``-reach`` to ``reach``, dense at the center."""
    steps = np.array([0.5, 1.1, 1.8, 2.7, 4.0, 6.0, 8.5])
    reach = np.asarray(reach, dtype=float)
    far = 8.5 + np.maximum(reach - 8.5, 1.0) * along(np.array([0.4, 1.0]), reach.ndim)
    side = np.concatenate([np.broadcast_to(along(steps, reach.ndim), (len(steps), *reach.shape)), far])
    return np.concatenate([-side[::-1], np.zeros((1, *reach.shape)), side])


def _take(values: Array, index: npt.NDArray[np.intp]) -> Array:
    """Entries (K, ...) of values (L, ...) at an index (K, ...) along the leading axis."""
    rows = int(np.prod(values.shape[1:], dtype=int))
    return values.reshape(-1).take(index * rows + np.arange(rows).reshape(values.shape[1:]))


def _difficulty(points: Array, height: Array) -> Array:
    """How many panels, up to a factor, each interval between points deserves."""
    floor = np.maximum(height, -2 * _DROP)
    width = np.diff(points, axis=0)
    rise = np.diff(floor, axis=0)
    slope = rise / np.maximum(width, 1e-12)
    bend = np.abs(np.diff(slope, axis=0)) / np.maximum((width[1:] + width[:-1]) / 2, 1e-12)
    root = np.sqrt(np.concatenate([bend[:1], np.maximum(bend[1:], bend[:-1]), bend[-1:]]))
    return _BEND * np.minimum(root * width, 4.0) + _SLOPE * np.abs(rise) + _LENGTH * width


def _trim(points: Array, height: Array, near: Index, far: Index) -> None:
    """Move the points just outside the window to where the density, as a normal tail, leaves it.

    `near` and `far` are flat places of the outermost points inside the window and of their outer neighbors.
    """
    flat, target = height.reshape(-1), np.sqrt(_DROP)
    here, there = (np.minimum(np.sqrt(np.maximum(-flat.take(at), 0)), 1e150) for at in (near, far))
    leaves = (near != far) & (flat.take(far) > -np.inf)
    share = np.clip((target - here) / np.where(leaves, there - here, 1.0), 0, 1)
    outer, inner = points.reshape(-1).take(far), points.reshape(-1).take(near)
    points.reshape(-1)[far] = np.where(leaves, inner + share * (outer - inner), outer)


@dataclass(frozen=True)
class MonitorFunction:
    """The difficulty of densities, summed up along sorted points.

    Parameters
    ----------
    points : array (L, ...)
    cumulative : array (L, ...)
    """

    points: Array
    cumulative: Array

    @classmethod
    def of(cls, points: Array, logs: Array, detail: Detail | None = None) -> MonitorFunction:
        """From the log density at sorted points; see `equidistribute`."""
        height = logs - peak(logs)
        inside = height > -_DROP
        some = inside.any(axis=0)
        last = len(points) - 1
        low, high = inside.argmax(axis=0), last - inside[::-1].argmax(axis=0)
        step = along(np.arange(last + 1), some.ndim)
        # Gaps between humps keep their points; only the two ends are trimmed.
        between = (step >= low) & (step <= np.where(some, high, -1))
        weight = np.exp(np.maximum(height, -_DROP) * _TEMPER)
        weight *= between
        points = np.array(points, order="C")
        column = np.arange(some.size).reshape(some.shape)
        for near, far in ((low, np.maximum(low - 1, 0)), (high, np.minimum(high + 1, last))):
            _trim(points, height, near * some.size + column, far * some.size + column)
        difficulty = _difficulty(points, height)
        if detail is not None:
            difficulty += np.diff(detail(points), axis=0)
        weight[:-1] += weight[1:]
        difficulty *= weight[:-1]
        cumulative = np.zeros_like(points)
        np.cumsum(difficulty, axis=0, out=cumulative[1:])
        return cls(points, cumulative)

    def edges(self, panels: int) -> Array:
        """Edges (panels + 1, ...) of panels with equal shares."""
        points, cumulative = self.points, self.cumulative
        level = along(np.linspace(0, 1 - 1e-13, panels + 1), points.ndim - 1) * cumulative[-1]
        interval = np.zeros(level.shape, dtype=np.intp)
        for edge in cumulative[1:-1]:
            interval += edge <= level
        low = _take(cumulative, interval)
        step = _take(cumulative, interval + 1) - low
        left = _take(points, interval)
        fraction = np.where(step > 0, (level - low) / np.where(step > 0, step, 1.0), 0.0)
        return left + fraction * (_take(points, interval + 1) - left)


def equidistribute(points: Array, logs: Array, panels: int, detail: Detail | None = None) -> Array:
    """Edges (panels + 1, ...) that share the difficulty of a density equally, from its log at sorted points (L, ...).

    `detail` is an increasing function of the coordinate whose rise asks for panels too.
    """
    return MonitorFunction.of(points, logs, detail).edges(panels)


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


def locate_support(
    log_density: LogDensity,
    points: Array,
    logs: Array,
    passes: int = 8,
    relevant: Callable[[Array, Array], npt.NDArray[np.bool_]] | None = None,
    part: Callable[[Index], LogDensity] | None = None,
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
    part : callable, optional
        Gives `log_density` of some problems (trailing axis) alone, so that only these are passed again.
    """
    edges = equidistribute(points, logs, _SCOUTS)
    fine = _around(edges)
    fine_logs = log_density(fine)
    rough = _unresolved(fine_logs)
    if relevant is not None:
        rough &= relevant(fine, fine_logs)
    for _ in range(passes - 1):
        again = rough.reshape(-1, rough.shape[-1]).any(axis=0)
        if not again.any():
            break
        some = np.flatnonzero(again) if part is not None and not again.all() else slice(None)
        log = log_density if part is None or isinstance(some, slice) else part(some)
        # Resolved rows keep their points, so that a row does not depend on its neighbors.
        still = rough[..., some]
        moved = equidistribute(fine[..., some], fine_logs[..., some], _SCOUTS)
        edges[..., some] = np.where(still, moved, edges[..., some])
        finer = _around(edges[..., some])
        finer_logs = log(finer)
        still = still & _unresolved(finer_logs)
        if relevant is not None:
            still &= relevant(finer, finer_logs)
        fine[..., some], fine_logs[..., some], rough[..., some] = finer, finer_logs, still
    return fine, fine_logs


def _around(edges: Array) -> Array:
    """Edges, points between them, and points beyond the window, which show whether it has caught the peak."""
    width = edges[-1] - edges[0]
    beyond = [edges[:1] - 3 * width, edges[:1] - width / 2, edges[-1:] + width / 2, edges[-1:] + 3 * width]
    between = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2], axis=1).reshape(-1, *edges.shape[1:])
    fine = np.concatenate([*beyond[:2], between, edges[-1:], *beyond[2:]])
    return np.clip(fine, -_FARTHEST, _FARTHEST, out=fine)


def with_kinks(edges: Array, kinks: Sequence[Array]) -> Array:
    """Edges with the points (...) added where a density is not smooth; those outside become empty panels."""
    if not kinks:
        return edges
    inside = [np.clip(np.broadcast_to(kink, edges.shape[1:]), edges[0], edges[-1])[None] for kink in kinks]
    joined = np.concatenate([edges, *inside])
    joined.sort(axis=0)
    return joined
