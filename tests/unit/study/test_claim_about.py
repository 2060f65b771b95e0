"""What a claim without numbers is about: declared, clear from unit or stage, or a mean."""

from __future__ import annotations

import pytest

from bayes_ivf.study import KINDS, Study, load_study, parse_study, study_table


def outcome(**keys):
    row = {
        "id": "x",
        "label": "x",
        "kind": "claim_only",
        "benefit": "lower",
        "claim": {"text": "no difference", "direction": "none", "p": "P>0.05"},
    }
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row | keys]}
    return parse_study(table, "test").only_outcome()


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, "claim_only"),
        ({"of": "mean"}, "claim_only"),
        ({"of": "counts"}, "claim_counts"),
        ({"kind": "claim_counts"}, "claim_counts"),
        ({"per": "clinical_pregnancy", "n": {"treatment": 16, "control": 12}}, "claim_counts"),
        ({"per": "cycle", "n": {"treatment": 50, "control": 52}}, "claim_only"),
        ({"stage": "live_birth"}, "claim_counts"),
        ({"stage": "retrieved"}, "claim_only"),
        ({"stage": "live_birth", "of": "mean"}, "claim_only"),
    ],
)
def test_what_a_claim_is_about(keys, kind):
    item = outcome(**keys)
    assert item.kind == kind
    assert KINDS[kind].about == ("counts" if kind == "claim_counts" else "mean")


def test_a_contradiction_is_asked_about(faults_of):
    (fault,) = faults_of(lambda: outcome(kind="claim_counts", of="mean"))
    assert fault.where.endswith(".of")
    assert "claim_counts" in fault.allowed


def test_the_smallest_difference_is_one_of_risks(faults_of):
    assert outcome(of="counts", mcid=0.05).mcid == 0.05
    (fault,) = faults_of(lambda: outcome(of="counts", mcid=1.5))
    assert "risk difference" in fault.allowed


def test_a_study_is_written_and_read_back():
    item = outcome(of="counts", mcid=0.05)
    study = Study.from_claim((40, 40), "none", outcome="x", benefit="lower", of="counts", mcid=0.05)
    assert study.only_outcome().kind == item.kind
    for each in (study, load_study("lei-2026")):
        assert parse_study(study_table(each), "again") == each


def test_of_is_one_of_two(faults_of):
    (fault,) = faults_of(Study.from_claim, (40, 40), "none", of="events")
    assert (fault.where, fault.allowed) == ("of", "counts, mean")
