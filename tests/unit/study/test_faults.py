"""What is a fault: it stops, names the place and what to do, and comes with all the others of the file."""

from __future__ import annotations

import copy
import time

import pytest

from bayes_ivf.study import parse_study, read_study


def places(faults_of, values):
    return [fault.where.removeprefix("f.toml: ") for fault in faults_of(parse_study, values, "f.toml")]


COUNTS = {"kind": "counts", "treatment": "10/30", "control": "8/32"}
MEANS = {"kind": "mean_sd", "treatment": "5.8 ± 0.7", "control": "7.9 ± 0.8"}
PERCENT = {"kind": "percent", "treatment": "30%", "control": "25%"}
CLAIM = {"kind": "claim_only", "claim": {"text": "t", "direction": "lower", "p": "P<0.05"}}


@pytest.mark.parametrize(
    ("row", "place", "said"),
    [
        (COUNTS | {"mcid": 5.0}, "outcome x.mcid", "0.05 is 5 points"),
        (COUNTS | {"mcid": 1e300}, "outcome x.mcid", "0.05 is 5 points"),
        (COUNTS | {"mcid": float("inf")}, "outcome x.mcid", "finite"),
        (MEANS | {"mcid": 12.0}, "outcome x.mcid", "standardized"),
        (CLAIM | {"mcid": 12.0}, "outcome x.mcid", "standardized"),
        (COUNTS | {"treatment": "18/5000"}, "outcome x, treatment", 'per = "cycle"'),
        (COUNTS | {"treatment": "18/29", "n": {"treatment": 28, "control": 32}}, "outcome x, treatment", "correct n"),
        (COUNTS | {"label": ""}, "outcome x.label", "some words"),
        (COUNTS | {"label": " \u2009"}, "outcome x.label", "some words"),
        (COUNTS | {"label": "a\x1b[31mb"}, "outcome x.label", "control"),
        (COUNTS | {"note": "a\u202eb"}, "outcome x.note", "control"),
        (COUNTS | {"per": "wombat"}, "outcome x.per", "clinical_pregnancy"),
        (COUNTS | {"per": "embrio"}, "outcome x.per", "did you mean 'embryo'?"),
        (COUNTS | {"tretment": "1/2"}, "outcome x.tretment", "did you mean 'treatment'?"),
        (COUNTS | {"id": "con"}, "outcomes.1.id", "Windows"),
        (COUNTS | {"id": "lpt9"}, "outcomes.1.id", "Windows"),
        (COUNTS | {"claim": {"text": "t", "direction": "lower", "p": "P<0.05", "alpha": 1}}, "outcome x.claim.alpha", "key"),
        (COUNTS | {"effect": {"scale": "odds_ratio", "estimate": "2", "low": "1", "high": "3", "unit": "x"}},
         "outcome x.effect.unit", "key"),
        (COUNTS | {"effect": {"scale": "odds_ratio", "estimate": "2%", "low": "1", "high": "3"}},
         "outcome x.effect.estimate", "percent"),
        (CLAIM | {"claim": {"text": "t", "direction": "none", "p": "P<0.05"}}, "outcome x.claim", "direction"),
        (CLAIM | {"n": {"treatment": 1, "control": 9}}, "outcome x, treatment, n", "at least 2"),
        (PERCENT | {"denominator": "x"}, "outcome x.denominator", "denominators"),
        (MEANS | {"unit": "cm", "treatment": "5.8 ± 0.7 mm"}, "outcome x, treatment", "unit"),
        (MEANS | {"n": {"treatment": "20-30", "control": 9}}, "outcome x, treatment, n", "range"),
    ],
)  # fmt: skip
def test_one_fault(row, place, said, with_outcome, faults_of):
    (fault,) = faults_of(parse_study, with_outcome(**row), "f.toml")
    assert fault.where == f"f.toml: {place}"
    assert said in fault.allowed + fault.action


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": "nul"}, "id"),
        ({"id": "com1"}, "id"),
        ({"title": ""}, "title"),
        ({"title": "a\u200bb"}, "title"),
        ({"sources": {"\x1b]0;hi\x07": "x"}}, "sources.\x1b]0;hi\x07"),
        ({"external": {"a": {"hazard_ratio": 2.0}}}, "external.a.hazard_ratio"),
        ({"external": {"a": {"odds_ratio": float("nan")}}}, "external.a.odds_ratio"),
        ({"clusters": {"treatment": 6, "center": 5}}, "clusters.center"),
        ({"surprise": {"a": 1}}, "surprise"),
    ],
)
def test_one_fault_of_the_head(change, place, valid, faults_of):
    faults = faults_of(parse_study, valid | change, "f.toml")
    assert {fault.where for fault in faults} == {f"f.toml: {place}"}
    assert "\x1b" not in str(faults[0])


@pytest.mark.parametrize(
    ("source", "right"),
    [("T2", True), ("A, T2 (words only)", True), ("Table 4", True), ("abstract", True), ("", True), ("T3", False)],
)
def test_a_source_is_one_of_the_file(source, right, valid, faults_of):
    valid |= {"sources": {"T2": "Table 2"}}
    valid["outcomes"][0]["source"] = source
    if right:
        assert parse_study(valid, "f.toml").items[0].source == source
    else:
        assert places(faults_of, valid) == ["outcome a.source"]


