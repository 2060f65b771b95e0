"""The likelihood against slower ways to the same number."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.embryo.tables import list_tables
from bayes_ivf.embryo.terms import log_pmf
from bayes_ivf.embryo.women import clinical_pregnancy, none_implanted

WEIGHTS = ("equal", "multinomial", "least_spread")
MECHANISMS = ("beta_binomial", "receptivity", "biochemical")


def embryo_pmf(mechanism, m, log_odds, within):
    """Straight from the definition, by SciPy."""
    chance = special.expit(log_odds)
    k = np.arange(m + 1)
    if mechanism == "receptivity":
        pmf = chance * stats.binom.pmf(k, m, within)
        pmf[0] += 1 - chance
        return pmf
    return stats.betabinom.pmf(k, m, chance * (1 - within) / within, (1 - chance) * (1 - within) / within)


def allocations(women, embryos, largest, weights):
    found = {}
    for row in itertools.product(range(women + 1), repeat=largest):
        if sum(row) == women and sum((m + 1) * n for m, n in enumerate(row)) == embryos:
            spread = max(m for m, n in enumerate(row) if n) - min(m for m, n in enumerate(row) if n)
            if weights == "multinomial":
                found[row] = math.factorial(women) / math.prod(math.factorial(n) for n in row)
            elif weights == "equal" or spread <= 1:
                found[row] = 1.0
    total = sum(found.values())
    return {row: weight / total for row, weight in found.items()}


def by_women(totals, largest, weights, mechanism, log_odds, within, loss):
    """Sum over what happened to every single woman; also the mean of Pr(K = 0) over the women."""
    total = none = 0.0
    for row, weight in allocations(totals.women, totals.embryos, largest, weights).items():
        sizes = [m + 1 for m, n in enumerate(row) for _ in range(n)]
        pmfs = [embryo_pmf(mechanism, m, log_odds, within) for m in sizes]
        own = 0.0
        for outcome in itertools.product(*[range(m + 1) for m in sizes]):
            if sum(outcome) != totals.implanted:
                continue
            carrying = sum(k > 0 for k in outcome)
            chance = math.prod(pmf[k] for pmf, k in zip(pmfs, outcome, strict=True))
            if mechanism == "biochemical":
                chance *= stats.binom.pmf(totals.pregnant, carrying, 1 - loss)
            elif carrying != totals.pregnant:
                continue
            own += chance
        total += weight * own
        none += weight * own * np.mean([pmf[0] for pmf in pmfs])
    return total, none / total


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(("totals", "largest"), [((4, 8, 2, 3), 3), ((4, 9, 3, 5), 4), ((4, 6, 2, 2), 2)])
@pytest.mark.parametrize("limit", [10**6, 0], ids=["listed", "integrated"])
def test_every_woman_enumerated(mechanism, weights, totals, largest, limit):
    totals = ArmTotals(*totals)
    arm = prepare_arm(totals, largest, weights, mechanism, limit=limit)
    for log_odds, within, loss in ((-0.7, 0.3, 0.1), (1.2, 0.9, 0.4)):
        total, none = by_women(totals, largest, weights, mechanism, log_odds, within, loss)
        assert float(arm.log_likelihood(log_odds, within, loss)) == pytest.approx(math.log(total), abs=1e-11)
        assert float(none_implanted(arm, log_odds, within, loss)) == pytest.approx(none, rel=1e-10)
        clinical = (1 - none) * ((1 - loss) if mechanism == "biochemical" else 1)
        assert float(clinical_pregnancy(arm, log_odds, within, loss)) == pytest.approx(clinical, rel=1e-10)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_simulated_women_and_embryos(mechanism):
    rng = np.random.default_rng(7)
    number, log_odds, within, loss = 1_500_000, -0.2, 0.45, 0.25
    chance = special.expit(log_odds)
    # women 4, embryos 8, at most 3: w = (0, 4, 0), (1, 2, 1), (2, 0, 2), equally likely
    sizes = np.array([[2, 2, 2, 2], [1, 2, 2, 3], [1, 1, 3, 3]])[rng.integers(3, size=number)]
    if mechanism == "receptivity":
        implanted = rng.binomial(sizes, within) * (rng.random(sizes.shape) < chance)
    else:
        share = rng.beta(chance * (1 - within) / within, (1 - chance) * (1 - within) / within, size=sizes.shape)
        implanted = rng.binomial(sizes, share)
    pregnant = implanted > 0
    if mechanism == "biochemical":
        pregnant &= rng.random(sizes.shape) >= loss
    for women, embryos in ((2, 3), (1, 2), (3, 5), (0, 0)):
        seen = np.mean((pregnant.sum(axis=1) == women) & (implanted.sum(axis=1) == embryos))
        arm = prepare_arm(ArmTotals(4, 8, women, embryos), 3, "equal", mechanism)
        assert np.exp(arm.log_likelihood(log_odds, within, loss)) == pytest.approx(seen, abs=1e-3)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("weights", ["equal", "multinomial"])
def test_probabilities_of_all_totals_sum_to_one(mechanism, weights):
    total = 0.0
    for pregnant in range(8):
        for implanted in range(pregnant, 16):
            if pregnant == 0 and implanted and mechanism != "biochemical":
                continue
            if mechanism != "biochemical" and implanted > min(3 * pregnant, 15 - (7 - pregnant)):
                continue
            arm = prepare_arm(ArmTotals(7, 15, pregnant, implanted), 3, weights, mechanism)
            total += float(np.exp(arm.log_likelihood(0.4, 0.6, 0.2)))
    assert total == pytest.approx(1, abs=1e-12)


def test_number_of_tables_of_the_index_trial():
    assert len(list_tables(ArmTotals(40, 80, 16, 33), 3).counts) == 5610
    assert len(list_tables(ArmTotals(40, 84, 12, 19), 3).counts) == 7579
    assert list_tables(ArmTotals(40, 80, 16, 33), 4) is None


@pytest.mark.parametrize(
    ("totals", "largest", "mechanism", "weights"),
    [
        ((40, 80, 16, 33), 3, "beta_binomial", "equal"),
        ((40, 84, 12, 19), 3, "beta_binomial", "multinomial"),
        ((40, 84, 12, 19), 3, "receptivity", "equal"),
        ((40, 84, 0, 0), 3, "beta_binomial", "equal"),
        ((40, 84, 40, 84), 3, "beta_binomial", "multinomial"),
        ((40, 84, 12, 12), 3, "beta_binomial", "equal"),
        ((40, 84, 12, 36), 3, "receptivity", "multinomial"),
        ((20, 50, 8, 12), 4, "beta_binomial", "equal"),
        ((20, 50, 8, 12), 4, "biochemical", "multinomial"),
        ((20, 38, 0, 9), 3, "biochemical", "equal"),
        ((12, 30, 5, 9), 5, "beta_binomial", "equal"),
    ],
)
def test_listed_and_integrated_agree(totals, largest, mechanism, weights):
    rng = np.random.default_rng(11)
    log_odds, within, loss = 3 * rng.normal(size=25), rng.uniform(0.001, 0.999, size=25), rng.beta(1, 9, size=25)
    listed, integrated = (
        prepare_arm(ArmTotals(*totals), largest, weights, mechanism, limit=limit) for limit in (10**7, 0)
    )
    assert listed.rows is not None
    assert integrated.rows is None
    ours, theirs = (arm.log_likelihood(log_odds, within, loss) for arm in (listed, integrated))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    ours, theirs = (arm.mean_allocation(log_odds, within, loss) for arm in (listed, integrated))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)
    np.testing.assert_allclose(theirs @ np.arange(1, largest + 1), totals[1], rtol=1e-10)
    if mechanism == "biochemical":
        parts = listed.parts(log_odds[:, None], within[:, None])
        several, women = parts.log_likelihood([0.05, 0.3]), parts.mean_allocation([0.05, 0.3])
        np.testing.assert_allclose(several[:, 1], listed.log_likelihood(log_odds, within, 0.3), atol=1e-10)
        np.testing.assert_allclose(women[:, 0], listed.mean_allocation(log_odds, within, 0.05), atol=1e-9)


@pytest.mark.parametrize("within", [1e-12, 1e-6, 0.3, 1 - 1e-6])
@pytest.mark.parametrize("log_odds", [-35.0, -2.0, 0.0, 30.0])
def test_cell_probabilities_at_the_limits(within, log_odds):
    pmf = np.exp(log_pmf("beta_binomial", 4, log_odds, within))
    assert np.isfinite(pmf).all()
    start = 0
    for m in range(1, 5):
        assert pmf[start : start + m + 1].sum() == pytest.approx(1, abs=1e-12)
        if within == 1e-12 and log_odds > -30:
            binomial = stats.binom.pmf(np.arange(m + 1), m, special.expit(log_odds))
            np.testing.assert_allclose(pmf[start : start + m + 1], binomial, rtol=1e-6, atol=1e-11)
        start += m + 1


def test_large_trial_is_a_probability_and_keeps_its_totals():
    arm = prepare_arm(ArmTotals(300, 640, 100, 160), 4)
    women = arm.mean_allocation([-0.8, 0.2], 0.6)
    np.testing.assert_allclose(women.sum(axis=1), 300, rtol=1e-10)
    np.testing.assert_allclose(women @ [1, 2, 3, 4], 640, rtol=1e-10)
    assert (arm.log_likelihood([-0.8, 0.2], 0.6) < 0).all()
