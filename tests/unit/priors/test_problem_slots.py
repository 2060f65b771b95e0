"""What a user's slots become: the coding, the defaults, and what is refused."""

from __future__ import annotations

import pytest

from bayes_ivf import Study
from bayes_ivf.cards import load_card
from bayes_ivf.priors import Prior
from bayes_ivf.problem import build_problem

NORMAL = {"dist": "Normal", "mu": 0, "sigma": 1}
BETA = {"dist": "Beta", "alpha": 1, "beta": 1}
COUNTS = Study.from_counts((16, 40), (12, 40), outcome="cpr")
MEANS = Study.from_means((5.81, 0.76, 40), (7.93, 0.82, 40), outcome="fsh")
CLAIM = Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower")


def build(study, prior, **options):
    return build_problem(study, study.items[0].id, load_card("two_arm"), prior, options)


@pytest.mark.parametrize(
    ("prior", "coding", "slots"),
    [
        (
            {"effect": NORMAL},
            "average",
            {"average": Prior("Normal", {"mu": 0, "sigma": 1.5}), "effect": Prior("Normal", {"mu": 0, "sigma": 1})},
        ),
        (
            {"control": NORMAL},
            "control",
            {"control": Prior("Normal", {"mu": 0, "sigma": 1}), "effect": Prior("Normal", {"mu": 0, "sigma": 1})},
        ),
        (
            {"average": NORMAL},
            "average",
            {"average": Prior("Normal", {"mu": 0, "sigma": 1}), "effect": Prior("Normal", {"mu": 0, "sigma": 1})},
        ),
        (
            {"control": BETA, "treatment": BETA},
            "arms",
            {"control": Prior("Beta", {"alpha": 1, "beta": 1}), "treatment": Prior("Beta", {"alpha": 1, "beta": 1})},
        ),
        (
            {},
            "average",
            {"average": Prior("Normal", {"mu": 0, "sigma": 1.5}), "effect": Prior("Normal", {"mu": 0, "sigma": 1})},
        ),
    ],
    ids=["effect", "control", "average", "arms", "nothing"],
)
def test_slots_of_counts(prior, coding, slots):
    problem = build(COUNTS, prior)
    assert problem.coding == coding
    assert dict(problem.priors) == slots
    assert problem.prior_set == "custom"


def test_parameters_that_may_be_left_out():
    problem = build(COUNTS, {"effect": {"dist": "StudentT", "nu": 3}})
    assert problem.priors["effect"] == Prior("StudentT", {"nu": 3, "mu": 0, "sigma": 1})


@pytest.mark.parametrize(
    ("study", "prior", "where"),
    [
        (COUNTS, {"effekt": NORMAL}, "effekt"),
        (COUNTS, {"sigma": {"dist": "HalfNormal", "sigma": 1}}, "sigma"),
        (COUNTS, {"icc": BETA}, "icc"),
        (COUNTS, {"tau": {"dist": "HalfNormal", "sigma": 1}}, "tau"),
        (COUNTS, {"average": NORMAL, "control": NORMAL}, ""),
        (COUNTS, {"treatment": BETA}, ""),
        (COUNTS, {"effect": NORMAL, "treatment": BETA, "control": BETA}, ""),
        (COUNTS, {"effect": {"dist": "Flat"}}, "effect"),
        (COUNTS, {"average": {"dist": "Flat"}}, "average"),
        (COUNTS, {"control": BETA}, "control"),
        (COUNTS, {"control": BETA, "treatment": NORMAL}, "treatment"),
        (COUNTS, {"effect": {"dist": "HalfNormal", "sigma": 1}}, "effect"),
        (COUNTS, {"effect": "Normal"}, "effect"),
        (COUNTS, {"effect": {"dist": "Normal", "mu": 0, "sigma": -1}}, "effect.sigma"),
        (MEANS, {"effect": {"dist": "Flat"}}, "effect"),
        (MEANS, {"sigma": {"dist": "HalfNormal", "sigma": 0}}, "sigma.sigma"),
        (MEANS, {"control": NORMAL, "treatment": {"dist": "Flat"}}, ""),
        (CLAIM, {"average": NORMAL}, "average"),
        (CLAIM, {"sigma": {"dist": "HalfNormal", "sigma": 1}}, "sigma"),
        (CLAIM, {"effect": {"dist": "Flat"}}, "effect"),
        (COUNTS, 3, ""),
        (COUNTS, None, ""),
    ],
)  # fmt: skip
def test_slots_that_are_refused(study, prior, where, faults_of):
    places = [fault.where for fault in faults_of(build, study, prior)]
    base = f"prior of study/{study.items[0].id}"
    assert (f"{base}.{where}" if where else base) in places


def test_every_bad_slot_is_named_at_once(faults_of):
    places = [
        fault.where for fault in faults_of(build, COUNTS, {"effekt": NORMAL, "average": {"dist": "?"}, "icc": BETA})
    ]
    assert places == [f"prior of study/cpr.{end}" for end in ("effekt", "average.dist", "icc")]


@pytest.mark.parametrize("doubt", [-0.1, 1.1, float("nan"), "much", None])
def test_doubt_is_a_probability(doubt, faults_of):
    (fault,) = faults_of(build, CLAIM, "weakly_informative", doubt=doubt)
    assert "0 to 1" in fault.allowed


@pytest.mark.parametrize("options", [{"M": 3}, {"variance": "equal"}])
def test_options_are_those_of_the_card(options, faults_of):
    (fault,) = faults_of(build, MEANS, "weakly_informative", **options)
    assert fault.where.startswith("option ")


@pytest.mark.parametrize(("direction", "p"), [("none", "P<0.05"), ("lower", "P>0.05")])
def test_claims_that_say_nothing_usable(direction, p, faults_of):
    """One claim or its opposite: check says so before anything is fitted."""
    from bayes_ivf.study import parse_study, study_table

    table = study_table(CLAIM)
    table["outcomes"][0]["claim"] = {"text": "t", "direction": direction, "p": p}
    (fault,) = faults_of(parse_study, table, "f")
    assert p in fault.found


def test_several_denominators_are_mixed_and_it_is_said():
    from bayes_ivf.study import parse_study

    row = {
        "id": "x",
        "label": "x",
        "kind": "percent",
        "per": "cycle",
        "benefit": "higher",
        "treatment": "33%",
        "control": "30%",
        "n": {"treatment": "1-200", "control": "1-200"},
    }
    arms = {"treatment": {"label": "a", "n": 30}, "control": {"label": "b", "n": 30}}
    study = parse_study({"schema_version": 1, "id": "study", "title": "t", "arms": arms, "outcomes": [row]}, "f")
    problem = build(study, "weakly_informative")
    assert len(problem.data["events"]) > 1
    assert any("mixture over" in caveat for caveat in problem.caveats)


@pytest.mark.parametrize(("outcome", "found"), [("bhcg", "Not estimable"), ("education", "categories")])
def test_outcomes_without_a_model_say_why(lei, outcome, found, faults_of):
    (fault,) = faults_of(build_problem, lei, outcome, load_card("two_arm"), "weakly_informative")
    assert found in fault.found
