"""Trials of more than two arms: each comparison is read as a trial of two, pools are sums, and faults name the arms."""

from __future__ import annotations

import copy
import math
import pickle
import tomllib

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.study import MeanSD, Study, parse_study, study_table, study_toml

ARMS = {"control": 40, "low": 41, "mid": 39, "high": 40}
CELLS = {
    "counts": {"control": "6/40", "low": "9/41", "mid": "8/39", "high": "9/40"},
    "percent": {"control": "15.0%", "low": "22.0%", "mid": "20.5%", "high": "22.5%"},
    "mean_sd": {"control": "110 ± 29", "low": "120 ± 30", "mid": "112 ± 28", "high": "98 ± 27"},
    "clusters": {
        "control": "40 women, 80 embryos, 12 pregnant, 15 implanted",
        "low": "41 women, 82 embryos, 15 pregnant, 20 implanted",
        "mid": "39 women, 75 embryos, 11 pregnant, 13 implanted",
        "high": "40 women, 81 embryos, 14 pregnant, 19 implanted",
    },
    "rates": {"control": "10/80.5", "low": "11/79.25", "mid": "9/81", "high": "12/80.75"},
    "quantiles": {"control": "5 (3 to 8)", "low": "6 (4 to 9)", "mid": "6 (4 to 10)", "high": "7 (4 to 10)"},
    "categories": {"control": "10 / 20 / 10", "low": "11 / 20 / 10", "mid": "9 / 20 / 10", "high": "12 / 18 / 10"},
}


def outcome(kind="counts", **more):
    extra = {"clusters": {"kind": "counts", "per": "embryo"}, "categories": {"categories": ["a", "b", "c"]}}.get(
        kind, {}
    )
    row = {"id": "x", "label": "X", "kind": kind, "benefit": "higher", "cells": CELLS.get(kind, {})}
    return row | extra | more


def several(*rows, **change):
    arms = {name: {"label": f"dose {name}", "n": n} for name, n in ARMS.items()}
    head = {"schema_version": 1, "id": "doses", "title": "Doses", "arms": arms}
    return head | {"outcomes": list(rows or [outcome()])} | change


def read(*rows, **change) -> Study:
    return parse_study(several(*rows, **change), "f.toml")


def refused(*rows, **change):
    with pytest.raises(bi.BayesIvfError) as error:
        read(*rows, **change)
    return "\n".join(f"{each.where} # {each.found} # {each.allowed} # {each.action}" for each in error.value.faults)


def test_every_arm_is_compared_with_control_unless_said_otherwise():
    study = read()
    assert [each.id for each in study.comparisons] == ["low-control", "mid-control", "high-control"]
    assert study.ids == ("x--low-control", "x--mid-control", "x--high-control")
    assert next(item.label for item in study.items) == "X: dose low v dose control"
    assert [str(item.counts("treatment")) for item in study.items] == ["9/41", "8/39", "9/40"]
    assert {str(item.counts("control")) for item in study.items} == {"6/40"}
    assert study.sizes == {"treatment": 120, "control": 40}
    assert list(study.outcomes.comparison) == ["low-control", "mid-control", "high-control"]
    assert study.many.shared == ("dose control",)


def test_one_comparison_keeps_plain_ids():
    study = read(compare=[["high", "low"]])
    assert study.ids == ("x",)
    assert (study.arms["treatment"], study.sizes["control"]) == ("dose high", 41)
    assert study.comparisons == ()
    assert study.parts() == (study,)
    assert study.within("x") is study


@pytest.mark.parametrize("kind", CELLS)
def test_a_comparison_is_read_as_a_trial_of_two_arms(kind):
    plain = outcome(kind) | {"treatment": CELLS[kind]["mid"], "control": CELLS[kind]["low"]}
    del plain["cells"]
    arms = {"treatment": {"label": "dose mid", "n": 39}, "control": {"label": "dose low", "n": 41}}
    two = parse_study(several(plain) | {"arms": arms}, "f.toml")
    item, other = read(outcome(kind), compare=[["mid", "low"]]).items[0], two.items[0]
    assert (item.data, item.as_printed, item.impossible) == (other.data, other.as_printed, other.impossible)


@pytest.mark.parametrize("kind", CELLS)
def test_what_is_read_is_written_and_read_again(kind):
    rows = [outcome(kind), outcome("counts", id="y", claims={"all": {"text": "t", "direction": "none", "p": "P=0.8"}})]
    for change in ({}, {"pool": ["low", "high"]}, {"pool": {"some": ["low", "mid"]}, "compare": [["some", "control"]]}):
        study = read(*rows, **change)
        assert parse_study(study_table(study), "again") == study
        assert parse_study(tomllib.loads(study_toml(study_table(study))), "again") == study
        assert pickle.loads(pickle.dumps(study)) == study  # noqa: S301  made here
        assert copy.deepcopy(study) == study


