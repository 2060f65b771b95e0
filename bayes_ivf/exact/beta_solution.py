"""The posterior of a chunk of two independent Beta risks under one rule: closed forms, and contrasts by one integral.

Examples
--------
>>> shapes = BetaShapes(*(np.array([shape]) for shape in (17.0, 25.0, 13.0, 29.0)))
>>> solution = BetaSolution(shapes, Rule(6, 6), "control", {})
>>> below, _ = solution.evaluate("risk_ratio", np.zeros((1, 1)))
>>> also_below, _ = solution.evaluate("log_odds_ratio", np.zeros((1, 1)))
>>> bool(abs(below - also_below)[0, 0] < 1e-6)
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.beta_log_odds import BetaLogOdds, LogOddsGrid, log_density, log_odds_location
from bayes_ivf.exact.level_curves import CONTRASTS, saturation, threshold
from bayes_ivf.exact.moments import RATIOS
from bayes_ivf.quadrature import Rule, add_up

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BetaShapes:
    """Shapes of both arms' Beta distributions, arrays (B,): a for events, b for failures."""

    a_t: Array
    b_t: Array
    a_c: Array
    b_c: Array

    def take(self, index: npt.NDArray[np.intp]) -> BetaShapes:
        """Return some of the problems."""
        return BetaShapes(self.a_t[index], self.b_t[index], self.a_c[index], self.b_c[index])

    def log_density_at_null(self) -> Array:
        """Log density of the log odds ratio at 0, a ratio of beta functions."""
        return np.asarray(
            special.betaln(self.a_t + self.a_c, self.b_t + self.b_c)
            - special.betaln(self.a_t, self.b_t)
            - special.betaln(self.a_c, self.b_c)
        )


_SHARP = 12.0
# The inner distribution function begins at 0 (or 1) as a power of the risk, its shape: below 12 it has fewer derivatives there
# than 12 nodes can use.
_GRADED = (1.0, 0.15, 0.01, 5e-4, 0.0)
# Distances from such a point, in log odds, at which edges are put on either side.


