"""The posterior of both arms' locations on a plane, from which nearly everything is asked.

Means and medians, their difference and their ratio are functions of both locations alone, whose joint density
(`quantile_joint`) is tabulated on panels of their difference u and on equidistant nodes of w in a sinh map (`quantile_axes`).
What is asked of a node of w is a threshold on u (`quantile_values`). That needs closer nodes than the density does; between
these it is interpolated by sinc functions, whose error falls as that of the trapezoidal rule. A standardized difference hangs on
u and both sigmas: the density of u in each row, a pair of log sigmas, is the same sum without its last step.

Examples
--------
Planes of the logs of medians and of means hold the same total:

>>> from bayes_ivf.exact.quantile_arm import ArmLikelihood
>>> from bayes_ivf.exact.quantile_rows import Priors
>>> from bayes_ivf.priors import BatchedPrior
>>> def arm(numbers, n):
...     q = np.array(numbers, dtype=float)
...     return ArmLikelihood(q - 0.5, q + 0.5, np.array([0.25, 0.5, 0.75]) * (n + 1), n)
>>> flat, effect = BatchedPrior("Flat", {}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> arms, priors = (arm((3, 5, 6), 40), arm((3, 4, 5), 40)), Priors(effect, flat, "average", flat, False)
>>> medians, means = (solve_plane(arms, priors, 0.47, shift, Rule(4, 6)).columns for shift in (0.0, 0.5))
>>> bool(abs(medians.log_total - means.log_total) < 1e-7)
True

References
----------
Stenger F (1993). Numerical methods based on sinc and analytic functions. doi:10.1007/978-1-4612-2706-9
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.quantile_arm import ArmLikelihood
from bayes_ivf.exact.quantile_axes import Axes, find_axes
from bayes_ivf.exact.quantile_grid import QuantileNodesPosterior
from bayes_ivf.exact.quantile_joint import Joint
from bayes_ivf.exact.quantile_rows import Priors
from bayes_ivf.exact.quantile_values import Lines
from bayes_ivf.quadrature import Panels, Rule, SinhMap, panel_nodes

Array = npt.NDArray[np.float64]

_STEP = {3: 0.55, 4: 0.47, 8: 0.35}
"""Distance of nodes of w, in the scale on which the likelihood is smooth."""
_COLUMN_STEP = {3: 0.7, 4: 0.55, 8: 0.35}
"""The same of interpolated nodes, in the scale on which what is asked of them is smooth."""
_KINKED = 6
"""So many times closer where the prior has a kink, after which the trapezoidal rule converges slowly."""
_LINEAR = 4.0
"""Standard deviations of w over which its sinh map is about linear."""
_SCAN = np.linspace(-5, 5, 51)
_DEEP = 30.0
"""Nats below its maximum down to which w has nodes."""
_NOTHING = 1e-14
"""Probability of a column that is left out."""
_MOST_NODES, _MOST_COLUMNS = 1500, 4000


@dataclass(frozen=True)
class Plane:
    """The joint density of both locations, and that of u in each row.

    Parameters
    ----------
    columns : QuantileNodesPosterior
        With u in the place of the effect and nodes of w as columns, of sigma 1; what is asked are medians, of means as well.
    rows : QuantileNodesPosterior or None
        None on a plane of means.
    """

    columns: QuantileNodesPosterior
    rows: QuantileNodesPosterior | None


def solve_plane(
    arms: tuple[ArmLikelihood, ArmLikelihood], priors: Priors, step: float, shift: float, rule: Rule
) -> Plane:
    """Tabulate the joint density of both locations.

    Parameters
    ----------
    arms : (ArmLikelihood, ArmLikelihood)
        Treatment and control.
    priors : Priors
        The effect's density must be smooth, but for zero if `shift` is 0.
    step : float
        Distance of nodes of log sigma, about in standard deviations.
    shift : float
        Multiple of the variance that an arm's location adds to mu.
    rule : Rule
    """
    axes = find_axes(arms, priors, step, shift, rule)
    joint = Joint(axes.tables, priors, shift, axes.lean)
    y, weight = panel_nodes(axes.edges)
    u, slope = axes.stretch.x(y)[:, 0], axes.stretch.log_slope(y)
    linear = _LINEAR * axes.heavy * axes.w[1]
    to_w = SinhMap(np.array(axes.w[0]), np.array(linear))
    low, high = _ends(joint, u[::3], to_w)
    gap = max(_STEP[rule.outer] * axes.heavy**-0.5 * axes.smooth_w / linear, (high - low) / _MOST_NODES)
    z = low + gap * np.arange(int(np.ceil((high - low) / gap)) + 1)
    by_row = None if shift else (axes.rows.a, axes.rows.b)
    logs, of_rows = joint.log(u, to_w.x(z), to_w.log_slope(z), by_row)
    logs += slope
    top = float(logs.max())
    values = np.exp(logs - top)
    total = float((values * weight).sum() * gap)
    log_total = top + float(np.log(total))
    rows = None
    if by_row is not None:
        rows = _rows(axes, u, weight, np.exp(of_rows + slope - top) * (gap / total), log_total)
    kinked = priors.effect is not None and bool(priors.effect.kinks())
    wanted = _column_gap(axes, rule) / (_KINKED if kinked else 1)
    times = int(np.clip(np.ceil(gap * linear / wanted), 1, max(1, _MOST_COLUMNS // len(z))))
    z, values = _between(z, gap, values * (gap / total), times)
    return Plane(_columns(axes, u, weight, to_w.x(z), values, log_total), rows)


def _column_gap(axes: Axes, rule: Rule) -> float:
    """How close columns must lie for what is asked of them, which moves with u."""
    moved = min(axes.lean[0], -axes.lean[1]) * axes.smooth_u
    return float(_COLUMN_STEP[rule.outer] * (moved**-2 + axes.smooth_w**-2) ** -0.5)


def _columns(axes: Axes, u: Array, weight: Array, w: Array, values: Array, log_total: float) -> QuantileNodesPosterior:
    masses = (values * weight).sum(axis=0)
    kept = np.flatnonzero(masses > _NOTHING)
    values = np.ascontiguousarray(values[:, kept])
    count = len(kept)
    lean_t, lean_c, one = (np.full(count, each) for each in (*axes.lean, 1.0))
    return QuantileNodesPosterior(
        lines=Lines(w[kept], lean_t, lean_c, one, one),
        row=np.zeros(count, dtype=np.intp),
        stretch=axes.stretch,
        panels=Panels.tabulate(axes.edges, values.sum(axis=1, keepdims=True)),
        by_column=Panels.tabulate(np.broadcast_to(axes.edges, (len(axes.edges), count)), values),
        row_lines=Lines(*(np.array([each]) for each in (0.0, *axes.lean, 1.0, 1.0))),
        d=np.broadcast_to(u[:, None], values.shape),
        share=values * weight,
        log_total=log_total,
        edge=axes.edge + float(masses[[0, -1]].sum()),
        per_effect=np.ones(1),
    )


def _rows(axes: Axes, u: Array, weight: Array, values: Array, log_total: float) -> QuantileNodesPosterior:
    rows, count = axes.rows, values.shape[1]
    panels = Panels.tabulate(np.broadcast_to(axes.edges, (len(axes.edges), count)), values)
    lines = Lines(np.zeros(count), rows.pooled / 2, -rows.pooled / 2, rows.sigma_t, rows.sigma_c)
    return QuantileNodesPosterior(
        lines=lines,
        row=np.zeros(count, dtype=np.intp),
        stretch=axes.stretch,
        panels=panels,
        by_column=panels,
        row_lines=lines,
        d=u[:, None] / rows.pooled,
        share=values * weight,
        log_total=log_total,
        edge=axes.edge,
        per_effect=rows.pooled,
    )


def _ends(joint: Joint, u: Array, to_w: SinhMap) -> tuple[float, float]:
    """Where w is likely, in its stretched coordinate."""
    logs, _ = joint.log(u, to_w.x(_SCAN), np.log(np.cosh(_SCAN)))
    marginal = logs.max(axis=0)
    near = np.flatnonzero(marginal > marginal.max() - _DEEP)
    return float(_SCAN[max(near[0] - 1, 0)]), float(_SCAN[min(near[-1] + 1, len(_SCAN) - 1)])


def _between(z: Array, gap: float, values: Array, times: int) -> tuple[Array, Array]:
    """Interpolate values (M, Z) at nodes z by sinc functions to `times` as many, of as much weight together."""
    if times == 1:
        return z, values
    closer = z[0] + gap / times * np.arange(times * (len(z) - 1) + 1)
    found = np.empty((len(values), len(closer)))
    found[:, ::times] = values
    for k in range(1, times):
        found[:, k::times] = np.einsum("mz,cz->mc", values, np.sinc((closer[k::times, None] - z) / gap))
    return closer, found / times
