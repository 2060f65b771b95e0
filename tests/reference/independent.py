"""Posteriors by plain grids, written from the formulas and sharing no code with the package.

A grid is fine enough that halving its step moves a probability by less than 1e-5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats


@dataclass(frozen=True)
class Answer:
    """Mean, sd and distribution function of one quantity."""

    mean: float
    sd: float
    values: np.ndarray
    weights: np.ndarray

    def above(self, threshold):
        """Probability above a threshold; a grid point on it counts half."""
        over = self.weights[self.values > threshold].sum() + 0.5 * self.weights[self.values == threshold].sum()
        return float(over)


def weigh(values, weights):
    values = np.broadcast_to(values, weights.shape)
    kept = weights > 1e-15 * weights.max()
    values, weights = values[kept], weights[kept]
    weights = weights / weights.sum()
    mean = (weights * values).sum()
    return Answer(float(mean), float(np.sqrt((weights * (values - mean) ** 2).sum())), values, weights)


def counts(treatment, control, first, effect, coding, points=401):
    """Two binomial arms; `first` and `effect` are frozen SciPy distributions of log odds."""
    # a normal prior and at least one event more or less than all bound both directions
    level = np.linspace(first.mean() - 9 * first.std(), first.mean() + 9 * first.std(), points)[:, None]
    b = np.linspace(-9 * effect.std(), 9 * effect.std(), 20 * points + 1)[None, :]
    upper, lower = (level + b / 2, level - b / 2) if coding == "average" else (level + b, level)
    log_density = first.logpdf(level) + effect.logpdf(b)
    for (k, n), logit in ((treatment, upper), (control, lower)):
        log_density = log_density - k * np.logaddexp(0, -logit) - (n - k) * np.logaddexp(0, logit)
    weights = np.exp(log_density - log_density.max())
    p_t, p_c = special.expit(upper), special.expit(lower)
    # P(RD > 0) is P(b > 0), which the grid holds exactly on its middle line
    return {
        "log_odds_ratio": weigh(b, weights),
        "risk_difference": weigh(np.where(b == 0, 0.0, p_t - p_c), weights),
        "control_risk": weigh(p_c, weights),
        "treatment_risk": weigh(p_t, weights),
    }


def beta_arms(treatment, control, prior, points=4001):
    """Two arms with the same Beta prior, independently."""
    p = (np.arange(points) + 0.5) / points
    arms = [
        np.diff(stats.beta.cdf(np.linspace(0, 1, points + 1), prior[0] + k, prior[1] + n - k))
        for k, n in (treatment, control)
    ]
    difference = p[:, None] - p[None, :]
    return weigh(difference, arms[0][:, None] * arms[1][None, :])


def behrens_fisher(treatment, control, points=200_001):
    """Difference of two means, each mean + sd / sqrt(n) t: distribution function at `x`, mean and sd."""
    (m1, s1, n1), (m2, s2, n2) = treatment, control
    u = (np.arange(points) + 0.5) / points
    second = m2 + s2 / np.sqrt(n2) * stats.t.ppf(u, n2 - 1)

    def cdf(x):
        return float(np.mean(stats.t.cdf((x + second - m1) / (s1 / np.sqrt(n1)), n1 - 1)))

    variance = sum(s**2 / n * (n - 1) / (n - 3) for _, s, n in (treatment, control))
    return cdf, m1 - m2, float(np.sqrt(variance))


def means(treatment, control, effect, *, common=False, points=81, effects=801):
    """Standardized difference of two normal samples; flat average and log sds, prior on the difference.

    The average integrates out: the observed difference is normal around effect times standardizer.
    """
    (m1, s1, n1), (m2, s2, n2) = treatment, control

    def log_sd(s, n):
        return np.log(s) + np.linspace(-9, 12, points) / np.sqrt(2 * n)

    if common:
        pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
        total = np.sqrt(pooled**2 + (m1 - m2) ** 2)
        sd1 = sd2 = np.exp(np.linspace(np.log(pooled) - 1.5, np.log(total) + 1.5, 8 * points))[:, None]
        log_density = np.zeros_like(sd1)
    else:
        sd1 = np.exp(log_sd(s1, n1))[:, None, None]
        sd2 = np.exp(log_sd(s2, n2))[None, :, None]
        log_density = np.zeros((points, points, 1))
    for sd, s, n in ((sd1, s1, n1), (sd2, s2, n2)):
        log_density = log_density - (n - 1) * np.log(sd) - (n - 1) * s**2 / (2 * sd**2)
    standardizer = np.sqrt((sd1**2 + sd2**2) / 2)
    error = np.sqrt(sd1**2 / n1 + sd2**2 / n2)
    crude = (m1 - m2) / np.sqrt((s1**2 + s2**2) / 2)
    width = 10 * np.sqrt(1 / n1 + 1 / n2 + crude**2 / (n1 + n2 - 2))
    d = crude + np.linspace(-width, width, effects)
    z = (m1 - m2 - d * standardizer) / error
    log_density = log_density - 0.5 * z**2 - np.log(error) + effect.logpdf(d)
    weights = np.exp(log_density - log_density.max())
    return {"standardized_mean_difference": weigh(d, weights), "mean_difference": weigh(d * standardizer, weights)}


def control_mean_below(treatment, control, effect, x):
    """Probability that the control mean is at most `x`, with one sigma: both means themselves are integrated."""
    (m1, s1, n1), (m2, s2, n2) = treatment, control
    df = n1 + n2 - 2
    s = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
    nodes, weights = np.polynomial.legendre.leggauss(12)

    def panels(low, high, count):
        edges = np.linspace(low, high, count + 1)
        half = np.diff(edges)[:, None] / 2
        return ((edges[1:] + edges[:-1])[:, None] / 2 + half * nodes).ravel(), (half * weights).ravel()

    a, w_a = (v[:, None, None] for v in panels(np.log(s) - 9 / np.sqrt(2 * df), np.log(s) + 12 / np.sqrt(2 * df), 8))
    z, w_z = (v[None, :, None] for v in panels(-8, 8, 8))
    sigma = np.exp(a)

    def mass(low, high):
        mean, w = (v[None, None, :] for v in panels(low, high, 12))
        d = (m1 + z * sigma / np.sqrt(n1) - mean) / sigma
        log = -0.5 * z * z - 0.5 * n2 * ((m2 - mean) / sigma) ** 2 - df * (a - np.log(s) + s**2 / (2 * sigma**2) - 0.5)
        return np.sum(np.exp(log + effect.logpdf(d)) * w_a * w_z * w / sigma**2)

    wide = 12 * s / np.sqrt(n2)
    below = mass(m2 - wide, x)
    return below / (below + mass(x, m2 + wide))


def claim_probability(d, n1, n2, direction, alpha):
    """Chance that an equal-variance t test prints a claim, for each standardized difference."""
    df = n1 + n2 - 2
    u = (np.arange(4000) + 0.5) / 4000
    s = stats.chi.ppf(u, df) / np.sqrt(df)
    critical = stats.t.isf(alpha / 2, df) * s[:, None]
    shift = d / np.sqrt(1 / n1 + 1 / n2)
    lower, higher = special.ndtr(-critical - shift).mean(0), special.ndtr(shift - critical).mean(0)
    inside = (special.ndtr(critical - shift) - special.ndtr(-critical - shift)).mean(0)
    return {"lower": lower, "higher": higher, "differs": lower + higher, "none": inside}[direction]


def claim(n1, n2, direction, alpha, doubt, effect):
    """Standardized difference known only from a claim that is doubted."""
    # equal steps of the prior's probability, finer in its tails
    u = special.expit(np.linspace(-18, 18, 2401))
    edges = effect.ppf(u)
    d = (edges[1:] + edges[:-1]) / 2
    likelihood = (1 - doubt) * claim_probability(d, n1, n2, direction, alpha) + doubt
    return weigh(d, likelihood * np.diff(u))
