"""One arm's likelihood as arrays of fixed shape, from which a gradient sampler reads it.

Few tables: the constants and exponents of the merged tables, filled up with rows of probability zero, so that refits keep their
shapes. Some thousands: their factors (`factored_tables`), of which there are some hundreds. Many: a bicubic spline over
x = log odds and z = logit(icc)::

    log L(x, z)  ~  sum_ij c_ij B_i(x) B_j(z)

through exact values, of which value and gradient cost the same whatever the size of the trial. With j women who lost an
implantation the totals are those of an arm with P + j pregnant women, so there is one surface for each j, and lambda enters
in closed form::

    L(x, z, lambda) = (1 - lambda)^P sum_j lambda^j exp(surface_j(x, z))

`graph` has the same functions as PyTensor expressions.

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> arm = prepare_arm(ArmTotals(women=6, embryos=9, pregnant=3, implanted=4), max_embryos=2)
>>> surface = fit_surface(arm)
>>> print(round(float(arm.log_likelihood(-0.2, 0.6)), 4), round(float(surface.log_likelihood(-0.2, 0.6)), 4))
-1.8628 -1.8628
>>> constants, exponents = row_arrays(arm, length=10)
>>> print(len(arm.rows.constants), constants.shape, exponents.shape)
3 (10,) (10, 6)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.embryo.rows import MergedTables
from bayes_ivf.embryo.terms import log_terms
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.quadrature import chebyshev_nodes, equidistant_edges, resample

Floats = npt.NDArray[np.float64]

ROWS_LIMIT = 20_000
"""Merged tables beyond which a gradient sampler, which evaluates them some 50,000 times, should be given a `Surface`."""
FACTORED_FROM = 2_000
"""Merged tables of an arm from which on it takes a fifth of the time to sum their factors; fewer are filled up, so that many
simulated trials share one compiled model."""
KNOTS = 160
"""Knots in each direction. Of the index trial the surface is wrong by 2e-4 with 80, 1e-5 with 160, 1e-6 with 320 knots."""
_WIDTH = 3.0
"""Of the panels: `chebyshev.CHEBYSHEV_ORDER` nodes meet the function to about 1e-9 of its size."""
_DROP = 150.0
"""Log likelihood below the maximum that the surface leaves out: a sampler that starts there still finds its way back."""
_LOSSES = (0.01, 0.1, 0.3, 0.6, 0.9)
"""Values of lambda at which that range is looked for."""
_GRID = np.array([-14.0, -10, -7, -5, -3.5, -2.5, -1.7, -1, -0.5, 0, 0.5, 1, 1.7, 2.5, 3.5, 5, 7, 10, 14])
"""Log odds, and logits of the icc, from 1e-6 to 1 - 1e-6, closest where they are likely."""

PARTS = ("yes", "no", "icc")
"""What a factor of a row hangs on: the chance of an implantation (and of its loss), that of none, the icc alone."""


def row_arrays(arm: ArmLikelihood, length: int | None = None) -> tuple[Floats, Floats]:
    """Constants (T,) and exponents (T, F) of an arm, filled up to `length` rows of probability zero.

    Parameters
    ----------
    arm : ArmLikelihood
        With rows.
    length : int, optional
        T. Left out: as many as there are.

    Raises
    ------
    RequestError
        If there are no rows, or more than `length`.
    """
    if arm.rows is None:
        raise RequestError(
            Fault("arm", "too many tables to list", "an arm with rows", "use a surface for this arm instead")
        )
    return pad_rows(arm.rows, len(arm.rows.constants) if length is None else length)


def pad_rows(rows: MergedTables, length: int) -> tuple[Floats, Floats]:
    """Constants and exponents of `rows`, filled up to `length` rows; see `row_arrays`."""
    number = len(rows.constants)
    if number > length:
        raise RequestError(
            Fault(
                "rows", f"{number} rows of tables", f"at most {length}", f"compile the model for {number} rows or more"
            )
        )
    missing = length - number
    constants = np.concatenate([rows.constants, np.full(missing, -np.inf)])
    exponents = np.concatenate([rows.exponents, np.zeros((missing, rows.exponents.shape[1]))])
    return constants, exponents


@lru_cache(maxsize=64)
def factor_arrays(arm: ArmLikelihood) -> dict[str, npt.NDArray[Any]]:
    """Return the factors of an arm's rows, for `graph.factored_logp`; nothing where a sum of their products might underflow.

    Parameters
    ----------
    arm : ArmLikelihood
        With rows.

    Returns
    -------
    dict of str to array
        ``exponents_PART`` (U, F) and ``scale_PART`` (U,) for each of `PARTS`: logs of factors are ``exponents @ log_terms +
        scale``. ``pair_yes`` and ``pair_no`` (N,): which factors occur together. ``weights``, ``row_pair`` and ``row_icc``
        (R,): what is summed, the weight of a row times the factors of its pair and of the icc.
    """
    assert arm.rows is not None
    factored = arm.rows.factored
    x, within, *loss = np.meshgrid(_GRID, special.expit(_GRID), *([_LOSSES] if arm.mechanism == "biochemical" else []))
    terms = log_terms(arm.mechanism, arm.max_embryos, x.ravel(), within.ravel(), *(each.ravel() for each in loss))
    if not np.isfinite(factored.add_up(terms, None, with_women=False)[0]).all():
        return {}
    found: dict[str, npt.NDArray[Any]] = {}
    scales = *factored.scale, np.zeros(len(factored.exponents[2]))
    for part, columns, distinct, scale in zip(PARTS, factored.columns, factored.exponents, scales, strict=True):
        exponents = np.zeros((len(distinct), terms.shape[1]))
        exponents[:, columns] = distinct
        found[f"exponents_{part}"], found[f"scale_{part}"] = exponents, scale
    rows = factored.weights[0].tocoo()
    found["pair_yes"] = np.repeat(np.arange(len(factored.ends) - 1), np.diff(factored.ends))
    found["pair_no"], found["row_pair"], found["row_icc"] = factored.second, rows.row, rows.col
    return found | {"weights": rows.data}


@dataclass(frozen=True)
class Surface:
    """Bicubic splines over the log odds and the logit of the icc (of r and q under ``receptivity``).

    There is one for each number of women who may have lost an implantation: lambda enters in closed form. Beyond the
    knots, where the likelihood has fallen by exp(150) or follows its asymptote, they go on linearly, but never rise.

    Parameters
    ----------
    coefficients : (N, KNOTS + 2, KNOTS + 2) array of float
        Of uniform cubic B-splines.
    frame : (4,) array of float
        First knot and spacing along the log odds, first knot and spacing along the logit.
    lost : (N,) array of float
        Women who lost an implantation; a single zero unless ``biochemical``.
    pregnant : int
        P.
    """

    coefficients: Floats
    frame: Floats
    lost: Floats
    pregnant: int

    def log_likelihood(self, log_odds: npt.ArrayLike, within: npt.ArrayLike, loss: npt.ArrayLike = 0.0) -> Floats:
        """Log probability of the totals, read from the surface; arguments as in `ArmLikelihood`."""
        loss = np.asarray(loss, dtype=float)
        parts = self._parts(log_odds, within) + special.xlogy(self.lost, loss[..., None])
        return np.asarray(special.logsumexp(parts, axis=-1) + special.xlog1py(self.pregnant, -loss))

    def _parts(self, log_odds: npt.ArrayLike, within: npt.ArrayLike) -> Floats:
        within = np.asarray(within, dtype=float)
        x, z = np.broadcast_arrays(np.asarray(log_odds, dtype=float), np.log(within) - np.log1p(-within))
        column, dx, excess_x = _locate(x, self.frame[0], self.frame[1])
        row, dz, excess_z = _locate(z, self.frame[2], self.frame[3])
        step = np.arange(4)
        patch = self.coefficients[:, (column[..., None] + step)[..., :, None], (row[..., None] + step)[..., None, :]]
        (bx, gx), (bz, gz) = spline_weights(dx), spline_weights(dz)
        value = np.einsum("...i,n...ij,...j->...n", bx, patch, bz)
        along_x = np.einsum("...i,n...ij,...j->...n", gx, patch, bz) / self.frame[1]
        along_z = np.einsum("...i,n...ij,...j->...n", bx, patch, gz) / self.frame[3]
        value += np.minimum(excess_x[..., None] * along_x, 0.0) + np.minimum(excess_z[..., None] * along_z, 0.0)
        return np.asarray(value)


def _locate(x: Floats, first: float, spacing: float) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Cell, position within it from 0 to 1, and how far x lies beyond the knots."""
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