def test_a_file_without_sources_may_name_any(valid):
    valid["outcomes"][0]["source"] = "T3"
    assert parse_study(valid, "f.toml").items[0].source == "T3"


def test_faults_of_keys_and_of_cells_come_together(valid, faults_of):
    valid |= {"extra": 1}
    valid["outcomes"][0] |= {"benefit": "up", "treatment": "x/30", "per": "wombat"}
    valid["outcomes"][1] |= {"surprise": 2, "control": "5 ± x", "source": ""}
    valid["outcomes"].append(
        {"id": "c", "kind": "percent", "benefit": "none", "treatment": "a third", "control": "25%"}
    )
    assert sorted(places(faults_of, valid)) == [
        "extra",
        "outcome a, treatment",
        "outcome a.benefit",
        "outcome a.per",
        "outcome b, control",
        "outcome b.surprise",
        "outcome c, treatment",
        "outcome c.label",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"arms": {"treatment": {"label": "a", "n": 0}, "control": {"label": "b", "n": 32}}},
        {"arms": {"treatment": {"label": "a"}, "control": {"label": "b", "n": 32}}},
        {"arms": {"control": {"label": "b", "n": 32}}},
        {"max_embryos": 0},
    ],
)
def test_a_fault_of_the_arms_has_no_followers(change, valid, faults_of):
    valid["outcomes"] += [
        {"id": "p", "label": "P", "benefit": "none"} | PERCENT,
        {"id": "e", "label": "E", "benefit": "none", "per": "embryo"} | PERCENT,
        {"id": "m", "label": "M", "benefit": "none", "denominator": "p"} | PERCENT,
        {"id": "l", "label": "L", "benefit": "none", "denominator": "e"} | PERCENT,
    ]
    assert len(places(faults_of, valid | copy.deepcopy(change))) == 1


def test_what_hangs_on_a_fault_has_none_of_its_own(valid, faults_of):
    valid["outcomes"] += [
        {"id": "cpr", "label": "P", "benefit": "none", "kind": "percent", "treatment": "a third", "control": "25%"},
        {"id": "mcr", "label": "M", "benefit": "none", "denominator": "cpr"} | PERCENT,
    ]
    assert places(faults_of, valid) == ["outcome cpr, treatment"]


def test_a_circle_of_denominators_is_one_fault(valid, faults_of):
    valid["outcomes"] += [
        {"id": "one", "label": "1", "benefit": "none", "denominator": "two"} | PERCENT,
        {"id": "two", "label": "2", "benefit": "none", "denominator": "three"} | PERCENT,
        {"id": "three", "label": "3", "benefit": "none", "denominator": "one"} | PERCENT,
        {"id": "tail", "label": "4", "benefit": "none", "denominator": "two"} | PERCENT,
    ]
    (fault,) = faults_of(parse_study, valid, "f.toml")
    assert fault.found in ("one -> two -> three -> one", "two -> three -> one -> two")


def test_an_unknown_denominator_is_one_fault(valid, faults_of):
    valid["outcomes"].append({"id": "m", "label": "M", "benefit": "none", "denominator": "gone"} | PERCENT)
    assert set(places(faults_of, valid)) == {"outcome m.denominator"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000, "nested"),
        ("a = " + "{a=" * 5000, "nested"),
        ("a = " + "[{a=" * 400, "nested"),
        (".".join("a" * 50_000) + " = 1", "dotted"),
        ('"a"' + '. "a"' * 20 + " = 1", "dotted"),
        ("[" + ".".join("a" * 50_000) + "]", "dotted"),
        ("n = " + "9" * 5000, "5000 signs"),
        ("n = 0x" + "f" * 5000, "5002 signs"),
        ("n = 1" + "0" * 310 + ".5", "311 signs"),
        ("n = [" + "[]," * 60_000 + "]", "more than"),
    ],
    ids=[
        "arrays",
        "inline tables",
        "both",
        "dotted key",
        "quoted key",
        "header",
        "digits",
        "hexadecimal",
        "number",
        "many",
    ],
)
def test_what_could_stop_a_parser_is_a_fault_within_a_second(text, said, tmp_path, faults_of):
    path = tmp_path / "f.toml"
    path.write_text(text, encoding="utf-8")
    start = time.process_time()
    (fault,) = faults_of(read_study, path)
    assert time.process_time() - start < 1
    assert said in fault.found
    assert "line 1" in fault.where


