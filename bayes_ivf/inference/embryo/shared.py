"""Nodes over the parameters that both arms share: the icc or q, and lambda."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bayes_ivf.inference.embryo.kernel import Kernel, KernelMaker
from bayes_ivf.inference.embryo.plane import Planes
from bayes_ivf.inference.exact.quadrature import NODES, ORDER, WEIGHTS, Rule
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]

_TAIL = 2e-6
"""Last Legendre coefficients of the marginal density, relative to the posterior, at which a panel is halved."""
_SAFETY = 0.1
"""Error of a probability over the sum of these coefficients; against much finer panels it was below 0.02."""
_DEPTH = 12
_SCOUT = Rule(4, 5)
_TO_LEGENDRE = np.linalg.inv(np.polynomial.legendre.legvander(NODES, ORDER - 1))


@dataclass(frozen=True)
class SharedNodes:
    """Quadrature nodes over the shared parameters, uniform in their prior probability.

    Parameters
    ----------
    within_edges : (P + 1,) array of float
        Panel edges on the scale of the prior's distribution function.
    within : (P * ORDER,) array of float
        Nodes of the icc or q.
    loss_edges, loss : arrays of float
        The same for lambda; one node of weight one where there is none.
    log_weight : (R, L) array of float
        Log prior weight of each combination.
    """

    within_edges: Array
    within: Array
    loss_edges: Array
    loss: Array
    log_weight: Array


def place_shared(maker: KernelMaker) -> tuple[SharedNodes, float]:
    """Halve panels until the marginal posterior of each shared parameter is a polynomial on each of them.

    Returns
    -------
    nodes : SharedNodes
    error : float
        Bound on the error of a posterior probability.
    """
    problem = maker.problem
    loss_edges, loss, loss_weight, loss_error = np.array([0.0, 1.0]), np.zeros(1), np.ones(1), 0.0
    if problem.loss is not None:
        within, within_weight = _nodes(np.array([0.0, 1.0]), problem.within)
        slot = problem.loss

        def by_loss(nodes: Array) -> Array:
            found = _log_mass(maker.at(within, nodes)).reshape(len(within), -1)
            return np.asarray(np.logaddexp.reduce(found + np.log(within_weight)[:, None], axis=0))

        loss_edges, loss_error = _halve(by_loss, slot, np.array([0.0, 0.5, 1.0]), 100 * _TAIL)
        loss, loss_weight = _nodes(loss_edges, slot)

    def by_within(nodes: Array) -> Array:
        found = _log_mass(maker.at(nodes, loss)).reshape(len(nodes), -1)
        return np.asarray(np.logaddexp.reduce(found + np.log(loss_weight), axis=1))

    within_edges, error = _halve(by_within, problem.within, np.linspace(0, 1, 4), _TAIL)
    within, within_weight = _nodes(within_edges, problem.within)
    log_weight = np.log(within_weight)[:, None] + np.log(loss_weight)
    return SharedNodes(within_edges, within, loss_edges, loss, log_weight), _SAFETY * (error + loss_error)


def _log_mass(kernel: Kernel) -> Array:
    return Planes(kernel).tabulate("average", _SCOUT).log_total


def _nodes(edges: Array, slot: Slot) -> tuple[Array, Array]:
    half = np.diff(edges)[:, None] / 2
    levels = (edges[:-1, None] + half + half * NODES).ravel()
    return np.array([float(slot.quantile(level)) for level in levels]), (half * WEIGHTS).ravel()


def _halve(log_mass: Callable[[Array], Array], slot: Slot, edges: Array, tolerance: float) -> tuple[Array, float]:
    panels = [(float(low), float(high)) for low, high in pairwise(edges)]
    known: dict[tuple[float, float], Array] = {}
    for _ in range(_DEPTH):
        fresh = [panel for panel in panels if panel not in known]
        nodes = np.concatenate([_nodes(np.array(panel), slot)[0] for panel in fresh])
        known |= dict(zip(fresh, log_mass(nodes).reshape(-1, ORDER), strict=True))
        top = max(known[panel].max() for panel in panels)
        density = {panel: np.exp(known[panel] - top) for panel in panels}
        total = sum((panel[1] - panel[0]) / 2 * float(density[panel] @ WEIGHTS) for panel in panels)
        tails = {
            panel: (panel[1] - panel[0]) * float(np.abs(_TO_LEGENDRE[-2:] @ density[panel]).sum()) / total
            for panel in panels
        }
        rough = [panel for panel in panels if tails[panel] > tolerance]
        if not rough:
            break
        halves = [(low + (high - low) * k / 2, low + (high - low) * (k + 1) / 2) for low, high in rough for k in (0, 1)]
        panels = sorted([panel for panel in panels if panel not in rough] + halves)
    return np.array([panels[0][0]] + [high for _, high in panels]), sum(tails.values())
