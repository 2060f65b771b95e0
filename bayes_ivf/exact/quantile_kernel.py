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

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmLikelihood, ArmTable
from bayes_ivf.exact.quantile_grid import QuantileNodesPosterior, collect
from bayes_ivf.exact.quantile_values import Lines
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import (
    SinhMap,
    add_up,
    equidistribute,
    initial_points,
    locate_support,
    log_mass,
    panel_nodes,
    with_kinks,
)

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_EFFECT_RADIUS = 15.0
_NEGLIGIBLE = 1e-9
"""Share of all that rows may lose together."""
_REACH = 8.0
"""Standard deviations of the anchor that have nodes."""
_MOST = 400
_SUMMED = 0.75
"""Distance of anchors, in their sds, over which a sum of nearly normal densities is exact to ten digits."""
_AT_ONCE = 1_500_000


@dataclass(frozen=True)
class Priors:
    """Priors of one problem.

    Parameters
    ----------
    effect : BatchedPrior or None
        On the standardized difference on the modeled scale; None if both locations are flat.
    level : BatchedPrior
        Flat or Normal.
    coding : {"average", "control"}
    sigma : BatchedPrior
        Flat on the log, or proper.
    common : bool
    """

    effect: BatchedPrior | None
    level: BatchedPrior
    coding: str
    sigma: BatchedPrior
    common: bool

    @property
    def k(self) -> tuple[float, float]:
        """Share of the effect in the treatment and in the control arm's location."""
        return (0.5, -0.5) if self.coding == "average" else (1.0, 0.0)


