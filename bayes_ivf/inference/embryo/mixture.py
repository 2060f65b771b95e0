"""The posterior as a mixture, over the shared parameters, of planes of two log odds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.embryo.blend import Blend, blend
from bayes_ivf.inference.embryo.estimands import EmbryoEstimand
from bayes_ivf.inference.embryo.inversion import invert_rows
from bayes_ivf.inference.embryo.kernel import KernelMaker
from bayes_ivf.inference.embryo.plane import Plane, Planes
from bayes_ivf.inference.embryo.quantities import Quantities
from bayes_ivf.inference.embryo.shared import SharedNodes
from bayes_ivf.inference.embryo.women import ArmWomen, tabulate_women
from bayes_ivf.inference.exact.quadrature import Rule
from bayes_ivf.inference.exact.scales import scale_of

Array = npt.NDArray[np.float64]

_FAR_SHARE = 1e-7
_ALL = 40.0
_SCORES_PER_PANEL = 12


@dataclass(frozen=True)
class Nodes:
    """Nodes of the shared parameters, and what does not depend on how finely the log odds are integrated.

    Parameters
    ----------
    maker : KernelMaker
        The arms.
    shared : SharedNodes
        B pairs of shared parameters.
    """

    maker: KernelMaker
    shared: SharedNodes

    @cached_property
    def planes(self) -> Planes:
        """Posterior of both log odds at each node."""
        return Planes(self.maker.at(self.shared.within, self.shared.loss))

    @cached_property
    def quantities(self) -> Quantities:
        """The estimands as functions of both log odds."""
        return Quantities(self.maker.problem.mechanism, self.shared.within)

    @cached_property
    def women(self) -> Mapping[str, ArmWomen]:
        """A woman's chance by arm."""
        sources = {"treatment": self.maker.treatment, "control": self.maker.control}
        return {name: tabulate_women(source, self.shared.within, self.shared.loss) for name, source in sources.items()}


