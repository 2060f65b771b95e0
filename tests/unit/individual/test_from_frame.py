from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from bayes_ivf import Study, audit, fit
from bayes_ivf.cards import load_card
from bayes_ivf.problem import build_problem
from bayes_ivf.study import parse_study, study_table

AB = {"arms": ("a", "b")}
TWO_ARM = load_card("two_arm")
CARD = load_card("individual")


def _problem(study, **options):
    return build_problem(study, study.items[0].id, CARD, "weakly_informative", **options)


def test_binary_rows_of_women_become_the_counts_of_two_arm(women):
    study = Study.from_frame(women, "cpr", **AB)
    counts = Study.from_counts((3, 4), (1, 4), outcome="cpr")
    found = _problem(study)
    assert found.hash == build_problem(counts, "cpr", TWO_ARM, "weakly_informative").hash
    assert found.model == "individual"
    assert study.items[0].kind == "individual"
    assert (study.sizes["treatment"], study.sizes["control"]) == (4, 4)


def test_which_label_is_the_treatment_is_the_callers_choice(women):
    turned = Study.from_frame(women, "cpr", arms=("b", "a"))
    assert str(turned.items[0].data["treatment"]) == "1/4"


@pytest.mark.parametrize("variance", ["separate", "common"])
def test_continuous_rows_of_women_become_the_means_of_two_arm(women, variance):
    study = Study.from_frame(women, "fsh", "lower", **AB)
    a, b = (women.fsh[women.arm == arm] for arm in "ab")
    means = Study.from_means((a.mean(), a.std(), 4), (b.mean(), b.std(), 4), outcome="fsh", benefit="lower")
    found = _problem(study, options={"variance": variance})
    expected = build_problem(means, "fsh", TWO_ARM, "weakly_informative", {"variance": variance})
    assert found.compile_key == expected.compile_key
    for name, values in expected.data.items():
        np.testing.assert_allclose(found.data[name], values, rtol=1e-10)


def test_rows_of_embryos_become_totals_and_a_table_of_women(embryos):
    study = Study.from_frame(embryos, "eir", per="embryo")
    for arm, rows in embryos.groupby("arm"):
        datum = study.items[0].data[arm]
        by_woman = rows.groupby("woman").eir
        assert datum.women == by_woman.ngroups
        assert datum.embryos == len(rows)
        assert datum.implanted == rows.eir.sum()
        assert datum.pregnant == (by_woman.sum() > 0).sum()
        expected = pd.DataFrame({"m": by_woman.size(), "k": by_woman.sum()}).value_counts()
        assert {(m, k): women for m, k, women in datum.table} == expected.to_dict()


def test_order_of_rows_and_names_of_women_do_not_matter(embryos):
    study = Study.from_frame(embryos, "eir", per="embryo")
    shuffled = embryos.sample(frac=1, random_state=1).assign(woman=lambda f: f.woman.map(hash))
    assert Study.from_frame(shuffled, "eir", per="embryo") == study
    assert _problem(Study.from_frame(shuffled, "eir", per="embryo")).hash == _problem(study).hash


@pytest.mark.parametrize("dtype", ["int8", "float64", "bool", "Int64", "boolean", "object"])
def test_any_way_to_write_zero_and_one(women, dtype):
    study = Study.from_frame(women.astype({"cpr": dtype}), "cpr", **AB)
    assert str(study.items[0].data["treatment"]) == "3/4"


def _changed(frame, row, **cells):
    frame = frame.astype(object)
    for column, value in cells.items():
        frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("row", "cells", "where", "found"),
    [
        (2, {"woman": None}, "column of woman", "missing ids: 1 row (position 2,"),
        (2, {"woman": np.nan}, "column of woman", "missing ids"),
        (2, {"woman": "  "}, "column of woman", "missing ids"),
        (3, {"woman": 2}, "column of woman", "ids that were there before: 1 row (position 3,"),
        (5, {"woman": 0}, "column of woman", "both arms: 1 row (position 5,"),
        (1, {"woman": [1]}, "column of woman", "wrong type"),
        (1, {"arm": "c"}, "column of arm", "other labels: 1 row (position 1,"),
        (1, {"arm": None}, "column of arm", "missing"),
        (1, {"arm": ["a"]}, "column of arm", "other labels"),
        (4, {"cpr": np.nan}, "column of value", "missing or not finite: 1 row (position 4,"),
        (4, {"cpr": pd.NA}, "column of value", "missing or not finite"),
        (4, {"cpr": np.inf}, "column of value", "missing or not finite"),
        (4, {"cpr": "yes"}, "column of value", "no numbers"),
        (4, {"cpr": 1 + 0j}, "column of value", "no numbers"),
    ],
)
def test_rows_that_are_refused(women, faults_of, row, cells, where, found):
    faults = faults_of(Study.from_frame, _changed(women, row, **cells), "cpr", **AB)
    assert any(fault.where == where and found in fault.found for fault in faults), faults


