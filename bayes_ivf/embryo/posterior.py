"""The exact posterior of two arms with embryos nested in women, under the names of its quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.embryo.estimands import EmbryoEstimand, estimands_of
from bayes_ivf.embryo.marginal import Marginal1D
from bayes_ivf.embryo.mixture import Mixture
from bayes_ivf.embryo.shared_parameters import NuisanceQuadrature, SharedParameters
from bayes_ivf.embryo.shelf import ArrayCache
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact import transform_of
from bayes_ivf.quadrature import RULES, ExactPosterior, Rule, Summary, Transform

Array = npt.NDArray[np.float64]

_RULES = tuple(Rule(number, number) for number in (5, 6, 7, 8, 10, 12, 20, 36))
_ENOUGH = 16


def _shared_nodes(rule: Rule, mechanism: str) -> int:
    """Nodes of each shared parameter: they grow with the rule, so that the comparison of two rules judges both."""
    if mechanism == "receptivity":
        return 3 * rule.outer
    return 2 * rule.outer if rule.outer <= 12 else _ENOUGH


def _nodes_to_blend(rule: Rule) -> int:
    """The same where quantiles are blended: a single parameter, and they are interpolated, so there may be more."""
    return min(4 * rule.outer + 4, 48)


@dataclass(frozen=True)
class EmbryoSolution:
    """One problem's posterior under one rule; names are those of the scales.

    Parameters
    ----------
    mixture : Mixture
        Over nodes of the shared parameters.
    blended : Mixture
        Of what a shared parameter bounds; the same where it bounds nothing.
    shared : mapping of str to Marginal1D
        Marginals of the shared parameters, by scale.
    estimands : mapping of str to EmbryoEstimand
        By scale.
    """

    mixture: Mixture
    blended: Mixture
    shared: Mapping[str, Marginal1D]
    estimands: Mapping[str, EmbryoEstimand]
    _known: dict[tuple[str, str, bytes], tuple[Array, Array]] = field(default_factory=dict)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the coordinate at s (K, 1)."""
        return self._remember("evaluate", estimand, s)

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some four digits."""
        return self._remember("sketch", estimand, s)

    def _remember(self, how: Literal["evaluate", "sketch"], estimand: str, s: Array) -> tuple[Array, Array]:
        if estimand in self.shared:
            return self.shared[estimand].evaluate(s)
        # An odds ratio and its log have one coordinate, and are asked about the same points.
        twin = f"log_{estimand}" if estimand.startswith("odds_ratio") else estimand
        key = (how, twin, s.tobytes())
        if key not in self._known:
            self._known[key] = getattr(self._mixture(twin), how)(self.estimands[twin], s)
        return self._known[key]

    def _mixture(self, estimand: str) -> Mixture:
        found = self.blended if self.estimands[estimand].bounded else self.mixture
        found.shelf.question = estimand, found.rule
        return found

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Return a center and a spread of the coordinate, (1,)."""
        if estimand in self.shared:
            center, spread = self.shared[estimand].location
        else:
            center, spread = self._mixture(estimand).location(self.estimands[estimand])
        return np.array([center]), np.array([max(spread, 1e-8)])

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd on the estimand's scale, (1,)."""
        if estimand in self.shared:
            mean, sd = self.shared[estimand].moments
        else:
            mean, sd = self._mixture(estimand).moments(self.estimands[estimand])
        return np.array([mean]), np.array([sd])

    @property
    def log_total(self) -> Array:
        """Log marginal likelihood, (1,)."""
        return np.array([self.mixture.log_total])

    def log_density_at_null(self) -> Array:
        """Log posterior density of the log odds ratio of pi (or r) at 0, (1,)."""
        return np.array([self.mixture.log_density_at_null()])


