"""Where the joint density of both arms' locations lies: axes, panels and the scale on which it is smooth.

Arms are taken as normal, given their sigmas, which decides where nodes lie and nothing else. The axes are ``u = x_t - x_c`` and a
``w`` that is not correlated with it: ``x_t = w + lean_t u``, ``x_c = w + lean_c u``, ``lean_t - lean_c = 1``.

Examples
--------
Arms that say equally much lie on either side of w:

>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> arms, priors = (arm((3, 5, 6), 40), arm((2, 4, 5), 40)), Priors(effect, flat, "average", flat, False)
>>> axes = find_axes(arms, priors, 0.5, 0.0, Rule(4, 6))
>>> [round(lean, 1) for lean in axes.lean]
[0.5, -0.5]
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmLikelihood, ArmTable
from bayes_ivf.exact.quantile_grid import middle_of
from bayes_ivf.exact.quantile_joint import log_of
from bayes_ivf.exact.quantile_rows import Priors, Rows, likely_rows, lines_of, log_effect
from bayes_ivf.quadrature import (
    Rule,
    SinhMap,
    equidistribute,
    initial_points,
    locate_support,
    panel_nodes,
    with_kinks,
)

Array = npt.NDArray[np.float64]

_MORE_PANELS = 3
_HEAVY = 3.0
"""How many times more nodes there are, over the power of the tails: where these are heavy, either arm's make a ridge."""
_WIDEST = 15.0
"""Panels of this width over their number, in scales on which the likelihood is smooth, need not be divided."""
_MOST_TIMES = 30
_LEAST = 1e-3
"""Share of what the likelihood alone resolves below which no panel counts."""
_BULK = 6.0
"""Half widths of the middle 68% by which axes are laid."""
_REACH = 25.0


@dataclass(frozen=True)
class Axes:
    """Where to tabulate.

    Parameters
    ----------
    tables : (ArmTable, ArmTable)
        On the log sigmas that matter.
    rows : Rows
        Pairs of log sigmas that matter, by their nodes in `tables`.
    stretch : SinhMap
        Of u.
    edges : array (P + 1, 1)
        Panels of u.
    lean : (float, float)
    w : (float, float)
        Mean and standard deviation.
    smooth_w, smooth_u : float
        On which scale the likelihood is smooth in one of them, given the other.
    heavy : float
        How many times more nodes the tails ask for.
    edge : float
        Probability of the outermost log sigmas.
    """

    tables: tuple[ArmTable, ArmTable]
    rows: Rows
    stretch: SinhMap
    edges: Array
    lean: tuple[float, float]
    w: tuple[float, float]
    smooth_w: float
    smooth_u: float
    heavy: float
    edge: float


def find_axes(arms: tuple[ArmLikelihood, ArmLikelihood], priors: Priors, step: float, shift: float, rule: Rule) -> Axes:
    """Find axes and panels; see `solve_plane` for the parameters."""
    tables, rows, start, mass, edge = likely_rows(arms, priors, step)
    rough = _Rough(rows, priors, shift)
    heavy = 1 + _HEAVY / min(arm.tail for arm in arms)
    stretch, points, logs = rough.bracket(start, mass)
    count = int(np.ceil((rule.inner + _MORE_PANELS) * heavy))
    edges = equidistribute(points, logs, count)
    y, weight = panel_nodes(edges)
    errors = tuple(float(table.error[0] / np.exp(table.log_sigma[0])) for table in tables)
    shape = rough.shape(stretch.x(y), weight * np.cosh(y), (errors[0], errors[1]))
    # a wide rounding interval leaves a plateau with steep ends
    wide = float(np.diff(stretch.x(edges)[:, 0]).min()) / (_WIDEST / rule.inner * shape.smooth_u)
    if wide > 1:
        edges = equidistribute(points, logs, int(np.ceil(count * min(wide, _MOST_TIMES))))
    # an equal share of them would be ten for a normal density of six standard deviations to either side
    narrowest = float(np.diff(stretch.x(edges)[:, 0]).min()) * (len(edges) - 1) / 10
    smooth_u = min(shape.smooth_u, max(narrowest, _LEAST * shape.smooth_u))
    kinks = [] if priors.effect is None else priors.effect.kinks()
    edges = with_kinks(edges, [stretch.y(np.zeros(1)) for _ in kinks])
    first = int(rows.a.min()), int(rows.b.min())
    near = tables[0].between(first[0], int(rows.a.max())), tables[1].between(first[1], int(rows.b.max()))
    own = replace(rows, a=rows.a - first[0], b=rows.b - first[1])
    return Axes(near, own, stretch, edges, shape.lean, shape.w, shape.smooth_w, smooth_u, heavy, edge)