@dataclass(frozen=True)
class BetaSolution:
    """The posterior of a chunk; all its problems share which arm is the outer one."""

    shapes: BetaShapes
    rule: Rule
    outer: str
    finders: dict[str, BetaLogOdds]

    def _bracket(self, arm: str) -> BetaLogOdds:
        s = self.shapes
        if arm not in self.finders:
            shapes = (s.a_t, s.b_t) if arm == "treatment" else (s.a_c, s.b_c)
            self.finders[arm] = BetaLogOdds.find(*shapes)
        return self.finders[arm]

    @cached_property
    def _outer(self) -> LogOddsGrid:
        return self._bracket(self.outer).grid(self.rule.outer)

    @cached_property
    def _inner(self) -> LogOddsGrid:
        return self._bracket("treatment" if self.outer == "control" else "control").grid(self.rule.inner)

    def missed(self) -> Array:
        """Probability (B,) of what lies beyond the panels of either arm."""
        inner_arm = "treatment" if self.outer == "control" else "control"
        outside = [
            self._bracket(arm).outside(grid) for arm, grid in ((self.outer, self._outer), (inner_arm, self._inner))
        ]
        return np.asarray(outside[0] + outside[1])

    @property
    def log_total(self) -> Array:
        """Log of the product of both beta functions."""
        s = self.shapes
        return np.asarray(special.betaln(s.a_t, s.b_t) + special.betaln(s.a_c, s.b_c))

    def log_density_at_null(self) -> Array:
        """Log density of the log odds ratio at 0."""
        return self.shapes.log_density_at_null()

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        if estimand.endswith("_risk"):
            return self._risk(estimand, s)
        mass, density = _contrast(estimand, self.outer, self._outer, self._inner, s)
        if estimand in CONTRASTS:
            # where the inner risk reaches 0 or 1 its distribution function is not smooth unless its shape is large
            ends = saturation(estimand, self.outer, s)
            bracket = self._bracket(self.outer)
            needs_edges = (self._shape_at_end(s) < _SHARP) & bracket.covers(ends)
            row, column = np.nonzero(needs_edges)
            if len(row):
                points = ends[needs_edges]
                edges = [points - step for step in _GRADED] + [points + step for step in _GRADED[:-1]]
                outer = bracket.take(column).grid(self.rule.outer, edges)
                mass[needs_edges], density[needs_edges] = (
                    value[0]
                    for value in _contrast(estimand, self.outer, outer, self._inner.take(column), s[None, needs_edges])
                )
        return mass, density

    def _shape_at_end(self, s: Array) -> Array:
        """Shape (K, B) of the inner arm that acts where its risk reaches 0 or 1: more than the outer one's if s asks for it."""
        shapes = self.shapes
        if self.outer == "control":
            return np.where(s < 0, shapes.a_t, shapes.b_t)
        return np.where(s > 0, shapes.a_c, shapes.b_c)

    def _risk(self, estimand: str, s: Array) -> tuple[Array, Array]:
        shapes = self.shapes
        a, b = (shapes.a_c, shapes.b_c) if estimand == "control_risk" else (shapes.a_t, shapes.b_t)
        return special.betainc(a, b, special.expit(s)), np.exp(log_density(s, a, b))

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the estimand's coordinate, to start searches from."""
        s = self.shapes
        (m_t, sd_t), (m_c, sd_c) = log_odds_location(s.a_t, s.b_t), log_odds_location(s.a_c, s.b_c)
        if estimand == "treatment_risk":
            return m_t, sd_t
        if estimand == "control_risk":
            return m_c, sd_c
        if estimand in CONTRASTS:
            return CONTRASTS[estimand].located(*self._gap(estimand))
        return m_t - m_c, np.hypot(sd_t, sd_c)

    def _gap(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) of a contrast's gap."""
        s, part = self.shapes, CONTRASTS[estimand].part_of_beta
        (mean_t, variance_t), (mean_c, variance_c) = part(s.a_t, s.b_t), part(s.a_c, s.b_c)
        return mean_t - mean_c, np.sqrt(variance_t + variance_c)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,), all in closed form; NaN where infinite, or where there is none."""
        s = self.shapes
        n_t, n_c = s.a_t + s.b_t, s.a_c + s.b_c
        risk_t, risk_c = s.a_t / n_t, s.a_c / n_c
        var_t, var_c = risk_t * (s.b_t / n_t) / (n_t + 1), risk_c * (s.b_c / n_c) / (n_c + 1)
        if estimand == "treatment_risk":
            return risk_t, np.sqrt(var_t)
        if estimand == "control_risk":
            return risk_c, np.sqrt(var_c)
        if estimand in CONTRASTS and CONTRASTS[estimand].value_of_gap is None:
            return self._gap(estimand)
        if estimand == "log_odds_ratio":
            return self.location(estimand)
        if estimand not in RATIOS:
            return np.full_like(risk_t, np.nan), np.full_like(risk_t, np.nan)
        # rising factorials; a pole of the lowest shape means that the moment is infinite
        square_t, inverse = s.a_t * (s.a_t + 1), (s.a_c - 1) * (s.a_c - 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            if estimand == "risk_ratio":
                lowest = s.a_c
                first = risk_t * (n_c - 1) / (s.a_c - 1)
                second = square_t / (n_t * (n_t + 1)) * (n_c - 1) * (n_c - 2) / inverse
            else:
                lowest = np.minimum(s.a_c, s.b_t)
                first = s.a_t * s.b_c / ((s.b_t - 1) * (s.a_c - 1))
                second = square_t * s.b_c * (s.b_c + 1) / ((s.b_t - 1) * (s.b_t - 2) * inverse)
            sd = np.sqrt(np.maximum(second - first * first, 0))
        return np.where(lowest > 1, first, np.nan), np.where(lowest > 2, sd, np.nan)


def _contrast(estimand: str, name: str, outer: LogOddsGrid, inner: LogOddsGrid, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K, B) of a contrast: the inner arm's, averaged over the outer one."""
    u = outer.x[:, None]
    if estimand in CONTRASTS:
        v, per_s = threshold(estimand, name, u, s)
    else:
        v = u + s if name == "control" else u - s
        per_s = np.ones_like(v)
    shape = v.shape
    below, density = (part.reshape(shape) for part in inner.below(v.reshape(-1, shape[-1])))
    weight = outer.weight[:, None]
    mass = add_up(below * weight)
    finite = np.isfinite(per_s) & np.isfinite(v)
    total = add_up(density * np.where(finite, per_s, 0.0) * weight)
    return mass if name == "control" else 1 - mass, total
