"""Posterior of the parameters that both arms share, and Gauss rules of few nodes made from it.

With psi = (icc, lambda) (q instead of the icc under ``receptivity``; lambda only under ``biochemical``)::

    p(psi | data)  proportional to  p(psi) Z(psi),        Z(psi) = double integral of L_t L_c f g  d x_t d x_c

The marginal of each parameter is found on panels that are halved until the density is a polynomial of degree 7 on each,
which takes some hundred nodes. Conditional distributions given psi change slowly with psi, so few nodes give the mixture::

    p(. | data)  =  integral p(. | psi, data) p(psi | data) d psi  ~  sum_b w_b p(. | psi_b, data)

where (psi_b, w_b) is the Gauss rule of the marginal posterior itself: N nodes give the mean of every polynomial of degree
below 2 N in psi. With lambda, the rule of the icc comes first, then one of lambda given each of its nodes.

Examples
--------
The rule of one node is the posterior mean; that of two has the variance, too. Two arms of 4 women with 8 embryos:

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.coarse_scan import scan_posterior
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> from bayes_ivf.embryo.problem import embryo_problem
>>> from bayes_ivf.priors import Prior
>>> arm = prepare_arm(ArmTotals(women=4, embryos=8, pregnant=2, implanted=4), max_embryos=2)
>>> normal = Prior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> shared = integrate_shared_parameters(scan_posterior(embryo_problem(arm, arm, {"average": normal, "effect": normal})))
>>> mean, sd = shared.within.moments
>>> print(round(mean, 3), round(sd, 3))
0.806 0.172
>>> print(shared.nodes(1).within.round(3))
[0.806]
>>> nodes, weights = gauss_rule(shared.within.nodes, shared.within.probability, 2)
>>> print(round(float(weights @ nodes), 3), round(float(weights @ (nodes - mean) ** 2) ** 0.5, 3))
0.806 0.172

References
----------
Golub GH, Welsch JH (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23:221-230.
doi:10.1090/S0025-5718-69-99647-1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.embryo.array_cache import in_blocks
from bayes_ivf.embryo.coarse_scan import Posterior2DFactory
from bayes_ivf.embryo.posterior_2d import Posterior2D, PosteriorGrids
from bayes_ivf.embryo.shared_marginal import ORDER, TO_LEGENDRE, WEIGHTS, Marginal1D, UnitIntervalPrior
from bayes_ivf.quadrature import Rule, gauss_rule

Array = npt.NDArray[np.float64]

_TAIL = 2e-6
"""Last Legendre coefficients of the marginal density, relative to the posterior, at which a panel is halved."""
_LOSS_TAIL = 2e-4
"""Tolerance for lambda on its own scale: the integrand is smooth, so the error is the square of the last coefficients."""
_SAFETY = 0.1
"""Error of a probability over the sum of these coefficients; against much finer panels it was below 0.02."""
_ROUNDS = 12
"""Of halving: panels are 1/2048 of the first ones at last. What is rough then is part of the stated error."""
_FIRST_PANELS = 4
"""Between the ends of the coarse scan; two more go on to the ends of the prior."""
_NEGLIGIBLE_LOG = 22.0
"""Log density below the peak, exp(-22) = 3e-10, at which the scan has seen all of the posterior."""
_END = 1e-9
"""Distance in u from an end within which an edge is that end."""
_LOSS_NODES, _WITHIN_NODES = 12, (10, 12, 20)
"""Nodes of one shared parameter over which the marginal of the other is summed; the first two are those of the first rules."""
_STANDS = 2e-7
"""Change of a distribution function with the nodes, a fifth of what is tolerated, at which no more are taken."""
_FEW = 18
"""Above 18 nodes the panels' own are used instead of a reduced Gauss rule."""
_PARTS, _NEGLIGIBLE = 16, 1e-10
"""Cuts of a panel where quantiles are interpolated, and the probability of a node that is left out there."""
_COARSE_RULE = Rule(4, 5)
"""For Z(psi) at the hundreds of nodes of a marginal; the Z of the few nodes that are kept follows with the rule asked for."""
_PAIRS_AT_ONCE = 64
"""Pairs of shared parameters that are integrated together, so that arrays stay in the processor's cache."""


