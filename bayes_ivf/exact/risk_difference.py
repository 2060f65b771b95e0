"""The risk difference in log odds: its level curves in closed form.

With t = tanh s the difference and p = expit, it is t at

========== ============================================================
outer u    inner v
========== ============================================================
control    ``logit(p(u) + t)``
treatment  ``logit(p(u) - t)``
average    ``sinh(v/2) = t (cosh u + cosh(v/2))``, a quadratic in exp(v/2)
========== ============================================================

Examples
--------
At control risk 0.3 a difference of 0.2 is a treatment risk of 0.5:

>>> u, s = special.logit(np.array([0.3])), np.arctanh(np.array([0.2]))
>>> v, per_s = RISK_DIFFERENCE.level_curves["control"](u, s)
>>> float(special.expit(v[0]).round(12))
0.5
>>> ahead, _ = RISK_DIFFERENCE.level_curves["control"](u, s + 1e-6)
>>> bool(abs((ahead - v)[0] / 1e-6 - per_s[0]) < 1e-4)
True
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.risk_contrast import RiskContrast, log_odds_at, risk_at, v_per_s

Array = npt.NDArray[np.float64]

_WITHIN_ONE = 1 - 1e-15
"""Largest risk difference of which the atanh is still finite."""


def atanh(difference: Array) -> Array:
    """Coordinate of a risk difference, finite throughout."""
    return np.asarray(np.arctanh(np.clip(difference, -_WITHIN_ONE, _WITHIN_ONE)))


def _coordinate(x_t: Array, x_c: Array) -> Array:
    return atanh(special.expit(x_t) - special.expit(x_c))


def _per_s(s: Array) -> Array:
    """Derivative of tanh; 300: the square of cosh is finite, and tanh has long been 1."""
    return np.asarray(1 / np.cosh(np.clip(s, -300, 300)) ** 2)


def _treatment_given(u: Array, s: Array) -> tuple[Array, Array]:
    t = np.tanh(s)
    risk, rest = risk_at(u) + t, risk_at(-u) - t
    return log_odds_at(risk, rest), v_per_s(_per_s(s), risk * rest)


def _control_given(u: Array, s: Array) -> tuple[Array, Array]:
    t = np.tanh(s)
    risk, rest = risk_at(u) - t, risk_at(-u) + t
    return log_odds_at(risk, rest), v_per_s(_per_s(s), risk * rest)


def _log_odds_ratio_given(u: Array, s: Array) -> tuple[Array, Array]:
    # sinh(b/2) = t (cosh m + cosh(b/2)) is a quadratic in exp(b/2).
    t = np.tanh(s)
    # 350: the square of cosh is finite
    c = np.cosh(np.clip(u, -350, 350))
    root = np.abs(t) * c + np.sqrt(t * t * c * c + (1 - t * t))
    with np.errstate(divide="ignore"):
        half = np.where(t < 0, -1.0, 1.0) * np.log(root / (1 - np.abs(t)))
    finite = np.where(np.isfinite(half), half, 0.0)
    risk_t, risk_c = risk_at(u + finite), risk_at(u - finite)
    slope = (risk_t * risk_at(-u - finite) + risk_c * risk_at(finite - u)) / 2
    return 2 * half, v_per_s(_per_s(s), slope)


def _saturation(s: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(np.tanh(np.abs(s))) + np.logaddexp(0, 2 * np.abs(s)) - np.log(2.0)
    return np.asarray(np.where(s < 0, size, -size))


def _averages(b: Array, s: Array) -> list[Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        m = np.arccosh(np.sinh(b / 2) / np.tanh(s) - np.cosh(b / 2))
    return [m, -m]


def _part_of_beta(a: Array, b: Array) -> tuple[Array, Array]:
    n = a + b
    risk = a / n
    return risk, risk * (b / n) / (n + 1)


def _located(mean: Array, sd: Array) -> tuple[Array, Array]:
    # 1e-12: a mean of 1 to rounding keeps a finite coordinate
    mean = np.clip(mean, -1 + 1e-12, 1 - 1e-12)
    return np.arctanh(mean), sd / (1 - mean * mean)


RISK_DIFFERENCE = RiskContrast(
    "risk_difference",
    coordinate=_coordinate,
    part=np.exp,
    slope=lambda x: np.asarray(special.expit(-x) * special.expit(x)),
    part_of_beta=_part_of_beta,
    located=_located,
    value_of_gap=None,
    moves_at_zero=False,
    moves_at_one=False,
    level_curves={"average": _log_odds_ratio_given, "control": _treatment_given, "treatment": _control_given},
    saturation=_saturation,
    averages=_averages,
)
"""Difference of two risks; its coordinate is the inverse hyperbolic tangent."""
