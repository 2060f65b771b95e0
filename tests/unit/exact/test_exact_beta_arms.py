from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact.beta_log_odds import BetaLogOdds
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.priors.batched import BatchedPrior


def beta(a, b):
    return BatchedPrior("Beta", {"alpha": a, "beta": b})


def test_fixtures_of_the_design():
    shapes = np.array([1.0, 0.5])
    posterior = solve_beta_arms(16, 40, 12, 40, treatment=beta(shapes, shapes), control=beta(shapes, shapes))
    for name, null in (("risk_difference", 0), ("risk_ratio", 1), ("odds_ratio", 1), ("log_odds_ratio", 0)):
        assert (1 - posterior.cdf(name, null)).round(6).tolist() == [0.822153, 0.825703]
    assert posterior.summarize("risk_difference").mean.round(6).tolist() == [0.095238, 0.097561]


def test_probability_of_a_larger_risk_is_the_finite_sum():
    """For whole shapes Pr(p_t > p_c) is a sum of beta functions (Altham 1969, 10.1111/j.2517-6161.1969.tb00792.x)."""
    counts = np.array([[16, 40, 12, 40], [0, 9, 3, 8], [7, 7, 0, 5], [2, 300, 9, 20]])
    posterior = solve_beta_arms(*counts.T, treatment=beta(1, 1), control=beta(1, 1))
    expected = []
    for k_t, n_t, k_c, n_c in counts:
        a, b, c, d = 1 + k_t, 1 + n_t - k_t, 1 + k_c, 1 + n_c - k_c
        j = np.arange(a)
        terms = special.betaln(c + j, b + d) - np.log(b + j) - special.betaln(1 + j, b) - special.betaln(c, d)
        expected.append(np.exp(terms).sum())
    assert 1 - posterior.cdf("risk_difference", 0) == pytest.approx(expected, abs=1e-7)
    assert posterior.accurate.all()


@pytest.mark.parametrize(
    "shapes", [(16.5, 24.5, 12.5, 28.5), (1, 41, 1, 41), (0.5, 40.5, 5.5, 35.5), (40.5, 0.5, 31.2, 9.3)]
)
@pytest.mark.parametrize(
    ("name", "points"), [("risk_difference", (-0.05, 0.02, 0.15)), ("risk_ratio", (0.5, 1.1, 3.0))]
)
def test_adaptive_quadrature_agrees(shapes, name, points):
    a, b, c, d = shapes
    # The posterior of no data is the prior: any shapes can be asked for by way of one woman's.
    posterior = solve_beta_arms(1, 1, 1, 1, treatment=beta(a, b), control=beta(c, d))
    a, c = a + 1, c + 1

    def weighted(p, t):
        limit = p + t if name == "risk_difference" else p * t
        return stats.beta.cdf(limit, a, b) * stats.beta.pdf(p, c, d)

    for t in points:
        breaks = [x for x in (-t, 1 - t, 1 / t, stats.beta.mean(c, d)) if 0 < x < 1]
        expected = integrate.quad(weighted, 0, 1, args=(t,), points=breaks, epsabs=1e-11, epsrel=1e-11, limit=400)[0]
        assert posterior.cdf(name, t)[0] == pytest.approx(expected, abs=2e-7)
    assert posterior.accurate.all()


def test_moments_are_closed_forms_or_nan():
    posterior = solve_beta_arms([3, 0, 0], [9, 9, 9], [4, 1, 0], [8, 8, 8], treatment=beta(1, 1), control=beta(1, 1))
    summaries = posterior.summaries()
    # 1 / p_c needs a shape above 1 (mean) or 2 (variance): shapes 5, 2 and 1 here.
    assert np.isfinite(summaries["risk_ratio"].mean).tolist() == [True, True, False]
    assert np.isfinite(summaries["risk_ratio"].sd).tolist() == [True, False, False]
    rng = np.random.default_rng(1)
    p_t, p_c = rng.beta(4, 7, 400_000), rng.beta(5, 5, 400_000)
    for name, draws in (
        ("risk_difference", p_t - p_c),
        ("risk_ratio", p_t / p_c),
        ("odds_ratio", p_t / (1 - p_t) / (p_c / (1 - p_c))),
        ("log_odds_ratio", special.logit(p_t) - special.logit(p_c)),
        ("control_risk", p_c),
    ):
        assert summaries[name].mean[0] == pytest.approx(draws.mean(), abs=5 * draws.std() / 600)
        assert summaries[name].sd[0] == pytest.approx(draws.std(), rel=0.02)
        assert summaries[name].ci_low[0] == pytest.approx(np.quantile(draws, 0.025), abs=0.02 * draws.std())
        hdi, eti = (
            summaries[name].hdi_high[0] - summaries[name].hdi_low[0],
            summaries[name].ci_high[0] - summaries[name].ci_low[0],
        )
        assert hdi <= eti + 1e-12


def test_marginal_likelihood_and_bayes_factor():
    posterior = solve_beta_arms(7, 20, 12, 22, treatment=beta(1.5, 2), control=beta(3, 1.2))
    expected = stats.betabinom.logpmf(7, 20, 1.5, 2) + stats.betabinom.logpmf(12, 22, 3, 1.2)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(expected, abs=1e-10)

    def density(a, b, c, d):
        def product(x):
            log = a * x - (a + b) * np.logaddexp(0, x) + c * x - (c + d) * np.logaddexp(0, x)
            return np.exp(log - special.betaln(a, b) - special.betaln(c, d))

        return integrate.quad(product, -60, 60, epsabs=0, epsrel=1e-10, points=[0])[0]

    ratio = np.log(density(8.5, 15, 15, 11.2) / density(1.5, 2, 3, 1.2))
    assert posterior.log_bayes_factor_null[0] == pytest.approx(ratio, abs=1e-8)


