"""Mixtures of posteriors equal the weighted sum of their parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact import (
    mix_posteriors,
    solve_beta_arms,
    solve_claim,
    solve_counts,
    solve_effect,
    solve_means,
    solve_means_reference,
)
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import ExactPosterior


def normal(sigma: float, mu: float = 0.0) -> BatchedPrior:
    return BatchedPrior("Normal", {"mu": mu, "sigma": sigma})


STUDENT = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
BETA = BatchedPrior("Beta", {"alpha": 1.0, "beta": 1.0})


def counts(*tables: tuple[int, int, int, int], **priors: BatchedPrior) -> ExactPosterior:
    given = {"first": normal(1.5), "effect": normal(1.0)} | priors
    return solve_counts(*np.array(tables).T, **given)


TABLES = ((16, 40, 12, 40), (30, 75, 12, 40), (8, 20, 3, 10), (0, 12, 5, 9))


@pytest.mark.parametrize("by", ["stated", "evidence"])
def test_counts_are_the_weighted_sum_of_their_decodings(by: Any) -> None:
    parts = counts(*TABLES)
    stated = np.array([0.1, 0.2, 0.3, 0.4])
    mixture = mix_posteriors([parts], owners=[[0, 0, 0, 0]], weights=[7 * stated], by=by)
    evidence = np.exp(parts.log_marginal_likelihood)
    weight = stated if by == "stated" else stated * evidence / (stated * evidence).sum()
    assert_allclose(mixture.component_weights, weight, atol=1e-12)
    for estimand in parts.estimands:
        points = np.linspace(0.02, 0.9, 7)[None] * (4 if "ratio" in estimand else 1)
        below = parts.cdf(estimand, np.repeat(points, 4, axis=0))
        assert_allclose(mixture.cdf(estimand, points), (weight @ below)[None], atol=1e-10)
    found, each = mixture.summarize("risk_difference"), parts.summarize("risk_difference")
    mean = weight @ each.mean
    assert_allclose(found.mean, mean, atol=1e-10)
    assert_allclose(found.sd, np.sqrt(weight @ (each.sd**2 + (each.mean - mean) ** 2)), atol=1e-10)
    assert_allclose(mixture.log_marginal_likelihood, np.log(stated @ evidence), atol=1e-10)
    ratio = np.log(weight @ np.exp(parts.log_bayes_factor_null))
    assert_allclose(mixture.log_bayes_factor_null, ratio, atol=1e-9)
    assert mixture.accurate.all()
    assert not mixture.removed.any()


def test_quantiles_invert_the_weighted_sum() -> None:
    parts = counts(*TABLES)
    mixture = mix_posteriors([parts], owners=[[0, 0, 0, 0]])
    found = mixture.summarize("risk_difference", 0.9)

    def below(t: float) -> float:
        return float(parts.cdf("risk_difference", t).mean())

    for end, probability in ((found.ci_low, 0.05), (found.median, 0.5), (found.ci_high, 0.95)):
        root = optimize.brentq(lambda t, p=probability: below(t) - p, end[0] - 1e-3, end[0] + 1e-3, xtol=1e-11)
        assert_allclose(end, root, atol=1e-8)
    assert_allclose(below(found.hdi_high[0]) - below(found.hdi_low[0]), 0.9, atol=1e-7)
    # no interval with that probability is shorter
    t = np.linspace(-0.9, 0.9, 3001)
    levels = parts.cdf("risk_difference", np.repeat(t[None], 4, axis=0)).mean(axis=0)
    p = np.linspace(0.001, 0.099, 99)
    shortest = (np.interp(p + 0.9, levels, t) - np.interp(p, levels, t)).min()
    assert_allclose(found.hdi_high - found.hdi_low, shortest, atol=2e-5)


def test_humps_far_apart() -> None:
    """Two narrow readings: F is a staircase, on which quantiles still are what they should be."""
    parts = solve_effect([0.0, 3.0, 9.0], [0.01, 0.02, 0.05], effect=normal(10.0), estimands=("mean_difference",))
    mixture = mix_posteriors([parts], owners=[[0, 0, 0]], weights=[[0.2, 0.5, 0.3]])
    spread = np.array([0.01, 0.02, 0.05])
    factor = 100 / (100 + spread**2)
    each = [stats.norm(m * f, s * np.sqrt(f)) for m, s, f in zip((0.0, 3.0, 9.0), spread, factor, strict=True)]
    found = mixture.summarize("mean_difference")
    assert_allclose(found.ci_low, each[0].ppf(0.025 / 0.2), atol=1e-8)
    assert_allclose(found.median, each[1].ppf(0.3 / 0.5), atol=1e-8)
    assert_allclose(found.ci_high, each[2].ppf(1 - 0.025 / 0.3), atol=1e-8)
    assert mixture.accurate.all()


def test_kinds_mix_problem_by_problem() -> None:
    """A flat and a proper reading of the same means: problem i of each part is mixture i."""
    data = ([5.8, 6.1], [0.76, 1.2], 40, [7.9, 6.0], [0.82, 1.1], 40)
    flat, proper = solve_means_reference(*data), solve_means(*data, effect=STUDENT)
    mixture = mix_posteriors([flat, proper], weights=[1.0, 3.0])
    for estimand in ("mean_difference", "standardized_mean_difference", "ratio_of_means"):
        expected = 0.25 * flat.cdf(estimand, 0.1) + 0.75 * proper.cdf(estimand, 0.1)
        assert_allclose(mixture.cdf(estimand, 0.1), expected, atol=1e-10)
    assert np.isnan(mixture.summarize("ratio_of_means").mean).all()
    assert np.isnan(mixture.log_marginal_likelihood).all()
    assert mixture.accurate.all()


def test_scales_that_differ_are_brought_together() -> None:
    """A risk difference known from its interval lies on a line, one of counts on (-1, 1)."""
    table = counts((16, 40, 12, 40))
    printed = solve_effect([0.1], [0.1], effect=normal(0.3), estimands=("risk_difference",))
    for parts in ([table, printed], [printed, table]):
        mixture = mix_posteriors(parts)
        assert mixture.estimands == ("risk_difference",)
        expected = [part.cdf("risk_difference", 0.2)[0] for part in parts]
        assert_allclose(mixture.cdf("risk_difference", 0.2), np.mean(expected), atol=1e-10)
        found = mixture.summarize("risk_difference")
        at_low = np.mean([part.cdf("risk_difference", found.hdi_low)[0] for part in parts])
        at_high = np.mean([part.cdf("risk_difference", found.hdi_high)[0] for part in parts])
        assert_allclose(at_high - at_low, 0.95, atol=1e-6)


def test_no_mixture_depends_on_its_neighbors() -> None:
    parts = counts(*TABLES, *TABLES[:3])
    together = mix_posteriors([parts], owners=[[0, 2, 1, 0, 1, 2, 2]])
    summary = together.summarize("odds_ratio")
    for mixture, members in enumerate(([0, 3], [2, 4], [1, 5, 6])):
        tables = [(*TABLES, *TABLES[:3])[i] for i in members]
        alone = mix_posteriors([counts(*tables)], owners=[[0] * len(tables)]).summarize("odds_ratio")
        assert [getattr(alone, name)[0] for name in vars(alone)] == [
            getattr(summary, name)[mixture] for name in vars(alone)
        ]


def test_doubt_is_a_mixture_with_the_prior() -> None:
    """A claim with doubt eps is the claim and its prior, weighed by evidence."""
    claim = {"n_treatment": 40, "n_control": 40, "effect": normal(1.0)}
    parts = solve_claim("lower", doubt=[0.0, 1.0], **claim)
    doubted = solve_claim("lower", doubt=0.25, **claim)
    mixture = mix_posteriors([parts], owners=[[0, 0]], weights=[[0.75, 0.25]], by="evidence")
    t = np.array([[-2.0, -0.5, 0.0, 1.0]])
    name = "standardized_mean_difference"
    assert_allclose(mixture.cdf(name, t), doubted.cdf(name, t), atol=1e-7)
    assert_allclose(mixture.log_marginal_likelihood, doubted.log_marginal_likelihood, atol=1e-7)


def test_what_could_not_be_printed_is_removed_and_named() -> None:
    parts = counts((16, 40, 12, 40), (30, 75, 12, 40))
    mixture = mix_posteriors([parts], owners=[[0, 0]], factors=[[0.0, -np.inf]])
    assert mixture.removed.tolist() == [False, True]
    assert mixture.component_weights.tolist() == [1.0, 0.0]
    assert_allclose(mixture.cdf("odds_ratio", 1.3), parts.cdf("odds_ratio", 1.3)[:1], atol=1e-12)


def test_evidence_needs_a_common_unit() -> None:
    data = (5.8, 0.76, 40, 7.9, 0.82, 40)
    parts = [solve_means(*data, effect=STUDENT), solve_means(5.8, 0.76 * np.sqrt(40), 40, 7.9, 5.2, 40, effect=STUDENT)]
    with pytest.raises(RequestError, match="improper prior, whose evidence is undefined"):
        mix_posteriors(parts, by="evidence")
    with pytest.raises(RequestError, match="hangs on the unit"):
        mix_posteriors(
            parts, by="evidence", improper=[["average mean, flat, IU/L"], ["average log mean, flat, log IU/L"]]
        )
    same = [["average mean, flat, IU/L", "log sigma, flat"]] * 2
    mixture = mix_posteriors(parts, by="evidence", improper=same, factors=[0.0, np.log(40.0)])
    assert_allclose(mixture.component_weights.sum(), 1.0)
    proper = [
        solve_means(*data, effect=STUDENT, level=normal(3.0, 7.0), sigma=BatchedPrior("HalfNormal", {"sigma": 2.0}))
    ]
    with pytest.raises(RequestError, match="hangs on the unit"):
        mix_posteriors([parts[0], *proper], by="evidence", improper=[same[0], []])


def test_evidence_of_the_same_flat_slots_is_that_of_wide_ones() -> None:
    """Where both slots are the same, a flat prior weighs readings as a very wide proper one does."""
    data = (5.8, 0.76, 12, 7.9, 0.82, 12)
    other = (5.8, 1.1, 12, 7.9, 1.0, 12)
    wide = {"level": normal(1e4, 7.0), "sigma": BatchedPrior("LogNormal", {"mu": 0.0, "sigma": 300.0})}
    flat = [solve_means(*each, effect=normal(1.0)) for each in (data, other)]
    weighed = mix_posteriors(flat, by="evidence", improper=[["average"], ["average"]]).component_weights
    proper = [solve_means(*each, effect=normal(1.0), **wide) for each in (data, other)]
    assert_allclose(mix_posteriors(proper, by="evidence").component_weights, weighed, atol=1e-4)


def test_what_cannot_be_mixed_is_refused() -> None:
    table = counts((16, 40, 12, 40))
    claim = solve_claim("lower", 40, 40, effect=normal(1.0))
    with pytest.raises(RequestError, match="share no quantity"):
        mix_posteriors([table, claim])
    with pytest.raises(RequestError, match="no weight in mixture 0"):
        mix_posteriors([table], weights=[0.0])
    with pytest.raises(RequestError, match="a weight of -1"):
        mix_posteriors([table, table], weights=[2.0, -1.0])


def test_beta_arms_and_large_mixtures() -> None:
    n = np.arange(20, 220, 2)
    parts = solve_beta_arms((0.4 * n).astype(int), n, 12, 40, control=BETA, treatment=BETA)
    mixture = mix_posteriors([parts], owners=[np.zeros(len(n), int)])
    assert_allclose(mixture.cdf("risk_ratio", 1.4), parts.cdf("risk_ratio", 1.4).mean(), atol=1e-10)
    assert mixture.accurate.all()
