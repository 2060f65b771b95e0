"""How far the exact engine is from an independent answer, in posterior standard deviations, and what it says of itself."""

from __future__ import annotations

import numpy as np
import plain_panels
from scipy import special, stats

from bayes_ivf.inference.exact import Slot, solve_beta_arms, solve_counts
from bayes_ivf.inference.run_exact import verdict_of

TOLERANCE = 1e-3


def slot(spec):
    """A prior as the engine takes it."""
    given = dict(spec)
    return Slot(given.pop("dist"), given)


def judge(problem):
    """Kind, verdict and largest error of one problem."""
    return problem["kind"], *JUDGES.get(problem["kind"], _counts)(problem)


def off(below, quantiles, sd, cut):
    """0 if every quantile is within the tolerance of where the right distribution function has its probability.

    Looks at one tolerance on either side. Right functions that are cut between nodes have steps of up to `cut`; errors of
    that kind show in the moments.
    """
    for probability, value in quantiles:
        low, high = below(value - TOLERANCE * sd), below(value + TOLERANCE * sd)
        if not low - cut <= probability <= high + cut:
            return np.inf
    return 0.0


def compare(summary, moments, below, cut=1e-6):
    """Largest error of a summary against right moments (or None) and a right distribution function."""
    found = [0.0]
    mean, sd = (float(getattr(summary, name)[0]) for name in ("mean", "sd"))
    spread = min(filter(np.isfinite, (sd, (summary.ci_high[0] - summary.ci_low[0]) / 4)))
    if moments is not None:
        found += [abs(mean - moments[0]) / moments[1]] if np.isfinite(mean) else []
        found += [abs(sd / moments[1] - 1)] if np.isfinite(sd) else []
    levels = ((0.025, summary.ci_low[0]), (0.5, summary.median[0]), (0.975, summary.ci_high[0]))
    found.append(off(below, levels, spread, cut))
    return float(max(found))


def _counts(problem):
    (k, n), (j, m) = problem["arms"]
    right = plain_panels.Answer((k, n), (j, m), problem["first"], problem["effect"], problem["coding"])
    posterior = solve_counts(
        k, n, j, m, first=slot(problem["first"]), effect=slot(problem["effect"]), coding=problem["coding"], workers=1
    )
    names = ("log_odds_ratio", "risk_difference", "control_risk", "treatment_risk")
    found = posterior.summaries(names)
    heavy = any(each["dist"] in ("Cauchy", "StudentT") for each in (problem["first"], problem["effect"]))
    sharp = any(each["dist"] in ("Uniform", "Laplace") for each in (problem["first"], problem["effect"]))
    errors = []
    for name in names:
        # moments along a power-law tail need a wider window than the panels have
        moments = None if heavy and name == "log_odds_ratio" else right.moments(name)
        cut = 1e-2 if sharp or name != "log_odds_ratio" else 1e-6
        errors.append(compare(found[name], moments, lambda t, name=name: right.below(name, t), cut))
    positive = posterior.cdf("log_odds_ratio", 0.0)[0]
    errors.append(abs(positive - right.below("log_odds_ratio", 0.0)))
    return verdict_of(posterior, 0).level, max(errors)


def _beta(problem):
    (k, n), (j, m) = problem["arms"]
    (a, b), (c, d) = problem["shapes"]
    posterior = solve_beta_arms(
        k, n, j, m, treatment=Slot("Beta", {"alpha": a, "beta": b}), control=Slot("Beta", {"alpha": c, "beta": d})
    )
    arms = [stats.beta(a + k, b + n - k), stats.beta(c + j, d + m - j)]
    names = ("log_odds_ratio", "risk_difference", "control_risk", "treatment_risk")
    found = posterior.summaries(names)
    # the second arm by equal steps of its probability, finer in the tails
    u = special.expit(np.linspace(-24, 24, 6001))
    weight = np.diff(u)
    middle = (u[1:] + u[:-1]) / 2
    risk = arms[1].ppf(middle)

    def difference(t):
        return float((arms[0].cdf(risk + t) * weight).sum())

    def log_odds(t):
        return float((arms[0].cdf(special.expit(special.logit(risk) + t)) * weight).sum())

    means = [arm.mean() for arm in arms]
    sd = np.sqrt(sum(arm.var() for arm in arms))
    errors = [
        compare(found["risk_difference"], (means[0] - means[1], sd), difference),
        compare(found["log_odds_ratio"], None, log_odds),
        compare(found["treatment_risk"], (means[0], arms[0].std()), arms[0].cdf),
        compare(found["control_risk"], (means[1], arms[1].std()), arms[1].cdf),
    ]
    return verdict_of(posterior, 0).level, max(errors)


JUDGES = {"beta": _beta}
