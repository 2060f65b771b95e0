"""Estimands as functions of both arms' log odds, on the coordinate in which they are searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.estimands import EmbryoEstimand
from bayes_ivf.embryo.women_curves import ArmWomen

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Quantities:
    """Coordinates of the estimands at B values of the shared parameters.

    Parameters
    ----------
    mechanism : str
        Of the arms.
    within : (B,) array of float
        The icc, or q.
    """

    mechanism: str
    within: Array

    def take_out(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
        """Coordinate (K, B) of the same quantity of expit(log odds), and its derivative in s: the factor q removed."""
        if not self._has_factor(estimand) or estimand.contrast == "risk_ratio":
            return s, np.ones_like(s)
        if estimand.contrast == "risk_difference":
            t = np.tanh(s) / self.within
            inside = np.abs(t) < 1
            with np.errstate(divide="ignore"):
                at = np.arctanh(np.clip(t, -1, 1))
            return at, np.where(inside, (1 - np.tanh(s) ** 2) / self.within / np.where(inside, 1 - t * t, 1.0), 0.0)
        risk = special.expit(s)
        rest = self.within - risk
        inside = rest > 0
        at = np.where(inside, special.log_expit(s) - np.log(np.where(inside, rest, 1.0)), np.inf)
        return at, np.where(inside, special.expit(-s) * self.within / np.where(inside, rest, 1.0), 0.0)

    def outer(self, estimand: EmbryoEstimand, u: Array) -> Array:
        """Coordinate of an estimand that is the outer coordinate, or r q where that is the log odds of r."""
        return log_odds_of_product(u, self.within) if self._has_factor(estimand) else u

    def contrast(self, estimand: EmbryoEstimand, x_t: Array, x_c: Array) -> Array:
        """Coordinate of a risk difference or ratio per embryo."""
        if estimand.contrast == "risk_ratio":
            return np.asarray(special.log_expit(x_t) - special.log_expit(x_c))
        factor = self.within if self._has_factor(estimand) else 1.0
        return _atanh(factor * (special.expit(x_t) - special.expit(x_c)))

    def arm_log_odds(
        self,
        estimand: EmbryoEstimand,
        x_t: Array,
        x_c: Array,
        treatment: ArmWomen,
        control: ArmWomen,
        wanted: tuple[str, ...],
    ) -> list[Array]:
        """Log odds, per embryo or per woman as the estimand asks, of the arms that are wanted."""
        arms = {"treatment": (treatment, x_t), "control": (control, x_c)}
        if estimand.quantity == "embryo":
            return [log_odds_of_product(arms[name][1], self.within) for name in wanted]
        shares = None
        if estimand.quantity == "woman_standardized":
            women = treatment.arm.totals.women + control.arm.totals.women
            pairs = zip(treatment.women(x_t), control.women(x_c), strict=True)
            shares = [(ours + theirs) / women for ours, theirs in pairs]
        return [arm.log_odds(x, shares) for arm, x in (arms[name] for name in wanted)]

    def between(self, estimand: EmbryoEstimand, y_t: Array, y_c: Array) -> Array:
        """Coordinate of a contrast from the `arm_log_odds`."""
        if estimand.contrast == "risk_difference":
            return _atanh(special.expit(y_t) - special.expit(y_c))
        if estimand.contrast == "risk_ratio":
            return np.asarray(special.log_expit(y_t) - special.log_expit(y_c))
        return y_t - y_c

    def _has_factor(self, estimand: EmbryoEstimand) -> bool:
        return self.mechanism == "receptivity" and "[" not in estimand.scale


def log_odds_of_product(x: Array, factor: Array) -> Array:
    """Logit of expit(x) * factor."""
    # 1 - r q = (1 - r) + r (1 - q)
    rest = special.expit(-x) + special.expit(x) * (1 - factor)
    return np.asarray(special.log_expit(x) + np.log(factor) - np.log(rest))


def _atanh(difference: Array) -> Array:
    return np.asarray(np.arctanh(np.clip(difference, -1 + 1e-15, 1 - 1e-15)))
