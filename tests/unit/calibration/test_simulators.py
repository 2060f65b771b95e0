from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.embryo.allocations import list_allocations
from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.simulate import (
    feasible_allocations,
    simulate_claims,
    simulate_counts,
    simulate_embryos,
    simulate_means,
    simulate_rows,
)


def _near(found, expected, trials, sds=4.5):
    """Whether shares of trials agree with probabilities."""
    expected = np.asarray(expected)
    np.testing.assert_array_less(abs(found - expected), sds * np.sqrt(expected * (1 - expected) / trials) + 1e-9)


def test_counts_are_binomial():
    events = simulate_counts(np.random.default_rng(1), np.tile([0.2, 0.9], (8000, 1)), [5, 7])
    for arm, (n, p) in enumerate([(5, 0.2), (7, 0.9)]):
        _near(np.bincount(events[:, arm], minlength=n + 1) / 8000, stats.binom.pmf(np.arange(n + 1), n, p), 8000)


def test_impossible_and_certain_events():
    assert simulate_counts(np.random.default_rng(1), [0.0, 1.0], [40, 40]).tolist() == [0, 40]


def test_means_and_variances_have_their_sampling_distributions():
    rng = np.random.default_rng(2)
    found = np.array([simulate_means(rng, [5.0, 9.0], [0.5, 2.0], [4, 30]) for _ in range(3000)])
    mean, variance = found[:, 0], found[:, 1]
    for arm, (mu, sigma, n) in enumerate([(5, 0.5, 4), (9, 2, 30)]):
        assert stats.kstest(mean[:, arm], stats.norm(mu, sigma / np.sqrt(n)).cdf).pvalue > 1e-4
        chi2 = variance[:, arm] * (n - 1) / sigma**2
        assert stats.kstest(chi2, stats.chi2(n - 1).cdf).pvalue > 1e-4


@pytest.mark.parametrize("effect", [-0.4, 0.9])
def test_claims_follow_the_non_central_t(effect):
    rng = np.random.default_rng(3)
    events = [simulate_claims(rng, effect, (12, 15), 0.1) for _ in range(6000)]
    t = stats.nct(25, effect / np.sqrt(1 / 12 + 1 / 15))
    critical = stats.t(25).ppf(0.95)
    expected = {"lower": t.cdf(-critical), "higher": t.sf(critical)}
    expected["no_difference"] = 1 - sum(expected.values())
    for event, chance in expected.items():
        _near(events.count(event) / 6000, chance, 6000)


@pytest.mark.parametrize("weights", ["equal", "multinomial", "least_spread"])
@pytest.mark.parametrize(("women", "embryos", "most"), [(4, 7, 3), (15, 30, 3), (10, 24, 5), (5, 5, 3), (5, 15, 3)])
def test_ways_to_share_out_embryos(women, embryos, most, weights):
    ways, weight = feasible_allocations(women, embryos, most, weights)
    assert (ways.sum(axis=1) == women).all()
    assert (ways @ np.arange(1, most + 1) == embryos).all()
    brute = {
        tuple(sizes.count(m) for m in range(1, most + 1))
        for sizes in itertools.combinations_with_replacement(range(1, most + 1), women)
        if sum(sizes) == embryos
    }
    assert {tuple(way) for way in ways.tolist()} == brute
    # the likelihood lists them by another algorithm
    listed = list_allocations(women, embryos, most, weights)
    theirs = {tuple(way): np.exp(w) for way, w in zip(listed.women.tolist(), listed.log_weights, strict=True)}
    for way, each in zip(ways.tolist(), weight, strict=True):
        assert theirs.get(tuple(way), 0.0) == pytest.approx(each, abs=1e-12)


@pytest.mark.parametrize("weights", ["equal", "multinomial"])
@pytest.mark.parametrize(
    ("mechanism", "log_odds", "within", "loss"),
    [
        ("beta_binomial", -0.4, 0.3, 0.0),
        ("beta_binomial", 0.5, 0.9, 0.0),
        ("receptivity", 0.2, 0.6, 0.0),
        ("biochemical", 0.3, 0.4, 0.25),
    ],
)
def test_simulated_embryos_confirm_the_likelihood(mechanism, log_odds, within, loss, weights):
    women, embryos, trials = 4, 8, 20_000
    rng = np.random.default_rng(7)
    pregnant, implanted = simulate_embryos(
        rng,
        np.full(trials, log_odds),
        within,
        loss,
        women=women,
        embryos=embryos,
        weights=weights,
        mechanism=mechanism,
    )
    seen = 0.0
    for p, s in {*zip(pregnant.tolist(), implanted.tolist(), strict=True)}:
        arm = prepare_arm(ArmTotals(women, embryos, p, s), 3, weights, mechanism)
        chance = float(np.exp(arm.log_likelihood(log_odds, within, loss)))
        _near(np.mean((pregnant == p) & (implanted == s)), chance, trials)
        seen += chance
    assert seen > 0.999


def test_extreme_parameters_give_totals():
    rng = np.random.default_rng(1)
    within = np.array([1e-9, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-9])
    for mechanism in ("beta_binomial", "receptivity", "biochemical"):
        for log_odds in (-9.0, 0.0, 9.0):
            pregnant, implanted = simulate_embryos(
                rng, np.full(5, log_odds), within, 0.5, women=15, embryos=30, mechanism=mechanism
            )
            assert ((pregnant >= 0) & (pregnant <= 15) & (implanted <= 30)).all()
            assert (implanted >= pregnant).all()


def test_rows_of_embryos_share_their_woman():
    received = np.full(20_000, 2)
    woman, implanted = simulate_rows(np.random.default_rng(5), -0.5, 2.0, received)
    first, second = implanted[::2], implanted[1::2]
    assert (woman[::2] == woman[1::2]).all()
    x, w = np.polynomial.hermite_e.hermegauss(80)
    p = 1 / (1 + np.exp(0.5 - 2 * x))
    w = w / w.sum()
    _near((first & second).mean(), (w * p**2).sum(), 20_000)
    _near(first.mean(), (w * p).sum(), 20_000)
