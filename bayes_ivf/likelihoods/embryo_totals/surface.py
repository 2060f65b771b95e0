"""An arm's log likelihood as a smooth surface of fixed shape, for gradient samplers and many tables.

The exact log likelihood is computed at Chebyshev nodes and passed on to a bicubic spline, whose value and gradient cost
the same whatever the size of the trial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.likelihoods.embryo_totals.chebyshev import panel_edges, panel_nodes, resample
from bayes_ivf.likelihoods.embryo_totals.likelihood import ArmLikelihood

Floats = npt.NDArray[np.float64]

KNOTS = 160
"""Knots in each direction."""
_DROP = 150.0


@dataclass(frozen=True)
class Surface:
    """Bicubic spline over the log odds and the logit of the icc (of r and q under ``receptivity``).

    Beyond the knots, where the likelihood has fallen by exp(150) or follows its asymptote, it goes on linearly.

    Parameters
    ----------
    coefficients : (KNOTS + 2, KNOTS + 2) array of float
        Of uniform cubic B-splines.
    frame : (4,) array of float
        First knot and spacing along the log odds, first knot and spacing along the logit.
    """

    coefficients: Floats
    frame: Floats

    def log_likelihood(self, log_odds: npt.ArrayLike, within: npt.ArrayLike) -> Floats:
        """Log probability of the totals, read from the surface; arguments as in `ArmLikelihood`."""
        within = np.asarray(within, dtype=float)
        x, z = np.broadcast_arrays(np.asarray(log_odds, dtype=float), np.log(within) - np.log1p(-within))
        column, dx, excess_x = _place(x, self.frame[0], self.frame[1])
        row, dz, excess_z = _place(z, self.frame[2], self.frame[3])
        step = np.arange(4)
        patch = self.coefficients[(column[..., None] + step)[..., :, None], (row[..., None] + step)[..., None, :]]
        (bx, gx), (bz, gz) = spline_weights(dx), spline_weights(dz)
        value = np.einsum("...i,...ij,...j", bx, patch, bz)
        value += excess_x / self.frame[1] * np.einsum("...i,...ij,...j", gx, patch, bz)
        return np.asarray(value + excess_z / self.frame[3] * np.einsum("...i,...ij,...j", bx, patch, gz))


def _place(x: Floats, first: float, spacing: float) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    inside = np.clip(x, first, first + spacing * (KNOTS - 1))
    position = (inside - first) / spacing
    cell = np.clip(position.astype(np.intp), 0, KNOTS - 2)
    return cell, position - cell, x - inside


def spline_weights(t: Floats) -> tuple[Floats, Floats]:
    """Weights of the four cubic B-splines at position t (...) within a cell, and their derivatives, (..., 4)."""
    s = 1 - t
    value = np.stack([s**3, 3 * t**3 - 6 * t**2 + 4, 3 * s**3 - 6 * s**2 + 4, t**3], axis=-1) / 6
    slope = np.stack([-(s**2), 3 * t**2 - 4 * t, 4 * s - 3 * s**2, t**2], axis=-1) / 2
    return value, slope


def fit_surface(arm: ArmLikelihood) -> Surface:
    """Tabulate an arm's log likelihood.

    Parameters
    ----------
    arm : ArmLikelihood
        Of the ``beta_binomial`` or ``receptivity`` mechanism.

    Notes
    -----
    The error is below 1e-5 in the log likelihood wherever this is within 60 of its maximum.
    """
    x_edges, z_edges = (panel_edges(low, high) for low, high in _ranges(arm))
    z_nodes = panel_nodes(z_edges)
    values = arm.log_likelihood(panel_nodes(x_edges)[:, None], special.expit(z_nodes))
    x, z = (np.linspace(edges[0], edges[-1], KNOTS) for edges in (x_edges, z_edges))
    fine = resample(resample(values, x_edges, x).T, z_edges, z).T
    coefficients = _spline_coefficients(_spline_coefficients(fine).T).T
    return Surface(coefficients, np.array([x[0], x[1] - x[0], z[0], z[1] - z[0]]))


def _ranges(arm: ArmLikelihood) -> tuple[tuple[float, float], tuple[float, float]]:
    grid = np.concatenate([-np.array([14.0, 10, 7, 5, 3.5, 2.5, 1.7, 1.0, 0.5]), [0.0]])
    grid = np.concatenate([grid, -grid[-2::-1]])
    scan = arm.log_likelihood(grid[:, None], special.expit(grid))
    near = scan > scan.max() - _DROP
    return _span(grid, near.any(axis=1)), _span(grid, near.any(axis=0))


def _span(grid: Floats, near: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(near)
    return float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])


def _spline_coefficients(values: Floats) -> Floats:
    """Uniform cubic B-spline coefficients along the first axis; the ends are those of a not-a-knot spline."""
    number = len(values)
    spline = interpolate.CubicSpline(np.arange(number), values)
    slope = spline(np.array([0.0, number - 1.0]), 1)
    matrix = np.zeros((number + 2, number + 2))
    inner = np.arange(number)
    matrix[inner + 1, inner], matrix[inner + 1, inner + 1], matrix[inner + 1, inner + 2] = 1 / 6, 4 / 6, 1 / 6
    matrix[0, [0, 2]] = matrix[-1, [-3, -1]] = [-0.5, 0.5]
    return np.asarray(np.linalg.solve(matrix, np.concatenate([slope[:1], values, slope[1:]])))