@dataclass(frozen=True)
class SharedParameters:
    """Marginal posteriors of the shared parameters on fine panels, and rules of few nodes made from them.

    Parameters
    ----------
    factory : Posterior2DFactory
        Posterior of both log odds at any shared parameters.
    within : Marginal1D
        Of the icc, or of q.
    loss : Marginal1D or None
        Of lambda, where there is one.
    log_total : float
        Log marginal likelihood.
    error : float
        Bound on the error of a probability of these marginals.
    given_within : dict of int to (R, L) array of float
        Posterior of lambda at its nodes, given each of R nodes of the icc.
    """

    factory: Posterior2DFactory
    within: Marginal1D
    loss: Marginal1D | None
    log_total: float
    error: float
    given_within: dict[int, Array] = field(default_factory=dict)

    @property
    def marginals(self) -> dict[str, Marginal1D]:
        """Marginals by the scale of their estimand."""
        marginals = {"control_risk[within]": self.within}
        return marginals if self.loss is None else marginals | {"control_risk[loss]": self.loss}

    def nodes(self, number: int, of_loss: int = 0) -> NuisanceQuadrature:
        """Return the Gauss rule of the posterior: of the icc (or q), and of lambda given each of its nodes.

        Parameters
        ----------
        number : int
            Nodes of the first; where it is the only parameter, more than 18 stand for all there are.
        of_loss : int
            Nodes of lambda.
        """
        if self.loss is None and number > _FEW:
            kept = self.within.probability > 0
            return self._with_log_weights(self.within.nodes[kept], np.zeros(kept.sum()), self.within.probability[kept])
        within, probability = gauss_rule(self.within.nodes, self.within.probability, number)
        if self.loss is None:
            return self._with_log_weights(within, np.zeros(len(within)), probability)
        if number not in self.given_within:
            self.given_within[number] = _loss_given_within(self.factory, self.loss, within)
        rules = [_loss_rule(self.loss.nodes, row, of_loss) for row in self.given_within[number]]
        sizes = [len(nodes) for nodes, _ in rules]
        probability = np.repeat(probability, sizes) * np.concatenate([weights for _, weights in rules])
        return self._with_log_weights(
            np.repeat(within, sizes), np.concatenate([nodes for nodes, _ in rules]), probability
        )

    def nodes_for_quantiles(self, number: int) -> NuisanceQuadrature:
        """Return the Gauss rule of the only parameter, with the posterior to which quantiles are interpolated."""
        # a polynomial through values from where there is no posterior would carry their errors everywhere
        kept = self.within.probability > _NEGLIGIBLE
        within, probability = gauss_rule(self.within.nodes[kept], self.within.probability[kept], number)
        values, weights = self.within.resampled(_PARTS)
        weights = weights * (weights > _NEGLIGIBLE / _PARTS)
        return self._with_log_weights(within, np.zeros(len(within)), probability, (values, weights / weights.sum()))

    def _with_log_weights(
        self, within: Array, loss: Array, probability: Array, dense: tuple[Array, Array] | None = None
    ) -> NuisanceQuadrature:
        log_weight = np.log(probability) + self.log_total - _log_mass(self.factory.at(within, loss))
        return NuisanceQuadrature(within, loss, log_weight, dense)


@dataclass(frozen=True)
class NuisanceQuadrature:
    """Nodes over the shared parameters.

    Parameters
    ----------
    within, loss : (B,) array of float
        The icc (or q) and lambda; lambda is zero where there is none.
    log_weight : (B,) array of float
        Added to the log integral over both log odds it gives the log posterior mass of a node.
    dense : tuple of (I,) array of float, or None
        Many values of the icc (or q) and their posterior probabilities, where quantiles are to be mixed.
    """

    within: Array
    loss: Array
    log_weight: Array
    dense: tuple[Array, Array] | None = None


