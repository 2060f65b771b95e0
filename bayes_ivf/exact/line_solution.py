"""A posterior on a line, of a difference and of its size: claims and exact P values are solved by it.

The size folds the line at zero. With F and f of the difference, those of the size a, on whose log it is searched, are
``F(a) - F(-a)`` and ``(f(a) + f(-a)) a``.

Examples
--------
Of ``d ~ N(0, 1)`` without data, half of all sizes lie below 0.6745:

>>> from bayes_ivf.quadrature import SinhMap, SupportFinder1D
>>> zero, one = np.zeros(1), np.ones(1)
>>> panels = SupportFinder1D(lambda d: -(d**2) / 2, SinhMap(zero, one), [zero], [zero], 15 * one)
>>> line = LineSolution(panels.grid(12), zero)
>>> float(line.evaluate("absolute_standardized_mean_difference", np.log([[0.6745]]))[0].round(4)[0, 0])
0.5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.quadrature import Grid1D

Array = npt.NDArray[np.float64]

SIZE = "absolute_standardized_mean_difference"
"""Estimand that folds the line at zero."""
_DISCREPANT = 1e-6
# Probability beyond the panels from which on it is stated as an error: one tolerance.


@dataclass(frozen=True)
class LineSolution:
    """The posterior of a chunk of differences under one rule; which moments exist is decided by what was printed.

    Parameters
    ----------
    grid : Grid1D
        Of the difference.
    log_kernel_at_null : array (B,)
        Log kernel at a difference of zero.
    """

    grid: Grid1D
    log_kernel_at_null: Array

    def missed(self) -> Array:
        """Probability (B,) that may lie beyond the panels: what their ends would carry in one more unit."""
        panels = self.grid.panels
        ends = (panels.below(panels.edges[end : end + 1])[1][0] for end in (0, len(panels.edges) - 1))
        edge = np.maximum(*ends) / panels.total
        return np.where(edge > _DISCREPANT, edge, 0.0)

    def log_density_at_null(self) -> Array:
        """Log posterior density at a difference of zero."""
        return np.asarray(self.log_kernel_at_null - self.grid.log_total)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B); the coordinate of a size is its log."""
        if estimand != SIZE:
            return self.grid.marginal(s)
        # 700: the largest exponent whose exp is finite
        size = np.exp(np.clip(s, -700, 700))
        (below, density), (beyond, mirrored) = self.grid.marginal(size), self.grid.marginal(-size)
        return below - beyond, (density + mirrored) * size

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        x = self.grid.x
        # 1e-300: a node may lie on zero
        return self.grid.moments(np.log(np.maximum(np.abs(x), 1e-300)) if estimand == SIZE else x)

    def moments_where(self, estimand: str, mean: npt.ArrayLike, sd: npt.ArrayLike) -> tuple[Array, Array]:
        """Mean and sd; NaN where (B,) they do not exist."""
        found = self.grid.moments(np.abs(self.grid.x) if estimand == SIZE else self.grid.x)
        return np.where(mean, found[0], np.nan), np.where(sd, found[1], np.nan)