@dataclass(frozen=True)
class Mixture:
    """The posterior under one rule.

    Parameters
    ----------
    nodes : Nodes
        Nodes of the shared parameters.
    rule : Rule
        How finely the log odds are integrated.
    """

    nodes: Nodes
    rule: Rule
    _planes: dict[str, Plane] = field(default_factory=dict)
    _charts: dict[str, str] = field(default_factory=dict)
    _pairs: dict[tuple[str, str], tuple[Array, Array]] = field(default_factory=dict)
    _values: dict[tuple[str, str, str], Array] = field(default_factory=dict)
    _blends: dict[str, Blend] = field(default_factory=dict)

    def plane(self, chart: str) -> Plane:
        """Return the posterior in a chart, tabulated on first use."""
        if chart not in self._planes:
            self._planes[chart] = self.nodes.planes.tabulate(chart, self.rule)
        return self._planes[chart]

    @cached_property
    def log_mass(self) -> Array:
        """Log posterior mass of each node, unnormalized, (B,)."""
        return np.asarray(self.plane("effect").log_total + self.nodes.shared.log_weight)

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
        row = self.nodes.planes.log_null(self.rule)
        return float(np.logaddexp.reduce(row + self.nodes.shared.log_weight) - self.log_total)

    def evaluate(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Distribution function and density at coordinates s (K, 1)."""
        return self._mixed(estimand, s, exact=True)

    def sketch(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some four digits, and several times as fast: where to look."""
        return self._mixed(estimand, s, exact=False)

    def _mixed(self, estimand: EmbryoEstimand, s: Array, *, exact: bool) -> tuple[Array, Array]:
        if self.nodes.shared.fine is not None:
            return self._blend(estimand, self.nodes.shared.fine).evaluate(s)
        below, density = self._by_node(estimand, np.broadcast_to(s, (len(s), len(self.share))), exact)
        return (below * self.share).sum(axis=1, keepdims=True), (density * self.share).sum(axis=1, keepdims=True)

    def _blend(self, estimand: EmbryoEstimand, fine: tuple[Array, Array]) -> Blend:
        if estimand.scale not in self._blends:
            s, share = self._coordinates(estimand, self._chart_of(estimand))
            bound = np.maximum(self._bound(estimand), special.expit(s).max(axis=tuple(range(s.ndim - 1))) * (1 + 1e-12))
            self._blends[estimand.scale] = blend(
                lambda at, exact: self._by_node(estimand, at, exact),
                bound,
                s,
                share,
                self.nodes.shared.within,
                fine,
                _SCORES_PER_PANEL * self.rule.inner,
            )
        return self._blends[estimand.scale]

    def _bound(self, estimand: EmbryoEstimand) -> Array:
        """Upper bound (B,) of an arm's risk, met when every woman is receptive."""
        if estimand.kind == "outer":
            return self.nodes.shared.within
        corners = np.array([[_ALL, _ALL], [_ALL, -_ALL], [-_ALL, _ALL]])[..., None] * np.ones_like(self.share)
        return np.asarray(special.expit(self._between(estimand, corners[:, 0], corners[:, 1])).max(axis=0))

    def moments(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """Mean and sd on the estimand's own scale; NaN where the far tail carries them."""
        return self._moments(estimand, scale_of(estimand.scale).backward)

    def location(self, estimand: EmbryoEstimand) -> tuple[float, float]:
        """Return a center and a spread of the estimand's coordinate."""
        return self._moments(estimand, lambda s: np.clip(s, -30, 30))

    def _by_node(self, estimand: EmbryoEstimand, s: Array, exact: bool) -> tuple[Array, Array]:
        quantities = self.nodes.quantities
        chart = self._chart_of(estimand)
        plane = self.plane(chart)
        if estimand.kind == "outer":
            at, slope = quantities.take_out(estimand, s)
            below, density = plane.marginal(at)
            return below, density * slope
        if estimand.kind == "arm":
            log_odds = self.nodes.women[chart].log_odds
            at, slope = invert_rows(log_odds if exact else None, plane.u[:, None], self._by_arm(chart)[:, None], s)
            below, density = plane.marginal(at[:, 0])
            return below, density * slope[:, 0]
        sign = _sign(estimand, chart)
        if estimand.kind == "contrast":
            at, slope = quantities.take_out(estimand, s)
            below, density = plane.conditional(*plane.contrast_threshold(estimand.contrast, at))
            density = density * slope
        else:

            def function(v: Array) -> Array:
                return sign * self._between(estimand, *plane.arms(plane.u, v))

            found = invert_rows(
                function if exact else None,
                plane.v,
                sign * self._at_nodes(estimand, chart),
                sign * s,
            )
            below, density = plane.conditional(*found)
        return (1 - below if sign < 0 else below), density

    def _chart_of(self, estimand: EmbryoEstimand) -> str:
        if estimand.chart:
            return estimand.chart
        kind = "risk_difference" if estimand.contrast == "risk_difference" else "risk_ratio"
        if kind not in self._charts:
            self._charts[kind] = self.nodes.planes.contrast_chart(kind, self.share)
        return self._charts[kind]

    def _arms(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> tuple[Array, Array]:
        women = self.nodes.women
        return self.nodes.quantities.arm_log_odds(estimand, x_t, x_c, women["treatment"], women["control"])

    def _between(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        return self.nodes.quantities.between(estimand, *self._arms(estimand, x_t, x_c))

    def _at_nodes(self, estimand: EmbryoEstimand, chart: str) -> Array:
        """Coordinate of the estimand at the nodes of a plane, (M, N, B)."""
        # Contrasts of the same two arms share what is dear; an odds ratio and its log are one coordinate.
        arms, key = (chart, estimand.quantity), (chart, estimand.quantity, estimand.contrast.removeprefix("log_"))
        if arms not in self._pairs:
            plane = self.plane(chart)
            self._pairs[arms] = self._arms(estimand, *plane.arms(plane.u, plane.v))
        if key not in self._values:
            self._values[key] = self.nodes.quantities.between(estimand, *self._pairs[arms])
        return self._values[key]

    def _by_arm(self, chart: str) -> Array:
        """Log odds per woman at the outer nodes of an arm's plane, (N, B)."""
        key = (chart, "woman", "arm")
        if key not in self._values:
            self._values[key] = self.nodes.women[chart].log_odds(self.plane(chart).u)
        return self._values[key]

    def _coordinates(self, estimand: EmbryoEstimand, chart: str) -> tuple[Array, Array]:
        """Coordinate of the estimand at the nodes of its plane, and their probabilities given the shared parameters."""
        plane = self.plane(chart)
        if estimand.kind == "outer":
            return self.nodes.quantities.outer(estimand, plane.u), plane.outer_share
        if estimand.kind == "arm":
            return self._by_arm(chart), plane.outer_share
        if estimand.kind == "contrast":
            return self.nodes.quantities.contrast(estimand, *plane.arms(plane.u, plane.v)), plane.node_share
        return self._at_nodes(estimand, chart), plane.node_share

    def _moments(self, estimand: EmbryoEstimand, transform: Callable[[Array], Array]) -> tuple[float, float]:
        s, share = self._coordinates(estimand, self._chart_of(estimand))
        weight = share * self.share
        with np.errstate(over="ignore", invalid="ignore"):
            values = transform(s)
            carried = values * weight
            if not _settled(np.abs(carried)):
                return float("nan"), float("nan")
            mean = carried.sum()
            squares = (values - mean) ** 2 * weight
            sd = np.sqrt(squares.sum()) if _settled(squares) else np.nan
        return float(mean), float(sd)


def _sign(estimand: EmbryoEstimand, chart: str) -> int:
    # along the control arm's log odds a contrast falls
    return -1 if chart == "treatment" and estimand.contrast != "control_risk" else 1


def _settled(carried: Array) -> bool:
    """Whether the ends of the panels carry no visible part of the sum."""
    ends = carried[[0, -1]].sum() + (carried[:, [0, -1]].sum() if carried.ndim == 3 else 0.0)
    return bool(np.isfinite(ends) and ends <= _FAR_SHARE * carried.sum())