def integrate_shared_parameters(factory: Posterior2DFactory) -> SharedParameters:
    """Halve panels until the marginal posterior of each shared parameter is a polynomial on each of them."""
    problem = factory.problem
    within_prior = UnitIntervalPrior(problem.within)
    if problem.loss is None:
        within, log_total, error = _within_marginal(factory, within_prior, np.zeros(1), np.zeros(1))
        return SharedParameters(factory, within, None, log_total, _SAFETY * error)
    loss_prior = UnitIntervalPrior(problem.loss)
    coarse, log_coarse, loss_error = _coarse_loss_marginal(factory, within_prior, loss_prior)
    # over nodes of the coarse posterior of lambda, what is left to integrate is nearly constant
    loss, probability = _loss_rule(coarse.nodes, coarse.probability, _LOSS_NODES)
    loss_weight = np.log(probability) - _log_mass_of_loss(factory, within_prior, loss) + log_coarse
    within, log_total, error = _within_marginal(factory, within_prior, loss, loss_weight)
    exact, given_within, change = _loss_marginal(factory, coarse, within)
    error = max(_SAFETY * error, loss_error, change)
    return SharedParameters(factory, within, exact, log_total, error, given_within)


def _loss_rule(nodes: Array, probability: Array, number: int) -> tuple[Array, Array]:
    """Gauss rule for lambda: the posterior is nearly polynomial in sqrt(lambda), so the rule is built there."""
    root, weights = gauss_rule(np.sqrt(nodes), probability, number)
    return root**2, weights


def _within_marginal(
    factory: Posterior2DFactory, prior: UnitIntervalPrior, loss: Array, loss_weight: Array
) -> tuple[Marginal1D, float, float]:
    """Marginal of the icc (or q), its log total, and the sum of the last coefficients of its panels."""

    def log_mass(nodes: Array) -> Array:
        return np.asarray(np.logaddexp.reduce(_log_masses(factory, nodes, loss) + loss_weight, axis=1))

    edges, empty = _initial_edges(factory, prior)
    return _halve_panels(log_mass, prior, edges, _TAIL, empty)


def _coarse_loss_marginal(
    factory: Posterior2DFactory, within_prior: UnitIntervalPrior, loss_prior: UnitIntervalPrior
) -> tuple[Marginal1D, float, float]:
    """Marginal of lambda over the 8 nodes of a single panel of the icc, its log total, and its error."""
    edges = np.array([0.0, 0.5, 1.0])
    tolerance = _LOSS_TAIL if loss_prior.is_own_scale else _TAIL
    marginal, log_total, error = _halve_panels(
        lambda loss: _log_mass_of_loss(factory, within_prior, loss), loss_prior, edges, tolerance
    )
    return marginal, log_total, error**2 if loss_prior.is_own_scale else _SAFETY * error


def _loss_marginal(
    factory: Posterior2DFactory, coarse: Marginal1D, within: Marginal1D
) -> tuple[Marginal1D, dict[int, Array], float]:
    """Marginal of lambda over more nodes of the icc until it stands, lambda given each of them, and the last change."""
    given_within: dict[int, Array] = {}
    change, probability = np.inf, np.zeros(len(coarse.nodes))
    for number in _WITHIN_NODES:
        nodes, weights = gauss_rule(within.nodes, within.probability, number)
        given_within[number] = _loss_given_within(factory, coarse, nodes)
        last, probability = probability, weights @ given_within[number]
        change = float(np.abs(np.cumsum(probability - last)).max())
        if change < _STANDS:
            break
    return replace(coarse, probability=probability), given_within, change


def _log_mass_of_loss(factory: Posterior2DFactory, within_prior: UnitIntervalPrior, loss: Array) -> Array:
    """Log mass of values of lambda (L,), over a single panel of the icc."""
    nodes, density, weights = within_prior.nodes(np.array([0.0, 1.0]))
    weight = (density + np.log(weights))[:, None]
    return np.asarray(np.logaddexp.reduce(_log_masses(factory, nodes, loss) + weight, axis=0))


