"""The risk ratio in log odds: its level curves in closed form.

With t = exp s the ratio and p = expit, it is t at

========== ======================================================
outer u    inner v
========== ======================================================
control    ``logit(t p(u))``
treatment  ``logit(p(u) / t)``
average    ``2 sinh((v - s)/2) = exp(u - s/2) (t - 1)``
========== ======================================================

Examples
--------
At control risk 0.3 a ratio of 2 is a treatment risk of 0.6:

>>> v, _ = RISK_RATIO.level_curves["control"](special.logit(np.array([0.3])), np.log(np.array([2.0])))
>>> float(special.expit(v[0]).round(12))
0.6
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.risk_contrast import RiskContrast, log_odds_at, risk_at, v_per_s

Array = npt.NDArray[np.float64]


def _coordinate(x_t: Array, x_c: Array) -> Array:
    return np.asarray(special.log_expit(x_t) - special.log_expit(x_c))


def _terms(s: Array) -> tuple[Array, Array]:
    """The ratio t and 1 - t; 700: exp of it is finite."""
    within = np.clip(s, -700, 700)
    return np.exp(within), -np.expm1(within)


def _treatment_given(u: Array, s: Array) -> tuple[Array, Array]:
    t, rest = _terms(s)
    against = risk_at(-u) + rest * risk_at(u)
    return log_odds_at(t * risk_at(u), against), v_per_s(np.ones_like(s), against)


def _control_given(u: Array, s: Array) -> tuple[Array, Array]:
    t, rest = _terms(s)
    # 1 - p_t / t = (q_t - (1 - t)) / t.
    against = (risk_at(-u) - rest) / t
    return log_odds_at(risk_at(u) / t, against), v_per_s(np.ones_like(s), against)


def _log_odds_ratio_given(u: Array, s: Array) -> tuple[Array, Array]:
    # With z = exp((b - s) / 2): z - 1/z = exp(m - s/2) (t - 1), a quadratic solved by a hyperbolic sine.
    within = np.clip(s, -700, 700)
    with np.errstate(over="ignore"):
        v = np.asarray(2 * np.arcsinh(np.exp(np.clip(u - within / 2, -700, 700)) * np.expm1(within) / 2) + within)
    finite = np.where(np.isfinite(v), v, 0.0) / 2
    return v, v_per_s(np.ones_like(s), (risk_at(-u - finite) + risk_at(finite - u)) / 2)


def _saturation(s: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(s > 0, -np.abs(s) - np.log(-np.expm1(-np.abs(s))), np.nan)


def _averages(b: Array, s: Array) -> list[Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        # p_t / p_c lies between 1 and exp(b): numerator and denominator share their sign.
        return [np.log(np.expm1(b - s) / np.expm1(s)) + s - b / 2]


def _part_of_beta(a: Array, b: Array) -> tuple[Array, Array]:
    return special.digamma(a) - special.digamma(a + b), special.polygamma(1, a) - special.polygamma(1, a + b)


RISK_RATIO = RiskContrast(
    "risk_ratio",
    coordinate=_coordinate,
    part=lambda log_risk: log_risk,
    slope=lambda x: np.asarray(special.expit(-x)),
    part_of_beta=_part_of_beta,
    located=lambda mean, sd: (mean, sd),
    value_of_gap=np.exp,
    moves_at_zero=True,
    moves_at_one=False,
    level_curves={"average": _log_odds_ratio_given, "control": _treatment_given, "treatment": _control_given},
    saturation=_saturation,
    averages=_averages,
)
"""Ratio of two risks; its coordinate is the log."""
