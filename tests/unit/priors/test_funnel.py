"""Stages of a funnel follow from declared roles; what is left out is said with its reason."""

from __future__ import annotations

import pytest

from bayes_ivf.cards import load_card
from bayes_ivf.priors import load_prior_set
from bayes_ivf.problem import applicable, build_problem
from bayes_ivf.reanalysis import plan
from bayes_ivf.study import parse_study

CPR = {
    "id": "preg",
    "label": "Clinical pregnancy",
    "per": "woman",
    "stage": "clinical_pregnancy",
    "treatment": "20/40",
    "control": "15/40",
}
LOSS = {"id": "loss", "label": "Miscarriage", "per": "clinical_pregnancy", "denominator": "preg", "stage": "miscarriage",
        "benefit": "lower", "treatment": "3/20", "control": "4/15", "family": "pregnancy"}  # fmt: skip
BORN = {
    "id": "take_home",
    "label": "Live birth",
    "per": "woman",
    "stage": "live_birth",
    "treatment": "16/40",
    "control": "10/40",
}


def study_of(*items):
    outcomes = [{"kind": "counts", "benefit": "higher", **item} for item in items]
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}
    return parse_study(table, "s.toml")


def funnel_of(*items, options=None):
    study = study_of(*items)
    return build_problem(study, "loss", load_card("funnel"), "weakly_informative", options)


def test_a_live_birth_is_a_stage_whatever_its_id():
    problem = funnel_of(CPR, LOSS, BORN)
    assert problem.data["live_birth_events"].tolist() == [16, 10]
    assert problem.data["live_birth_n"].tolist() == [17, 11]
    assert problem.places["live_birth"].outcome == "take_home"
    assert problem.assumes == ""


def test_births_among_the_pregnant_are_the_same_stage():
    born = BORN | {"per": "clinical_pregnancy", "denominator": "preg", "treatment": "16/20", "control": "10/15"}
    assert funnel_of(CPR, LOSS, born).data["live_birth_events"].tolist() == [16, 10]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stage": None}, "its stage is not declared"),
        ({"stage": None, "id": "live_birth"}, "its stage is not declared"),
        ({"cumulative": True}, "it counts births of several transfers, preg the pregnancies of one"),
        ({"per": "transfer"}, "it is counted per transfer, preg per woman"),
        ({"treatment": "18/40"}, "18 births of 17 pregnancies not printed as miscarried (treatment)"),
    ],
)
def test_what_is_left_out_is_said_with_its_reason(change, reason):
    born = {key: value for key, value in (BORN | change).items() if value is not None}
    problem = funnel_of(CPR, LOSS, born)
    assert "live_birth_events" not in problem.data
    assert problem.assumes.startswith(f"Live birth ({born['id']}) is left out of the funnel: {reason}")
    assert problem.assumes in problem.caveats


def test_an_id_or_a_word_makes_no_stage():
    twins = LOSS | {"id": "loss", "label": "Twin pregnancy", "stage": None}
    other = {key: value for key, value in twins.items() if value is not None}
    reason = applicable(study_of(CPR, other), study_of(CPR, other).outcome("loss"), load_card("funnel"))
    assert 'stage = "miscarriage"' in reason
    silent = {key: value for key, value in LOSS.items() if key != "stage"}
    assert funnel_of(CPR, silent).places["woman"].outcome == "preg"


def test_embryos_belong_to_the_declared_pregnancies():
    embryos = {
        "id": "imp",
        "label": "Implantation",
        "per": "embryo",
        "stage": "implantation",
        "treatment": "24/80",
        "control": "18/80",
    }
    problem = funnel_of(CPR, LOSS, embryos)
    assert problem.places["embryo"].outcome == "imp"
    assert problem.data["totals"].tolist() == [[40, 80, 20, 24], [40, 80, 15, 18]]


@pytest.mark.parametrize(
    ("model", "outcome", "option"),
    [
        ("outcomes", "loss", {"correlation": "0.3"}),
        ("outcomes", "loss", {"correlation": "0"}),
        ("funnel", "loss", {"weights": "multinomial"}),
        ("two_arm", "preg", {"variance": "common"}),
        ("two_arm", "preg", {"doubt": 0.25}),
    ],
)
def test_options_that_change_nothing_are_refused_by_name(model, outcome, option, faults_of):
    arguments = (study_of(CPR, LOSS), outcome, load_card(model), "weakly_informative", option)
    (fault,) = faults_of(build_problem, *arguments)
    assert fault.where == f"option {next(iter(option))}"


def test_options_that_change_nothing_are_not_run(lei):
    cards = [load_card(name) for name in ("two_arm", "outcomes", "funnel")]
    planned = plan(lei, cards, [load_prior_set("weakly_informative")]).problems
    pregnancy = [
        problem.options_text for problem in planned if problem.model == "outcomes" and problem.likelihood == "funnel"
    ]
    assert len(pregnancy) == 2
    assert all("correlation" not in text for text in pregnancy)
    pooled = [(problem.outcome, problem.hash) for problem in planned if problem.model == "outcomes"]
    assert len(set(pooled)) == len(pooled)
    hormones = [
        problem for problem in planned if problem.model == "outcomes" and problem.likelihood == "mean_sd_family"
    ]
    assert len(hormones) == 4
