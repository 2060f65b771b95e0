"""Nodes over the parameters that both arms share: the icc or q, and lambda."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.embryo.axis import ORDER, TO_LEGENDRE, WEIGHTS, UnitIntervalPrior
from bayes_ivf.embryo.kernel import Posterior2D, Posterior2DFactory
from bayes_ivf.embryo.marginal import Marginal1D
from bayes_ivf.embryo.plane import PosteriorGrids
from bayes_ivf.embryo.shelf import in_blocks
from bayes_ivf.quadrature import Rule, gauss_rule

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
_END = 1e-9
_LOSSES, _WITHINS = 12, 20
"""Nodes of one shared parameter in the marginal of the other."""
_FEW = 18
"""Nodes beyond which a single parameter gets all those of its panels."""
_PARTS, _NOTHING = 16, 1e-10
"""Cuts of a panel where quantiles are interpolated, and the probability of a node that is left out there."""
_SCOUT = Rule(4, 5)
_TOGETHER = 64
"""Pairs of shared parameters that are scouted together."""


@dataclass(frozen=True)
class SharedParameters:
    """Marginal posteriors of the shared parameters on fine panels, and rules of few nodes made from them.

    Parameters
    ----------
    maker : Posterior2DFactory
        Posterior of both log odds at any shared parameters.
    within : Marginal1D
        Of the icc, or of q.
    loss : Marginal1D or None
        Of lambda, where there is one.
    log_total : float
        Log marginal likelihood.
    error : float
        Bound on the error of a probability of these marginals.
    """

    maker: Posterior2DFactory
    within: Marginal1D
    loss: Marginal1D | None
    log_total: float
    error: float

    @property
    def marginals(self) -> dict[str, Marginal1D]:
        """Marginals by the scale of their estimand."""
        found = {"control_risk[within]": self.within}
        return found if self.loss is None else found | {"control_risk[loss]": self.loss}

    def nodes(self, number: int) -> NuisanceQuadrature:
        """Return the Gauss rule of the posterior: of the icc (or q), and of lambda given each of its nodes.

        Parameters
        ----------
        number : int
            Nodes of each; with one parameter, more than 18 stand for all there are.
        """
        if self.loss is None and number > _FEW:
            kept = self.within.share > 0
            return self._weighed(self.within.nodes[kept], np.zeros(kept.sum()), self.within.share[kept])
        within, share = gauss_rule(self.within.nodes, self.within.share, number)
        if self.loss is None:
            return self._weighed(within, np.zeros(len(within)), share)
        by_loss = _by_loss(self.maker, self.loss, within)
        rules = [_loss_rule(self.loss.nodes, each, number) for each in by_loss]
        sizes = [len(nodes) for nodes, _ in rules]
        share = np.repeat(share, sizes) * np.concatenate([weights for _, weights in rules])
        return self._weighed(np.repeat(within, sizes), np.concatenate([nodes for nodes, _ in rules]), share)

    def nodes_to_blend(self, number: int) -> NuisanceQuadrature:
        """Return the Gauss rule of the only parameter, with the posterior to which quantiles are interpolated."""
        # a polynomial through values from where there is no posterior would carry their errors everywhere
        kept = self.within.share > _NOTHING
        within, share = gauss_rule(self.within.nodes[kept], self.within.share[kept], number)
        values, weights = self.within.finer(_PARTS)
        weights = weights * (weights > _NOTHING / _PARTS)
        return self._weighed(within, np.zeros(len(within)), share, (values, weights / weights.sum()))

    def _weighed(
        self, within: Array, loss: Array, share: Array, fine: tuple[Array, Array] | None = None
    ) -> NuisanceQuadrature:
        log_weight = np.log(share) + self.log_total - _log_mass(self.maker.at(within, loss))
        return NuisanceQuadrature(within, loss, log_weight, fine)


@dataclass(frozen=True)
class NuisanceQuadrature:
    """Nodes over the shared parameters.

    Parameters
    ----------
    within, loss : (B,) array of float
        The icc (or q) and lambda; lambda is zero where there is none.
    log_weight : (B,) array of float
        Added to the log integral over both log odds it gives the log posterior mass of a node.
    fine : tuple of (I,) array of float, or None
        Many values of the icc (or q) and their posterior probabilities, where quantiles are to be blended.
    """

    within: Array
    loss: Array
    log_weight: Array
    fine: tuple[Array, Array] | None = None


def place_shared(maker: Posterior2DFactory) -> SharedParameters:
    """Halve panels until the marginal posterior of each shared parameter is a polynomial on each of them."""
    problem = maker.problem
    within_axis = UnitIntervalPrior(problem.within)
    if problem.loss is None:
        within, log_total, error = _within_marginal(maker, within_axis, np.zeros(1), np.zeros(1))
        return SharedParameters(maker, within, None, log_total, _SAFETY * error)
    loss_axis = UnitIntervalPrior(problem.loss)
    rough, log_rough, loss_error = _rough_loss(maker, within_axis, loss_axis)
    # a rule for lambda, from its posterior over few values of the icc: what it leaves to be integrated is nearly constant
    loss, share = _loss_rule(rough.nodes, rough.share, _LOSSES)
    within, log_total, error = _within_marginal(
        maker, within_axis, loss, np.log(share) - _over_some(maker, within_axis, loss) + log_rough
    )
    some, share = gauss_rule(within.nodes, within.share, _WITHINS)
    exact = replace(rough, share=share @ _by_loss(maker, rough, some))
    return SharedParameters(maker, within, exact, log_total, max(_SAFETY * error, loss_error))


def _loss_rule(nodes: Array, share: Array, number: int) -> tuple[Array, Array]:
    """Gauss rule for lambda. What it changes, it changes most near zero: in its root this is close to a polynomial."""
    root, weights = gauss_rule(np.sqrt(nodes), share, number)
    return root**2, weights


def _within_marginal(
    maker: Posterior2DFactory, axis: UnitIntervalPrior, loss: Array, loss_weight: Array
) -> tuple[Marginal1D, float, float]:
    """Marginal of the icc (or q), its log total, and the tails of its panels."""

    def log_mass(nodes: Array) -> Array:
        return np.asarray(np.logaddexp.reduce(_log_masses(maker, nodes, loss) + loss_weight, axis=1))

    start, empty = _start(maker, axis)
    return _halve(log_mass, axis, start, _TAIL, empty)


def _rough_loss(
    maker: Posterior2DFactory, within_axis: UnitIntervalPrior, loss_axis: UnitIntervalPrior
) -> tuple[Marginal1D, float, float]:
    """Marginal of lambda over few values of the icc, its log total, and its error."""
    start = np.array([0.0, 0.5, 1.0])
    tolerance = _LOSS_TAIL if loss_axis.natural else _TAIL
    found, log_total, error = _halve(lambda loss: _over_some(maker, within_axis, loss), loss_axis, start, tolerance)
    return found, log_total, error**2 if loss_axis.natural else _SAFETY * error


def _over_some(maker: Posterior2DFactory, within_axis: UnitIntervalPrior, loss: Array) -> Array:
    """Log mass of values of lambda (L,), over a single panel of the icc."""
    some, density, weights = within_axis.nodes(np.array([0.0, 1.0]))
    weight = (density + np.log(weights))[:, None]
    return np.asarray(np.logaddexp.reduce(_log_masses(maker, some, loss) + weight, axis=0))


def _by_loss(maker: Posterior2DFactory, loss: Marginal1D, within: Array) -> Array:
    """Posterior of lambda on its panels given each icc, (R, L)."""
    values, density, weights = loss.axis.nodes(loss.edges)
    return np.asarray(special.softmax(_log_masses(maker, within, values) + density + np.log(weights), axis=1))


def _start(maker: Posterior2DFactory, axis: UnitIntervalPrior) -> tuple[Array, frozenset[float]]:
    """First panel edges, by where the scan found the posterior, and the lower edges of panels without any of it."""
    points = np.linspace(maker.logits[0], maker.logits[-1], 400)
    height = interpolate.PchipInterpolator(maker.logits, maker.profile)(points)
    # flattened, so that the tails get panels, too
    share = np.cumsum(np.exp(np.maximum(height, -_FAR) / 6))
    cuts = np.interp(np.linspace(0, 1, _PANELS + 1) * share[-1], share, points)
    inner = np.unique(axis.level(special.expit(cuts))[0])
    # the outermost panels lie beyond the scan, unless the scan went to the end of the prior
    beyond = inner[0] > _END and maker.profile[0] < -_FAR, inner[-1] < 1 - _END and maker.profile[-1] < -_FAR
    inner = inner[(inner > _END) & (inner < 1 - _END)]
    edges = np.concatenate([[0.0], inner, [1.0]])
    ends = float(edges[0]), float(edges[-2])
    return edges, frozenset(edge for edge, empty in zip(ends, beyond, strict=True) if empty)


def _log_mass(kernel: Posterior2D) -> Array:
    parts = (kernel.take(some) for some in in_blocks(kernel.size, _TOGETHER))
    return np.concatenate([PosteriorGrids(part).tabulate("average", _SCOUT).log_total for part in parts])


def _log_masses(maker: Posterior2DFactory, within: Array, loss: Array) -> Array:
    """Log integral over both log odds at every combination, (R, L)."""
    pairs = np.repeat(within, len(loss)), np.tile(loss, len(within))
    return _log_mass(maker.at(*pairs)).reshape(len(within), len(loss))


def _halve(
    log_mass: Callable[[Array], Array],
    axis: UnitIntervalPrior,
    edges: Array,
    tolerance: float,
    empty: frozenset[float] = frozenset(),
) -> tuple[Marginal1D, float, float]:
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
        masses = {panel: (panel[1] - panel[0]) / 2 * heights[panel] * WEIGHTS for panel in panels}
        total = sum(float(mass.sum()) for mass in masses.values())
        tails = {
            panel: (panel[1] - panel[0]) * float(np.abs(TO_LEGENDRE[-2:] @ heights[panel]).sum()) / total
            for panel in panels
        }
        rough = [panel for panel in panels if tails[panel] > tolerance]
        if not rough:
            break
        halves = [(low + (high - low) * k / 2, low + (high - low) * (k + 1) / 2) for low, high in rough for k in (0, 1)]
        panels = sorted([panel for panel in panels if panel not in rough] + halves)
    edges = np.array([panels[0][0]] + [high for _, high in panels])
    share = np.concatenate([masses[panel] for panel in panels]) / total
    return Marginal1D(axis, edges, axis.nodes(edges)[0], share), float(top + np.log(total)), sum(tails.values())
