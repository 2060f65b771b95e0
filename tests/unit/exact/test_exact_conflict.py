"""Factors that contradict each other: where the posterior lies far from every one of them."""

import numpy as np
import pytest

from bayes_ivf.exact import two_by_two
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.inference.run_exact import GROSS_ERROR
from bayes_ivf.priors.batched import BatchedPrior

FIRST, EFFECT = BatchedPrior("Normal", {"mu": 3.0, "sigma": 1.5}), BatchedPrior("Normal", {"mu": 0.0, "sigma": 0.05})
# log odds ratio: mean and sd by two independent integrations, one of them on plain panels
ALL, NONE = (1_000_000, 1_000_000, 90, 400), (0, 100_000, 200, 400)
RIGHT = {ALL: (0.77692, 0.04998), NONE: (-0.50163, 0.04991)}


@pytest.mark.parametrize("table", RIGHT)
def test_an_arm_of_many_with_all_or_none_against_a_tight_prior(table):
    posterior = solve_counts(*table, first=FIRST, effect=EFFECT, workers=1)
    found = posterior.summarize("log_odds_ratio")
    assert (found.mean[0], found.sd[0]) == pytest.approx(RIGHT[table], abs=6e-6)
    assert posterior.accurate.all()


@pytest.mark.parametrize("table", RIGHT)
def test_a_misplaced_mesh_is_seen_by_what_does_not_share_it(table, monkeypatch):
    monkeypatch.setattr(two_by_two, "_CONFLICT", np.inf)
    posterior = solve_counts(*table, first=FIRST, effect=EFFECT, workers=1)
    found = posterior.summarize("log_odds_ratio")
    assert abs(found.mean[0] - RIGHT[table][0]) > 1e-3 * RIGHT[table][1]
    assert posterior.error_probability[0] > GROSS_ERROR


def test_a_wall_that_the_likelihood_presses_against():
    wall = 0.09251527998036693
    effect = BatchedPrior("Uniform", {"lower": -wall, "upper": wall})
    first = BatchedPrior("Normal", {"mu": 1.0, "sigma": 3.6})
    posterior = solve_counts(1_015_774, 1_047_784, 1, 7_474_931, first=first, effect=effect, workers=1)
    found = posterior.summarize("log_odds_ratio")
    # an exponential density of slope n p at the wall: its distance and its spread are 1 / (n p)
    steep = 1 / (wall - found.mean[0])
    assert found.sd[0] * steep == pytest.approx(1, rel=1e-3)
    risk = posterior.summarize("control_risk").mean[0]
    assert steep == pytest.approx(7_474_931 * risk, rel=1e-4)
    assert posterior.accurate.all()


def test_a_kink_far_from_the_posterior():
    first = BatchedPrior("Laplace", {"mu": 0.2769262677940132, "b": 1.6343577272723753})
    effect = BatchedPrior("Normal", {"mu": 0.0, "sigma": 0.05800590039679097})
    posterior = solve_counts(
        2_234_279, 3_797_977, 33_653_091, 33_653_091, first=first, effect=effect, coding="control", workers=1
    )
    found = posterior.summarize("log_odds_ratio")
    assert (found.mean[0], found.sd[0]) == pytest.approx((-9.07206, 0.0183015), abs=5e-6)
    assert posterior.accurate.all()


@pytest.mark.parametrize("table", [(1, 1, 87, 100), (0, 12, 900, 30_000), (0, 1, 3, 100)], ids=str)
def test_right_answers_under_a_wide_prior_are_not_marked(table):
    wide = BatchedPrior("Normal", {"mu": 0.0, "sigma": 5.0})
    posterior = solve_counts(*table, first=wide, effect=wide, workers=1)
    posterior.summarize("risk_difference")
    assert posterior.accurate.all()


def test_a_problem_does_not_depend_on_its_neighbors():
    tables = np.array([ALL, (16, 40, 12, 40), NONE]).T
    joint = solve_counts(*tables, first=FIRST, effect=EFFECT, workers=1).summarize("risk_difference")
    for i, table in enumerate(tables.T):
        alone = solve_counts(*table, first=FIRST, effect=EFFECT, workers=1).summarize("risk_difference")
        assert (joint.mean[i], joint.ci_high[i]) == (alone.mean[0], alone.ci_high[0])


def test_a_median_beside_a_lump_of_probability():
    """Both risks may be 0 to the last digit: half of the probability lies within 1e-5 of no difference."""
    first, effect = (
        BatchedPrior("Cauchy", {"alpha": 1.785, "beta": 4.478}),
        BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 0.7605}),
    )
    posterior = solve_counts(0, 65, 0, 1, first=first, effect=effect, workers=1)
    found = posterior.summarize("risk_difference")
    below, above = (posterior.cdf("risk_difference", found.median + step)[0] for step in (-1e-6, 1e-6))
    assert below < 0.5 < above
    # cliffs along two power-law tails are not resolved, and the answer says so
    assert not posterior.accurate.any()


def test_what_is_missed_in_a_tail_moves_its_quantile():
    """One chart's total misses 2e-4 of the probability: little, but an end of an interval moves by 2.7e-3 sd."""
    first = BatchedPrior("Laplace", {"mu": 4.804936877973615, "b": 1.1740714486004875})
    effect = BatchedPrior("StudentT", {"nu": 4.0, "mu": -0.23718057325453723, "sigma": 0.3153729473541926})
    posterior = solve_counts(901017, 901017, 1308, 1309, first=first, effect=effect, workers=1)
    # by plain panels
    assert abs(posterior.summarize("control_risk").ci_low[0] - 0.99910135) > 5e-7
    posterior.summaries(("log_odds_ratio", "risk_difference", "control_risk", "treatment_risk"))
    assert posterior.error_probability[0] < GROSS_ERROR < posterior.error_quantile[0]
