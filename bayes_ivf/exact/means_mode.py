"""Mode of a smooth log density of one or two variables, and the axes of its curvature there, by Newton's method on differences.

Examples
--------
>>> mode, axes = climb(lambda x: -0.5 * ((x[0] - 3) * 4) ** 2, np.zeros(1), np.ones(1))
>>> print(mode.round(6), abs(axes).round(6))
[3.] [[0.25]]

A step is at most one, and a curvature at least one, so that a start far from the mode does no harm:

>>> mode, axes = climb(lambda x: -np.cosh(x[0] - x[1]) - 8 * (x[0] + x[1]) ** 2, np.array([5.0, 5.0]), np.ones(2))
>>> print(abs(mode).max() < 1e-3, (axes @ axes.T).round(2).tolist())
True [[0.27, -0.23], [-0.23, 0.27]]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_NEWTON, _DIFFERENCE = 12, 0.02
# Most steps; distance of differences in spreads.


def climb(log: Callable[[Array], Array], x: Array, spread: Array) -> tuple[Array, Array]:
    """Return the mode (D,), and columns (D, D) that make the curvature there one.

    Parameters
    ----------
    log : callable
        Log density (P,) at points (D, P).
    x : array (D,)
        Where to start.
    spread : array (D,)
        Rough standard deviations.
    """
    dims = len(x)
    h = _DIFFERENCE * spread[:, None]
    shifts = np.array(np.meshgrid(*[[-1, 0, 1]] * dims, indexing="ij")).reshape(dims, -1)
    curvature = np.eye(dims)
    for _ in range(_NEWTON):
        logs = log(x[:, None] + h * shifts).reshape([3] * dims)
        middle = (1,) * dims
        height = float(logs[middle])
        slope, curvature = np.empty(dims), np.empty((dims, dims))
        for i in range(dims):
            up, down = (tuple(1 + s * (j == i) for j in range(dims)) for s in (1, -1))
            slope[i] = (logs[up] - logs[down]) / (2 * h[i, 0])
            curvature[i, i] = -(logs[up] - 2 * logs[middle] + logs[down]) / h[i, 0] ** 2
        if dims == 2:
            curvature[0, 1] = curvature[1, 0] = -(logs[2, 2] - logs[2, 0] - logs[0, 2] + logs[0, 0]) / (
                4 * h[0, 0] * h[1, 0]
            )
        values, vectors = np.linalg.eigh(curvature)
        values = np.maximum(values, 1.0)
        step = vectors @ ((vectors.T @ slope) / values)
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        for _ in range(8):
            if float(log((x + step)[:, None])[0]) >= height:
                break
            step = step / 4
        x = x + step
        if np.abs(step).max() < 1e-4 / np.sqrt(values.max()):
            break
    return x, vectors / np.sqrt(values)


def climb_together(
    log: Callable[[Array], Array], x: Array, spread: Array
) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Modes (D, B) of B densities, minus their second derivatives (D, B) there, and whether (B,) each was found.

    Made for densities that are nearly known: there is no search where a step does not lead upward.

    Parameters
    ----------
    log : callable
        Log densities (P, B) at points (D, P, B).
    x : array (D, B)
        Where to start.
    spread : array (D, B)
        Rough standard deviations.
    """
    dims = len(x)
    h = _DIFFERENCE * spread
    shifts = np.array(np.meshgrid(*[[-1, 0, 1]] * dims, indexing="ij")).reshape(dims, -1)[:, :, None]
    settled = np.zeros(x.shape[1], dtype=bool)
    curvature = np.ones_like(x)
    for _ in range(_NEWTON):
        logs = log(x[:, None] + h[:, None] * shifts).reshape(*[3] * dims, -1)
        up, down = (_along(logs, side) for side in (2, 0))
        slope = (up - down) / (2 * h)
        found = -(up - 2 * logs[(1,) * dims] + down) / h**2
        steep = np.maximum(found, 1.0)
        step = slope / steep
        if dims == 2:
            mixed = -(logs[2, 2] - logs[2, 0] - logs[0, 2] + logs[0, 0]) / (4 * h[0] * h[1])
            det = steep[0] * steep[1] - mixed**2
            both = np.stack([steep[1] * slope[0] - mixed * slope[1], steep[0] * slope[1] - mixed * slope[0]])
            step = np.where(det > 0, both / np.where(det > 0, det, 1.0), step)
        step *= np.minimum(1.0, 1.0 / np.maximum(np.abs(step).max(axis=0), 1e-12))
        curvature = np.where(settled, curvature, found)
        x = np.where(settled, x, x + step)
        settled = settled | ((np.abs(step) < 1e-3 * spread).all(axis=0) & (found > 0).all(axis=0))
        if settled.all():
            break
    return x, curvature, settled


def _along(logs: Array, side: int) -> Array:
    """Values (D, B) beside the middle of a cube, along each axis."""
    dims = logs.ndim - 1
    return np.stack([logs[tuple(side if i == axis else 1 for i in range(dims))] for axis in range(dims)])