@dataclass(frozen=True)
class _Rows:
    """Pairs of log sigmas: nodes of both tables, what follows from them, and the log weight without the effect, arrays (R,)."""

    a: Index
    b: Index
    sigma_t: Array
    sigma_c: Array
    pooled: Array
    difference: Array
    variance_d: Array
    w: Array
    variance_w: Array
    k: Array
    mass: Array
    smooth: Array

    def take(self, index: Index) -> _Rows:
        """Return some rows."""
        return _Rows(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


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
    if priors.common:
        tables = _same_sigmas(arms, (arms[0].table(0.7 * step), arms[1].table(0.7 * step)))
    else:
        tables = arms[0].table(step), arms[1].table(step)
    rows = _rows(tables, priors)
    stretch, points = _start(rows, priors)
    logs = _log_effect(rows, priors, stretch.x(points)) + stretch.log_slope(points)
    mass = rows.mass + log_mass(points, logs)
    order = np.argsort(mass)
    share = np.exp(mass - mass.max())
    small = np.cumsum(share[order]) < _NEGLIGIBLE * share.sum()
    kept = np.sort(order[~small])
    edge = float(_edge(rows, share, tables))
    rows, stretch, points = rows.take(kept), stretch.take(kept), points[:, kept]

    def log(y: Array) -> Array:
        return _log_effect(rows, priors, stretch.x(y)) + stretch.log_slope(y)

    bracket = locate_support(log, points, log(points), 4)
    kinks = [] if priors.effect is None else priors.effect.kinks()
    edges = with_kinks(equidistribute(*bracket, panels), [np.broadcast_to(stretch.y(k), kept.shape) for k in kinks])
    return _tabulate(tables, priors, rows, stretch, edges, 0.35 + 0.4 * step if columns else 0.0, edge)


def _same_sigmas(
    arms: tuple[ArmLikelihood, ArmLikelihood], tables: tuple[ArmTable, ArmTable]
) -> tuple[ArmTable, ArmTable]:
    """Return both arms' tables at the log sigmas of the one that knows more of them."""
    known = 0 if tables[0].log_weight.min() <= tables[1].log_weight.min() else 1
    nodes = tables[known]
    other = arms[1 - known].table_at(nodes.log_sigma, nodes.log_weight)
    return (nodes, other) if known == 0 else (other, nodes)


def _rows(tables: tuple[ArmTable, ArmTable], priors: Priors) -> _Rows:
    t, c = tables
    if priors.common:
        a = b = np.arange(len(t.log_sigma))
        weight = t.log_weight
    else:
        a, b = (each.ravel() for each in np.indices((len(t.log_sigma), len(c.log_sigma))))
        weight = t.log_weight[a] + c.log_weight[b]
    logs = weight + t.log_mass[a] + c.log_mass[b]
    if priors.sigma.proper:
        logs = logs + priors.sigma.logpdf(np.exp(t.log_sigma[a])) + t.log_sigma[a]
        if not priors.common:
            logs = logs + priors.sigma.logpdf(np.exp(c.log_sigma[b])) + c.log_sigma[b]
    sigma_t, sigma_c = np.exp(t.log_sigma[a]), np.exp(c.log_sigma[b])
    v_t, v_c = t.variance[a], c.variance[b]
    share = v_c / (v_t + v_c)
    smooth = 1 / np.sqrt(1 / t.error[a] ** 2 + 1 / c.error[b] ** 2)
    return _Rows(
        a,
        b,
        sigma_t,
        sigma_c,
        np.sqrt((sigma_t**2 + sigma_c**2) / 2),
        t.mean[a] - c.mean[b],
        v_t + v_c,
        share * t.mean[a] + (1 - share) * c.mean[b],
        v_t * share,
        priors.k[0] * share + priors.k[1] * (1 - share),
        logs,
        smooth,
    )


def _edge(rows: _Rows, share: Array, tables: tuple[ArmTable, ArmTable]) -> Array:
    """Probability of rows at an end of either table."""
    ends = (rows.a == 0) | (rows.a == len(tables[0].log_sigma) - 1)
    ends |= (rows.b == 0) | (rows.b == len(tables[1].log_sigma) - 1)
    return np.asarray(share[ends].sum() / share.sum())


def _log_effect(rows: _Rows, priors: Priors, d: Array) -> Array:
    """Log density of d (M, R) and what else hangs on it, the arms' likelihoods taken as normal."""
    deviation = rows.difference - d * rows.pooled
    log = _log_prior(priors, d, rows.pooled) - 0.5 * deviation**2 / rows.variance_d - 0.5 * np.log(rows.variance_d)
    if priors.level.proper:
        variance = rows.variance_w + priors.level.parameters["sigma"] ** 2
        deviation = rows.w - priors.level.parameters["mu"] - rows.k * d * rows.pooled
        log = log - 0.5 * deviation**2 / variance - 0.5 * np.log(variance)
    return np.asarray(log)


def _log_prior(priors: Priors, d: Array, pooled: Array) -> Array:
    """Log prior density of the effect; with flat locations that of the Jacobian."""
    if priors.effect is None:
        return np.broadcast_to(np.log(pooled), d.shape)
    return np.asarray(priors.effect.logpdf(d))


def _start(rows: _Rows, priors: Priors) -> tuple[SinhMap, Array]:
    """Return where the effect is looked for, in each row: around what the data say, and around the prior."""
    peak, spread = rows.difference / rows.pooled, np.sqrt(rows.variance_d) / rows.pooled
    marks = [peak + k * spread for k in (-1.5, 0, 1.5)]
    center, scale = peak, spread
    if priors.effect is not None:
        middle, width = (np.broadcast_to(each, peak.shape) for each in priors.effect.center_and_scale())
        weight = spread**-2 / (spread**-2 + width**-2.0)
        rate = priors.effect.tail_rate()
        shift = np.where(np.isfinite(rate), rate, 0.0) * spread**2
        moved = peak - np.sign(peak - middle) * np.minimum(shift, np.abs(peak - middle))
        candidates = np.stack([weight * peak + (1 - weight) * middle, peak, moved, middle])
        best = np.argmax(_log_effect(rows, priors, candidates), axis=0)[None]
        center = np.take_along_axis(candidates, best, axis=0)[0]
        scale = (spread**-2 + width**-2.0) ** -0.5
        marks += [middle + k * width for k in (-1.5, 0, 1.5)]
        marks += [np.broadcast_to(kink, peak.shape) for kink in priors.effect.kinks()]
    stretch = SinhMap(center, scale)
    points = np.concatenate([initial_points(np.full(peak.shape, _EFFECT_RADIUS)), *(stretch.y(m)[None] for m in marks)])
    points.sort(axis=0)
    return stretch, points


def _tabulate(
    tables: tuple[ArmTable, ArmTable],
    priors: Priors,
    rows: _Rows,
    stretch: SinhMap,
    edges: Array,
    step: float,
    edge: float,
) -> QuantileNodesPosterior:
    y, weight = panel_nodes(edges)
    d = stretch.x(y)
    kept: Array | float = 1.0
    anchor = rows.w
    if priors.level.proper:
        variance = priors.level.parameters["sigma"] ** 2
        kept = variance / (variance + rows.variance_w)
        anchor = kept * rows.w + (1 - kept) * priors.level.parameters["mu"]
    anchor_sd = np.sqrt(rows.variance_w * kept)
    lean_t, lean_c = ((k - rows.k * kept) * rows.pooled for k in priors.k)
    about = np.exp(_log_effect(rows, priors, d) + stretch.log_slope(y)) * weight
    z = _anchor_nodes(rows, step, anchor_sd, lean_t, lean_c, d, about)
    log_rest = _log_prior(priors, d, rows.pooled) + stretch.log_slope(y) + (rows.mass - _table_mass(tables, rows))
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
    return collect(every, stretch, edges, weight, d, z, logs, anchor_sd, edge)


def _table_mass(tables: tuple[ArmTable, ArmTable], rows: _Rows) -> Array:
    return tables[0].log_mass[rows.a] + tables[1].log_mass[rows.b]


def _anchor_nodes(
    rows: _Rows, step: float, anchor_sd: Array, lean_t: Array, lean_c: Array, d: Array, mass: Array
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
