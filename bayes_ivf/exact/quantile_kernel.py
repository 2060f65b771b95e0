"""Posterior of two arms of printed quantiles on nodes: both log sigmas, the anchor, and the effect on panels.

The same integral as that of printed means (`means_kernel`), but the likelihood of an arm's mean given its sigma is a table
(`quantile_arm`) and not a normal density. Its mean and variance v place the nodes: rows are pairs of log sigmas; given both,

    D = mu_t - mu_c,   W = (v_c mu_t + v_t mu_c) / (v_t + v_c)

are about independent, W has equidistant nodes (trapezoidal rule) and the effect ``d = D / s`` Gauss-Legendre panels that resolve
likelihood and prior. Every weight is then the product of both tables and the priors at a node, so that the normal approximation
decides where nodes lie and nothing else.

Examples
--------
Equal arms: nodes add up to one, and the effect is as often above as below zero.

>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> priors = Priors(effect, flat, "average", flat, False)
>>> same = arm((3, 5, 8), 20)
>>> nodes = solve_nodes((same, same), priors, 0.6, 5)
>>> float(nodes.share.sum().round(6)), float(nodes.share[nodes.d < 0].sum().round(3))
(1.0, 0.5)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmLikelihood, ArmTable
from bayes_ivf.exact.quantile_grid import QuantileNodesPosterior, collect
from bayes_ivf.exact.quantile_rows import Priors, Rows, likely_rows, lines_of, log_effect, log_prior, start_of
from bayes_ivf.exact.quantile_values import Lines
from bayes_ivf.quadrature import (
    SinhMap,
    add_up,
    equidistribute,
    locate_support,
    panel_nodes,
    with_kinks,
)

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_REACH = 8.0
"""Standard deviations of the anchor that have nodes."""
_MOST = 400
_SUMMED = 0.75
"""Distance of anchors, in their sds, over which a sum of nearly normal densities is exact to ten digits."""
_AT_ONCE = 1_500_000


def solve_nodes(
    arms: tuple[ArmLikelihood, ArmLikelihood], priors: Priors, step: float, panels: int, *, columns: bool = True
) -> QuantileNodesPosterior:
    """Tabulate the posterior of one problem.

    Parameters
    ----------
    arms : (ArmLikelihood, ArmLikelihood)
        Treatment and control.
    priors : Priors
    step : float
        Distance of nodes of log sigma, about in standard deviations.
    panels : int
        Of the effect.
    columns : bool
        Whether columns will be asked: anchors that are only summed may lie further apart.
    """
    tables, rows, stretch, _, edge = likely_rows(arms, priors, step)
    _, points = start_of(rows, priors)

    def log(y: Array) -> Array:
        return log_effect(rows, priors, stretch.x(y)) + stretch.log_slope(y)

    bracket = locate_support(log, points, log(points), 4)
    kinks = [] if priors.effect is None else priors.effect.kinks()
    edges = with_kinks(
        equidistribute(*bracket, panels), [np.broadcast_to(stretch.y(k), rows.pooled.shape) for k in kinks]
    )
    return _tabulate(tables, priors, rows, stretch, edges, 0.35 + 0.4 * step if columns else 0.0, edge)


def _tabulate(
    tables: tuple[ArmTable, ArmTable],
    priors: Priors,
    rows: Rows,
    stretch: SinhMap,
    edges: Array,
    step: float,
    edge: float,
) -> QuantileNodesPosterior:
    y, weight = panel_nodes(edges)
    d = stretch.x(y)
    anchor, anchor_sd, lean_t, lean_c = lines_of(rows, priors)
    about = np.exp(log_effect(rows, priors, d) + stretch.log_slope(y)) * weight
    z = _anchor_nodes(rows, step, anchor_sd, lean_t, lean_c, d, about)
    log_rest = log_prior(priors, d, rows.pooled) + stretch.log_slope(y) + (rows.mass - _table_mass(tables, rows))
    logs = np.empty((len(d), len(z), len(rows.a)))
    block = max(1, _AT_ONCE // (len(d) * len(z)))
    for first in range(0, len(rows.a), block):
        some = slice(first, first + block)
        at = anchor[some] + anchor_sd[some] * z[:, some]
        x_t = at + (lean_t[some] * d[:, some])[:, None]
        x_c = at + (lean_c[some] * d[:, some])[:, None]
        log = tables[0].at(rows.a[some], x_t) + tables[1].at(rows.b[some], x_c) + log_rest[:, None, some]
        if priors.level.proper:
            level = x_c if priors.coding == "control" else (x_t + x_c) / 2
            log += priors.level.logpdf(level)
        logs[:, :, some] = log
    every = Lines(anchor, lean_t, lean_c, rows.sigma_t, rows.sigma_c)
    return collect(every, stretch, edges, weight, d, z, logs, anchor_sd, edge, step > 0)


def _table_mass(tables: tuple[ArmTable, ArmTable], rows: Rows) -> Array:
    return tables[0].log_mass[rows.a] + tables[1].log_mass[rows.b]


def _anchor_nodes(
    rows: Rows, step: float, anchor_sd: Array, lean_t: Array, lean_c: Array, d: Array, mass: Array
) -> Array:
    """Equidistant nodes (Z, R) of the anchor, in its sds: close enough for the likelihood, and for what d smooths of an arm."""
    total = add_up(mass)
    center = add_up(d * mass) / total
    spread = np.sqrt(add_up((d - center) ** 2 * mass) / total)
    lean = np.minimum(np.abs(lean_t), np.abs(lean_c)) * spread
    own = np.minimum(1.0, rows.smooth / anchor_sd)
    gap = np.maximum(step * np.minimum(own, 1.2 * lean / anchor_sd) if step else _SUMMED * own, 2 * _REACH / _MOST)
    count = int(np.ceil(_REACH / gap.min()))
    return np.asarray(gap * np.arange(-count, count + 1)[:, None])