@lru_cache(maxsize=64)
def fit_surface(arm: ArmLikelihood) -> Surface:
    """Tabulate an arm's log likelihood.

    Parameters
    ----------
    arm : ArmLikelihood
        With rows, if of the ``biochemical`` mechanism.

    Raises
    ------
    RequestError
        If it has none.

    Notes
    -----
    The error is about 1e-5 in the log likelihood wherever this is within 60 of its maximum.
    """
    x_edges, z_edges = (equidistant_edges(low, high, _WIDTH) for low, high in _ranges(arm))
    x_nodes, z_nodes = chebyshev_nodes(x_edges)[:, None], chebyshev_nodes(z_edges)
    if arm.mechanism == "biochemical":
        parts = arm.parts(x_nodes, special.expit(z_nodes))
        lost, values = parts.lost, parts.log_probability
    else:
        lost, values = np.zeros(1), arm.log_likelihood(x_nodes, special.expit(z_nodes))[..., None]
    x, z = (np.linspace(edges[0], edges[-1], KNOTS) for edges in (x_edges, z_edges))
    along_x = _spline_coefficients(resample(values, x_edges, x))
    along_z = _spline_coefficients(resample(np.swapaxes(along_x, 0, 1), z_edges, z))
    frame = np.array([x[0], x[1] - x[0], z[0], z[1] - z[0]])
    return Surface(np.ascontiguousarray(np.transpose(along_z, (2, 1, 0))), frame, lost, arm.totals.pregnant)


