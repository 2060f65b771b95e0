"""Moments of contrasts of two risks over a grid of two log odds.

``E h = (1/Z) sum_i w_i sum_j w_ij k(u_i, v_ij) h(u_i, v_ij)`` over the nodes of a `Grid2D`, for h and h ** 2 of a contrast's gap,
such as ``p_t - p_c`` or ``log p_t - log p_c``, and of its value, such as ``p_t / p_c``. Some panels at a time, so that the work
stays in the processor's cache.

Examples
--------
A single table, against the closed form of two independent risks (flat priors on both log odds would be improper; here the
priors are wide and the arms large, so that the difference is close to that of the observed proportions):

>>> import numpy as np
>>> from bayes_ivf.exact.plane import COORDINATES
>>> from bayes_ivf.exact.two_by_two import TwoByTwoPosterior
>>> from bayes_ivf.priors import BatchedPrior
>>> from bayes_ivf.quadrature import Rule, SupportFinder, tabulate_grid
>>> wide = BatchedPrior("Normal", {"mu": 0.0, "sigma": 30.0})
>>> table = TwoByTwoPosterior(*(np.array([float(count)]) for count in (400, 600, 300, 700)), "average", wide, wide)
>>> grid = tabulate_grid(SupportFinder(table, COORDINATES["average"]), Rule(6, 6))
>>> of_difference = contrast_moments(grid)["risk_difference"]
>>> float(of_difference.mean[0].round(4)), float(of_difference.sd[0].round(4))
(0.1, 0.0212)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.level_curves import CONTRASTS
from bayes_ivf.exact.two_by_two import log_risk
from bayes_ivf.quadrature import ORDER, Coordinates, Grid2D, add_up, panel_nodes, panels_at_once

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ContrastMoments:
    """Moments of one contrast, arrays (B,).

    Parameters
    ----------
    gap : (array, array)
        Mean and sd of its gap.
    mean, sd : array
        Of its value.
    edge : array
        Share of the squared value's expectation that the outermost nodes carry.
    """

    gap: tuple[Array, Array]
    mean: Array
    sd: Array
    edge: Array


_VALUED = tuple(name for name, contrast in CONTRASTS.items() if contrast.value_of_gap is not None)
# Contrasts whose value is not the gap, and has no bound.


def contrast_moments(grid: Grid2D) -> dict[str, ContrastMoments]:
    """Return the moments of every contrast by name."""
    weight, step = grid.weight / grid.outer.total, panels_at_once(grid.u)
    blocks = []
    for first in range(0, len(grid.inner_edges) - 1, step):
        z, w = panel_nodes(grid.inner_edges[first : first + step + 1])
        w *= grid.values[first * ORDER : (first + step) * ORDER]
        w *= weight
        blocks.append((grid.inner_map.x(z), w))

    # moments are taken around the contrasts at the mean point, so that nothing cancels
    mean_v = add_up(add_up(np.concatenate([_by_panel(v * w) for v, w in blocks])))
    at_means = _gaps_and_values(grid.chart, grid.expect_outer(grid.u), mean_v)
    first_moments, second_moments = (np.zeros((len(at_means), *grid.u.shape)) for _ in range(2))
    edge_squares = np.zeros((len(_VALUED), *grid.u.shape))
    with np.errstate(over="ignore", invalid="ignore"):
        for number, (v, w) in enumerate(blocks):
            rows = _gaps_and_values(grid.chart, grid.u, v)
            for outermost, there in ((0, 0), (-1, len(blocks) - 1)):
                if number == there:
                    for squares, row in zip(edge_squares, rows[len(CONTRASTS) :], strict=True):
                        squares += row[outermost] ** 2 * w[outermost]
            for i, (row, at_mean) in enumerate(zip(rows, at_means, strict=True)):
                row -= at_mean
                weighted = row * w
                for sums in _by_panel(weighted):
                    first_moments[i] += sums
                weighted *= row
                for sums in _by_panel(weighted):
                    second_moments[i] += sums
        moments, edges = [], []
        for at_mean, first, second in zip(at_means, first_moments, second_moments, strict=True):
            shift = add_up(first)
            moments.append((at_mean + shift, np.sqrt(np.maximum(add_up(second) - shift * shift, 0))))
        for i, at_edge in enumerate(edge_squares, len(CONTRASTS)):
            squares = second_moments[i] + 2 * at_means[i] * first_moments[i] + at_means[i] ** 2 * grid.share
            edges.append((add_up(at_edge) + squares[0] + squares[-1]) / add_up(squares))
    gaps = dict(zip(CONTRASTS, moments, strict=False))
    values = gaps | dict(zip(_VALUED, moments[len(gaps) :], strict=True))
    by_name = dict(zip(_VALUED, edges, strict=True))
    nothing = np.zeros_like(moments[0][0])
    return {name: ContrastMoments(gaps[name], *values[name], by_name.get(name, nothing)) for name in CONTRASTS}


def _by_panel(values: Array) -> Array:
    """Sums (P, N, B) over the nodes of each panel."""
    return add_up(values.reshape(-1, ORDER, *values.shape[1:]).swapaxes(0, 1))


def _gaps_and_values(coordinates: Coordinates, u: Array, v: Array) -> list[Array]:
    """Gap of every contrast at (u, v), then the value of those that have another one."""
    log_t = log_risk(coordinates.t[0] * u + coordinates.t[1] * v)
    log_c = log_risk(coordinates.c[0] * u + coordinates.c[1] * v)
    gaps = [each.part(log_t) - each.part(log_c) for each in CONTRASTS.values()]
    functions = (each.value_of_gap for each in CONTRASTS.values())
    with np.errstate(over="ignore"):
        return gaps + [value(gap) for value, gap in zip(functions, gaps, strict=True) if value is not None]
