"""The posterior as a mixture, over nodes of the shared parameters, of two-dimensional posteriors of both log odds.

With nodes psi_b and their posterior probabilities w_b (`shared_parameters`)::

    Pr(T <= t | data)  =  sum_b w_b Pr(T <= t | psi_b, data)
    w_b  proportional to  a_b Z(psi_b)

where Z(psi_b) is the integral of likelihood times prior over both log odds under the present rule, and a_b is what the Gauss
rule gives for it. The marginal likelihood is ``sum_b a_b Z(psi_b)``. Risks that a shared parameter bounds are mixed by
quantiles instead (`quantile_mixture`).

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.coarse_scan import scan_posterior
>>> from bayes_ivf.embryo.estimands import estimands_of
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> from bayes_ivf.embryo.problem import embryo_problem
>>> from bayes_ivf.priors import Prior
>>> arm, normal = prepare_arm(ArmTotals(8, 8, 4, 4), max_embryos=1), Prior("Normal", {"mu": 0.0, "sigma": 1.5})
>>> factory = scan_posterior(embryo_problem(arm, arm, {"average": normal, "effect": normal}))

With one embryo a woman the icc has no meaning, so any weights give the same; both arms have the same data:

>>> nodes = NuisanceQuadrature(np.array([0.2, 0.7]), np.zeros(2), np.log([0.25, 0.75]))
>>> mixture = Mixture(factory, nodes, Rule(6, 6), ArrayCache())
>>> print(mixture.probability.round(6))
[0.25 0.75]
>>> below, _ = mixture.evaluate(estimands_of("beta_binomial")["risk_difference"], np.zeros((1, 1)))
>>> print(below.round(6))
[[0.5]]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.array_cache import ArrayCache, in_blocks
from bayes_ivf.embryo.coarse_scan import Posterior2DFactory
from bayes_ivf.embryo.estimands import EmbryoEstimand, EstimandFunctions
from bayes_ivf.embryo.node_block import NodeBlock
from bayes_ivf.embryo.posterior_2d import PosteriorGrids
from bayes_ivf.embryo.quantile_mixture import QuantileMixture, locate_over_bound, mix_quantiles
from bayes_ivf.embryo.shared_parameters import NuisanceQuadrature
from bayes_ivf.embryo.women_curves import tabulate_women
from bayes_ivf.exact import CONTRASTS, transform_of
from bayes_ivf.quadrature import ORDER, Rule

Array = npt.NDArray[np.float64]

_EDGE_SHARE = 1e-7
"""Share of a moment's integral in the outermost nodes above which the moment is taken not to exist: the tail carries it."""
_SCORES_PER_PANEL = 12
"""Normal scores at which quantiles are tabulated, for each inner panel of a rule: 60 to 144."""
_POINTS = 2**18
"""Points of a grid, over all nodes of a block, up to which its arrays (2 MB each) stay in the processor's cache."""
_LOCATION_LIMIT = 30.0
"""Clips coordinates whose mean only says where to look: expit(-30) = 1e-13."""
_FAVOR_AVERAGE = 1.3
"""The average keeps the symmetry between the arms: it wins unless other coordinates carry 1.3 times its part of the sd."""
_ABOVE_ROUNDING = 1 + 1e-12
"""Keeps a bound above all risks at the nodes, which may reach it up to rounding."""


