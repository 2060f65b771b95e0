"""The probability of the totals as a contour integral, for arms with too many tables to list.

The coefficient of ``u^a y^b`` of a polynomial G is a mean over circles of any radii ``exp(s)``, ``exp(t)`` (Cauchy)::

    [u^a y^b] G = exp(-a s - b t) (2 pi)^-2 double integral of G(exp(s + i alpha), exp(t + i beta)) exp(-i (a alpha + b beta))

At the saddle point, the minimum of ``log G(exp(s), exp(t)) - a s - b t``, a convex function, the integrand has no
cancellation to speak of: it is the characteristic function of the tilted distribution, whose mean is (a, b). The trapezoid
rule with N nodes is wrong only by the coefficients of powers a +- N, b +- N, and converges geometrically.

Examples
--------
Against the list of all tables of an arm:

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> totals = ArmTotals(women=12, embryos=24, pregnant=5, implanted=8)
>>> listed, integrated = prepare_arm(totals, max_embryos=3), prepare_arm(totals, max_embryos=3, limit=0)
>>> print(integrated.rows is None, round(float(listed.log_likelihood(-0.5, 0.3)), 6))
True -3.233899
>>> print(abs(integrated.log_likelihood(-0.5, 0.3) - listed.log_likelihood(-0.5, 0.3)) < 1e-11)
True

References
----------
Daniels HE (1954). Saddlepoint approximations in statistics. Annals of Mathematical Statistics 25:631-650.
doi:10.1214/aoms/1177728652

Bornemann F (2011). Accuracy and stability of computing high-order derivatives of analytic functions by Cauchy
integrals. Foundations of Computational Mathematics 11:1-63. doi:10.1007/s10208-010-9075-z
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.generating_function import GeneratingFunction, Pmf

Floats = npt.NDArray[np.float64]

_RIDGE = 1e-3
"""Keeps the saddle finite where the totals are at an edge of the possible; any radius gives the same coefficient."""
_STEP = 0.02
"""Of the differences that stand for derivatives; the saddle need not be exact."""
_NEGLIGIBLE = np.log(1e-16)
"""Modulus of the integrand, relative to its peak, below which it is not evaluated."""
_NODES = 60_000
"""Nodes held at once, and at most 64 parameter values: arrays of a megabyte, in the processor's cache."""


@dataclass(frozen=True)
class SaddlePoint:
    """Radii and curvature, one row per parameter value.

    Parameters
    ----------
    position : (G, 2) array of float
        Log radii of u and y.
    value : (G,) array of float
        Log of the generating function there.
    spread : (G, 2) array of float
        Standard deviations of the powers under the tilted distribution.
    """

    position: Floats
    value: Floats
    spread: Floats


