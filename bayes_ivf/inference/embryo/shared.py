"""Nodes over the parameters that both arms share: the icc or q, and lambda."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.inference.embryo.axis import ORDER, TO_LEGENDRE, WEIGHTS, Axis
from bayes_ivf.inference.embryo.kernel import Kernel, KernelMaker
from bayes_ivf.inference.embryo.plane import Planes
from bayes_ivf.inference.exact.quadrature import Rule

Array = npt.NDArray[np.float64]

_TAIL = 2e-6
"""Last Legendre coefficients of the marginal density, relative to the posterior, at which a panel is halved."""
_LOSS_TAIL = 2e-4
"""The same for lambda on its own scale, where all is smooth and the rule's error goes with the square of these."""
_SAFETY = 0.1
"""Error of a probability over the sum of these coefficients; against much finer panels it was below 0.02."""
_DEPTH = 12
_PANELS = 4
_FAR = 22.0
_SCOUT = Rule(4, 5)


@dataclass(frozen=True)
class SharedNodes:
    """Quadrature nodes over the shared parameters.

    Parameters
    ----------
    within_axis, loss_axis : Axis
        Scales of the icc (or q) and of lambda; None where there is no lambda.
    within_edges, loss_edges : (P + 1,) array of float
        Panel edges on these scales.
    within, loss : (P * ORDER,) array of float
        Nodes; a single zero where there is no lambda.
    log_weight : (R, L) array of float
        Log prior weight of each combination.
    """

    within_axis: Axis
    loss_axis: Axis | None
    within_edges: Array
    loss_edges: Array
    within: Array
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
    within_axis, loss_axis = Axis(problem.within), Axis(problem.loss) if problem.loss else None
    loss_edges, loss, loss_weight, loss_error = np.array([0.0, 1.0]), np.zeros(1), np.zeros(1), 0.0
    if loss_axis is not None:
        some, density, weights = within_axis.nodes(np.array([0.0, 1.0]))
        some_weight = density + np.log(weights)

        def by_loss(nodes: Array) -> Array:
            found = _log_mass(maker.at(some, nodes)).reshape(len(some), -1)
            return np.asarray(np.logaddexp.reduce(found + some_weight[:, None], axis=0))

        tolerance = _LOSS_TAIL if loss_axis.natural else _TAIL
        loss_edges, loss_error = _halve(by_loss, loss_axis, np.array([0.0, 0.5, 1.0]), tolerance)
        loss_error = loss_error**2 if loss_axis.natural else _SAFETY * loss_error
        loss, density, weights = loss_axis.nodes(loss_edges)
        loss_weight = density + np.log(weights)

    def by_within(nodes: Array) -> Array:
        found = _log_mass(maker.at(nodes, loss)).reshape(len(nodes), -1)
        return np.asarray(np.logaddexp.reduce(found + loss_weight, axis=1))

    start, empty = _start(maker, within_axis)
    within_edges, error = _halve(by_within, within_axis, start, _TAIL, empty)
    within, density, weights = within_axis.nodes(within_edges)
    log_weight = (density + np.log(weights))[:, None] + loss_weight
    nodes = SharedNodes(within_axis, loss_axis, within_edges, loss_edges, within, loss, log_weight)
    return nodes, max(_SAFETY * error, loss_error)


def _start(maker: KernelMaker, axis: Axis) -> tuple[Array, frozenset[float]]:
    """First panel edges, by where the scan found the posterior, and the lower edges of panels without any of it."""
    points = np.linspace(maker.logits[0], maker.logits[-1], 400)
    height = interpolate.PchipInterpolator(maker.logits, maker.profile)(points)
    # flattened, so that the tails get panels, too
    share = np.cumsum(np.exp(np.maximum(height, -_FAR) / 6))
    cuts = np.interp(np.linspace(0, 1, _PANELS + 1) * share[-1], share, points)
    inner = np.unique(axis.level(special.expit(cuts))[0])
    inner = inner[(inner > 1e-9) & (inner < 1 - 1e-9)]
    edges = np.concatenate([[0.0], inner, [1.0]])
    ends = ((edges[0], maker.profile[0]), (edges[-2], maker.profile[-1]))
    return edges, frozenset(float(edge) for edge, at in ends if at < -_FAR)


def _log_mass(kernel: Kernel) -> Array:
    return Planes(kernel).tabulate("average", _SCOUT).log_total


def _halve(
    log_mass: Callable[[Array], Array],
    axis: Axis,
    edges: Array,
    tolerance: float,
    empty: frozenset[float] = frozenset(),
) -> tuple[Array, float]:
    panels = [(float(low), float(high)) for low, high in pairwise(edges)]
    known = {panel: np.full(ORDER, -np.inf) for panel in panels if panel[0] in empty}
    for _ in range(_DEPTH):
        fresh = [panel for panel in panels if panel not in known]
        nodes, density, _ = (
            np.concatenate(part) for part in zip(*[axis.nodes(np.array(p)) for p in fresh], strict=True)
        )
        known |= dict(zip(fresh, (log_mass(nodes) + density).reshape(-1, ORDER), strict=True))
        top = max(known[panel].max() for panel in panels)
        heights = {panel: np.exp(known[panel] - top) for panel in panels}
        total = sum((panel[1] - panel[0]) / 2 * float(heights[panel] @ WEIGHTS) for panel in panels)
        tails = {
            panel: (panel[1] - panel[0]) * float(np.abs(TO_LEGENDRE[-2:] @ heights[panel]).sum()) / total
            for panel in panels
        }
        rough = [panel for panel in panels if tails[panel] > tolerance]
        if not rough:
            break
        halves = [(low + (high - low) * k / 2, low + (high - low) * (k + 1) / 2) for low, high in rough for k in (0, 1)]
        panels = sorted([panel for panel in panels if panel not in rough] + halves)
    return np.array([panels[0][0]] + [high for _, high in panels]), sum(tails.values())
