"""Two binomial arms in NUTS and in the exact engine against a grid that shares no code with them."""

from __future__ import annotations

import independent
import numpy as np
import pytest
from scipy import stats

from bayes_ivf import Study

OUTCOMES = {
    "cpr": ((16, 40), (12, 40), "higher"),
    "eir": ((33, 80), (19, 84), "higher"),
    "mcr": ((1, 16), (1, 12), "lower"),
}
PRIORS = {"narrow": 0.35, "weak": 1.0, "wide": 2.5}


def slots(coding, sd):
    return {coding: {"dist": "Normal", "mu": 0, "sigma": 1.5}, "effect": {"dist": "Normal", "mu": 0, "sigma": sd}}


@pytest.fixture(scope="module")
def grid():
    done = {}

    def answer(treatment, control, sd, coding):
        key = (treatment, control, sd, coding)
        if key not in done:
            done[key] = independent.counts(treatment, control, stats.norm(0, 1.5), stats.norm(0, sd), coding)
        return done[key]

    return answer


@pytest.mark.parametrize("coding", ["average", "control"])
@pytest.mark.parametrize("sd", PRIORS.values(), ids=PRIORS)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_binary_outcomes_of_the_index_trial(outcome, sd, coding, lei, nuts, exact, grid, assert_close):
    treatment, control, _ = OUTCOMES[outcome]
    expected = grid(treatment, control, sd, coding)
    fit = nuts(lei, outcome, slots(coding, sd), model="two_arm")
    assert fit.verdict.level == "pass"
    for estimand in ("log_odds_ratio", "risk_difference", "control_risk", "treatment_risk"):
        assert_close(fit, estimand, expected[estimand], null=0.5 if "risk" in estimand[-4:] else 0.0)
    solved = exact(lei, outcome, slots(coding, sd), model="two_arm")
    assert solved.verdict.level == "pass"
    for estimand, answer in expected.items():
        # the grid's own accuracy
        assert solved.row(estimand).mean == pytest.approx(answer.mean, abs=2e-6)
        assert solved.row(estimand).sd == pytest.approx(answer.sd, abs=2e-6)
    benefit = expected["log_odds_ratio"].above(0)
    benefit = 1 - benefit if OUTCOMES[outcome][2] == "lower" else benefit
    for estimand in ("log_odds_ratio", "odds_ratio", "risk_ratio", "risk_difference"):
        assert solved.row(estimand).p_benefit == pytest.approx(benefit, abs=2e-5)


EXTREME = [
    ((0, 40), (12, 40)),
    ((0, 40), (0, 40)),
    ((40, 40), (0, 40)),
    ((40, 40), (40, 40)),
    ((1, 1), (0, 1)),
    ((0, 3), (997, 1000)),
]


@pytest.mark.parametrize("coding", ["average", "control"])
@pytest.mark.parametrize(("treatment", "control"), EXTREME, ids=str)
def test_arms_with_no_or_all_events_have_proper_posteriors(treatment, control, coding, nuts, exact, grid, assert_close):
    study = Study.from_counts(treatment, control, benefit="higher", mcid=0.05)
    expected = grid(treatment, control, 1.0, coding)
    fit, solved = nuts(study, prior=slots(coding, 1.0)), exact(study, prior=slots(coding, 1.0))
    assert fit.verdict.level in ("pass", "warn")
    for estimand in ("log_odds_ratio", "risk_difference"):
        assert_close(fit, estimand, expected[estimand])
        assert solved.row(estimand).mean == pytest.approx(expected[estimand].mean, abs=2e-6)
        assert solved.row(estimand).p_benefit == pytest.approx(expected["log_odds_ratio"].above(0), abs=3e-5)
    effects = solved.effects()
    needed = effects.estimand.str.startswith("number_needed")  # has no moments, and no end where none may be
    limits = ["mean", "sd", "ci_low", "ci_high", "hdi_low", "hdi_high"]
    assert needed.sum() == 2
    assert np.isfinite(effects.loc[~needed, limits].to_numpy(float)).all()


@pytest.mark.parametrize("prior", [(1, 1), (0.5, 0.5), (3, 7)], ids=str)
@pytest.mark.parametrize("arms", [((16, 40), (12, 40)), ((1, 16), (1, 12)), ((0, 9), (9, 9))], ids=str)
def test_independent_beta_arms(arms, prior, nuts, exact, assert_close):
    slot = {"dist": "Beta", "alpha": prior[0], "beta": prior[1]}
    study = Study.from_counts(*arms, benefit="higher")
    given = {"control": slot, "treatment": slot}
    expected = independent.beta_arms(*arms, prior)
    fit, solved = nuts(study, prior=given), exact(study, prior=given)
    assert_close(fit, "risk_difference", expected)
    assert solved.row("risk_difference").mean == pytest.approx(expected.mean, abs=1e-5)  # 4001 steps of probability
    assert solved.row("risk_difference").sd == pytest.approx(expected.sd, abs=1e-5)
    assert solved.row("risk_difference").p_benefit == pytest.approx(expected.above(0), abs=1e-5)
