"""Piecewise Chebyshev interpolation along the first axis of an array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CHEBYSHEV_ORDER = 14
"""Nodes in a panel. On panels of width 2 an analytic function of a log odds, whose singularities lie at distance pi
from the real line, is met to about 1e-12 of its size."""
_NODES = np.cos(np.pi * (np.arange(CHEBYSHEV_ORDER) + 0.5) / CHEBYSHEV_ORDER)[::-1]
TO_CHEBYSHEV = np.linalg.inv(np.polynomial.chebyshev.chebvander(_NODES, CHEBYSHEV_ORDER - 1))
"""From values at the nodes of a panel to coefficients."""


def equidistant_edges(low: float, high: float, width: float = 2.0) -> Floats:
    """Equidistant edges from low to high, at most `width` apart."""
    return np.linspace(low, high, max(1, int(np.ceil((high - low) / width))) + 1)


def chebyshev_nodes(edges: Floats) -> Floats:
    """Points (P * CHEBYSHEV_ORDER,) at which a function on panels with these edges (P + 1,) is to be tabulated."""
    half = np.diff(edges)[:, None] / 2
    return np.asarray((edges[:-1, None] + half + half * _NODES).ravel())


def resample(values: Floats, edges: Floats, x: Floats) -> Floats:
    """Values at x (N,) from values (P * CHEBYSHEV_ORDER, ...) at `chebyshev_nodes`; straight lines beyond the edges.

    Returns
    -------
    (N, ...) array of float
    """
    panels = values.reshape(len(edges) - 1, CHEBYSHEV_ORDER, -1)
    coefficients = np.einsum("jk,pkb->pjb", TO_CHEBYSHEV, panels)
    inside = np.clip(x, edges[0], edges[-1])
    width = edges[1] - edges[0]
    panel = np.clip(((inside - edges[0]) / width).astype(int), 0, len(edges) - 2)
    position = 2 * (inside - edges[panel]) / width - 1
    basis = np.polynomial.chebyshev.chebvander(position, CHEBYSHEV_ORDER - 1)
    beyond = np.flatnonzero(inside != x)
    if len(beyond):
        slopes = np.zeros((len(beyond), CHEBYSHEV_ORDER))
        for k in range(1, CHEBYSHEV_ORDER):
            slopes[:, k] = np.polynomial.chebyshev.chebval(
                position[beyond], np.polynomial.chebyshev.chebder(np.eye(CHEBYSHEV_ORDER)[k])
            )
        basis[beyond] += slopes * (2 * (x - inside)[beyond] / width)[:, None]
    found = np.empty((len(x), panels.shape[2]))
    for p in range(len(panels)):
        part = panel == p
        found[part] = basis[part] @ coefficients[p]
    return found.reshape(len(x), *values.shape[1:])