@dataclass(frozen=True)
class Mixture:
    """The posterior under one rule.

    Parameters
    ----------
    factory : Posterior2DFactory
        The arms.
    shared : NuisanceQuadrature
        B pairs of shared parameters.
    rule : Rule
        How finely the log odds are integrated.
    cache : ArrayCache
        Keeps what is large; shared by all rules.
    """

    factory: Posterior2DFactory
    shared: NuisanceQuadrature
    rule: Rule
    cache: ArrayCache
    _coordinates: dict[str, str] = field(default_factory=dict)
    _quantile_mixtures: dict[str, QuantileMixture] = field(default_factory=dict)

    @cached_property
    def indices(self) -> list[npt.NDArray[np.intp]]:
        """Nodes of each block."""
        return in_blocks(len(self.shared.within), _POINTS // (ORDER * self.rule.outer * ORDER * self.rule.inner))

    @cached_property
    def blocks(self) -> list[NodeBlock]:
        """The posterior at some nodes at a time."""
        within, loss = self.shared.within, self.shared.loss
        posterior = self.factory.at(within, loss)
        arms = self.factory.treatment, self.factory.control
        treatment, control = (tabulate_women(arm, within, loss) for arm in arms)
        mechanism = self.factory.problem.mechanism
        return [
            NodeBlock(
                PosteriorGrids(posterior.take(index)),
                EstimandFunctions(mechanism, within[index]),
                treatment.take(index),
                control.take(index),
                self.rule,
                self.cache,
            )
            for index in self.indices
        ]

    @cached_property
    def log_mass(self) -> Array:
        """Log posterior mass of each node, unnormalized, (B,)."""
        return self._join(block.outer_grid("effect").log_total for block in self.blocks) + self.shared.log_weight

    @cached_property
    def log_total(self) -> float:
        """Log marginal likelihood."""
        return float(np.logaddexp.reduce(self.log_mass))

    @cached_property
    def probability(self) -> Array:
        """Posterior probability of each node, (B,)."""
        return np.asarray(np.exp(self.log_mass - self.log_total))

    def log_density_at_null(self) -> float:
        """Log posterior density of the log odds ratio of pi (or r) at 0."""
        log_null = self._join(block.grids.log_null(self.rule) for block in self.blocks)
        return float(np.logaddexp.reduce(log_null + self.shared.log_weight) - self.log_total)

    def evaluate(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Distribution function and density at coordinates s (K, 1)."""
        return self._mixed(estimand, s, exact=True)

    def sketch(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some four digits, and several times as fast: where to look."""
        return self._mixed(estimand, s, exact=False)

    def moments(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """Mean and sd on the estimand's own scale; NaN where the far tail carries them."""
        return self._moments(estimand, transform_of(estimand.scale).backward)

    def location(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """Return a center and a spread of the estimand's coordinate."""
        return self._moments(estimand, lambda s: np.clip(s, -_LOCATION_LIMIT, _LOCATION_LIMIT))

    def _mixed(self, estimand: EmbryoEstimand, s: Array, *, exact: bool) -> tuple[Array, Array]:
        if self.shared.dense is not None:
            return self._quantile_mixture(estimand, self.shared.dense).evaluate(s)
        below, density = self._given_nodes(estimand, np.broadcast_to(s, (len(s), len(self.probability))), exact)
        weight = self.probability
        return (below * weight).sum(axis=1, keepdims=True), (density * weight).sum(axis=1, keepdims=True)

    def _given_nodes(self, estimand: EmbryoEstimand, s: Array, exact: bool) -> tuple[Array, Array]:
        coordinates = self._coordinates_for(estimand)
        pairs = [
            block.distribution(estimand, coordinates, s[:, index], exact=exact)
            for block, index in zip(self.blocks, self.indices, strict=True)
        ]
        return self._join(below for below, _ in pairs), self._join(density for _, density in pairs)

    def _quantile_mixture(self, estimand: EmbryoEstimand, dense: tuple[Array, Array]) -> QuantileMixture:
        if estimand.scale not in self._quantile_mixtures:
            coordinates = self._coordinates_for(estimand)
            by_block = []
            for block in self.blocks:
                s, probability = block.at_nodes(estimand, coordinates)
                highest = special.expit(s).max(axis=tuple(range(s.ndim - 1))) * _ABOVE_ROUNDING
                bound = np.maximum(block.bound(estimand), highest)
                by_block.append((bound, *locate_over_bound(bound, s, probability)))
            bound, center, spread = (self._join(arrays) for arrays in zip(*by_block, strict=True))
            self._quantile_mixtures[estimand.scale] = mix_quantiles(
                lambda at, exact: self._given_nodes(estimand, at, exact),
                bound,
                (center, spread),
                self.shared.within,
                dense,
                _SCORES_PER_PANEL * self.rule.inner,
            )
        return self._quantile_mixtures[estimand.scale]

    def _coordinates_for(self, estimand: EmbryoEstimand) -> str:
        """Coordinates whose inner one carries most of a contrast's sd, so that the conditional probability is smooth in u."""
        if estimand.coordinates:
            return estimand.coordinates
        contrast = estimand.contrast if estimand.contrast in CONTRASTS else "risk_ratio"
        if contrast not in self._coordinates:
            by_block = [block.grids.inner_sd_of_contrast(contrast) for block in self.blocks]
            sd = {
                name: float(self.probability @ self._join(inner_sd[name] for inner_sd in by_block))
                for name in by_block[0]
            }
            sd["average"] *= _FAVOR_AVERAGE
            self._coordinates[contrast] = max(sd, key=lambda name: sd[name])
        return self._coordinates[contrast]

    def _moments(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            mean, exists = self._expect(estimand, transform)
            if not exists:
                return float("nan"), float("nan")
            square, exists = self._expect(estimand, lambda s: (transform(s) - mean) ** 2)
        return mean, float(np.sqrt(square)) if exists else float("nan")

    def _expect(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, bool]:
        """Posterior mean of a function of the coordinate, and whether the outermost nodes carry no visible part of it."""
        coordinates, total, size, ends = self._coordinates_for(estimand), 0.0, 0.0, 0.0
        for block, index in zip(self.blocks, self.indices, strict=True):
            s, probability = block.at_nodes(estimand, coordinates)
            integrand = transform(s) * (probability * self.probability[index])
            total += float(integrand.sum())
            integrand = np.abs(integrand)
            size += float(integrand.sum())
            ends += float(integrand[[0, -1]].sum())
            ends += float(integrand[:, [0, -1]].sum()) if integrand.ndim == 3 else 0.0
        return total, bool(np.isfinite(ends) and ends <= _EDGE_SHARE * size)

    @staticmethod
    def _join(arrays: Iterable[Array]) -> Array:
        return np.concatenate(list(arrays), axis=-1)