def test_no_event_gives_an_interval_from_zero():
    posterior = solve_beta_arms(0, 40, 5, 40, treatment=beta(1, 1), control=beta(1, 1))
    risk = posterior.summarize("treatment_risk")
    assert risk.hdi_low[0] == 0
    assert risk.hdi_high[0] == pytest.approx(1 - 0.05 ** (1 / 41), abs=1e-9)
    assert risk.ci_low[0] == pytest.approx(stats.beta.ppf(0.025, 1, 41), rel=1e-9)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    shape=st.floats(0.4, 5),
)
def test_swapping_the_arms_flips_the_sign(n, share, shape):
    k = [round(s * m) for s, m in zip(share, n, strict=True)]
    prior = beta(shape, shape)
    one = solve_beta_arms(k[0], n[0], k[1], n[1], treatment=prior, control=prior, workers=1)
    two = solve_beta_arms(k[1], n[1], k[0], n[0], treatment=prior, control=prior, workers=1)
    for name, t, opposite in (
        ("risk_difference", 0.05, -0.05),
        ("risk_ratio", 1.3, 1 / 1.3),
        ("odds_ratio", 0.7, 1 / 0.7),
    ):
        assert one.cdf(name, t)[0] == pytest.approx(1 - two.cdf(name, opposite)[0], abs=1e-6)


def test_other_priors_are_refused():
    with pytest.raises(RequestError, match="Beta"):
        solve_beta_arms(1, 2, 1, 2, treatment=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}), control=beta(1, 1))


def common_risk(k1, n1, k2, n2, a, b):
    """Log Bayes factor for one risk ~ Beta(a, b) against two, from beta-binomial probabilities."""
    both = stats.betabinom.logpmf(k1 + k2, n1 + n2, a, b)
    # given the sum, the split is hypergeometric whatever the risk
    split = stats.hypergeom.logpmf(k1, n1 + n2, k1 + k2, n1)
    return both + split - stats.betabinom.logpmf(k1, n1, a, b) - stats.betabinom.logpmf(k2, n2, a, b)


@pytest.mark.parametrize("table", [(5, 5000, 15, 5000), (16, 40, 12, 40), (0, 30, 0, 30), (3, 3, 1, 90)], ids=str)
@pytest.mark.parametrize("shapes", [(1.0, 1.0), (0.5, 0.5), (2.0, 5.0)], ids=str)
def test_the_usual_null_is_one_risk_with_the_prior_of_either_arm(table, shapes):
    posterior = solve_beta_arms(*table, treatment=beta(*shapes), control=beta(*shapes))
    assert posterior.log_bayes_factor_null[0] == pytest.approx(common_risk(*table, *shapes), abs=1e-7)
    # the other reading is one risk ~ Beta(2 a, 2 b)
    a, b = shapes
    k1, n1, k2, n2 = table
    log = special.betaln(k1 + k2 + 2 * a, n1 + n2 - k1 - k2 + 2 * b) - special.betaln(2 * a, 2 * b)
    for k, n in ((k1, n1), (k2, n2)):
        log -= special.betaln(k + a, n - k + b) - special.betaln(a, b)
    assert posterior.log_bayes_factor_other[0] == pytest.approx(log, abs=1e-7)


def test_the_two_nulls_may_lie_on_either_side_of_one():
    posterior = solve_beta_arms(5, 5000, 15, 5000, treatment=beta(1, 1), control=beta(1, 1))
    usual, other = np.exp(-posterior.log_bayes_factor_null[0]), np.exp(-posterior.log_bayes_factor_other[0])
    assert (round(usual, 4), round(other, 2)) == (0.0272, 2.16)


def test_arms_with_priors_of_their_own_have_no_usual_null():
    posterior = solve_beta_arms(7, 20, 12, 22, treatment=beta(1.5, 2), control=beta(3, 1.2))
    assert np.isfinite(posterior.log_bayes_factor_null[0])
    assert np.isnan(posterior.log_bayes_factor_other[0])


def test_panels_of_an_arm_with_none_or_all_of_many_reach_over_its_cliff():
    # by mpmath, with 30 digits: both rules' panels once ended inside the cliff, and their difference was blind to it
    right = {8.95479758: 0.02500000, 13.12331418: 0.5, 27.34241965: 0.975}
    posterior = solve_beta_arms(228408, 228408, 358, 367, treatment=beta(7.571, 0.211), control=beta(1.928, 11.19))
    assert posterior.cdf("log_odds_ratio", [list(right)])[0] == pytest.approx(list(right.values()), abs=1e-6)
    assert posterior.accurate.all()


def test_nothing_lies_beyond_the_panels():
    rng = np.random.default_rng(1)
    large, small = 10 ** rng.uniform(0, 9, 300), 10 ** rng.uniform(-0.7, 1.5, 300)
    for a, b in ((large, small), (small, large)):
        found = BetaLogOdds.find(a, b)
        grid = found.grid(6)
        assert found.outside(grid).max() < 1e-10
        low, high = found.stretch.x(grid.panels.edges[[2, -3]])
        inner = replace(grid, panels=replace(grid.panels, edges=grid.panels.edges[2:-2]))
        # by SciPy, on the side where the probability is small
        beyond = stats.beta.cdf(special.expit(low), a, b) + stats.beta.cdf(special.expit(-high), b, a)
        assert found.outside(inner) == pytest.approx(beyond, rel=1e-6, abs=1e-12)
        assert found.outside(inner).min() > 1e-6