def test_every_fault_is_named_at_once(women, faults_of):
    broken = _changed(_changed(women, 0, arm="x"), 1, woman=None, cpr="no")
    assert len(faults_of(Study.from_frame, broken, "cpr", **AB)) == 3


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"arm": "group"}, "column of arm"),
        ({"woman": "id"}, "column of woman"),
        ({"value": "pregnant"}, "column of value"),
        ({"woman": "arm"}, "columns"),
        ({"per": "cycle"}, "per"),
        ({"arms": ("a", "a")}, "arms"),
        ({"arms": "ab"}, "arms"),
        ({"arms": ([1], [2])}, "arms"),
        ({"arms": ("a", "b", "c")}, "arms"),
        ({"arms": ("a", "z")}, "column of arm"),
        ({"benefit": "up"}, "benefit"),
        ({"mcid": -1}, "mcid"),
    ],
)
def test_arguments_that_are_refused(women, faults_of, options, where):
    faults = faults_of(Study.from_frame, women, "cpr", **(AB | options))
    assert where in [fault.where for fault in faults]


@pytest.mark.parametrize("frame", [None, 3, "a.csv", [("a", 1, 0)]])
def test_what_is_no_frame_is_refused(faults_of, frame):
    assert faults_of(Study.from_frame, frame)[0].where == "frame"


def test_frames_without_enough_are_refused(women, faults_of):
    assert faults_of(Study.from_frame, women.iloc[:0], "cpr", **AB)[0].where == "frame"
    assert faults_of(Study.from_frame, women.iloc[:4], "cpr", **AB)[0].where == "arm control"
    assert faults_of(Study.from_frame, women.iloc[:5], "fsh", **AB)[0].where == "arm control"
    assert faults_of(Study.from_frame, women.assign(fsh=[1, 2, 3, 4, 5, 5, 5, 5]), "fsh", **AB)[0].found.startswith(
        "the same"
    )


def test_a_column_that_stands_twice_is_refused(women, faults_of):
    twice = pd.concat([women, women[["cpr"]]], axis=1)
    assert faults_of(Study.from_frame, twice, "cpr", **AB)[0].where == "column of value"


def test_embryos_must_have_0_or_1(embryos, faults_of):
    faults = faults_of(Study.from_frame, embryos.assign(eir=embryos.eir * 2), "eir", per="embryo")
    assert "neither 0 nor 1" in faults[0].found


def test_a_woman_in_both_arms_is_refused_among_embryos_too(embryos, faults_of):
    broken = embryos.copy()
    broken.loc[broken.index[-1], "woman"] = broken.woman.iloc[0]
    assert "both arms" in faults_of(Study.from_frame, broken, "eir", per="embryo")[0].found


def test_too_many_embryos_of_one_woman_are_refused(faults_of):
    frame = pd.DataFrame(
        {"arm": ["treatment"] * 60 + ["control"], "woman": [1] * 60 + [2], "outcome": [0, 1] * 30 + [1]}
    )
    assert "60 rows of one id" in faults_of(Study.from_frame, frame, per="embryo")[0].found


def test_errors_never_quote_rows(women, faults_of):
    secret = women.astype({"woman": object, "cpr": object, "arm": object})
    secret["woman"] = [f"secret{i % 7}" for i in range(8)]
    secret.loc[3, ["arm", "cpr"]] = ["secret-arm", "secret-value"]
    assert not any("secret" in str(fault) for fault in faults_of(Study.from_frame, secret, "cpr", **AB))


def test_rows_stay_in_the_process_unless_they_may_leave(embryos):
    study = Study.from_frame(embryos, "eir", per="embryo")
    for text in (repr(study), study._repr_html_(), repr(study.items), json.dumps(study_table(study))):
        assert "patient" not in text
    assert not study.rows
    assert "rows" not in study_table(study)


def test_kept_rows_come_back_from_a_study_file(embryos):
    study = Study.from_frame(embryos, "eir", per="embryo", keep_data=True, mcid=0.05)
    table = json.loads(json.dumps(study_table(study)))
    assert table["rows"]["woman"] == list(embryos.woman)
    assert "patient" not in repr(study)
    again = parse_study(table, "study.json")
    assert again == study
    assert _problem(again).hash == _problem(study).hash


