"""Outcomes known only as a claim, in both engines, against a one-dimensional grid."""

from __future__ import annotations

import independent
import numpy as np
import pytest
from scipy import stats

from bayes_ivf import Study

NORMAL = ({"dist": "Normal", "mu": 0, "sigma": 1}, stats.norm(0, 1))
COCHRANE = ({"dist": "StudentT", "nu": 5, "mu": 0, "sigma": 0.38}, stats.t(5, 0, 0.38))
SHIFTED = ({"dist": "Normal", "mu": 0.3, "sigma": 0.5}, stats.norm(0.3, 0.5))
SMD = "standardized_mean_difference"


def study_of(direction, n=(40, 40), alpha=0.05):
    return Study.from_claim(n, direction, alpha, outcome="il6", benefit="lower")


@pytest.mark.parametrize(
    ("prior", "mean", "median", "low", "high", "below"),
    [
        (COCHRANE[0], -0.6234, -0.5595, -1.5733, -0.0689, 0.9886),
        (NORMAL[0], -1.0653, -0.9682, -2.3948, -0.2308, 0.9974),
    ],
    ids=["cochrane", "normal"],
)
def test_fixtures_of_a_believed_claim(prior, mean, median, low, high, below, exact):
    row = exact(study_of("lower"), prior={"effect": prior}, claim_doubt=0.0).row(SMD)
    found = (row.mean, row.median, row.ci_low, row.ci_high)
    assert found == pytest.approx((mean, median, low, high), abs=5e-5)
    # benefit is "lower"; the fixture is printed with four decimals
    assert row.p_benefit == pytest.approx(below, abs=1e-4)


def test_the_sd_of_a_believed_claim(exact):
    assert round(exact(study_of("lower"), prior={"effect": NORMAL[0]}).row(SMD).sd, 4) == 0.5610


@pytest.mark.parametrize(("doubt", "below"), [(0.25, 0.748), (0.5, 0.624), (0.75, 0.550), (1.0, 0.5)])
def test_fixtures_of_a_doubted_claim(doubt, below, exact):
    row = exact(study_of("lower"), prior={"effect": NORMAL[0]}, claim_doubt=doubt).row(SMD)
    assert row.p_benefit == pytest.approx(below, abs=6e-4)


def test_full_doubt_is_the_prior_alone(exact):
    row = exact(study_of("lower"), prior={"effect": SHIFTED[0]}, claim_doubt=1.0).row(SMD)
    distribution = SHIFTED[1]
    expected = (0.3, 0.5, *distribution.ppf([0.025, 0.5, 0.975]))
    assert (row.mean, row.sd, row.ci_low, row.median, row.ci_high) == pytest.approx(expected, abs=1e-5)
    assert row.p_benefit == pytest.approx(distribution.cdf(0), abs=1e-6)


CASES = [
    ("lower", (40, 40), 0.05, 0.0, NORMAL),
    ("lower", (40, 40), 0.05, 0.25, COCHRANE),
    ("higher", (12, 30), 0.01, 0.5, NORMAL),
    ("higher", (3, 3), 0.05, 0.0, SHIFTED),
    ("differs", (40, 40), 0.05, 0.0, SHIFTED),
    ("differs", (25, 60), 0.001, 0.25, NORMAL),
    ("none", (40, 40), 0.05, 0.0, NORMAL),
    ("none", (8, 400), 0.05, 0.5, SHIFTED),
    ("lower", (2000, 2000), 0.05, 0.0, NORMAL),
]


@pytest.mark.parametrize(("direction", "n", "alpha", "doubt", "prior"), CASES, ids=lambda value: str(value)[:24])
def test_exact_agrees_with_a_grid(direction, n, alpha, doubt, prior, exact):
    slot, distribution = prior
    expected = independent.claim(*n, direction, alpha, doubt, distribution)
    solved = exact(study_of(direction, n, alpha), prior={"effect": slot}, claim_doubt=doubt)
    # a claim without direction is told by its size
    row = solved.row(SMD if direction != "differs" else f"absolute_{SMD}")
    assert solved.verdict.level == "pass"
    if direction == "differs":
        expected = independent.weigh(np.abs(expected.values), expected.weights)
        assert row.p_benefit is None
    else:
        assert row.p_benefit == pytest.approx(1 - expected.above(0), abs=5e-4)
    # the grid sums 2,400 steps
    assert row.mean == pytest.approx(expected.mean, abs=5e-4)
    assert row.sd == pytest.approx(expected.sd, rel=5e-4)


@pytest.mark.parametrize("doubt", [0.0, 0.5])
@pytest.mark.parametrize("direction", ["lower", "none"])
def test_nuts_agrees_with_a_grid(direction, doubt, nuts, assert_close):
    slot, distribution = SHIFTED
    fit = nuts(study_of(direction), prior={"effect": slot}, claim_doubt=doubt)
    assert_close(fit, SMD, independent.claim(40, 40, direction, 0.05, doubt, distribution))


def test_evidence_of_a_claim_is_its_chance_under_the_prior(exact):
    for doubt in (0.0, 0.25):
        evidence = exact(study_of("lower"), prior={"effect": NORMAL[0]}, claim_doubt=doubt).evidence
        d = stats.norm.ppf((np.arange(4001) + 0.5) / 4001)
        chance = (1 - doubt) * independent.claim_probability(d, 40, 40, "lower", 0.05).mean() + doubt
        assert evidence["log_marginal_likelihood"] == pytest.approx(np.log(chance), abs=1e-3)
        null = (1 - doubt) * 0.025 + doubt
        assert evidence["bayes_factor_null"] == pytest.approx(null / chance, rel=1e-3)
