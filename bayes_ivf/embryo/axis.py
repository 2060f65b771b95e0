"""The scale on which a shared parameter is integrated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.priors import FAMILIES, BatchedPrior

Array = npt.NDArray[np.float64]

ORDER = 8
"""Gauss-Legendre nodes in a panel."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
TO_LEGENDRE = np.linalg.inv(np.polynomial.legendre.legvander(NODES, ORDER - 1))
"""From values at the nodes of a panel to Legendre coefficients."""
_FLAT = 30.0


@dataclass(frozen=True)
class UnitIntervalPrior:
    """One shared parameter with its prior, on a level that runs from 0 to 1.

    The level is the parameter itself where its prior is a flat and smooth Beta density, so that likelihood times prior
    is smooth up to the ends; otherwise the prior's distribution function, which takes in densities that are infinite or
    narrow.

    Parameters
    ----------
    slot : BatchedPrior
        The prior, on (0, 1) or a part of it.
    """

    slot: BatchedPrior

    @cached_property
    def natural(self) -> bool:
        """Whether the level is the parameter itself."""
        if self.slot.dist != "Beta":
            return False
        alpha, beta = (float(self.slot.parameters[name]) for name in ("alpha", "beta"))
        return min(alpha, beta) >= 1 and alpha + beta <= _FLAT

    def nodes(self, edges: Array) -> tuple[Array, Array, Array]:
        """Values, log prior density by level, and quadrature weights at the nodes of panels, three arrays (N,)."""
        half = np.diff(edges)[:, None] / 2
        levels = (edges[:-1, None] + half + half * NODES).ravel()
        weights = (half * WEIGHTS).ravel()
        if self.natural:
            return levels, self.slot.logpdf(levels), weights
        return np.array([float(self.slot.quantile(level)) for level in levels]), np.zeros(len(levels)), weights

    def level(self, value: Array) -> tuple[Array, Array]:
        """Level of a value, and the derivative."""
        if self.natural:
            return value, np.ones_like(value)
        found = np.asarray(FAMILIES[self.slot.dist].cdf(value, **self.slot.parameters))
        return found, np.exp(self.slot.logpdf(value))
