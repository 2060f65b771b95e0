"""One problem's posterior under rules of growing fineness, in the form that `ExactPosterior` asks questions of.

Every answer is computed under two rules, and their difference is the stated error. A rule (n, n) has n panels of 8
Gauss-Legendre nodes for the outer and the inner log odds, and the nodes of the shared parameters grow with n, so that the
comparison judges both.

Examples
--------
>>> [(rule.outer, shared_nodes(rule, "beta_binomial"), shared_nodes(rule, "receptivity")) for rule in RULE_SEQUENCE[:3]]
[(5, 10, 15), (6, 12, 18), (7, 14, 21)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.array_cache import ArrayCache
from bayes_ivf.embryo.estimands import EmbryoEstimand
from bayes_ivf.embryo.mixture import Mixture
from bayes_ivf.embryo.shared_marginal import Marginal1D
from bayes_ivf.embryo.shared_parameters import NuisanceQuadrature, SharedParameters
from bayes_ivf.exact import transform_of
from bayes_ivf.quadrature import RULES, Rule, Transform

Array = npt.NDArray[np.float64]

RULE_SEQUENCE = tuple(Rule(number, number) for number in (5, 6, 7, 8, 10, 12, 20, 36))
"""From coarse to fine: arms of 10 to 40 women are within the tolerances at 5 and 6 panels; the finest are for hard ones."""
_ENOUGH = 16
"""Nodes of each shared parameter under the finest two rules, whose grids are large: 10 to 12 give seven digits."""
_LEAST_SPREAD = 1e-8
"""Keeps the unit of a search above zero."""


def shared_nodes(rule: Rule, mechanism: str) -> int:
    """Nodes of each shared parameter under a rule; more of q, on which a risk hangs most."""
    if mechanism == "receptivity":
        return 3 * rule.outer
    return 2 * rule.outer if rule.outer <= 12 else _ENOUGH


def loss_nodes(rule: Rule, *, bound: bool = False) -> int:
    """Nodes of lambda under a rule; more where it is the bound of a woman's chance, near which a distribution function bends."""
    return min(2 * rule.outer + 4 if bound else rule.outer + 2, _ENOUGH)


def _quantile_nodes(rule: Rule) -> int:
    # quantiles given 48 nodes and 64 differ by 1e-10; polynomials through 90 nodes lose all digits to rounding
    return min(4 * rule.outer + 4, 48)


@dataclass(frozen=True)
class EmbryoSolution:
    """One problem's posterior under one rule; names are those of the scales.

    Parameters
    ----------
    mixture : Mixture
        Over nodes of the shared parameters.
    for_bounded : Mixture
        Of what a shared parameter bounds; the same where it bounds nothing.
    shared : mapping of str to Marginal1D
        Marginals of the shared parameters, by scale.
    estimands : mapping of str to EmbryoEstimand
        By scale.
    """

    mixture: Mixture
    for_bounded: Mixture
    shared: Mapping[str, Marginal1D]
    estimands: Mapping[str, EmbryoEstimand]
    _answers: dict[tuple[str, str, bytes], tuple[Array, Array]] = field(default_factory=dict)

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density of the coordinate at s (K, 1)."""
        return self._answer("evaluate", estimand, s)

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some four digits."""
        return self._answer("sketch", estimand, s)

    def _answer(self, how: Literal["evaluate", "sketch"], estimand: str, s: Array) -> tuple[Array, Array]:
        if estimand in self.shared:
            return self.shared[estimand].evaluate(s)
        # An odds ratio and its log have one coordinate, and are asked about the same points.
        alias = f"log_{estimand}" if estimand.startswith("odds_ratio") else estimand
        key = (how, alias, s.tobytes())
        if key not in self._answers:
            self._answers[key] = getattr(self._mixture(alias), how)(self.estimands[alias], s)
        return self._answers[key]

    def _mixture(self, estimand: str) -> Mixture:
        mixture = self.for_bounded if self.estimands[estimand].bounded else self.mixture
        mixture.cache.question = estimand, mixture.rule
        return mixture

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Return a center and a spread of the coordinate, (1,)."""
        if estimand in self.shared:
            center, spread = self.shared[estimand].location
        else:
            center, spread = self._mixture(estimand).location(self.estimands[estimand])
        return np.array([center]), np.array([max(spread, _LEAST_SPREAD)])

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
    _cache: ArrayCache = field(default_factory=ArrayCache)

    @property
    def size(self) -> int:
        """One problem."""
        return 1

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine."""
        problem = self.shared.factory.problem
        power_tails = np.isfinite(np.minimum(problem.first.tail_index(), problem.effect.tail_index())).any()
        if power_tails:
            return RULES
        # mixed quantiles gain nothing from finer log odds
        return RULE_SEQUENCE[:-2] if problem.mechanism == "receptivity" else RULE_SEQUENCE

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
        mechanism = self.shared.factory.problem.mechanism
        for rule in rules:
            if rule not in self._solutions:
                number = shared_nodes(rule, mechanism)
                mixture = for_bounded = self._mixture(self.shared.nodes(number, loss_nodes(rule)), rule)
                if mechanism == "receptivity":
                    for_bounded = self._mixture(self.shared.nodes_for_quantiles(_quantile_nodes(rule)), rule)
                if mechanism == "biochemical":
                    for_bounded = self._mixture(self.shared.nodes(number, loss_nodes(rule, bound=True)), rule)
                self._solutions[rule] = EmbryoSolution(mixture, for_bounded, self.shared.marginals, self.by_scale)
        return tuple(self._solutions[rule] for rule in rules)

    def _mixture(self, nodes: NuisanceQuadrature, rule: Rule) -> Mixture:
        return Mixture(self.shared.factory, nodes, rule, self._cache)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing: the likelihood is complete."""
        return np.zeros(1)

    def log_prior_at_null(self) -> Array:
        """Log prior density of the log odds ratio at 0, (1,)."""
        return np.asarray(self.shared.factory.problem.effect.logpdf(np.zeros(1)))
