"""What can be asked of two arms' embryo totals, and each quantity as a function of both log odds.

Of pi, the chance per embryo (r q under ``receptivity``), and of the chance of a clinical pregnancy per woman, ``p(x, psi) =
(1 - lambda) sum_m share_m Pr(K >= 1 | m, x, psi)``: risk of each arm, risk difference, risk ratio, odds ratio. Distribution
functions are computed on a coordinate s without bounds: logit of a risk, atanh of a risk difference, log of a ratio.

Under ``receptivity`` the risk r q cannot exceed q, and ``Pr(r q <= t | q) = Pr(r <= t / q | q)``: the factor q is taken out
of the threshold, and what is left is a question about r alone.

Examples
--------
A risk r q of 0.3 with q = 0.6 is r = 0.5, a logit of zero:

>>> functions = EstimandFunctions("receptivity", within=np.array([0.6]))
>>> risk = estimands_of("receptivity")["treatment_risk"]
>>> s, slope = functions.without_factor(risk, special.logit([[0.3]]))
>>> print(np.abs(s).round(6))
[[0.]]

Per embryo, a difference of 0.2 between 0.5 and 0.3 under ``beta_binomial``:

>>> difference = estimands_of("beta_binomial")["risk_difference"]
>>> functions = EstimandFunctions("beta_binomial", within=np.array([0.5]))
>>> print(np.tanh(functions.contrast(difference, special.logit([0.5]), special.logit([0.3]))).round(6))
[0.2]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.women_curves import WomanCurves
from bayes_ivf.exact import CONTRASTS, atanh

Array = npt.NDArray[np.float64]

_ODDS = ("odds_ratio", "log_odds_ratio")
_THROUGH_Q = ("risk_difference", "risk_ratio")
"""Contrasts of r q that are asked as ones of r: q, common to both arms, is taken out of the threshold."""


@dataclass(frozen=True)
class EmbryoEstimand:
    """One quantity.

    Parameters
    ----------
    scale : str
        Estimand of `exact.scales` with the same range and coordinate, made unique by a suffix in brackets.
    kind : {"outer", "contrast", "arm", "between", "shared"}
        An outer coordinate; a contrast of expit(log odds) with level curves; a function of one arm's log odds; a function of
        both; a shared parameter.
    coordinates : str
        Coordinates in which ``outer`` and ``arm`` are computed, and ``between`` unless empty.
    quantity : {"embryo", "woman", "woman_standardized", "shared"}
        Whose probability.
    bounded : bool
        Whether a shared parameter bounds it: under ``receptivity`` no risk of an arm exceeds q, and under ``biochemical`` no
        woman's chance exceeds 1 - lambda.
    """

    scale: str
    kind: str
    coordinates: str = ""
    quantity: str = "embryo"
    bounded: bool = False

    @property
    def contrast(self) -> str:
        """Name of the scale without its suffix."""
        return self.scale.partition("[")[0]


def estimands_of(mechanism: str) -> Mapping[str, EmbryoEstimand]:
    """Return the quantities that can be asked for under a mechanism, by name.

    Parameters
    ----------
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        See `embryo.terms.log_pmf`.

    Returns
    -------
    mapping of str to EmbryoEstimand
        Per embryo: every contrast of `exact.CONTRASTS`, ``odds_ratio, log_odds_ratio, control_risk, treatment_risk`` (of pi, or
        of r q). Per woman, averaged over the arm's own posterior allocation: the same with ``woman_`` before; with
        ``_standardized`` behind, averaged over the allocation of both arms together. Shared by the arms: ``icc``, or ``q``,
        and ``lambda``. Under ``receptivity`` also ``log_odds_ratio_receptivity`` and ``odds_ratio_receptivity``, of r.
    """
    receptive = mechanism == "receptivity"
    contrasts = {
        name: EmbryoEstimand(name, "between" if receptive and name not in _THROUGH_Q else "contrast")
        for name in CONTRASTS
    }
    risks = {f"{arm}_risk": EmbryoEstimand(f"{arm}_risk", "outer", arm) for arm in ("control", "treatment")}
    shared = {"q" if receptive else "icc": EmbryoEstimand("control_risk[within]", "shared")}
    if mechanism == "biochemical":
        shared["lambda"] = EmbryoEstimand("control_risk[loss]", "shared")
    if receptive:
        ratios = {name: EmbryoEstimand(name, "between") for name in reversed(_ODDS)}
        ratios |= _log_odds("receptivity")
    else:
        ratios = _log_odds("")
    estimands = ratios | contrasts | risks | _per_woman()
    bounded = {"receptivity": ("embryo", "woman", "woman_standardized"), "biochemical": ("woman", "woman_standardized")}
    estimands = {
        name: replace(each, bounded=each.contrast in risks and each.quantity in bounded.get(mechanism, ()))
        for name, each in estimands.items()
    }
    return MappingProxyType(estimands | shared)


def _log_odds(suffix: str) -> dict[str, EmbryoEstimand]:
    ending = f"_{suffix}" if suffix else ""
    return {f"{name}{ending}": EmbryoEstimand(f"{name}[log odds]", "outer", "effect") for name in reversed(_ODDS)}


def _per_woman() -> dict[str, EmbryoEstimand]:
    estimands = {}
    for suffix, quantity in (("", "woman"), ("_standardized", "woman_standardized")):
        own = quantity == "woman"
        # a standardized risk hangs on both arms: with the other arm outside, it is monotone along the inner coordinate
        for name, own_coordinates, coordinates in (
            ("control_risk", "control", "treatment"),
            ("treatment_risk", "treatment", "control"),
        ):
            kind = "arm" if own else "between"
            estimands[f"woman_{name}{suffix}"] = EmbryoEstimand(
                f"{name}[{quantity}]", kind, own_coordinates if own else coordinates, quantity
            )
        for name in (*CONTRASTS, *_ODDS):
            estimands[f"woman_{name}{suffix}"] = EmbryoEstimand(f"{name}[{quantity}]", "between", "", quantity)
    return estimands


@dataclass(frozen=True)
class EstimandFunctions:
    """Coordinates of the estimands as functions of both log odds, at B values of the shared parameters.

    Parameters
    ----------
    mechanism : str
        Of the arms.
    within : (B,) array of float
        The icc, or q.
    """

    mechanism: str
    within: Array

    def without_factor(self, estimand: EmbryoEstimand, s: Array) -> tuple[Array, Array]:
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
        """Coordinate of a contrast of the chances per embryo."""
        if self._has_factor(estimand) and estimand.contrast == "risk_difference":
            return atanh(self.within * (special.expit(x_t) - special.expit(x_c)))
        return CONTRASTS[estimand.contrast].coordinate(x_t, x_c)

    def arm_log_odds(
        self,
        estimand: EmbryoEstimand,
        x_t: Array,
        x_c: Array,
        treatment: WomanCurves,
        control: WomanCurves,
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
        known = CONTRASTS.get(estimand.contrast)
        return y_t - y_c if known is None else known.coordinate(y_t, y_c)

    def _has_factor(self, estimand: EmbryoEstimand) -> bool:
        return self.mechanism == "receptivity" and "[" not in estimand.scale


def log_odds_of_product(x: Array, factor: Array) -> Array:
    """Logit of expit(x) * factor."""
    # 1 - r q = (1 - r) + r (1 - q)
    rest = special.expit(-x) + special.expit(x) * (1 - factor)
    return np.asarray(special.log_expit(x) + np.log(factor) - np.log(rest))
