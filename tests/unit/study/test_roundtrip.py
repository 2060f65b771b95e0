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