def _loss_given_within(factory: Posterior2DFactory, loss: Marginal1D, within: Array) -> Array:
    """Posterior of lambda on its panels given each icc, (R, L)."""
    values, density, weights = loss.prior.nodes(loss.edges)
    return np.asarray(special.softmax(_log_masses(factory, within, values) + density + np.log(weights), axis=1))


def _initial_edges(factory: Posterior2DFactory, prior: UnitIntervalPrior) -> tuple[Array, frozenset[float]]:
    """First panel edges, by where the scan found the posterior, and the lower edges of panels without any of it."""
    points = np.linspace(factory.logits[0], factory.logits[-1], 400)
    height = interpolate.PchipInterpolator(factory.logits, factory.profile)(points)
    # equal parts of the sixth root of the density, so that the tails get panels, too
    monitor = np.cumsum(np.exp(np.maximum(height, -_NEGLIGIBLE_LOG) / 6))
    cuts = np.interp(np.linspace(0, 1, _FIRST_PANELS + 1) * monitor[-1], monitor, points)
    inner = np.unique(prior.to_u(special.expit(cuts))[0])
    # the outermost panels lie beyond the scan, unless the scan went to the end of the prior
    negligible = factory.profile[[0, -1]] < -_NEGLIGIBLE_LOG
    beyond = inner[0] > _END and negligible[0], inner[-1] < 1 - _END and negligible[1]
    inner = inner[(inner > _END) & (inner < 1 - _END)]
    edges = np.concatenate([[0.0], inner, [1.0]])
    ends = float(edges[0]), float(edges[-2])
    return edges, frozenset(edge for edge, empty in zip(ends, beyond, strict=True) if empty)


def _log_mass(posterior: Posterior2D) -> Array:
    """Log Z of each of the B values of the shared parameters, (B,)."""
    blocks = (posterior.take(index) for index in in_blocks(posterior.size, _PAIRS_AT_ONCE))
    return np.concatenate([PosteriorGrids(block).tabulate("average", _COARSE_RULE).log_total for block in blocks])


def _log_masses(factory: Posterior2DFactory, within: Array, loss: Array) -> Array:
    """Log Z at every combination, (R, L)."""
    pairs = np.repeat(within, len(loss)), np.tile(loss, len(within))
    return _log_mass(factory.at(*pairs)).reshape(len(within), len(loss))


def _halve_panels(
    log_mass: Callable[[Array], Array],
    prior: UnitIntervalPrior,
    edges: Array,
    tolerance: float,
    empty: frozenset[float] = frozenset(),
) -> tuple[Marginal1D, float, float]:
    """Marginal on panels that are halved until their last two Legendre coefficients are below `tolerance`.

    Returns
    -------
    marginal : Marginal1D
    log_total : float
        Log of the integral of ``exp(log_mass)`` times the prior.
    error : float
        Sum of the last coefficients of all panels, relative to the total.
    """
    panels = [(float(low), float(high)) for low, high in pairwise(edges)]
    known = {panel: np.full(ORDER, -np.inf) for panel in panels if panel[0] in empty}
    for remaining in reversed(range(_ROUNDS)):
        fresh = [panel for panel in panels if panel not in known]
        nodes, density, _ = (
            np.concatenate(part) for part in zip(*[prior.nodes(np.array(p)) for p in fresh], strict=True)
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
        if not rough or not remaining:
            break
        halves = [(low + (high - low) * k / 2, low + (high - low) * (k + 1) / 2) for low, high in rough for k in (0, 1)]
        panels = sorted([panel for panel in panels if panel not in rough] + halves)
    edges = np.array([panels[0][0]] + [high for _, high in panels])
    probability = np.concatenate([masses[panel] for panel in panels]) / total
    return Marginal1D(prior, edges, prior.nodes(edges)[0], probability), float(top + np.log(total)), sum(tails.values())
