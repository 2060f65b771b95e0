"""Compound statements and conditions: which problems have them, and what share of the draws says so."""

import numpy as np
import pytest

from bayes_ivf.calibration import designs_for
from bayes_ivf.cards import load_card
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.results.sentence import condition
from bayes_ivf.results.statements import statements

PROBLEMS = {
    design.name: design.problem
    for card in ("two_arm", "embryo_cluster", "funnel", "outcomes", "joint")
    for design in designs_for(load_card(card))
}
OF_STAGES = {"funnel-women", "funnel-embryos", "outcomes-stages"}
DRAWS = {
    EstimandId("risk_difference", place): np.array([draws])
    for place, draws in (("woman", [1, 1, -1, 1]), ("ongoing", [1, -1, -1, 1]), ("", [-1, 1, -1, 0]))
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_stages_alone_are_told_at_once(name):
    told = [each.probability for each in statements(PROBLEMS[name], DRAWS)]
    assert told == ([0.5, 0.5, 0.25] if name in OF_STAGES else [])


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_only_words_tell_hangs_on_them(name):
    start = {
        "two_arm-claim": "If the claim",
        "two_arm-p_value": "If the claim",
        "two_arm-statistic": "If the claim",
        "outcomes-claims": "If the claims are ",
    }
    wanted = next((words for beginning, words in start.items() if name.startswith(beginning)), "")
    assert condition(PROBLEMS[name]).startswith(wanted)
    assert bool(condition(PROBLEMS[name])) == bool(wanted)
