"""Power, and type S and M error, of a test of given size for a given true effect: never for the observed one."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isnan, nan, pi, sqrt

import numpy as np

from bayes_ivf.auditing.boschloo import fisher_table
from bayes_ivf.auditing.count_tests import Floats
from bayes_ivf.auditing.thresholds import ALPHA, EXACT_POWER


@dataclass(frozen=True)
class Power:
    """What to expect of P < alpha if an effect is true.

    Parameters
    ----------
    power : float
        Probability of P < alpha (two-sided), in either direction.
    type_s : float
        Probability that a significant estimate has the wrong sign; NaN if power is 0.
    type_m : float
        Mean size of significant estimates relative to the true effect; NaN if power is 0.
    test : str

    References
    ----------
    Gelman A, Carlin J (2014). Beyond power calculations: assessing type S (sign) and type M (magnitude) errors.
    doi 10.1177/1745691614551642.
    """

    power: float
    type_s: float
    type_m: float
    test: str

    def __str__(self) -> str:
        ending = (
            ""
            if isnan(self.type_s)
            else f"; if P < {ALPHA}: wrong sign {self.type_s:.3f}, exaggeration x {self.type_m:.1f}"
        )
        return f"power {self.power:.2f} ({self.test}){ending}"


def power_of_counts(risk_treatment: float, risk_control: float, n_treatment: int, n_control: int) -> Power:
    """Compute power for two risks: Fisher's test over all tables, or a Normal approximation for large arms.

    Parameters
    ----------
    risk_treatment, risk_control : float
        True risks, different, within 0 to 1.
    n_treatment, n_control : int
    """
    true = risk_treatment - risk_control
    if n_treatment * n_control > EXACT_POWER:
        variance = risk_treatment * (1 - risk_treatment) / n_treatment + risk_control * (1 - risk_control) / n_control
        return _normal(true, sqrt(variance), "Normal approximation") if variance > 0 else Power(1.0, 0.0, 1.0, "exact")
    weights = np.outer(_binomial(n_treatment, risk_treatment), _binomial(n_control, risk_control))
    difference = np.arange(n_treatment + 1)[:, None] / n_treatment - np.arange(n_control + 1)[None, :] / n_control
    chosen = np.where(fisher_table(n_treatment, n_control) < ALPHA, weights, 0.0)
    power = float(chosen.sum())
    if power <= 0:
        return Power(0.0, nan, nan, "Fisher")
    wrong = float(chosen[difference * np.sign(true) < 0].sum())
    size = float((chosen * np.abs(difference)).sum()) / power
    return Power(power, wrong / power, size / abs(true), "Fisher")


def power_of_means(effect: float, n_treatment: int, n_control: int) -> Power:
    """Compute power for a true standardized mean difference; Normal approximation to Welch's test."""
    return _normal(effect, sqrt(1 / n_treatment + 1 / n_control), "Welch, Normal approximation")


def _normal(effect: float, se: float, test: str) -> Power:
    from scipy.special import ndtr, ndtri

    c, ratio = float(ndtri(1 - ALPHA / 2)), abs(effect) / se
    right, wrong = float(ndtr(ratio - c)), float(ndtr(-ratio - c))
    power = right + wrong
    # Mean of |z| beyond c for z ~ Normal(ratio, 1), in units of the true effect.
    size = _density(c - ratio) + ratio * right + _density(c + ratio) - ratio * wrong
    return Power(power, wrong / power, size / (ratio * power), test)


def _density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi)


def _binomial(n: int, risk: float) -> Floats:
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(n + 1.0)
    log_choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(np.exp(log_choose + xlogy(k, risk) + xlog1py(n - k, -risk)))
