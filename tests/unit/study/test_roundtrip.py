from __future__ import annotations

import pickle

import pytest

from bayes_ivf import Study
from bayes_ivf.study import bundled_studies, load_study, parse_study, study_table

CONSTRUCTED = {
    "counts": Study.from_counts((16, 40), (12, 40), claim="P<0.05", mcid=0.05),
    "means": Study.from_means(("5.80", "0.7", 40), (7.93, 0.82, 38)),
    "claim": Study.from_claim((40, 41), "none", 0.05),
    "clusters": Study.from_clusters(
        {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33},
        {"women": 40, "embryos": 84, "pregnant": 12, "implanted": 19},
    ),
}


@pytest.mark.parametrize("name", bundled_studies())
def test_bundled_studies_are_written_as_they_are_read(name):
    study = load_study(name)
    assert parse_study(study_table(study), "again") == study


@pytest.mark.parametrize("study", CONSTRUCTED.values(), ids=CONSTRUCTED)
def test_constructed_studies_are_written_as_they_are_made(study):
    assert parse_study(study_table(study), "again") == study


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "mean_sd", "treatment": "5.8 ± 0.7", "control": "7 ± 1", "items": 7, "minimum": 0.0, "maximum": 10.0},
        {
            "kind": "mean_sd",
            "treatment": "5 ± 1",
            "control": "7 ± 1",
            "whole": True,
            "n": {"treatment": 9, "control": 8},
        },
        {
            "kind": "percent",
            "per": "cycle",
            "treatment": "33%",
            "control": "40%",
            "n": {"treatment": "20-40", "control": 30},
        },
        {"kind": "effect_ci", "effect": {"scale": "odds_ratio", "estimate": "1.61", "low": "1.03", "high": "2.53"}},
        {"kind": "categories", "categories": ["a", "b", "c"], "treatment": "1 / 2 / 3", "control": "0 / 2 / 3"},
        {"kind": "claim_only", "claim": {"text": "t", "direction": "differs", "p": "P<0.001"}},
        {"kind": "unavailable", "note": "not printed"},
    ],
    ids=lambda row: row["kind"],
)
def test_every_kind_is_written_as_it_is_read(row, with_outcome):
    study = parse_study(with_outcome(**row), "f.toml")
    assert parse_study(study_table(study), "again") == study


def test_an_effect_alone_may_know_the_women_of_one_arm(with_outcome):
    effect = {"scale": "odds_ratio", "estimate": "1.61", "low": "1.03", "high": "2.53"}
    table = with_outcome(kind="effect_ci", effect=effect)
    study = parse_study(table | {"arms": table["arms"] | {"treatment": {"label": "T"}}}, "f.toml")
    assert [bool(study.sizes[arm]) for arm in study.sizes] == [False, True]
    assert study.items[0].printed("treatment") == ""
    assert parse_study(study_table(study), "again") == study


@pytest.mark.parametrize(
    "study", [load_study("lei-2026"), *CONSTRUCTED.values()], ids=lambda study: study.items[0].kind
)
def test_studies_travel_by_pickle(study):
    again = pickle.loads(pickle.dumps(study))  # noqa: S301  made here
    assert again == study
    assert again.outcomes.equals(study.outcomes)


def test_what_travelled_is_as_frozen_as_before():
    again = pickle.loads(pickle.dumps(load_study("lei-2026")))  # noqa: S301  made here
    with pytest.raises(TypeError):
        again.sizes["treatment"] = 1
    with pytest.raises(TypeError):
        again.items[0].data["treatment"] = None
    with pytest.raises(AttributeError):
        again.id = "other"


DECLARED = {
    "stage": "ongoing",
    "cumulative": True,
    "paired": True,
    "alternative": "one-sided",
    "margin": 0.08,
    "spread": "se",
    "of": "counts",
}


def test_what_a_paper_declares_is_read_and_written(with_outcome):
    effect = {"scale": "risk_ratio", "estimate": "1.3", "low": "0.6", "high": "2.9", "level": 0.9, "adjusted": "age"}
    row = {"kind": "counts", "treatment": "10/30", "control": "8/32", "effect": effect}
    clusters = {"treatment": 6, "control": 5}
    study = parse_study(with_outcome(**row, **DECLARED) | {"clusters": clusters}, "f.toml")
    (item,) = study.items
    assert {name: getattr(item, name) for name in DECLARED} == DECLARED
    assert (item.effect.level, item.effect.adjusted) == (0.9, "age")
    assert dict(study.clusters) == clusters
    assert parse_study(study_table(study), "again") == study
    assert pickle.loads(pickle.dumps(study)) == study  # noqa: S301  made here


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": "birth"},
        {"margin": 0},
        {"margin": float("inf")},
        {"alternative": "less"},
        {"spread": "iqr"},
        {"of": "x"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_a_paper_declares_is_one_of_the_known(wrong, with_outcome, faults_of):
    row = {"kind": "counts", "treatment": "10/30", "control": "8/32"}
    (fault,) = faults_of(parse_study, with_outcome(**row, **wrong), "f.toml")
    assert next(iter(wrong)) in fault.where


def test_nothing_is_declared_by_default(valid):
    item = parse_study(valid | {"id": "live_birth"}, "f.toml").items[0]
    assert (item.stage, item.cumulative, item.paired, item.alternative) == (None, False, False, "two-sided")
    assert (item.margin, item.spread, item.of) == (None, None, None)
