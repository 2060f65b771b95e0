"""Moments of the risk difference and the risk ratio over a grid of two log odds."""

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

    # Moments are taken around the contrasts at the mean point, so that nothing cancels.
    typical = add_up(add_up(np.stack([add_up(v * w) for v, w in map(block, blocks)])))
    base = _contrasts(grid.chart, grid.expect_outer(grid.u), typical)
    first, second = np.zeros((3, *grid.u.shape)), np.zeros((3, *grid.u.shape))
    edge = np.zeros(grid.u.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for panel in blocks:
            v, w = block(panel)
            values = _contrasts(grid.chart, grid.u, v)
            if panel in (0, blocks[-1]):
                end = 0 if panel == 0 else -1
                edge += values[2][end] ** 2 * w[end]
            for row, (value, zero) in enumerate(zip(values, base, strict=True)):
                value -= zero
                w_value = value * w
                first[row] += add_up(w_value)
                w_value *= value
                second[row] += add_up(w_value)
        squares = second[2] + 2 * base[2] * first[2] + base[2] ** 2 * grid.share
        carried = (add_up(edge) + squares[0] + squares[-1]) / add_up(squares)
        moments = []
        for zero, one, two in zip(base, first, second, strict=True):
            shift = add_up(one)
            moments.append((zero + shift, np.sqrt(np.maximum(add_up(two) - shift * shift, 0))))
    names = ("risk_difference", "log_risk_ratio", "risk_ratio")
    return dict(zip(names, moments, strict=True)) | {"edge": (carried, carried)}


def _contrasts(chart: Coordinates, u: Array, v: Array) -> list[Array]:
    """Risk difference, log risk ratio and risk ratio at (u, v)."""
    log_t = log_risk(chart.t[0] * u + chart.t[1] * v)
    log_c = log_risk(chart.c[0] * u + chart.c[1] * v)
    ratio = log_t - log_c
    with np.errstate(over="ignore"):
        return [np.exp(log_t) - np.exp(log_c), ratio, np.exp(ratio)]