@dataclass(frozen=True)
class _Shape:
    """Direction and extent of w.

    Parameters
    ----------
    lean : (float, float)
        ``x_t = w + lean_t u``, ``x_c = w + lean_c u``.
    w : (float, float)
        Mean and standard deviation.
    smooth_w, smooth_u : float
        On which scale the likelihood is smooth in one of them, given the other.
    """

    lean: tuple[float, float]
    w: tuple[float, float]
    smooth_w: float
    smooth_u: float


@dataclass(frozen=True)
class _Rough:
    """The same density with arms that are taken as normal: tells where nodes lie, and nothing else."""

    rows: Rows
    priors: Priors
    shift: float

    @property
    def apart(self) -> Array:
        """What shifts add to u in each row."""
        return self.shift * (self.rows.sigma_t**2 - self.rows.sigma_c**2)

    def log(self, u: Array) -> Array:
        """Log density (K, R) of u (K, 1) in each row."""
        rows = self.rows
        return np.asarray(
            rows.mass + log_effect(rows, self.priors, (u - self.apart) / rows.pooled) - np.log(rows.pooled)
        )

    def bracket(self, start: SinhMap, mass: Array) -> tuple[SinhMap, Array, Array]:
        """Return the map of u, points that bracket it, and their logs; `start` and `mass` are those of rows."""
        share = np.exp(mass - mass.max())
        center, spread = middle_of(start.center * self.rows.pooled + self.apart, share)
        own = float((start.scale * self.rows.pooled * share).sum() / share.sum())
        stretch = SinhMap(np.array([center]), np.array([np.hypot(own, spread)]))

        def log(y: Array) -> Array:
            logs = self.log(stretch.x(y))
            top = logs.max(axis=-1, keepdims=True)
            return np.asarray(top + log_of(np.exp(logs - top).sum(axis=-1, keepdims=True)) + stretch.log_slope(y))

        first = initial_points(np.full(1, _REACH))
        return (stretch, *locate_support(log, first, log(first)))

    def shape(self, u: Array, weight: Array, errors: tuple[float, float]) -> _Shape:
        """Axes from nodes of u (U, 1) and their weights; an arm's `errors` are those of its mean over its sigma."""
        rows, priors = self.rows, self.priors
        logs = self.log(u)
        share = np.exp(logs - logs.max()) * weight
        anchor, anchor_sd, _, lean_c = lines_of(rows, priors)
        x_c = (u - self.apart) / rows.pooled * lean_c + anchor + self.shift * rows.sigma_c**2
        # means and covariances of the bulk: far tails must not turn the axes
        for values in (np.broadcast_to(u, share.shape), x_c, np.broadcast_to(np.log(anchor_sd), share.shape)):
            center, scale = middle_of(values, share)
            share = np.where(np.abs(values - center) <= _BULK * scale, share, 0.0)
        share = share / share.sum()
        mean_u, mean_c = float((u * share).sum()), float((x_c * share).sum())
        var_u, cov = float(((u - mean_u) ** 2 * share).sum()), float(((u - mean_u) * (x_c - mean_c) * share).sum())
        var_c = float((((x_c - mean_c) ** 2 + anchor_sd**2) * share).sum())
        # each arm must move with u, or its distribution function jumps at nodes of w
        apart = 0.3 * float(np.sqrt(max(var_c - cov**2 / var_u, 0.0) / var_u))
        least = float(np.clip(apart, 0.02, 0.45))
        lean = float(np.clip(cov / var_u, least - 1, -least))
        sd_w = float(np.sqrt(max(var_c - 2 * lean * cov + lean**2 * var_u, 1e-12 * var_c)))
        by_row = share.sum(axis=0)
        error_t, error_c = (
            error * float((by_row / sigma**2).sum()) ** -0.5
            for error, sigma in zip(errors, (rows.sigma_t, rows.sigma_c), strict=True)
        )
        rate_w = error_t**-2 + error_c**-2
        if priors.level.proper:
            rate_w += float(priors.level.parameters["sigma"][0]) ** -2
        rate_u = ((1 + lean) / error_t) ** 2 + (lean / error_c) ** 2
        return _Shape((1 + lean, lean), (mean_c - lean * mean_u, sd_w), rate_w**-0.5, rate_u**-0.5)
