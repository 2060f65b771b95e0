"""What a page says of claims that hold by some tests, hang on an assumption, or cannot be judged."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import conditional_words
from bayes_ivf.report.opening import question
from bayes_ivf.study import parse_study


def study(*rows, arms=(61, 61), **head):
    sides = {side: {"label": side, "n": n} for side, n in zip(("treatment", "control"), arms, strict=True)}
    base = {"schema_version": 1, "id": "words", "title": "Words", "arms": sides}
    return parse_study(base | head | {"outcomes": list(rows)}, "f.toml")


def counts(treatment, control, p, direction="higher", name="x", **more):
    claim = {"claim": {"text": f"{direction}, {p}", "direction": direction, "p": p}} if p else {}
    row = {"id": name, "label": name.upper(), "kind": "counts", "benefit": "higher"}
    return row | {"treatment": treatment, "control": control} | claim | more


def read(study):
    result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    return str(result.comparison.reading.iloc[0]), result.audit


def test_tests_that_disagree_are_named():
    words, _ = read(study(counts("4/61", "0/61", "P=0.04")))
    assert "Fisher P = 0.12: the claim holds under Pearson but not under Fisher, mid-P, Yates, Boschloo" in words
    assert "supports" not in words


def test_tests_and_independence_are_both_named():
    row = counts("6/26", "1/25", "P=0.05", per="cycle", n={"treatment": 26, "control": 25})
    found = bi.audit(study(row, arms=(17, 16)))
    words = conditional_words(found.ledger[0])
    assert words.startswith("holds under Pearson but not under Fisher")
    assert words.endswith(", and only if cycles of one woman are independent")


def test_a_p_that_decides_nothing_is_told_with_why():
    words, found = read(study(counts("38/250", "14/236", "P<0.001"), arms=(250, 236), design_words=["cross-over"]))
    assert found.ledger[0].supported == "undetermined"
    assert "Fisher P = 0.001 does not decide: the same women (or matched pairs) are in both arms" in words
    assert "cannot be recomputed" not in words


def test_nothing_is_said_of_deciding_where_nothing_was_claimed():
    words, _ = read(study(counts("6/61", "4/61", None)))
    assert "decide" not in words


def test_the_test_that_gives_a_printed_p_is_named(tmp_path):
    bi.reanalyze(study(counts("6/61", "0/61", "P=0.01")), tmp_path, models=["two_arm"], engine="exact")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "P=0.01 is that of mid-P or Pearson" in text
    assert "Fisher P = 0.027" in text


def checks(study):
    return [finding.check for finding in bi.audit(study).found]


def test_nothing_is_said_of_many_results_where_none_is_claimed():
    none = [counts("16/40", "12/40", "P>0.05", "none", name) for name in "ab"]
    one = [none[0], counts("26/40", "12/40", "P<0.05", "higher", "b")]
    assert "multiplicity" not in checks(study(*none, arms=(40, 40)))
    assert "multiplicity" in checks(study(*one, arms=(40, 40)))


@pytest.mark.parametrize(("variables", "told"), [("a", False), ("ab", True)])
def test_one_baseline_variable_is_no_comparison_of_several(variables, told):
    rows = [
        {"id": name, "label": name, "kind": "mean_sd", "role": "baseline", "benefit": "none", "spread": "sd",
         "treatment": "31.5 ± 2.9", "control": "32.4 ± 3.0"}
        for name in variables
    ]  # fmt: skip
    assert ("baseline" in checks(study(*rows, counts("16/40", "12/40", None), arms=(40, 40)))) == told


def several(**more):
    arms = {name: {"label": label, "n": 40} for name, label in (("a", "A"), ("b", "B"), ("control", "C"))}
    row = {"id": "x", "label": "X", "kind": "counts", "benefit": "higher"}
    row |= {"cells": {"a": "20/40", "b": "10/40", "control": "12/40"}}
    return parse_study({"schema_version": 1, "id": "s", "title": "S", "arms": arms, "outcomes": [row]} | more, "f.toml")


def test_the_question_of_several_arms():
    assert question(several()) == "Does A or B do better than C?"
    pairs = [["a", "control"], ["b", "control"], ["a", "b"]]
    assert question(several(compare=pairs)) == "How do A, B and C compare?"