def _ranges(arm: ArmLikelihood) -> tuple[tuple[float, float], tuple[float, float]]:
    if arm.mechanism == "biochemical":
        scan = arm.parts(_GRID[:, None, None], special.expit(_GRID)[:, None]).log_likelihood(_LOSSES).max(axis=-1)
    else:
        scan = arm.log_likelihood(_GRID[:, None], special.expit(_GRID))
    near = scan > scan.max() - _DROP
    return _span(_GRID, near.any(axis=1)), _span(_GRID, near.any(axis=0))


def _span(grid: Floats, near: npt.NDArray[np.bool_]) -> tuple[float, float]:
    kept = np.flatnonzero(near)
    return float(grid[max(kept[0] - 1, 0)]), float(grid[min(kept[-1] + 1, len(grid) - 1)])


def _spline_coefficients(values: Floats) -> Floats:
    """Uniform cubic B-spline coefficients along the first axis; the ends are those of a not-a-knot spline."""
    number, rest = len(values), values.shape[1:]
    values = values.reshape(number, -1)
    spline = interpolate.CubicSpline(np.arange(number), values)
    slope = spline(np.array([0.0, number - 1.0]), 1)
    matrix = np.zeros((number + 2, number + 2))
    inner = np.arange(number)
    matrix[inner + 1, inner], matrix[inner + 1, inner + 1], matrix[inner + 1, inner + 2] = 1 / 6, 4 / 6, 1 / 6
    matrix[0, [0, 2]] = matrix[-1, [-3, -1]] = [-0.5, 0.5]
    coefficients = np.linalg.solve(matrix, np.concatenate([slope[:1], values, slope[1:]]))
    return np.asarray(coefficients.reshape(number + 2, *rest))
