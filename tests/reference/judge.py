"""How far the exact engine is from right answers, in posterior standard deviations, and what it says of itself."""

from __future__ import annotations

import numpy as np
from right import NAMES, SMD

from bayes_ivf.exact.behrens_fisher import solve_means_reference
from bayes_ivf.exact.claim import solve_claim
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.exact.means_with_effect_prior import solve_means
from bayes_ivf.inference.run_exact import verdict_of
from bayes_ivf.priors.batched import BatchedPrior

TOLERANCE = 1e-3
PROBABILITY = 0.4
"""Tolerance of a probability is this share of a quantile's: no density rises above 0.4 a standard deviation by much."""


def slot(specs):
    """Priors of one family as the engine takes them."""
    names = [name for name in specs[0] if name != "dist"]
    return BatchedPrior(specs[0]["dist"], {name: np.array([spec[name] for spec in specs]) for name in names})


def group_of(problem):
    """Problems with the same label are solved as one batch."""
    slots = [problem[name]["dist"] for name in ("first", "effect") if name in problem]
    options = [problem.get(name) for name in ("coding", "direction", "common")]
    kind = "counts" if "first" in problem else problem["kind"]
    return str([kind, *slots, *options, "level" in problem])


def solve(problems):
    """Posterior of a group of problems."""
    first = problems[0]

    def column(*path):
        values = []
        for problem in problems:
            value = problem
            for step in path:
                value = value[step]
            values.append(value)
        return np.array(values, dtype=float)

    if first["kind"] == "claim":
        effect = slot([p["effect"] for p in problems])
        n = (column("n", 0), column("n", 1))
        options = {name: column(name) for name in ("alpha", "doubt")}
        return solve_claim(first["direction"], *n, effect=effect, **options, workers=1)
    arms = [column("arms", i, j) for i in (0, 1) for j in range(len(first["arms"][0]))]
    if first["kind"] == "beta":
        shapes = [
            BatchedPrior("Beta", {"alpha": column("shapes", i, 0), "beta": column("shapes", i, 1)}) for i in (0, 1)
        ]
        return solve_beta_arms(*arms, treatment=shapes[0], control=shapes[1], workers=1)
    if first["kind"] == "reference":
        return solve_means_reference(*arms, common_sigma=first["common"], workers=1)
    effect = slot([p["effect"] for p in problems])
    if "common" in first:
        level = None
        if "level" in first:
            level = BatchedPrior("Normal", {"mu": column("level", 0), "sigma": column("level", 1)})
        options = {"coding": first["coding"], "common_sigma": first["common"]}
        return solve_means(*arms, effect=effect, level=level, **options, workers=1)
    return solve_counts(
        *arms, first=slot([p["first"] for p in problems]), effect=effect, coding=first["coding"], workers=1
    )


def judge(problems, answers):
    """Verdict and largest error of problems of one group, given right answers by estimand."""
    posterior = solve(problems)
    names = [name for name in NAMES if any(name in each for each in answers)]
    asked = {name: 0.0 for name in names if name in ("log_odds_ratio", SMD)}
    with np.errstate(all="ignore"):
        posterior.prefetch(asked, names)
        found = posterior.summaries(names)
        zero = {name: posterior.cdf(name, t) for name, t in asked.items()}
        verdicts = [verdict_of(posterior, i).level for i in range(len(problems))]
    errors = []
    for i, each in enumerate(answers):
        worst = [0.0]
        for name, right in each.items():
            worst += _errors(found[name], i, right)
            if name in zero and np.isfinite(right.below_zero):
                worst.append(abs(zero[name][i] - right.below_zero) / PROBABILITY)
        errors.append(float(np.max(worst)))
    return list(zip(verdicts, errors, strict=True))


def _errors(summary, i, right):
    """Errors of one estimand in standard deviations; NaN where the engine has no quantile."""
    mean, sd = summary.mean[i], summary.sd[i]
    spread = right.spread
    found = []
    # a moment that the engine leaves out is no wrong number, nor is one along a tail that the panels leave out
    if np.isfinite(mean) and np.isfinite(right.mean):
        found.append(abs(mean - right.mean) / right.sd)
    if np.isfinite(sd) and np.isfinite(right.sd):
        found.append(abs(sd / right.sd - 1))
    for value, low, high in zip(
        (summary.ci_low[i], summary.median[i], summary.ci_high[i]), right.low, right.high, strict=True
    ):
        if np.isfinite(low):
            found.append(max(low - value, value - high, 0.0) / spread if np.isfinite(value) else np.nan)
    return found


def judge_all(block):
    """Verdict and largest error by index, of problems with right answers; those of one group are solved at once."""
    groups = {}
    for index, (problem, _) in block.items():
        groups.setdefault(group_of(problem), []).append(index)
    found = {}
    for members in groups.values():
        found |= dict(zip(members, judge(*zip(*(block[i] for i in members), strict=True)), strict=True))
    return dict(sorted(found.items()))