@pytest.mark.parametrize(
    ("kind", "pooled"),
    [
        ("counts", "26/120"),
        ("percent", "26/120"),
        ("clusters", "120 women, 238 embryos, 40 pregnant, 52 implanted"),
        ("categories", "32 / 58 / 30"),
        ("rates", "32/241.00"),
    ],
)
def test_pools_are_sums(kind, pooled):
    item = read(outcome(kind), pool=["low", "mid", "high"]).items[0]
    assert str(item.data["treatment"]) == pooled
    assert item.printed("treatment").endswith(f" = {pooled}")
    assert item.printed("treatment").count(" + ") == 2


def test_pooled_means_are_those_of_all_values_together():
    rng = np.random.default_rng(3)
    values = {arm: np.round(rng.normal(100 + 5 * place, 20, n), 1) for place, (arm, n) in enumerate(ARMS.items())}
    cells = {arm: f"{float(v.mean()):.12f} ± {float(v.std(ddof=1)):.12f}" for arm, v in values.items()}
    item = read(outcome("mean_sd", cells=cells), pool=["low", "mid", "high"]).items[0]
    datum, together = item.data["treatment"], np.concatenate([values[arm] for arm in ("low", "mid", "high")])
    assert isinstance(datum, MeanSD)
    assert datum.n == len(together) == 120
    assert float(datum.mean) == pytest.approx(together.mean(), abs=1e-11)
    assert float(datum.sd) == pytest.approx(together.std(ddof=1), abs=1e-11)


def test_pooled_standard_errors_stay_standard_errors():
    cells = {arm: f"{100 + place} ± {10 / math.sqrt(n):.12f}" for place, (arm, n) in enumerate(ARMS.items())}
    item = read(outcome("mean_sd", cells=cells, spread="se"), pool=["low", "high"], compare=[["pooled", "mid"]]).items[
        0
    ]
    n, m = 41, 40
    mean = (n * 101 + m * 103) / (n + m)
    variance = ((n - 1) * 100 + (m - 1) * 100 + n * (101 - mean) ** 2 + m * (103 - mean) ** 2) / (n + m - 1)
    assert float(item.data["treatment"].sd) == pytest.approx(math.sqrt(variance / (n + m)), rel=1e-11)


def test_a_pool_that_was_printed_itself_is_taken_as_printed():
    cells = {"pooled": "21.7%", "control": "15.0%"}
    item = read(outcome("percent", cells=cells), pool=["low", "mid", "high"]).items[0]
    assert (str(item.counts("treatment")), item.printed("treatment")) == ("26/120", "21.7%")
    both = read(outcome(cells=CELLS["counts"] | {"pooled": "27/120"}), pool=["low", "mid", "high"]).items[0]
    assert str(both.counts("treatment")) == "27/120"
    assert [each.severity for each in both.impossible] == ["caution"]
    assert "26/120" in both.impossible[0].why


def test_percentages_are_pooled_once_they_are_counts():
    sizes = {"low": "90-110", "mid": 39, "high": 40, "control": 40}
    item = read(outcome("percent", n=sizes, per="cycle"), pool=["low", "mid"], compare=[["pooled", "control"]]).items[0]
    assert item.kind == "unavailable"
    assert "22.0%" in item.note


def test_claims_are_not_pooled():
    claim = {"text": "t", "direction": "none", "p": "P>0.05"}
    rows = [outcome("claim_only", cells={}, claims={"low-control": claim})]
    study = read(*rows, pool=["mid", "high"], compare=[["low", "control"], ["pooled", "control"]])
    first, second = study.items
    assert first.kind == "claim_only"
    assert first.claim.p == "P>0.05"
    assert second.kind == "unavailable"
    assert "cannot be pooled" in second.note


def test_arms_are_named_in_one_breath():
    labels = ("placebo", "drug 2 mg", "drug 4 mg", "drug 8 mg")
    arms = {name: {"label": label, "n": n} for (name, n), label in zip(ARMS.items(), labels, strict=True)}
    study = read(arms=arms)
    assert study.arms["treatment"] == "drug 2 mg, 4 mg or 8 mg"
    study = read(arms=arms, pool={"some": ["low", "mid"]}, compare=[["some", "control"], ["high", "control"]])
    assert study.items[0].label == "X: drug 2 mg and 4 mg (pooled) v placebo"


def test_denominators_are_those_of_the_same_arms():
    lost = {
        "id": "mcr",
        "label": "M",
        "kind": "percent",
        "benefit": "lower",
        "per": "clinical_pregnancy",
        "denominator": "x",
    }
    cells = {"control": "16.7%", "low": "22.2%", "mid": "12.5%", "high": "11.1%"}
    study = read(outcome(), lost | {"cells": cells}, pool=["mid", "high"])
    assert [item.denominator_of for item in study.items[2:]] == ["x--low-control", "x--pooled-control"]
    assert [str(item.counts("treatment")) for item in study.items[2:]] == ["2/9", "2/17"]


