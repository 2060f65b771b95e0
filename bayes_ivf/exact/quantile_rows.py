"""Pairs of both arms' log sigmas: which matter, and about where the effect lies in each.

Given both sigmas, an arm's location is about normal; its mean and variance v come from the table of its likelihood. Then

    D = mu_t - mu_c,   W = (v_c mu_t + v_t mu_c) / (v_t + v_c)

are independent, which decides where nodes lie and nothing else.

Examples
--------
>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> arms = arm((3, 5, 8), 20), arm((3, 5, 8), 20)
>>> _, rows, effects, mass, _ = likely_rows(arms, Priors(effect, flat, "average", flat, False), 0.6)
>>> most = int(np.argmax(mass))
>>> bool(abs(effects.center[most]) < 1e-9), bool(rows.sigma_t[most] == rows.sigma_c[most])
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmLikelihood, ArmTable
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import SinhMap, initial_points, log_mass

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_EFFECT_RADIUS = 15.0
_NEGLIGIBLE = 1e-9
"""Share of all that rows may lose together."""


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
class Rows:
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

    def take(self, index: Index) -> Rows:
        """Return some rows."""
        return Rows(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def likely_rows(
    arms: tuple[ArmLikelihood, ArmLikelihood], priors: Priors, step: float
) -> tuple[tuple[ArmTable, ArmTable], Rows, SinhMap, Array, float]:
    """Return tables of both arms, rows that are more than negligible, and where the effect lies in each.

    Returns
    -------
    tables : (ArmTable, ArmTable)
    rows : Rows
    stretch : SinhMap
        Of the effect.
    mass : array (R,)
        Log of about the posterior weight of each row.
    edge : float
        Probability of the outermost log sigmas.
    """
    tables = tables_of(arms, priors, step)
    rows = _rows(tables, priors)
    stretch, points = start_of(rows, priors)
    logs = log_effect(rows, priors, stretch.x(points)) + stretch.log_slope(points)
    mass = rows.mass + log_mass(points, logs)
    order = np.argsort(mass)
    share = np.exp(mass - mass.max())
    small = np.cumsum(share[order]) < _NEGLIGIBLE * share.sum()
    kept = np.sort(order[~small])
    edge = float(_edge(rows, share, tables))
    return tables, rows.take(kept), stretch.take(kept), mass[kept], edge


def tables_of(arms: tuple[ArmLikelihood, ArmLikelihood], priors: Priors, step: float) -> tuple[ArmTable, ArmTable]:
    """Tables of both arms, on the same log sigmas where both share one."""
    if not priors.common:
        return arms[0].table(step), arms[1].table(step)
    return _same_sigmas(arms, (arms[0].table(0.7 * step), arms[1].table(0.7 * step)))


def _same_sigmas(
    arms: tuple[ArmLikelihood, ArmLikelihood], tables: tuple[ArmTable, ArmTable]
) -> tuple[ArmTable, ArmTable]:
    """Return both arms' tables at the log sigmas of the one that knows more of them."""
    known = 0 if tables[0].log_weight.min() <= tables[1].log_weight.min() else 1
    nodes = tables[known]
    other = arms[1 - known].table_at(nodes.log_sigma, nodes.log_weight)
    return (nodes, other) if known == 0 else (other, nodes)


def _rows(tables: tuple[ArmTable, ArmTable], priors: Priors) -> Rows:
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
    return Rows(
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


def _edge(rows: Rows, share: Array, tables: tuple[ArmTable, ArmTable]) -> Array:
    """Probability of rows at an end of either table."""
    ends = (rows.a == 0) | (rows.a == len(tables[0].log_sigma) - 1)
    ends |= (rows.b == 0) | (rows.b == len(tables[1].log_sigma) - 1)
    return np.asarray(share[ends].sum() / share.sum())


def log_effect(rows: Rows, priors: Priors, d: Array) -> Array:
    """Log density of d (M, R) and what else hangs on it, the arms' likelihoods taken as normal."""
    deviation = rows.difference - d * rows.pooled
    log = log_prior(priors, d, rows.pooled) - 0.5 * deviation**2 / rows.variance_d - 0.5 * np.log(rows.variance_d)
    if priors.level.proper:
        variance = rows.variance_w + priors.level.parameters["sigma"] ** 2
        deviation = rows.w - priors.level.parameters["mu"] - rows.k * d * rows.pooled
        log = log - 0.5 * deviation**2 / variance - 0.5 * np.log(variance)
    return np.asarray(log)


def log_prior(priors: Priors, d: Array, pooled: Array) -> Array:
    """Log prior density of the effect; with flat locations that of the Jacobian."""
    if priors.effect is None:
        return np.broadcast_to(np.log(pooled), d.shape)
    return np.asarray(priors.effect.logpdf(d))


def start_of(rows: Rows, priors: Priors) -> tuple[SinhMap, Array]:
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
        best = np.argmax(log_effect(rows, priors, candidates), axis=0)[None]
        center = np.take_along_axis(candidates, best, axis=0)[0]
        scale = (spread**-2 + width**-2.0) ** -0.5
        marks += [middle + k * width for k in (-1.5, 0, 1.5)]
        marks += [np.broadcast_to(kink, peak.shape) for kink in priors.effect.kinks()]
    stretch = SinhMap(center, scale)
    points = np.concatenate([initial_points(np.full(peak.shape, _EFFECT_RADIUS)), *(stretch.y(m)[None] for m in marks)])
    points.sort(axis=0)
    return stretch, points


def lines_of(rows: Rows, priors: Priors) -> tuple[Array, Array, Array, Array]:
    """Mean and sd (R,) of about the anchor that is independent of the effect, and leans of both arms."""
    kept: Array | float = 1.0
    anchor = rows.w
    if priors.level.proper:
        variance = priors.level.parameters["sigma"] ** 2
        kept = variance / (variance + rows.variance_w)
        anchor = kept * rows.w + (1 - kept) * priors.level.parameters["mu"]
    lean_t, lean_c = ((k - rows.k * kept) * rows.pooled for k in priors.k)
    return anchor, np.sqrt(rows.variance_w * kept), lean_t, lean_c
