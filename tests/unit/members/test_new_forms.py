"""Forms with other arrays and options than those of the package: sampled, and told apart, by what they say of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bayes_ivf import Study, fit
from bayes_ivf.cards import Option, load_card
from bayes_ivf.problem import build_problem
from tests.unit.members.conftest import PLACE, RATE

TWO_ARM = load_card("two_arm")
COUNTS = Study.from_counts((16, 40), (12, 40))
MEANS = Study.from_means((6.0, 1.0, 40), (5.5, 1.2, 41), outcome="mean", benefit="lower")
PROPER = {
    "average": {"dist": "Normal", "mu": 6, "sigma": 2},
    "effect": {"dist": "Normal", "mu": 0, "sigma": 1},
    "sigma": {"dist": "HalfNormal", "sigma": 1.5},
}
FLAT = {"effect": PROPER["effect"], "sigma": PROPER["sigma"]}
SAMPLED = {"engine": "nuts", "draws": 500, "tune": 500, "chains": 2}
CARD = replace(
    TWO_ARM,
    options={
        **TWO_ARM.options,
        "wider": Option("1", "by how much an error is larger than printed", span=(1, 10)),
        "note": Option("", "a word that changes the model", allowed=("", "other")),
    },
)


def test_two_risks_by_other_numbers(new_forms):
    expected = fit(COUNTS, engine="exact").row("log_odds_ratio")
    new_forms(a_rate=RATE)
    found = fit(COUNTS, model=CARD, **SAMPLED)
    assert (found.problem.likelihood, set(found.problem.data)) == ("a_rate", {"estimate", "error"})
    told = found.row("log_odds_ratio")
    assert (told.mean, told.sd) == pytest.approx((expected.mean, expected.sd), abs=0.1)


@pytest.mark.parametrize("prior", [PROPER, FLAT], ids=["proper", "flat"])
def test_two_means_by_other_numbers(new_forms, prior):
    new_forms(a_place=PLACE)
    found = fit(MEANS, model=CARD, prior=prior, **SAMPLED)
    assert (found.problem.likelihood, set(found.problem.data)) == ("a_place", {"middle", "error"})
    assert found.row("control_mean").mean == pytest.approx(5.5, abs=0.1)


@pytest.mark.parametrize(("study", "prior"), [(COUNTS, "weakly_informative"), (MEANS, PROPER)], ids=["risks", "means"])
def test_options_of_a_form_tell_its_problems_apart(new_forms, study, prior):
    new_forms(a_rate=RATE, a_place=PLACE)
    plain, *others = (
        build_problem(study, study.items[0].id, CARD, prior, options)
        for options in ({}, {"wider": 2}, {"note": "other"})
    )
    assert plain.options_text == "note=;wider=1"
    assert [each.options_text for each in others] == ["note=;wider=2", "note=other;wider=1"]
    assert len({each.key for each in (plain, *others)}) == len({each.hash for each in (plain, *others)}) == 3
    assert [each.compile_key == plain.compile_key for each in others] == [True, False]


def test_a_card_without_an_option_of_a_form_is_refused(faults_of):
    card = replace(TWO_ARM, id="mine", options={"variance": TWO_ARM.options["variance"]})
    claim = Study.from_claim((40, 41), "lower", benefit="lower")
    (fault,) = faults_of(build_problem, claim, "claim", card, "weakly_informative")
    assert (fault.where, fault.found) == ("model mine", "no option doubt, which claim (claim_only) needs")
    assert "[options.doubt]" in fault.action