def test_swapping_arms_and_other_names_change_nothing_else():
    there = bi.fit(read(compare=[["high", "low"]]), engine="exact").effects().set_index("estimand")
    back = bi.fit(read(compare=[["low", "high"]]), engine="exact").effects().set_index("estimand")
    assert there.loc["risk_difference", "mean"] == pytest.approx(-back.loc["risk_difference", "mean"], abs=1e-9)
    names = {"control": "zero", "low": "2mg", "mid": "a-b", "high": "c_d"}
    renamed = several(outcome(cells={names[arm]: text for arm, text in CELLS["counts"].items()}))
    renamed["arms"] = {names[arm]: each for arm, each in renamed["arms"].items()}
    study = parse_study(renamed | {"compare": [["c_d", "2mg"]]}, "f.toml")
    assert (
        bi.fit(study, engine="exact").problem.hash
        == bi.fit(read(compare=[["high", "low"]]), engine="exact").problem.hash
    )


def test_a_statistic_is_of_one_comparison():
    assert "outcome x.statistic # one statistic for 3 comparisons" in refused(outcome(statistic="chi2 = 0.4"))


FAULTS = [
    ({"compare": [["low", "contrl"]]}, "compare.1 # 'contrl' # the id of an arm or pool: control, low, mid, high # did you mean"),
    ({"compare": [["low", "low"]]}, "compare.1 # 'low' with itself"),
    ({"compare": [["low", "control"], ["control", "low"]]}, "compare.2 # control with low a second time"),
    ({"compare": [["low", "control", "high"]]}, "compare.1 # 3 arm(s)"),
    ({"pool": {"a": ["low", "mid"], "b": ["mid", "high"]}}, "pool.b # mid in two pools"),
    ({"pool": ["low"]}, "pool # 1 arm(s)"),
    ({"pool": ["low", "low"]}, "pool # 'low' twice"),
    ({"pool": ["low", "none"]}, "pool # 'none'"),
    ({"pool": {"mid": ["low", "high"]}}, "pool.mid # 'mid' # an id that no arm has"),
    ({"pool": ["low", "mid"], "compare": [["pooled", "low"]]}, "compare.1 # pooled with low: low stands in both"),
    ({"arms": {"low": {"label": "a", "n": 40}}}, "arms # only low # at least two arms"),
    ({"arms": {"a": {"label": "a", "n": 9}, "b": {"label": "a", "n": 9}}}, "arms.b.label # 'a'"),
    ({"arms": {"A": {"label": "a", "n": 9}, "b": {"label": "a", "n": 9}}}, "arms.A # 'A' # lower-case letters"),
    ({"compare": "low"}, "compare # 'low'"),
    ({"clusters": {"lwo": 4}}, "clusters.lwo # 'lwo' # the id of an arm or pool: control, low, mid, high # did you mean 'low'"),
]  # fmt: skip
ROW_FAULTS = [
    ({"cells": CELLS["counts"] | {"hgih": "1/2"}}, "outcome x.cells.hgih # no arm 'hgih'"),
    ({"treatment": "1/2"}, "outcome x.treatment # '1/2' # cells by arm"),
    ({"claim": {"text": "t", "direction": "none", "p": "P>0.05"}}, "outcome x.claim # one claim for 3 comparisons"),
    ({"claims": {"low": {"text": "t", "direction": "none"}}}, "outcome x.claims.low # no comparison 'low'"),
    ({"cells": CELLS["counts"] | {"high": "49/40"}}, None),
    ({"cells": CELLS["counts"] | {"high": "a third"}}, "outcome x, high # 'a third'"),
    ({"cells": {"low": "9/41", "control": "6/40"}}, "outcome x, mid # nothing"),
    ({"claims": {"all": {"text": "t", "direction": "none", "p": "P<1"}}}, "outcome x.claim.p"),
]


@pytest.mark.parametrize(("change", "expected"), FAULTS)
def test_refuses_what_cannot_be_compared(change, expected):
    assert expected in refused(**change)


@pytest.mark.parametrize(("change", "expected"), ROW_FAULTS)
def test_refuses_cells_of_other_arms(change, expected):
    if expected is None:
        assert read(outcome(**change)).items[2].left_out
        return
    text = refused(outcome(**change))
    assert expected in text
    assert text.count(expected) == 1


def test_two_arms_that_are_not_called_treatment_and_control():
    arms = {"metformin": {"label": "Metformin", "n": 40}, "placebo": {"label": "Placebo", "n": 40}}
    rows = [outcome(cells={"metformin": "16/40", "placebo": "12/40"})]
    assert 'compare = [["placebo", "metformin"]]' in refused(*rows, arms=arms) or "compare" in refused(*rows, arms=arms)
    study = read(*rows, arms=arms, compare=[["metformin", "placebo"]])
    assert (study.ids, study.sizes["treatment"]) == (("x",), 40)


def test_a_comparison_is_asked_for_by_name():
    study = read()
    assert bi.fit(study, "x", comparison="mid-control", engine="exact").problem.outcome == "x--mid-control"
    with pytest.raises(bi.BayesIvfError, match="low-control, mid-control, high-control"):
        bi.fit(study, "x", comparison="mid-low")
    with pytest.raises(bi.BayesIvfError, match="x--low-control"):
        bi.fit(study, "x")
    with pytest.raises(bi.BayesIvfError, match="two arms"):
        bi.fit(bi.Study.from_counts((1, 9), (2, 9), outcome="x"), "x", comparison="a-b")
