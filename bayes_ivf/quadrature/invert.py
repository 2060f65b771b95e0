"""Where a function that is known at the nodes of a grid crosses a value, row by row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def invert_rows(
    function: Callable[[Array], Array] | None, nodes: Array, values: Array, s: Array
) -> tuple[Array, Array]:
    """Solve ``function(v) = s`` along the inner axis of a grid.

    Parameters
    ----------
    function : callable or None
        Increasing in v: array (K, N, B) to array (K, N, B). Without it the values at the nodes are interpolated, which is
        quick and good to some four digits.
    nodes, values : (M, N, B) array of float
        Inner nodes in ascending order, and the function there.
    s : (K, B) array of float
        Values to be met.

    Returns
    -------
    v : (K, N, B) array of float
        Infinite where s lies beyond the values at the nodes, where no posterior mass is left.
    per_s : (K, N, B) array of float
        Its derivative.
    """
    s = s[:, None, :]
    above = np.zeros((len(s), *nodes.shape[1:]), dtype=np.intp)
    for row in values:
        above += row < s
    last = len(nodes) - 1
    right = np.clip(above, 1, last)
    low_v, high_v = (_pick(nodes, right - shift) for shift in (1, 0))
    low_s, high_s = (_pick(values, right - shift) - s for shift in (1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        if function is None:
            third = np.where(right < last, right + 1, right - 2)
            v, slope = _quadratic(low_v, low_s, high_v, high_s, _pick(nodes, third), _pick(values, third) - s)
            return _within(above, last, v, low_v, high_v, low_v), np.where(np.isfinite(slope), np.abs(slope), 0.0)
        middle = np.clip(low_v - low_s * (high_v - low_v) / (high_s - low_s), low_v, high_v)
        middle = np.where(np.isfinite(middle), middle, low_v)
        miss = function(middle) - s
        v, slope = _quadratic(low_v, low_s, middle, miss, high_v, high_s)
        v = np.clip(v, low_v, high_v)
        # once more from the better point: the error falls from the third to beyond the sixth power of the gap
        v = v - (function(v) - s) * slope
    return _within(above, last, v, low_v, high_v, middle), np.where(np.isfinite(slope), np.abs(slope), 0.0)


def _within(above: npt.NDArray[np.intp], last: int, v: Array, low: Array, high: Array, otherwise: Array) -> Array:
    """Keep solutions between their nodes, and put those beyond all nodes at infinity."""
    v = np.where(np.isfinite(v), np.clip(v, low, high), otherwise)
    return np.where(above == 0, -np.inf, np.where(above > last, np.inf, v))


def _quadratic(x0: Array, y0: Array, x1: Array, y1: Array, x2: Array, y2: Array) -> tuple[Array, Array]:
    """Inverse quadratic interpolation at y = 0, and dx/dy there; linear where the points coincide."""
    first = (x1 - x0) / (y1 - y0)
    second = (x2 - x1) / (y2 - y1)
    bend = (second - first) / (y2 - y0)
    chord = (x2 - x0) / (y2 - y0)
    good = np.isfinite(first) & np.isfinite(second) & np.isfinite(bend)
    x = np.where(good, x0 - y0 * first + bend * y0 * y1, x0 - y0 * chord)
    return x, np.where(good, first - bend * (y0 + y1), chord)


def _pick(values: Array, index: npt.NDArray[np.intp]) -> Array:
    """values[index[k, n, b], n, b]."""
    _, rows, settings = values.shape
    flat = index * (rows * settings) + np.arange(rows)[:, None] * settings + np.arange(settings)
    return np.asarray(values.reshape(-1).take(flat))
