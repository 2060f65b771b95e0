"""Answers of a human to checklists: read, refused, written back, and without a say in any number."""

from __future__ import annotations

import copy
import json
import pickle
import tomllib
from dataclasses import replace

import pytest

from bayes_ivf import Study
from bayes_ivf.checklists import checklists
from bayes_ivf.errors import StudyError
from bayes_ivf.study import load_study, parse_study, study_table, study_toml

ANSWERS = {
    "inspect_sr": {"1.1": "No notice found", "4.10": "</script> ''' {{ x }} `y` \"z\" \\"},
    "barg": {"P.A": "first line\nsecond line"},
    "robust": {"7": "…"},
}


@pytest.fixture(scope="module")
def table():
    return study_table(load_study("lei-2026"))


def with_answers(table, answers):
    return parse_study({**copy.deepcopy(table), "answers": answers}, "f.toml")


def faults(table, answers):
    with pytest.raises(StudyError) as caught:
        with_answers(table, answers)
    return caught.value.faults


def test_answers_are_written_as_they_are_read(table):
    study = with_answers(table, ANSWERS)
    assert study.answers == ANSWERS
    assert parse_study(study_table(study), "again") == study
    assert parse_study(json.loads(json.dumps(study_table(study))), "again") == study
    assert parse_study(tomllib.loads(study_toml(study_table(study))), "again") == study
    assert pickle.loads(pickle.dumps(study)) == copy.deepcopy(study) == study  # noqa: S301  written here


def test_a_study_without_answers_is_written_as_before(table):
    assert "answers" not in table
    assert with_answers(table, {"barg": {}}) == load_study("lei-2026")
    assert "answers" not in study_table(with_answers(table, {"barg": {}}))


def test_answers_are_frozen(table):
    study = with_answers(table, ANSWERS)
    for mapping in (study.answers, study.answers["barg"]):
        with pytest.raises(TypeError):
            mapping["x"] = "y"


@pytest.mark.parametrize(
    ("answers", "where", "found", "allowed", "action"),
    [
        ({"bargg": {"1": "x"}}, "f.toml: answers", "'bargg'", "inspect_sr, barg, robust", "did you mean 'barg'?"),
        ({"barg": {"1.e": "x"}}, "f.toml: answers.barg", "'1.e'", "P.A, P.B, 1.A", "did you mean '1.E'?"),
        ({"robust": {"8": "x"}}, "f.toml: answers.robust", "'8'", "1, 2, 3, 4, 5, 6, 7", "correct or remove it"),
        ({"robust": {"1": " "}}, "f.toml: answers.robust.1", "' '", "some words", "correct the value"),
        ({"robust": {"1": 3}}, "f.toml: answers.robust.1", "3", "text in quotes", '"3"'),
        ({"robust": {"1": "a\u202eb"}}, "f.toml: answers.robust.1", "a\\u202eb", "hidden characters", "correct"),
        ({"robust": {"1": "x" * 2001}}, "f.toml: answers.robust.1", "xxx", "2000 characters", "correct"),
        ({"robust": "x"}, "f.toml: answers.robust", "'x'", "dictionary", "correct"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(table, answers, where, found, allowed, action):
    (fault,) = faults(table, answers)
    assert fault.where == where
    assert found in fault.found
    assert allowed in fault.allowed
    assert action in fault.action


def test_all_faults_are_told_at_once(table):
    answers = {"bargg": {"1": "x"}, "barg": {"9.Z": "x", "1.A": ""}, "inspect_sr": {"5.1": "x"}}
    assert len(faults(table, answers)) == 4


def test_each_item_has_a_number_of_its_own():
    for each in checklists().values():
        assert len(set(each.numbers)) == len(each.items) > 6
        assert not any(sign.isdigit() for item in each.items for sign in item.topic)
    assert list(checklists()) == ["inspect_sr", "barg", "robust"]


def test_combined_studies_keep_the_answers_of_all():
    parts = [Study.from_counts((16, 40), (12, 40), outcome=name) for name in ("cpr", "lbr")]
    parts = [
        replace(parts[0], answers={"barg": {"1.E": "a"}}),
        replace(parts[1], answers={"barg": {"1.E": "b", "3.A": "c"}}),
    ]
    assert Study.combine(parts).answers == {"barg": {"1.E": "a", "3.A": "c"}}


def test_answers_change_no_problem():
    from bayes_ivf.cards import load_card
    from bayes_ivf.priors import load_prior_set
    from bayes_ivf.problem import build_problem

    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    card, priors = load_card("two_arm"), load_prior_set("weakly_informative")
    hashes = {build_problem(each, "cpr", card, priors).hash for each in (study, replace(study, answers=ANSWERS))}
    assert len(hashes) == 1
