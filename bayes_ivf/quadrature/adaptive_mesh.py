"""Adaptive mesh: sample points that bracket a density, and panel edges that equidistribute a monitor function.

**Monitor function.** For a density g of the stretched coordinate y, with height ``log g - max log g``::

    M(y) = g ** (1/20) (sqrt|(log g)''| + 0.08 |(log g)'| + 0.2)

`equidistribute` puts the edges ``e_0 < ... < e_P`` where the integral of M grows by equal shares,
``int_{e_p}^{e_{p+1}} M dy = (1/P) int M dy``, with derivatives replaced by differences between sample points. The first
term is one share per standard deviation of a normal density (there the root is 1 / sd).

**Why the power.** The error of the K-point Gauss rule on a panel of width h grows as ``h ** (2 K)`` times the density, so
that for a normal density errors are equal where h goes with ``g ** (-1 / (2 K))``, 1/24 for K = 12. More is spent near
the center (1/20), where distribution functions are read off.

**Search.** `locate_support` alternates: place 8 panels by what the samples show, sample anew at their edges and between
them, and beyond them. It ends when no neighboring samples jump and nothing is left beyond, row by row.

**Limits.** A search from far off may end after its last pass where the density is still high. And a second peak that is a hundred
times narrower than its distance from the first can fall between the samples of a pass, even if a starting point was on it (a
normal needle of sd 0.03 at 13, in a Cauchy density: lost). Two rules that share a search lose the same, so that their
difference does not show it. A model states what it may have `missed` (see `refinement`): the density at the ends of its
panels, and, if its kernel may have needles, a comparison with something that does not share the search.

Leading axis: points; trailing axes: independent problems. No result depends on what else is in the batch.

Examples
--------
Support and panels of Student's t with 3 degrees of freedom, in y of ``x = sinh(y)``.

>>> import numpy as np
>>> from scipy import stats
>>> def log_density(y):
...     return stats.t(3).logpdf(np.sinh(y)) + np.log(np.cosh(y))
>>> start = initial_points(np.array([15.0]))
>>> points, logs = locate_support(log_density, start, log_density(start))
>>> edges = equidistribute(points, logs, 10)
>>> from bayes_ivf.quadrature import panel_nodes
>>> y, weight = panel_nodes(edges)
>>> float((np.exp(log_density(y)) * weight).sum().round(9))
1.0

Between neighboring edges the monitor function grows by a tenth of its total, and panels widen outward:

>>> monitor = MonitorFunction.of(points, logs)
>>> share = np.diff(np.interp(edges[:, 0], monitor.points[:, 0], monitor.cumulative[:, 0])) / monitor.cumulative[-1, 0]
>>> bool(np.allclose(share, 0.1))
True
>>> width = np.diff(edges[:, 0])
>>> bool(width[0] > 1.5 * width[4])
True

References
----------
de Boor C (1974). Good approximation by splines with variable knots II. Lecture Notes in Mathematics 363:12-20.
doi:10.1007/BFb0069121 (equidistribution). Huang W, Russell RD (2011). Adaptive moving mesh methods. Springer.
doi:10.1007/978-1-4419-7916-2 (monitor functions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature.panels import add_up, along, count_below, peak

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
LogDensity = Callable[[Array], Array]
Detail = Callable[[Array], Array]

_WINDOW = 28.0
# Nats: density below exp(-28) = 7e-13 of its maximum is outside the window that panels cover.
_LEFT_BEYOND = -20.0
# Nats: beyond the window the density must be below exp(-20) = 2e-9 of its maximum, or the search goes on.
_FARTHEST = 300.0
# Bound of the stretched coordinate: sinh(300) = 1e130, so that squares of x stay within floating point.
_POWER = 1.0 / 20.0
# Of the density in the monitor function; see the derivation at the top.
_CURVATURE, _SLOPE, _LENGTH = 1.0, 0.08, 0.2
# Weights in the monitor function: one share per sd of a normal density; one per 12 nats of a straight flank, which has no
# curvature; one per 5 units of plain length, since the sinh map itself bends. Found by experiment: with 7 panels the
# distribution functions of normal, t, Cauchy, logistic and log-gamma densities are met to 3e-6 or better, less well by up
# to 25 times with four times or a quarter of one weight, and a thousand times (Cauchy) with length 0.8 or curvature 0.25.
_SEARCH_PANELS = 8
# Panels of the passes of a search: 17 sample points within the window, enough to see two humps.


def initial_points(reach: Array) -> Array:
    """Place starting points (19, ...) in a stretched coordinate, from ``-reach`` to ``reach``, dense at the center.

    Parameters
    ----------
    reach : array (...)
        Radius of the search.
    """
    # gaps grow by half each, since a feature at y may be as wide as its distance; sinh(8.5) is 2,500 scales away
    steps = np.array([0.5, 1.1, 1.8, 2.7, 4.0, 6.0, 8.5])
    reach = np.asarray(reach, dtype=float)
    far = 8.5 + np.maximum(reach - 8.5, 1.0) * along(np.array([0.4, 1.0]), reach.ndim)
    side = np.concatenate([np.broadcast_to(along(steps, reach.ndim), (len(steps), *reach.shape)), far])
    return np.concatenate([-side[::-1], np.zeros((1, *reach.shape)), side])


def _monitor_integral(points: Array, height: Array) -> Array:
    """Integral of the monitor function, without its power of the density, over each interval between points."""
    # twice the window: what lies deeper has no slope that matters
    height_kept = np.maximum(height, -2 * _WINDOW)
    width = points[1:] - points[:-1]
    rise = height_kept[1:] - height_kept[:-1]
    # 1e-12: points may coincide, where marks and steps meet
    slope = rise / np.maximum(width, 1e-12)
    curvature = np.abs(slope[1:] - slope[:-1]) / np.maximum((width[1:] + width[:-1]) / 2, 1e-12)
    root = np.sqrt(np.concatenate([curvature[:1], np.maximum(curvature[1:], curvature[:-1]), curvature[-1:]]))
    # at most four shares to one interval: a kink or jump must not draw all panels to itself
    return _CURVATURE * np.minimum(root * width, 4.0) + _SLOPE * np.abs(rise) + _LENGTH * width


def _trim(points: Array, height: Array, near: Index, far: Index) -> None:
    """Move the points just outside the window to where the density, as a normal tail, leaves it.

    The root of minus a normal log density is linear in y, so that it is interpolated to the root of 28 nats. `near` and
    `far` are flat indices of the outermost points inside the window and of their outer neighbors.
    """
    both, target = np.stack([near, far]), np.sqrt(_WINDOW)
    heights = height.reshape(-1).take(both)
    # 1e150: minus an infinite log density, with a finite difference
    near_root, far_root = np.minimum(np.sqrt(np.maximum(-heights, 0)), 1e150)
    crosses = (near != far) & (heights[1] > -np.inf)
    share = ((target - near_root) / np.where(crosses, far_root - near_root, 1.0)).clip(0, 1)
    inner, outer = points.reshape(-1).take(both)
    points.reshape(-1)[far] = np.where(crosses, inner + share * (outer - inner), outer)


@dataclass(frozen=True)
class MonitorFunction:
    """Integral of the monitor function M along sorted points.

    Parameters
    ----------
    points : array (L, ...)
    cumulative : array (L, ...)
        ``int M dy`` from the first point.
    """

    points: Array
    cumulative: Array

    @classmethod
    def of(cls, points: Array, logs: Array, detail: Detail | None = None) -> MonitorFunction:
        """From the log density at sorted points; see `equidistribute`."""
        height = logs - peak(logs)
        inside = height > -_WINDOW
        some = inside.any(axis=0)
        last = len(points) - 1
        low, high = inside.argmax(axis=0), last - inside[::-1].argmax(axis=0)
        step = along(np.arange(last + 1), some.ndim)
        # Gaps between humps keep their points; only the two ends are trimmed.
        between = (step >= low) & (step <= np.where(some, high, -1))
        weight = np.exp(np.maximum(height, -_WINDOW) * _POWER)
        weight *= between
        points = np.array(points, order="C")
        column = np.arange(some.size).reshape(some.shape)
        ends = np.array([[low, high], [np.maximum(low - 1, 0), np.minimum(high + 1, last)]])
        _trim(points, height, *(ends * some.size + column))
        shares = _monitor_integral(points, height)
        if detail is not None:
            details = detail(points)
            shares += details[1:] - details[:-1]
        weight[:-1] += weight[1:]
        shares *= weight[:-1]
        cumulative = np.zeros_like(points)
        np.cumsum(shares, axis=0, out=cumulative[1:])
        return cls(points, cumulative)

    def edges(self, panels: int) -> Array:
        """Edges (panels + 1, ...) of panels with equal shares."""
        points, cumulative = self.points, self.cumulative
        level = along(_levels(panels), points.ndim - 1) * cumulative[-1]
        columns = cumulative[0].size
        index = count_below(cumulative[1:-1], level) * columns + np.arange(columns).reshape(cumulative.shape[1:])
        # lower and upper end of the interval
        index = np.stack([index, index + columns])
        low, high = cumulative.reshape(-1).take(index)
        left, right = points.reshape(-1).take(index)
        rises = high > low
        fraction = np.where(rises, (level - low) / np.where(rises, high - low, 1.0), 0.0)
        return np.asarray(left + fraction * (right - left))


@cache
def _levels(panels: int) -> Array:
    """Shares of the integral at the edges; 1e-13: the last edge stays within the last interval that M > 0 fills."""
    return np.linspace(0, 1 - 1e-13, panels + 1)


def equidistribute(points: Array, logs: Array, panels: int, detail: Detail | None = None) -> Array:
    """Edges that share the monitor function of a density equally.

    Parameters
    ----------
    points, logs : array (L, ...)
        Sorted sample points, and the log density there.
    panels : int
        Number of panels P.
    detail : callable, optional
        Increasing function of the coordinate whose slope is added to the bracket of M, where something else than the
        density needs to be resolved.

    Returns
    -------
    array (P + 1, ...)
    """
    return MonitorFunction.of(points, logs, detail).edges(panels)


def _unresolved(logs: Array) -> npt.NDArray[np.bool_]:
    """Whether the density jumps between neighboring points where it matters, or leaves the window."""
    height = logs - peak(logs)
    escapes = (height[:2] > _LEFT_BEYOND).any(axis=0) | (height[-2:] > _LEFT_BEYOND).any(axis=0)
    # a jump counts where the density is above exp(-10) = 5e-5 of its maximum, and between neighbors that differ by more
    # than 9 nats: nothing is known of a rise by four orders of magnitude but that it is there
    matters = np.maximum(height[1:], height[:-1]) > -10
    # -80: a density that is zero beside its support jumps too, by a finite height
    kept = np.maximum(height, -80.0)
    jump = np.abs(kept[1:] - kept[:-1])
    return np.asarray((matters & (jump > 9)).any(axis=0) | escapes)


def log_mass(points: Array, logs: Array) -> Array:
    """Log integral over the leading axis by the trapezoidal rule, from the log density at sorted points."""
    top = peak(logs)
    heights = np.exp(logs - top)
    mass = add_up((points[1:] - points[:-1]) * (heights[1:] + heights[:-1])) / 2
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
    """Sample points that bracket a density and resolve it, and its log there.

    Parameters
    ----------
    log_density : callable
        Log density in the stretched coordinate, array (L, ...) to array (L, ...).
    points, logs : array (L, ...)
        Sorted starting points, some on every feature of the density, and its log there.
    passes : int
        How often at most the points are moved. One pass is enough where a starting point is on every peak; the rest are
        for peaks that stood between two.
    relevant : callable, optional
        From new points and logs, which rows (...) are worth another pass.
    part : callable, optional
        Gives `log_density` of some problems (trailing axis) alone, so that only these are evaluated again.

    Returns
    -------
    points, logs : array (21, ...)
        Edges and midpoints of 8 panels, and two points beyond on either side.
    """
    edges = equidistribute(points, logs, _SEARCH_PANELS)
    samples = _around(edges)
    sample_logs = log_density(samples)
    unresolved = _unresolved(sample_logs)
    if relevant is not None:
        unresolved &= relevant(samples, sample_logs)
    for _ in range(passes - 1):
        columns = unresolved.reshape(-1, unresolved.shape[-1]).any(axis=0)
        if not columns.any():
            break
        some = np.flatnonzero(columns) if part is not None and not columns.all() else slice(None)
        log = log_density if part is None or isinstance(some, slice) else part(some)
        # Resolved rows keep their points, so that a row does not depend on its neighbors.
        moving = unresolved[..., some]
        new_edges = equidistribute(samples[..., some], sample_logs[..., some], _SEARCH_PANELS)
        edges[..., some] = np.where(moving, new_edges, edges[..., some])
        new_samples = _around(edges[..., some])
        new_logs = log(new_samples)
        moving = moving & _unresolved(new_logs)
        if relevant is not None:
            moving &= relevant(new_samples, new_logs)
        samples[..., some], sample_logs[..., some], unresolved[..., some] = new_samples, new_logs, moving
    return samples, sample_logs


def _around(edges: Array) -> Array:
    """Edges, midpoints, and points half a window and three windows beyond, which show whether it holds the peak."""
    width = edges[-1] - edges[0]
    beyond = [edges[:1] - 3 * width, edges[:1] - width / 2, edges[-1:] + width / 2, edges[-1:] + 3 * width]
    between = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2], axis=1).reshape(-1, *edges.shape[1:])
    samples = np.concatenate([*beyond[:2], between, edges[-1:], *beyond[2:]])
    return np.clip(samples, -_FARTHEST, _FARTHEST, out=samples)


def with_kinks(edges: Array, kinks: Sequence[Array]) -> Array:
    """Insert edges at the points (...) where a density is not smooth; those outside become empty panels at an end.

    Gauss-Legendre panels keep their order of convergence only where the integrand is smooth inside each of them.
    """
    if not kinks:
        return edges
    inside = [np.clip(np.broadcast_to(kink, edges.shape[1:]), edges[0], edges[-1])[None] for kink in kinks]
    joined = np.concatenate([edges, *inside])
    joined.sort(axis=0)
    return joined