def log_coefficient(function: GeneratingFunction, pmf: Pmf, *, with_women: bool = False) -> tuple[Floats, Floats]:
    """Log Pr(P, S) of each parameter value, and the women by embryos received given the totals.

    Parameters
    ----------
    function : GeneratingFunction
        Of the arm.
    pmf : Pmf
        Cell probabilities of G parameter values.
    with_women : bool
        Whether the mean allocation is wanted.

    Returns
    -------
    log_probability : (G,) array of float
    women : (G, M) array of float
        Mean number of women by embryos received; (G, 0) unless wanted.
    """
    saddle = find_saddle(function, pmf)
    order = np.lexsort(saddle.spread.T)
    out = np.empty(len(order))
    women = np.empty((len(order), pmf.none.shape[1] if with_women else 0))
    start = 0
    while start < len(order):
        shape = _node_counts(function, saddle.spread[order[start : start + 64]].max(axis=0))
        stop = start + max(1, min(64, _NODES // max(1, shape[0] * (shape[1] // 2 + 1))))
        part = order[start:stop]
        out[part], women[part] = _integrate(function, pmf[part], saddle, part, shape, with_women)
        start = stop
    return out + function.constant, women


def _node_counts(function: GeneratingFunction, spread: Floats) -> tuple[int, int]:
    # a power 8 sds away has probability exp(-32) = 1e-14 under a normal distribution; 14 more serve small sds
    wanted = np.ceil(8 * spread + 14).astype(int)
    # as many nodes as coefficients are exact
    return min(int(wanted[0]), function.degree[0] + 1), min(int(wanted[1]), function.degree[1] + 1)


def find_saddle(function: GeneratingFunction, pmf: Pmf) -> SaddlePoint:
    """Minimize the log of the function over the radii: a convex problem, by Newton's method."""
    number = len(pmf.none)
    target = np.array(function.target, dtype=float)
    position = np.zeros((number, 2))
    corners = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]]) * _STEP

    def values(at: Floats) -> Floats:
        points = at[:, None, :] + corners
        without, with_ = pmf.split(points[..., 1] + 0j)
        flat = [part.reshape(len(part), -1) for part in (without, with_)]
        log = function.log_value(flat[0], flat[1], points[..., 0].ravel() + 0j)
        return np.asarray(log.real.reshape(points.shape[:2]))

    for _ in range(100):  # some ten suffice
        log = values(position)
        gradient = np.stack([log[:, 1] - log[:, 2], log[:, 3] - log[:, 4]], axis=1) / (2 * _STEP)
        hessian = _hessian(log)
        slope = gradient - target + _RIDGE * position
        move = np.linalg.solve(hessian + _RIDGE * np.eye(2), slope[..., None])[..., 0]
        # longer moves of a log radius may overshoot where the curvature still changes
        move *= np.minimum(1.0, 1.5 / np.maximum(np.abs(move).max(axis=1), 1e-12))[:, None]
        position = position - move
        # a radius within a small part of the tilted distribution's sd is as good as the saddle itself
        if (np.abs(slope) < 0.05 * np.sqrt(1 + np.diagonal(hessian, axis1=1, axis2=2))).all():
            break
    log = values(position)
    spread = np.sqrt(np.maximum(np.diagonal(_hessian(log), axis1=1, axis2=2), 0.0))
    return SaddlePoint(position, log[:, 0], spread)


def _hessian(log: Floats) -> Floats:
    """Second differences from the log at `corners`, (G, 7) to (G, 2, 2)."""
    square = _STEP * _STEP
    first = (log[:, 1] + log[:, 2] - 2 * log[:, 0]) / square
    second = (log[:, 3] + log[:, 4] - 2 * log[:, 0]) / square
    both = (log[:, 5] + log[:, 6] - 2 * log[:, 0]) / square
    mixed = (both - first - second) / 2
    return np.stack([np.stack([first, mixed], axis=1), np.stack([mixed, second], axis=1)], axis=1)


def _integrate(
    function: GeneratingFunction,
    pmf: Pmf,
    saddle: SaddlePoint,
    part: npt.NDArray[np.int64],
    shape: tuple[int, int],
    with_women: bool,
) -> tuple[Floats, Floats]:
    target = function.target
    turns_u = 2 * np.pi * np.arange(shape[0]) / shape[0]
    half = shape[1] // 2 + 1
    turns_y = 2 * np.pi * np.arange(half) / shape[1]
    # the function at conjugate arguments is the conjugate: half of the circle of y, counted twice, is enough
    share = np.full(half, 2.0)
    share[0] = 1.0
    if shape[1] % 2 == 0:
        share[-1] = 1.0
    weight = share / (shape[0] * shape[1])
    position = saddle.position[part]
    without, with_ = pmf.split(position[:, 1:] + 1j * turns_y)
    row, i, j = np.nonzero(function.log_bound(without, with_, position[:, 0], turns_u) > _NEGLIGIBLE)
    floor = saddle.value[part][row] + _NEGLIGIBLE
    at = without[:, row, j], with_[:, row, j], position[row, 0] + 1j * turns_u[i], floor
    value = function.log_value(*at) - saddle.value[part][row] - 1j * (target[0] * turns_u[i] + target[1] * turns_y[j])
    value = np.exp(value) * weight[j]
    mean = np.bincount(row, value.real, minlength=len(part))
    women = np.empty((len(part), 0))
    if with_women:
        parts = (function.women(*at) * value).real
        women = np.stack([np.bincount(row, size, minlength=len(part)) for size in parts], axis=1) / mean[:, None]
    shift = saddle.position[part] @ np.array(target, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(saddle.value[part] - shift + np.log(mean)), women
