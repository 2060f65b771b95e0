"""Marginal posteriors of the shared parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.axis import Axis
from bayes_ivf.inference.embryo.shared import SharedNodes
from bayes_ivf.inference.exact.quadrature import ORDER, Panels

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SharedMarginal:
    """Posterior of one shared parameter.

    Parameters
    ----------
    axis : Axis
        Its prior and level.
    panels : Panels
        Posterior density by level.
    nodes, share : (N,) array of float
        Values and their posterior probabilities.
    """

    axis: Axis
    panels: Panels
    nodes: Array
    share: Array

    def evaluate(self, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the parameter's log odds at s (K, 1)."""
        value = special.expit(s)
        level, slope = self.axis.level(value)
        below, density = self.panels.below(level)
        return below / self.panels.total, density / self.panels.total * slope * value * special.expit(-s)

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


def shared_marginals(nodes: SharedNodes, log_mass: Array) -> dict[str, SharedMarginal]:
    """Marginals by the scale of their estimand.

    Parameters
    ----------
    nodes : SharedNodes
        Where the masses were computed.
    log_mass : (R, L) array of float
        Log posterior mass of each combination, unnormalized.
    """
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    found = {"control_risk[within]": _marginal(nodes.within_axis, nodes.within_edges, mass.sum(axis=1))}
    if nodes.loss_axis is not None:
        found["control_risk[loss]"] = _marginal(nodes.loss_axis, nodes.loss_edges, mass.sum(axis=0))
    return found


def _marginal(axis: Axis, edges: Array, share: Array) -> SharedMarginal:
    values, _, weights = axis.nodes(edges)
    panels = Panels.tabulate(edges[:, None], (share / weights).reshape(-1, ORDER, 1))
    return SharedMarginal(axis, panels, values, share)