@dataclass(frozen=True)
class EmbryoBatch:
    """One problem in the form that `ExactPosterior` asks questions of.

    Parameters
    ----------
    shared : SharedParameters
        Arms, priors, and posterior of the shared parameters.
    by_scale : mapping of str to EmbryoEstimand
        What can be asked.
    """

    shared: SharedParameters
    by_scale: Mapping[str, EmbryoEstimand]
    _solutions: dict[Rule, EmbryoSolution] = field(default_factory=dict)
    _shelf: ArrayCache = field(default_factory=ArrayCache)

    @property
    def size(self) -> int:
        """One problem."""
        return 1

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine."""
        problem = self.shared.maker.problem
        heavy = np.isfinite(np.minimum(problem.first.tail_index(), problem.effect.tail_index())).any()
        if heavy:
            return RULES
        # blended quantiles gain nothing from finer log odds
        return _RULES[:-2] if problem.mechanism == "receptivity" else _RULES

    @property
    def chunk(self) -> int:
        """Problems solved together."""
        return 1

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names of the scales."""
        return tuple(self.by_scale)

    def take(self, index: npt.NDArray[np.intp]) -> EmbryoBatch:
        """Itself: there is one problem."""
        return self

    def groups(self) -> npt.NDArray[np.intp]:
        """One chunk."""
        return np.zeros(1, dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[EmbryoSolution, ...]:
        """Return the posterior under some rules, each computed once."""
        mechanism = self.shared.maker.problem.mechanism
        for rule in rules:
            if rule not in self._solutions:
                mixture = blended = self._mixture(self.shared.nodes(_shared_nodes(rule, mechanism)), rule)
                if any(estimand.bounded for estimand in self.by_scale.values()):
                    blended = self._mixture(self.shared.nodes_to_blend(_nodes_to_blend(rule)), rule)
                self._solutions[rule] = EmbryoSolution(mixture, blended, self.shared.marginals, self.by_scale)
        return tuple(self._solutions[rule] for rule in rules)

    def _mixture(self, nodes: NuisanceQuadrature, rule: Rule) -> Mixture:
        return Mixture(self.shared.maker, nodes, rule, self._shelf)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing: the likelihood is complete."""
        return np.zeros(1)

    def log_prior_at_null(self) -> Array:
        """Log prior density of the log odds ratio at 0, (1,)."""
        return np.asarray(self.shared.maker.problem.effect.logpdf(np.zeros(1)))


@dataclass(frozen=True)
class EmbryoPosterior:
    """Posterior of one problem by deterministic quadrature; its arrays have length B = 1.

    Answers as `ExactPosterior` does. The log Bayes factor is that of equal pi (or r) in both arms against the model.

    Parameters
    ----------
    exact : ExactPosterior
        Asked by the names of the scales.
    names : mapping of str to EmbryoEstimand
        Transform of each quantity.
    shared_error : float
        Bound on the error of a probability by the nodes over the shared parameters.
    """

    exact: ExactPosterior
    names: Mapping[str, EmbryoEstimand]
    shared_error: float

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names of all quantities that can be asked for; see `estimands_of`."""
        return tuple(self.names)

    def cdf(self, estimand: str, t: npt.ArrayLike) -> Array:
        """Posterior probability that the estimand is at most t.

        Parameters
        ----------
        estimand : str
            One of `estimands`.
        t : array (1,), (1, K) or a number
            On the estimand's own scale.

        Returns
        -------
        array (1,) or (1, K)

        Raises
        ------
        RequestError
            If the estimand is unknown.
        """
        scale = self._scale(estimand)
        found = self.exact.cdf(scale, t)
        limits = transform_of(scale)
        value = np.broadcast_to(np.asarray(t, dtype=float), found.shape)
        return np.where(value <= limits.lower, 0.0, np.where(value >= limits.upper, 1.0, found))

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Mean, median, sd, equal-tailed and highest-density interval, each an array (1,); NaN where none exists.

        Raises
        ------
        RequestError
            If the estimand is unknown or `ci_prob` is outside (0, 1).
        """
        return self.exact.summarize(self._scale(estimand), ci_prob)

    @property
    def log_marginal_likelihood(self) -> Array:
        """Log probability (1,) of both arms' P and S under the model, given W and E."""
        return self.exact.log_marginal_likelihood

    @property
    def log_bayes_factor_null(self) -> Array:
        """Log Bayes factor (1,) of equal pi (or r) against the model: negative values speak for an effect."""
        return self.exact.log_bayes_factor_null

    @property
    def log_bayes_factor_other(self) -> Array:
        """No other null (1,): NaN."""
        return self.exact.log_bayes_factor_other

    @property
    def error_probability(self) -> Array:
        """Estimated error (1,) of any probability asked so far."""
        return np.maximum(self.exact.error_probability, self.shared_error)

    @property
    def error_quantile(self) -> Array:
        """Estimated error (1,) of any moment or interval end asked so far, in posterior sds."""
        return np.maximum(self.exact.error_quantile, self.shared_error)

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (1,) both errors are within the tolerances of `bayes_ivf.defaults`."""
        return (self.error_probability <= EXACT_PROBABILITY_TOLERANCE) & (
            self.error_quantile <= EXACT_QUANTILE_TOLERANCE
        )

    def _scale(self, estimand: str) -> str:
        if estimand not in self.names:
            raise RequestError(
                Fault("estimand", repr(estimand), ", ".join(self.names), "ask for one of these quantities")
            )
        return self.names[estimand].scale


def name_quantities(mechanism: str) -> tuple[Mapping[str, EmbryoEstimand], dict[str, EmbryoEstimand]]:
    """Estimands by name and by scale."""
    names = estimands_of(mechanism)
    return names, {found.scale: found for found in names.values()}
