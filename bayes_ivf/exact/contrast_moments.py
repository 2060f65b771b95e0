"""Moments of the risk difference and the risk ratio over a grid of two log odds.

``E h = (1/Z) sum_i w_i sum_j w_ij k(u_i, v_ij) h(u_i, v_ij)`` over the nodes of a `Grid2D`, for h and h ** 2 of the difference
``p_t - p_c``, the log ratio and the ratio ``p_t / p_c``. Panel by panel, so that the work stays in the processor's cache.

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
>>> mean, sd = contrast_moments(grid)["risk_difference"]
>>> float(mean[0].round(4)), float(sd[0].round(4))
(0.1, 0.0212)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.two_by_two import log_risk
from bayes_ivf.quadrature import ORDER, Coordinates, Grid2D, add_up, panel_nodes

Array = npt.NDArray[np.float64]


def contrast_moments(grid: Grid2D) -> dict[str, tuple[Array, Array]]:
    """Mean and sd (B,) of the risk difference, the log risk ratio and the risk ratio.

    With them, under "edge", the share of the squared risk ratio's expectation that the outermost nodes carry.
    """
    blocks = range(len(grid.inner_edges) - 1)
    weight = grid.weight / grid.outer.total

    def block(panel: int) -> tuple[Array, Array]:
        z, w = panel_nodes(grid.inner_edges[panel : panel + 2])
        w *= grid.values[panel * ORDER : (panel + 1) * ORDER]
        w *= weight
        return grid.inner_map.x(z), w

    # moments are taken around the contrasts at the mean point, so that nothing cancels
    mean_v = add_up(add_up(np.stack([add_up(v * w) for v, w in map(block, blocks)])))
    contrasts_at_mean = _contrasts(grid.chart, grid.expect_outer(grid.u), mean_v)
    first_moments, second_moments = np.zeros((3, *grid.u.shape)), np.zeros((3, *grid.u.shape))
    edge_squares = np.zeros(grid.u.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for panel in blocks:
            v, w = block(panel)
            values = _contrasts(grid.chart, grid.u, v)
            if panel in (0, blocks[-1]):
                outermost = 0 if panel == 0 else -1
                edge_squares += values[2][outermost] ** 2 * w[outermost]
            for row, (value, at_mean) in enumerate(zip(values, contrasts_at_mean, strict=True)):
                value -= at_mean
                w_value = value * w
                first_moments[row] += add_up(w_value)
                w_value *= value
                second_moments[row] += add_up(w_value)
        squares = (
            second_moments[2] + 2 * contrasts_at_mean[2] * first_moments[2] + contrasts_at_mean[2] ** 2 * grid.share
        )
        carried = (add_up(edge_squares) + squares[0] + squares[-1]) / add_up(squares)
        moments = []
        for at_mean, first, second in zip(contrasts_at_mean, first_moments, second_moments, strict=True):
            shift = add_up(first)
            moments.append((at_mean + shift, np.sqrt(np.maximum(add_up(second) - shift * shift, 0))))
    names = ("risk_difference", "log_risk_ratio", "risk_ratio")
    return dict(zip(names, moments, strict=True)) | {"edge": (carried, carried)}


def _contrasts(coordinates: Coordinates, u: Array, v: Array) -> list[Array]:
    """Risk difference, log risk ratio and risk ratio at (u, v)."""
    log_t = log_risk(coordinates.t[0] * u + coordinates.t[1] * v)
    log_c = log_risk(coordinates.c[0] * u + coordinates.c[1] * v)
    ratio = log_t - log_c
    with np.errstate(over="ignore"):
        return [np.exp(log_t) - np.exp(log_c), ratio, np.exp(ratio)]
