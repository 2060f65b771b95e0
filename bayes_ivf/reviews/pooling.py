"""Overall estimates as review software computes them: Mantel-Haenszel, Peto, inverse variance; fixed and random effects.

References
----------
Deeks JJ, Higgins JPT. Statistical algorithms in Review Manager 5. Statistical Methods Group of The Cochrane Collaboration, 2010.
Robins J, Breslow N, Greenland S. Estimators of the Mantel-Haenszel variance consistent in both sparse data and large-strata
limiting models. Biometrics 1986; 42: 311-323. doi:10.2307/2531052
Greenland S, Robins JM. Estimation of a common effect parameter from sparse follow-up data. Biometrics 1985; 41: 55-68.
doi:10.2307/2530643
DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986; 7: 177-188.
doi:10.1016/0197-2456(86)90046-2
Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the random-effects model. J Educ Behav Stat 2005;
30: 261-293. doi:10.3102/10769986030003261
Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials with binary outcome. Stat Med 2001; 20:
3875-3889. doi:10.1002/sim.1009
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from bayes_ivf.reviews.estimates import Estimate, Table, corrected, peto_parts

Floats = npt.NDArray[np.float64]
STEPS = 200
"""Steps of the search for the between-study variance."""


@dataclass(frozen=True)
class Overall:
    """An overall estimate.

    Parameters
    ----------
    estimate : Estimate
    factor : float
        Quantile by which the standard error becomes half an interval.
    tau2 : float
        Between-study variance; 0 with fixed effects.
    """

    estimate: Estimate
    factor: float
    tau2: float = 0.0


def normal_quantile(level: float) -> float:
    """Return the normal quantile of a two-sided interval."""
    return NormalDist().inv_cdf((1 + level) / 2)


def fixed(estimates: Sequence[Estimate], level: float) -> Overall:
    """Return the inverse-variance estimate of a common effect."""
    values, weights = _arrays(estimates)
    return _weighted(values, weights, estimates[0].ratio, normal_quantile(level))


def _arrays(estimates: Sequence[Estimate]) -> tuple[Floats, Floats]:
    return np.array([each.value for each in estimates]), np.array([1 / each.se**2 for each in estimates])


def _weighted(values: Floats, weights: Floats, ratio: bool, factor: float, tau2: float = 0.0) -> Overall:
    total = float(weights.sum())
    return Overall(Estimate(float(weights @ values) / total, 1 / sqrt(total), ratio), factor, tau2)


def random_effects(
    estimates: Sequence[Estimate], level: float, estimator: str, interval: str, center: float | None = None
) -> list[Overall]:
    """Return random-effects estimates, more than one where an interval has several usual forms.

    Parameters
    ----------
    estimates : sequence of Estimate
    level : float
    estimator : {"DL", "REML"}
    interval : {"Wald", "HKSJ"}
    center : float, optional
        Around which the heterogeneity is taken: the Mantel-Haenszel estimate where that method is named.
    """
    values, precision = _arrays(estimates)
    tau2 = _reml(values, 1 / precision) if estimator == "REML" else _dersimonian_laird(values, precision, center)
    weights = 1 / (1 / precision + tau2)
    plain = _weighted(values, weights, estimates[0].ratio, normal_quantile(level), tau2)
    if interval != "HKSJ" or len(values) < 2:
        return [plain]
    from scipy.stats import t

    free = len(values) - 1
    spread = float(weights @ (values - plain.estimate.value) ** 2) / free
    factor = float(t.ppf((1 + level) / 2, free))
    own = [
        Overall(Estimate(plain.estimate.value, plain.estimate.se * sqrt(scale), plain.estimate.ratio), factor, tau2)
        for scale in (spread, max(spread, 1.0))
    ]
    return [*own, plain]


def _dersimonian_laird(values: Floats, weights: Floats, center: float | None) -> float:
    middle = float(weights @ values / weights.sum()) if center is None else center
    q = float(weights @ (values - middle) ** 2)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(0.0, (q - (len(values) - 1)) / scale) if scale > 0 else 0.0


def _reml(values: Floats, variances: Floats) -> float:
    """Return the restricted maximum-likelihood estimate by Fisher scoring."""
    if len(values) < 2:
        return 0.0
    tau2 = max(0.0, float(values.var(ddof=1) - variances.mean()))
    for _ in range(STEPS):
        weights = 1 / (variances + tau2)
        total = float(weights.sum())
        middle = float(weights @ values) / total
        squares = weights**2
        trace = total - float(squares.sum()) / total
        slope = float(squares @ (values - middle) ** 2) - trace
        curve = float(squares.sum()) - 2 * float((weights**3).sum()) / total + (float(squares.sum()) / total) ** 2
        step = slope / curve
        new = max(0.0, tau2 + step)
        if abs(new - tau2) < 1e-12 * (1 + new):
            return new
        tau2 = new
    return tau2


def peto(tables: Sequence[Table], level: float) -> Overall | None:
    """Return Peto's estimate of a common odds ratio."""
    return one_step([peto_parts(table) for table in tables if _varies(table)], level)


def one_step(parts: Sequence[tuple[float, float]], level: float) -> Overall | None:
    """Return the one-step estimate of a log odds or hazard ratio from observed minus expected events and their variances."""
    variance = sum(each for _, each in parts)
    if variance <= 0:
        return None
    value = sum(difference for difference, _ in parts) / variance
    return Overall(Estimate(value, 1 / sqrt(variance), ratio=True), normal_quantile(level))


def _varies(table: Table) -> bool:
    return table[0] + table[2] > 0 and table[1] + table[3] > 0


def mantel_haenszel(tables: Sequence[Table], measure: str, level: float) -> list[Overall]:
    """Return Mantel-Haenszel estimates of a common effect, from tables as they are and with halves in empty cells.

    Parameters
    ----------
    tables : sequence of (float, float, float, float)
    measure : {"odds_ratio", "risk_ratio", "risk_difference"}
    level : float
    """
    used = [table for table in tables if measure == "risk_difference" or _varies(table)]
    found = []
    for each in (used, [corrected(table) for table in used]):
        estimate = _mantel_haenszel(np.array(each), measure) if each else None
        found += [] if estimate is None else [Overall(estimate, normal_quantile(level))]
    return found


def _mantel_haenszel(tables: Floats, measure: str) -> Estimate | None:
    a, b, c, d = tables.T
    n, m = a + b, c + d
    total = n + m
    if measure == "risk_difference":
        weights = n * m / total
        value = float(((a * m - c * n) / total).sum() / weights.sum())
        variance = float(((a * b * m**3 + c * d * n**3) / (n * m * total**2)).sum()) / float(weights.sum()) ** 2
        return Estimate(value, sqrt(variance), ratio=False) if variance > 0 else None
    if measure == "odds_ratio":
        r, s = a * d / total, b * c / total
        p, q = (a + d) / total, (b + c) / total
        top, bottom = float(r.sum()), float(s.sum())
        if top <= 0 or bottom <= 0:
            return None
        variance = (
            float((p * r).sum()) / top**2
            + float((p * s + q * r).sum()) / (top * bottom)
            + float((q * s).sum()) / bottom**2
        ) / 2
        return Estimate(log(top / bottom), sqrt(variance), ratio=True)
    top, bottom = float((a * m / total).sum()), float((c * n / total).sum())
    if top <= 0 or bottom <= 0:
        return None
    variance = float(((n * m * (a + c) - a * c * total) / total**2).sum()) / (top * bottom)
    return Estimate(log(top / bottom), sqrt(variance), ratio=True) if variance > 0 else None
