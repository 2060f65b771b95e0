"""Some nodes of the shared parameters under one rule: few enough that an array over all their points fits a cache."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.estimands import EmbryoEstimand
from bayes_ivf.embryo.plane import PosteriorGrid, PosteriorGrids
from bayes_ivf.embryo.quantities import Quantities
from bayes_ivf.embryo.shelf import ArrayCache
from bayes_ivf.embryo.women_curves import ArmWomen
from bayes_ivf.quadrature import Rule, invert_rows

Array = npt.NDArray[np.float64]

_ALL = 40.0


@dataclass(frozen=True, eq=False)
class NodeBlock:
    """What is known at B nodes of the shared parameters.

    The shelf knows a part by its number alone: a part on its own shelf would outlive its last use.

    Parameters
    ----------
    planes : PosteriorGrids
        Posterior of both log odds at each node.
    quantities : Quantities
        The estimands as functions of both log odds.
    treatment, control : ArmWomen
        A woman's chance by arm.
    rule : Rule
        How finely the log odds are integrated.
    shelf : ArrayCache
        Keeps what is large.
    """

    planes: PosteriorGrids
    quantities: Quantities
    treatment: ArmWomen
    control: ArmWomen
    rule: Rule
    shelf: ArrayCache
    _outlines: dict[str, PosteriorGrid] = field(default_factory=dict)
    _by_arm: dict[str, Array] = field(default_factory=dict)

    def plane(self, chart: str) -> PosteriorGrid:
        """Return the posterior in a chart."""
        found: PosteriorGrid = self.shelf.get(
            (id(self), chart), lambda: self.planes.tabulate(chart, self.rule), lambda plane: plane.size
        )
        self._outlines.setdefault(chart, found.outline())
        return found

    def outline(self, chart: str) -> PosteriorGrid:
        """Return the same without its inner nodes, which is all that a marginal needs."""
        if chart not in self._outlines:
            self.plane(chart)
        return self._outlines[chart]

    def at(self, estimand: EmbryoEstimand, chart: str, s: Array, *, exact: bool) -> tuple[Array, Array]:
        """Distribution functions and densities given each node at coordinates s (K, B), two arrays (K, B)."""
        if estimand.kind == "outer":
            at, slope = self.quantities.take_out(estimand, s)
            below, density = self.outline(chart).marginal(at)
            return below, density * slope
        if estimand.kind == "arm":
            outline, log_odds = self.outline(chart), self._women(chart).log_odds
            at, slope = invert_rows(log_odds if exact else None, outline.u[:, None], self.by_arm(chart)[:, None], s)
            below, density = outline.marginal(at[:, 0])
            return below, density * slope[:, 0]
        plane, sign = self.plane(chart), _sign(estimand, chart)
        if estimand.kind == "contrast":
            at, slope = self.quantities.take_out(estimand, s)
            below, density = plane.conditional(*plane.contrast_threshold(estimand.contrast, at))
            density = density * slope
        else:

            def function(v: Array) -> Array:
                return sign * self._between(estimand, *plane.arms(plane.u, v))

            values = self._at_nodes(estimand, chart, plane)
            found = invert_rows(function if exact else None, plane.v, sign * values, sign * s)
            below, density = plane.conditional(*found)
        return (1 - below if sign < 0 else below), density

    def coordinates(self, estimand: EmbryoEstimand, chart: str) -> tuple[Array, Array]:
        """Coordinate of the estimand at the points of its plane, and their probabilities given the shared parameters."""
        if estimand.kind == "outer":
            outline = self.outline(chart)
            return self.quantities.outer(estimand, outline.u), outline.outer_share
        if estimand.kind == "arm":
            return self.by_arm(chart), self.outline(chart).outer_share
        plane = self.plane(chart)
        if estimand.kind == "contrast":
            return self.quantities.contrast(estimand, *plane.arms(plane.u, plane.v)), plane.node_share
        return self._at_nodes(estimand, chart, plane), plane.node_share

    def bound(self, estimand: EmbryoEstimand) -> Array:
        """Upper bound (B,) of an arm's risk, met when every woman is receptive."""
        within = self.quantities.within
        if estimand.kind == "outer":
            return within
        corners = np.array([[_ALL, _ALL], [_ALL, -_ALL], [-_ALL, _ALL]])[..., None] * np.ones_like(within)
        return np.asarray(special.expit(self._between(estimand, corners[:, 0], corners[:, 1])).max(axis=0))

    def by_arm(self, chart: str) -> Array:
        """Log odds per woman at the outer nodes of an arm's plane, (N, B)."""
        if chart not in self._by_arm:
            self._by_arm[chart] = self._women(chart).log_odds(self.outline(chart).u)
        return self._by_arm[chart]

    def _women(self, arm: str) -> ArmWomen:
        return self.treatment if arm == "treatment" else self.control

    def _arms(
        self, estimand: EmbryoEstimand, x_t: Array, x_c: Array, wanted: tuple[str, ...] = ("treatment", "control")
    ) -> list[Array]:
        return self.quantities.arm_log_odds(estimand, x_t, x_c, self.treatment, self.control, wanted)

    def _between(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        if estimand.contrast == "treatment_risk":
            return self._arms(estimand, x_t, x_c, ("treatment",))[0]
        if estimand.contrast == "control_risk":
            return self._arms(estimand, x_t, x_c, ("control",))[0]
        y_t, y_c = self._arms(estimand, x_t, x_c)
        return self.quantities.between(estimand, y_t, y_c)

    def _at_nodes(self, estimand: EmbryoEstimand, chart: str, plane: PosteriorGrid) -> Array:
        """Coordinate of the estimand at the points of a plane, (M, N, B)."""

        def arms() -> list[Array]:
            return self._arms(estimand, *plane.arms(plane.u, plane.v))

        def values() -> Array:
            if estimand.contrast in ("treatment_risk", "control_risk"):
                return self._between(estimand, *plane.arms(plane.u, plane.v))
            # contrasts of the same two arms share what is dear
            pair = self.shelf.get(
                (id(self), chart, estimand.quantity), arms, lambda pair: sum(each.nbytes for each in pair)
            )
            return self.quantities.between(estimand, *pair)

        # an odds ratio and its log are one coordinate
        key = (id(self), chart, estimand.quantity, estimand.contrast.removeprefix("log_"))
        found: Array = self.shelf.get(key, values, lambda values: values.nbytes)
        return found


def _sign(estimand: EmbryoEstimand, chart: str) -> int:
    # along the control arm's log odds a contrast falls
    return -1 if chart == "treatment" and estimand.contrast != "control_risk" else 1
