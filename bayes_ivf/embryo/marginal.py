"""Marginal posteriors of the shared parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.axis import NODES, ORDER, TO_LEGENDRE, WEIGHTS, UnitIntervalPrior

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Marginal1D:
    """Posterior of one shared parameter.

    Parameters
    ----------
    axis : UnitIntervalPrior
        Its prior and level.
    edges : (P + 1,) array of float
        Panels on the level.
    nodes, share : (P * ORDER,) array of float
        Values and their posterior probabilities.
    """

    axis: UnitIntervalPrior
    edges: Array
    nodes: Array
    share: Array

    def evaluate(self, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the parameter's log odds at s (K, 1)."""
        value = special.expit(s)
        level, slope = self.axis.level(value)
        panel = np.clip(np.searchsorted(self.edges, level) - 1, 0, len(self.edges) - 2)
        half = np.diff(self.edges)[panel] / 2
        z = np.clip((level - self.edges[panel]) / half - 1, -1, 1)
        coefficients, start = self._series
        density = np.polynomial.legendre.legval(z, coefficients[0][:, panel], tensor=False)
        below = start[panel] + np.polynomial.legendre.legval(z, coefficients[1][:, panel], tensor=False)
        return below, density / half * slope * value * special.expit(-s)

    def finer(self, parts: int) -> tuple[Array, Array]:
        """Values and posterior probabilities at the nodes of panels cut in equal parts, two arrays (P * parts * ORDER,)."""
        edges = np.concatenate(
            [np.linspace(low, high, parts + 1)[:-1] for low, high in pairwise(self.edges)] + [self.edges[-1:]]
        )
        places = (NODES + 1) / parts + 2 * np.arange(parts)[:, None] / parts - 1
        heights = np.polynomial.legendre.legval(places.ravel(), self._series[0][0])
        share = np.maximum(heights.reshape(-1, ORDER) * WEIGHTS / parts, 0.0).ravel()
        return self.axis.nodes(edges)[0], share / share.sum()

    @cached_property
    def _series(self) -> tuple[tuple[Array, Array], Array]:
        """Legendre series of density and integral on each panel's own (-1, 1), and the integral up to each panel."""
        density = TO_LEGENDRE @ (self.share.reshape(-1, ORDER) / WEIGHTS).T
        integral = np.polynomial.legendre.legint(density, lbnd=-1)
        start = np.concatenate([[0.0], np.cumsum(self.share.reshape(-1, ORDER).sum(axis=1))])
        return (density, np.asarray(integral)), np.asarray(start)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and sd."""
        mean = float(self.share @ self.nodes)
        return mean, float(np.sqrt(self.share @ (self.nodes - mean) ** 2))

    @property
    def location(self) -> tuple[float, float]:
        """Mean and sd of its log odds."""
        s = special.logit(self.nodes)
        mean = float(self.share @ s)
        return mean, float(np.sqrt(self.share @ (s - mean) ** 2))
