"""Invert a function that is increasing along the inner axis of a grid: solve ``f(v) = s``, row by row.

The two nodes around s bracket the root. A secant step gives a third point, at which f is evaluated; the inverse quadratic
through the three gives v, and one Newton step with its slope dv/ds corrects it on f itself::

    v = v_0 - y_0 v[0, 1] + y_0 y_1 v[0, 1, 2],    y_i = f(v_i) - s

with divided differences of v as a function of y.

Examples
--------
``sinh(v) = 2`` from 21 nodes on [-3, 3] of one row of one problem:

>>> import numpy as np
>>> nodes = np.linspace(-3, 3, 21)[:, None, None]
>>> v, per_s = invert_rows(np.sinh, nodes, np.sinh(nodes), np.array([[2.0]]))
>>> bool(abs(v[0, 0, 0] - np.arcsinh(2.0)) < 1e-7)
True
>>> bool(abs(per_s[0, 0, 0] - 1 / np.sqrt(5)) < 1e-2)
True
"""

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
        Increasing in v: array (K, N, B) to array (K, N, B). If None, the values at the nodes are interpolated, which is
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
        secant = np.clip(low_v - low_s * (high_v - low_v) / (high_s - low_s), low_v, high_v)
        secant = np.where(np.isfinite(secant), secant, low_v)
        residual = function(secant) - s
        v, slope = _quadratic(low_v, low_s, secant, residual, high_v, high_s)
        v = np.clip(v, low_v, high_v)
        # a Newton step from the better point: the error falls from the third to beyond the sixth power of the gap
        v = v - (function(v) - s) * slope
    return _within(above, last, v, low_v, high_v, secant), np.where(np.isfinite(slope), np.abs(slope), 0.0)


def _within(above: npt.NDArray[np.intp], last: int, v: Array, low: Array, high: Array, otherwise: Array) -> Array:
    """Keep solutions between their nodes, and put those beyond all nodes at infinity."""
    v = np.where(np.isfinite(v), np.clip(v, low, high), otherwise)
    return np.where(above == 0, -np.inf, np.where(above > last, np.inf, v))


def _quadratic(x0: Array, y0: Array, x1: Array, y1: Array, x2: Array, y2: Array) -> tuple[Array, Array]:
    """Inverse quadratic interpolation at y = 0, and dx/dy there; linear where the points coincide."""
    first_difference = (x1 - x0) / (y1 - y0)
    next_difference = (x2 - x1) / (y2 - y1)
    second_difference = (next_difference - first_difference) / (y2 - y0)
    chord = (x2 - x0) / (y2 - y0)
    defined = np.isfinite(first_difference) & np.isfinite(next_difference) & np.isfinite(second_difference)
    x = np.where(defined, x0 - y0 * first_difference + second_difference * y0 * y1, x0 - y0 * chord)
    return x, np.where(defined, first_difference - second_difference * (y0 + y1), chord)


def _pick(values: Array, index: npt.NDArray[np.intp]) -> Array:
    """values[index[k, n, b], n, b]."""
    _, rows, settings = values.shape
    flat = index * (rows * settings) + np.arange(rows)[:, None] * settings + np.arange(settings)
    return np.asarray(values.reshape(-1).take(flat))
