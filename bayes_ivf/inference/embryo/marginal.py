"""Marginal posteriors of the shared parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.shared import SharedNodes
from bayes_ivf.inference.exact.quadrature import ORDER, WEIGHTS, Panels
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SharedMarginal:
    """Posterior of one shared parameter.

    Parameters
    ----------
    slot : Slot
        Its prior.
    panels : Panels
        Posterior density relative to the prior, on the scale of the prior's distribution function.
    nodes, share : (N,) array of float
        Values and their posterior probabilities.
    """

    slot: Slot
    panels: Panels
    nodes: Array
    share: Array

    def evaluate(self, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the parameter's log odds at s (K, 1)."""
        value = special.expit(s)
        level = np.asarray(special_cdf(self.slot, value))
        below, relative = self.panels.below(level)
        with np.errstate(over="ignore"):
            density = relative * np.exp(self.slot.logpdf(value)) * value * special.expit(-s)
        return below / self.panels.total, density / self.panels.total

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


def special_cdf(slot: Slot, value: Array) -> Array:
    """Prior distribution function."""
    from bayes_ivf.priors import FAMILIES

    return np.asarray(FAMILIES[slot.dist].cdf(value, **slot.parameters))


def shared_marginals(nodes: SharedNodes, log_mass: Array, within: Slot, loss: Slot | None) -> dict[str, SharedMarginal]:
    """Marginals by the scale of their estimand.

    Parameters
    ----------
    nodes : SharedNodes
        Where the masses were computed.
    log_mass : (R, L) array of float
        Log posterior mass of each combination, unnormalized.
    within, loss : Slot
        Priors.
    """
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    found = {"control_risk[within]": _marginal(within, nodes.within_edges, nodes.within, mass.sum(axis=1))}
    if loss is not None:
        found["control_risk[loss]"] = _marginal(loss, nodes.loss_edges, nodes.loss, mass.sum(axis=0))
    return found


def _marginal(slot: Slot, edges: Array, nodes: Array, share: Array) -> SharedMarginal:
    weight = (np.diff(edges)[:, None] / 2 * WEIGHTS).ravel()
    panels = Panels.tabulate(edges[:, None], (share / weight).reshape(-1, ORDER, 1))
    return SharedMarginal(slot, panels, nodes, share)
