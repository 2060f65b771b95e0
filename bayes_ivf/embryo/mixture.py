"""The posterior as a mixture, over the shared parameters, of planes of two log odds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.estimands import EmbryoEstimand
from bayes_ivf.embryo.kernel import Posterior2DFactory
from bayes_ivf.embryo.part import NodeBlock
from bayes_ivf.embryo.plane import PosteriorGrids
from bayes_ivf.embryo.quantile_mixture import QuantileMixture, locate_quantiles, mix_quantiles
from bayes_ivf.embryo.quantities import Quantities
from bayes_ivf.embryo.shared_parameters import NuisanceQuadrature
from bayes_ivf.embryo.shelf import ArrayCache, in_blocks
from bayes_ivf.embryo.women_curves import tabulate_women
from bayes_ivf.exact import transform_of
from bayes_ivf.quadrature import ORDER, Rule

Array = npt.NDArray[np.float64]

_FAR_SHARE = 1e-7
_SCORES_PER_PANEL = 12
_POINTS = 2**18
"""Points of a plane, over all nodes of a part, up to which its arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Mixture:
    """The posterior under one rule.

    Parameters
    ----------
    maker : Posterior2DFactory
        The arms.
    shared : NuisanceQuadrature
        B pairs of shared parameters.
    rule : Rule
        How finely the log odds are integrated.
    shelf : ArrayCache
        Keeps what is large; shared by all rules.
    """

    maker: Posterior2DFactory
    shared: NuisanceQuadrature
    rule: Rule
    shelf: ArrayCache
    _charts: dict[str, str] = field(default_factory=dict)
    _blends: dict[str, QuantileMixture] = field(default_factory=dict)

    @cached_property
    def blocks(self) -> list[npt.NDArray[np.intp]]:
        """Nodes that are taken together."""
        return in_blocks(len(self.shared.within), _POINTS // (ORDER * self.rule.outer * ORDER * self.rule.inner))

    @cached_property
    def parts(self) -> list[NodeBlock]:
        """The posterior at the nodes of each block."""
        within, loss = self.shared.within, self.shared.loss
        kernel = self.maker.at(within, loss)
        treatment, control = (tabulate_women(arm, within, loss) for arm in (self.maker.treatment, self.maker.control))
        mechanism = self.maker.problem.mechanism
        return [
            NodeBlock(
                PosteriorGrids(kernel.take(some)),
                Quantities(mechanism, within[some]),
                treatment.take(some),
                control.take(some),
                self.rule,
                self.shelf,
            )
            for some in self.blocks
        ]

    @cached_property
    def log_mass(self) -> Array:
        """Log posterior mass of each node, unnormalized, (B,)."""
        return self._join(part.outline("effect").log_total for part in self.parts) + self.shared.log_weight

    @cached_property
    def log_total(self) -> float:
        """Log marginal likelihood."""
        return float(np.logaddexp.reduce(self.log_mass))

    @cached_property
    def share(self) -> Array:
        """Posterior probability of each node, (B,)."""
        return np.asarray(np.exp(self.log_mass - self.log_total))

    def log_density_at_null(self) -> float:
        """Log posterior density of the log odds ratio of pi (or r) at 0."""
        row = self._join(part.planes.log_null(self.rule) for part in self.parts)
        return float(np.logaddexp.reduce(row + self.shared.log_weight) - self.log_total)

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
        return self._moments(estimand, lambda s: np.clip(s, -30, 30))

    def _mixed(self, estimand: EmbryoEstimand, s: Array, *, exact: bool) -> tuple[Array, Array]:
        if self.shared.fine is not None:
            return self._blend(estimand, self.shared.fine).evaluate(s)
        below, density = self._by_node(estimand, np.broadcast_to(s, (len(s), len(self.share))), exact)
        return (below * self.share).sum(axis=1, keepdims=True), (density * self.share).sum(axis=1, keepdims=True)

    def _by_node(self, estimand: EmbryoEstimand, s: Array, exact: bool) -> tuple[Array, Array]:
        chart = self._chart_of(estimand)
        found = [
            part.at(estimand, chart, s[:, some], exact=exact)
            for part, some in zip(self.parts, self.blocks, strict=True)
        ]
        return self._join(below for below, _ in found), self._join(density for _, density in found)

    def _blend(self, estimand: EmbryoEstimand, fine: tuple[Array, Array]) -> QuantileMixture:
        if estimand.scale not in self._blends:
            chart = self._chart_of(estimand)
            placed = []
            for part in self.parts:
                s, share = part.coordinates(estimand, chart)
                highest = special.expit(s).max(axis=tuple(range(s.ndim - 1))) * (1 + 1e-12)
                bound = np.maximum(part.bound(estimand), highest)
                placed.append((bound, *locate_quantiles(bound, s, share)))
            bound, center, spread = (self._join(each) for each in zip(*placed, strict=True))
            self._blends[estimand.scale] = mix_quantiles(
                lambda at, exact: self._by_node(estimand, at, exact),
                bound,
                (center, spread),
                self.shared.within,
                fine,
                _SCORES_PER_PANEL * self.rule.inner,
            )
        return self._blends[estimand.scale]

    def _chart_of(self, estimand: EmbryoEstimand) -> str:
        if estimand.chart:
            return estimand.chart
        kind = "risk_difference" if estimand.contrast == "risk_difference" else "risk_ratio"
        if kind not in self._charts:
            carried = [part.planes.carried(kind) for part in self.parts]
            total = {name: float(self.share @ self._join(each[name] for each in carried)) for name in carried[0]}
            # the average keeps the symmetry between the arms: it wins unless another is clearly better
            total["average"] *= 1.3
            self._charts[kind] = max(total, key=lambda name: total[name])
        return self._charts[kind]

    def _moments(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            mean, settled = self._expect(estimand, transform)
            if not settled:
                return float("nan"), float("nan")
            square, settled = self._expect(estimand, lambda s: (transform(s) - mean) ** 2)
        return mean, float(np.sqrt(square)) if settled else float("nan")

    def _expect(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, bool]:
        """Posterior mean of a function of the coordinate, and whether the ends of the panels carry no visible part of it."""
        chart, total, size, ends = self._chart_of(estimand), 0.0, 0.0, 0.0
        for part, some in zip(self.parts, self.blocks, strict=True):
            s, share = part.coordinates(estimand, chart)
            carried = transform(s) * (share * self.share[some])
            total += float(carried.sum())
            carried = np.abs(carried)
            size += float(carried.sum())
            ends += float(carried[[0, -1]].sum())
            ends += float(carried[:, [0, -1]].sum()) if carried.ndim == 3 else 0.0
        return total, bool(np.isfinite(ends) and ends <= _FAR_SHARE * size)

    @staticmethod
    def _join(arrays: Iterable[Array]) -> Array:
        return np.concatenate(list(arrays), axis=-1)