def test_kept_rows_that_were_changed_are_checked_again(women, faults_of):
    table = study_table(Study.from_frame(women, "cpr", keep_data=True, **AB))
    table["rows"]["woman"][1] = table["rows"]["woman"][0]
    assert "there before" in faults_of(parse_study, table, "study.json")[0].found
    table["rows"]["woman"] = table["rows"]["woman"][:-1]
    assert faults_of(parse_study, table, "study.json")[0].where == "study.json: rows"


@pytest.mark.parametrize("outcome", ["cpr", "fsh"])
def test_without_rows_a_study_file_reads_as_if_it_were_printed(women, outcome):
    again = parse_study(study_table(Study.from_frame(women, outcome, **AB)), "study.json")
    assert again.items[0].kind == {"cpr": "counts", "fsh": "mean_sd"}[outcome]


def test_an_audit_of_individual_data_runs(women, embryos):
    for study in (
        Study.from_frame(women, "cpr", **AB),
        Study.from_frame(women, "fsh", **AB),
        Study.from_frame(embryos, "eir", per="embryo"),
    ):
        assert not (audit(study).findings.severity == "impossible").any()


def test_embryos_without_rows_are_refused_by_the_model(faults_of):
    totals = {"women": 4, "embryos": 8, "pregnant": 2, "implanted": 3}
    study = Study.from_clusters(totals, totals)
    assert "individual" in str(faults_of(build_problem, study, "eir", CARD, "weakly_informative")[0])


@pytest.mark.parametrize(
    "prior",
    [
        "beta_uniform",
        {"sigma": {"dist": "Normal", "mu": 0, "sigma": 1}},
        {"sigma": {"dist": "Flat"}},
        {"icc": {"dist": "Uniform", "lower": 0, "upper": 1}},
    ],
)
def test_priors_that_do_not_fit_embryos_are_refused(embryos, faults_of, prior):
    study = Study.from_frame(embryos, "eir", per="embryo")
    faults_of(build_problem, study, "eir", CARD, prior)


@pytest.mark.parametrize("outcome", ["cpr", "fsh"])
def test_a_whole_run_writes_no_rows(women, outcome, tmp_path):
    from bayes_ivf import reanalyze

    named = women.assign(woman=[f"patient-{i}" for i in women.woman])
    study = Study.from_frame(named, outcome, "lower", **AB)
    result = reanalyze(study, tmp_path / "run", priors=["weakly_informative"], engine="exact")
    row = result.comparison.iloc[0]
    assert row.kind == "individual"
    assert row.freq_test == {"cpr": "Fisher", "fsh": "Welch"}[outcome]
    assert 0 < row.p_benefit < 1
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"patient-" in path.read_bytes()]


def single_frame(twice=0):
    """Rows of 40 and 40 women with one embryo each, 16 and 12 implanted; some received a second one that did not."""
    rows = [
        (arm, f"{arm}-{i}", int(i < events)) for arm, events in (("treatment", 16), ("control", 12)) for i in range(40)
    ]
    rows += [(arm, f"{arm}-{i}", 0) for arm in ("treatment", "control") for i in range(twice)]
    return pd.DataFrame(rows, columns=["arm", "woman", "eir"])


def test_single_embryos_are_women():
    """Without a second embryo nothing ties embryos together: the same numbers as from counts, to the last digit."""
    study = Study.from_frame(single_frame(), outcome="eir", per="embryo")
    made = fit(study, engine="exact")
    counts = fit(Study.from_counts((16, 40), (12, 40), outcome="eir"), engine="exact")
    assert made.problem.hash == counts.problem.hash
    assert [row.median for row in made.rows] == [row.median for row in counts.rows]
    assert made.problem.model == "individual"
    assert made.problem.assumes == ""


def test_a_few_second_embryos_are_said_to_be_few():
    study = Study.from_frame(single_frame(twice=2), outcome="eir", per="embryo")
    problem = build_problem(study, "eir", load_card("individual"), "weakly_informative")
    assert problem.likelihood == "embryo_rows"
    assert problem.assumes.startswith("Only 4 of 80 women received more than one embryo")
    assert problem.assumes in problem.caveats
    many = Study.from_frame(single_frame(twice=10), outcome="eir", per="embryo")
    assert build_problem(many, "eir", load_card("individual"), "weakly_informative").assumes == ""