def test_ordinary_text_is_never_too_much(tmp_path, valid):
    lines = [
        "schema_version = 1", 'id = "s"', 'title = "[[[[[[[[[[[[[[[[[[[[ a.b.c.d.e.f.g.h.i.j.k # not a comment"',
        "citation = '''", "[[[[[[[[[[[[[[[[ it's 'quoted' " + "9" * 300, "'''", 'doi = "a \\"quoted\\" [[[[[[[[[[[[[[[[[["',
        "# [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ " + "9" * 200,
        'arms.treatment = {label = "a", n = 30}', 'arms.control = {label = "b", n = 30}',
        'outcomes = [{id = "x", label = "X", benefit = "none", kind = "counts", treatment = "1/2", control = "1/2"}]',
    ]  # fmt: skip
    path = tmp_path / "f.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read_study(path).items[0].label == "X"


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "mean_sd", "treatment": "5 ± 0." + "0" * 199 + "1", "control": "5 ± 1"},
        {"kind": "mean_sd", "treatment": "1" + "0" * 310 + " ± 1", "control": "5 ± 1"},
        {"kind": "counts", "treatment": "1/" + "9" * 310, "control": "1/2"},
        {"kind": "percent", "treatment": "40%", "control": "40%", "n": {"treatment": 10**4000, "control": 5}},
        {"kind": "percent", "treatment": "40%", "control": "40%", "n": {"treatment": "1-100000", "control": 5}},
        {"kind": "percent", "treatment": "40%", "control": "40%", "n": {"treatment": "1-1000000000", "control": 5}},
        {"kind": "claim_only", "claim": {"text": "t", "direction": "lower", "p": "P<0." + "0" * 500 + "1"}},
    ],
)
def test_absurd_numbers_are_faults_within_seconds(row, with_outcome, faults_of):
    start = time.process_time()
    (fault,) = faults_of(parse_study, with_outcome(**row), "f.toml")
    assert time.process_time() - start < 2
    assert len(str(fault)) < 1000


def test_an_unquoted_number_is_told_how_to_write_it(with_outcome, faults_of):
    row = MEANS | {
        "treatment": 32.8,
        "claim": {"text": "t", "direction": "lower", "p": 0.03},
        "whole": "TRUE",
        "items": "3",
    }
    said = {
        fault.where.removeprefix("f.toml: outcome x."): fault.action.partition(",")[0]
        for fault in faults_of(parse_study, with_outcome(**row), "f.toml")
    }
    assert said == {
        "treatment": 'write treatment = "32.8"',
        "claim.p": 'write p = "0.03"',
        "whole": "write whole = true",
        "items": "write items = 3",
    }


def test_a_value_of_neither_of_two_types_is_one_fault(with_outcome, faults_of):
    (fault,) = faults_of(parse_study, with_outcome(**COUNTS, n={"treatment": 4.5, "control": 32}), "f.toml")
    assert (fault.where, fault.allowed) == ("f.toml: outcome x.n.treatment", "a valid integer or a valid string")


def test_outcomes_without_an_id_of_their_own_are_counted(valid, faults_of):
    for row in valid["outcomes"]:
        row |= {"id": "a", "surprise": 1}
    assert {"outcomes.1.surprise", "outcomes.2.surprise"} < set(places(faults_of, valid))


@pytest.mark.parametrize(
    ("kind", "near"),
    [("binry", "counts"), ("Continuous", "mean_sd"), ("mean sd", "mean_sd"), ("percnt", "percent"), ("zebra", None)],
)
def test_a_misspelled_kind_has_no_followers(kind, near, valid, faults_of):
    valid["outcomes"][0] |= {"id": "cpr", "kind": kind}
    valid["outcomes"].append({"id": "m", "label": "M", "benefit": "none", "denominator": "cpr"} | PERCENT)
    (fault,) = faults_of(parse_study, valid, "f.toml")
    assert fault.where == "f.toml: outcome cpr.kind"
    assert ("did you mean" in fault.action) == (near is not None)
    assert near is None or f"did you mean {near!r}?" in fault.action


def test_an_unknown_id_is_told_which_there_are(valid, faults_of):
    valid["outcomes"] += [
        {"id": "clinical", "label": "C", "benefit": "none"} | COUNTS,
        {"id": "m", "label": "M", "benefit": "none", "denominator": "clinicl", "pregnancies": "zzz"} | PERCENT,
    ]
    near, far = faults_of(parse_study, valid, "f.toml")
    assert near.allowed == far.allowed == "the id of another outcome: a, b, clinical"
    assert "did you mean 'clinical'?" in near.action
    assert "did you mean" not in far.action


def test_an_unknown_key_is_told_with_those_of_its_own_table(faults_of):
    arms = {"treatment": {"label": "A", "n": 30}, "control": {"label": "B", "n": 32}}
    row = {"id": "x", "label": "X", "benefit": "higher", **COUNTS}
    values = {"schema_version": 1, "id": "s", "title": "S", "arms": arms, "outcomes": [row]}
    (fault,) = faults_of(parse_study, values | {"outcomes": [row | {"all": {}}]}, "f.toml")
    assert fault.where == "f.toml: outcome x.all"
    assert {"id", "claim", "treatment"} <= set(fault.allowed.removeprefix("the keys ").split(", "))
    arms = arms | {"control": arms["control"] | {"weight": 1}}
    (fault,) = faults_of(parse_study, values | {"arms": arms}, "f.toml")
    assert fault.allowed == "the keys label, n"
