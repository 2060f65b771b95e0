"""Overall estimates against identities, other distributions, optimizers and simulation: nothing here shares their formulas."""

from math import exp, log, sqrt

import numpy as np
import pytest
from scipy import optimize, stats

from bayes_ivf.reviews.estimates import Estimate, count_estimates, mean_estimates, peto_parts
from bayes_ivf.reviews.pooling import fixed, mantel_haenszel, one_step, peto, random_effects

TABLE = (16.0, 24.0, 12.0, 29.0)
TABLES = [(16.0, 24.0, 12.0, 29.0), (9.0, 42.0, 14.0, 34.0), (30.0, 60.0, 22.0, 73.0), (3.0, 9.0, 1.0, 14.0)]
MEASURES = ("odds_ratio", "risk_ratio", "risk_difference")


def alone(measure):
    a, b, c, d = map(int, TABLE)
    return count_estimates((a, c), (a + b, c + d), measure)[0]


@pytest.mark.parametrize("measure", MEASURES)
def test_one_table_pooled_is_itself(measure):
    overall = mantel_haenszel([TABLE], measure, 0.95)[0].estimate
    own = alone(measure)
    assert (overall.value, overall.se) == pytest.approx((own.value, own.se), rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_same_table_four_times_halves_the_standard_error(measure):
    overall = mantel_haenszel([TABLE] * 4, measure, 0.95)[0].estimate
    own = alone(measure)
    assert (overall.value, overall.se) == pytest.approx((own.value, own.se / 2), rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_swapped_arms_turn_the_effect_around(measure):
    one, other = (
        mantel_haenszel(tables, measure, 0.95)[0].estimate
        for tables in (TABLES, [(c, d, a, b) for a, b, c, d in TABLES])
    )
    assert (one.value, one.se) == pytest.approx((-other.value, other.se), rel=1e-10)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_variance_is_that_of_simulated_reviews(measure):
    rng = np.random.default_rng(4)
    sizes = [(60, 55), (90, 80), (120, 130), (70, 75)]
    risks = [(0.4, 0.3), (0.5, 0.39), (0.3, 0.22), (0.45, 0.35)]
    values, errors = [], []
    for _ in range(1500):
        tables = []
        for (n, m), (p, q) in zip(sizes, risks, strict=True):
            a, c = rng.binomial(n, p), rng.binomial(m, q)
            tables.append((float(a), float(n - a), float(c), float(m - c)))
        overall = mantel_haenszel(tables, measure, 0.95)[0].estimate
        values.append(overall.value)
        errors.append(overall.se)
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.06)


def test_peto_has_the_moments_of_the_hypergeometric_distribution():
    a, b, c, d = TABLE
    law = stats.hypergeom(int(a + b + c + d), int(a + c), int(a + b))
    assert peto_parts(TABLE) == pytest.approx((a - law.mean(), law.var()), rel=1e-12)
    parts = [peto_parts(table) for table in TABLES]
    found = peto(TABLES, 0.95)
    assert found.estimate.value == pytest.approx(sum(o for o, _ in parts) / sum(v for _, v in parts))
    assert found == one_step(parts, 0.95)
    assert one_step([(0.0, 0.0)], 0.95) is None


def test_a_common_effect_is_the_minimum_of_chi_square():
    own = [Estimate(value, se, ratio=False) for value, se in ((0.3, 0.1), (0.5, 0.2), (-0.1, 0.3))]
    best = optimize.minimize_scalar(lambda mu: sum((each.value - mu) ** 2 / each.se**2 for each in own))
    found = fixed(own, 0.95).estimate
    assert found.value == pytest.approx(best.x, abs=1e-8)
    assert 1 / found.se**2 == pytest.approx(sum(1 / each.se**2 for each in own))


SPREAD = [(0.3, 0.1), (0.9, 0.2), (-0.4, 0.3), (0.6, 0.15), (0.0, 0.12)]


def effects(pairs):
    return [Estimate(value, se, ratio=True) for value, se in pairs]


def test_the_between_study_variance_of_dersimonian_and_laird_gives_q_its_expectation():
    (found,) = random_effects(effects(SPREAD), 0.95, "DL", "Wald")
    y, v = np.array(SPREAD).T
    w = 1 / v**2
    q = np.sum(w * (y - np.average(y, weights=w)) ** 2)
    share = w / w.sum()
    projection = np.eye(5) - share
    expected = np.trace(projection.T @ np.diag(w) @ projection @ np.diag(v**2 + found.tau2))
    assert q == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("pairs", [SPREAD, SPREAD[:2], [(0.3, 0.2), (0.31, 0.2), (0.29, 0.2)]])
def test_restricted_likelihood_is_at_its_maximum(pairs):
    (found,) = random_effects(effects(pairs), 0.95, "REML", "Wald")
    y, v = np.array(pairs).T

    def minus_log_likelihood(tau2):
        w = 1 / (v**2 + tau2)
        mu = np.average(y, weights=w)
        return 0.5 * (-np.log(w).sum() + np.log(w.sum()) + np.sum(w * (y - mu) ** 2))

    best = optimize.minimize_scalar(minus_log_likelihood, bounds=(0, 5), method="bounded", options={"xatol": 1e-10})
    assert found.tau2 == pytest.approx(best.x, abs=2e-6)


def test_without_heterogeneity_random_effects_are_fixed():
    pairs = [(0.3, 0.2), (0.31, 0.2), (0.29, 0.2)]
    (found,) = random_effects(effects(pairs), 0.95, "DL", "Wald")
    assert (found.tau2, found.estimate) == (0.0, fixed(effects(pairs), 0.95).estimate)


def test_equal_precision_makes_the_refined_interval_that_of_a_mean():
    y = np.array([0.3, 0.9, -0.4, 0.6, 0.0])
    found, *_ = random_effects(effects([(value, 0.2) for value in y]), 0.95, "DL", "HKSJ")
    low, high = stats.t(4, y.mean(), stats.sem(y)).interval(0.95)
    assert found.estimate.shown(0.95, found.factor)[1:] == pytest.approx((exp(low), exp(high)), rel=1e-12)


def test_empty_cells_have_every_usual_correction():
    (odds,) = count_estimates((0, 3), (20, 20), "odds_ratio")
    assert odds.value == pytest.approx(log(0.5 * 17.5 / (20.5 * 3.5)))
    assert count_estimates((0, 0), (20, 20), "risk_ratio") == []
    assert count_estimates((20, 20), (20, 20), "peto_odds_ratio") == []
    both = count_estimates((20, 15), (20, 20), "risk_ratio")
    assert both[1].value == pytest.approx(log(20 / 15))
    none = count_estimates((0, 0), (20, 30), "risk_difference")
    assert {each.value for each in none[:1]} == {0.0}
    assert all(each.se > 0 for each in none)


def test_standardized_differences_are_hedges():
    found, *_ = mean_estimates((5.0, 4.0), (2.0, 2.0), (20, 20), "standardized_mean_difference")
    assert found.value == pytest.approx(0.5 * (1 - 3 / 151))
    assert mean_estimates((5.0, 4.0), (2.0, 2.0), (20, 20), "ratio_of_means") == []
    assert found.se == pytest.approx(sqrt(0.1 + found.value**2 / (2 * 36.06)))
