"""Headings that nothing reads are named, with the column that each may be; what names the absence of an arm is not that arm."""

from __future__ import annotations

import pytest

from bayes_ivf.batches import read_trials
from bayes_ivf.batches.headings import suggestions
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES

ROW = "A,x,higher,16,40,12,41"


def refused(tmp_path, faults_of, header, row=ROW):
    path = tmp_path / "trials.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    (fault,) = faults_of(read_trials, path)
    assert all(name in fault.allowed for name in (*NAMES, *COUNTS, *MEANS))
    return fault


def test_every_heading_that_is_not_read_is_named(tmp_path, faults_of):
    header = "Study or Subgroup,Outcom,Events (heparin),Total (heparin),Evnts (no heparin),N no heparin,Weight"
    fault = refused(tmp_path, faults_of, header)
    assert "'Study or Subgroup' as study" in fault.found
    assert "other columns: 'Weight'" in fault.found
    for heading, column in [("Outcom", "outcome"), ("Events (heparin)", "events_treatment"),
                            ("Total (heparin)", "n_treatment"), ("Evnts (no heparin)", "events_control"),
                            ("N no heparin", "n_control")]:  # fmt: skip
        assert f"{heading!r} is {column}" in fault.action


def test_means_are_asked_for_where_headings_speak_of_means(tmp_path, faults_of):
    fault = refused(tmp_path, faults_of, "study,outcome,benefit,Mean drug,SD drug,Mean other,SD other")
    assert "mean_treatment" in fault.found
    assert "events_treatment" not in fault.found
    assert "'Mean drug' is mean_treatment or mean_control" in fault.action


@pytest.mark.parametrize(
    ("heading", "column"),
    [("Events (no treatment)", "events_control"), ("Events without treatment", "events_control"),
     ("No treatment: events", "events_control"), ("events non-treated", "events_control")],
)  # fmt: skip
def test_an_arm_without_treatment_is_not_the_treatment(heading, column, tmp_path, faults_of):
    header = f"study,outcome,benefit,{heading},n_treatment,events_control,n_control"
    assert "no column events_treatment" in refused(tmp_path, faults_of, header).found
    assert suggestions([heading], COUNTS) == {heading: [column]}


@pytest.mark.parametrize("heading", ["No. events treatment", "Events in treatment (no.)", "No of events (treatment)"])
def test_a_number_is_not_a_denial(heading, tmp_path):
    path = tmp_path / "trials.csv"
    path.write_text(f"study,outcome,benefit,{heading},n_treatment,events_control,n_control\n{ROW}\n", encoding="utf-8")
    assert read_trials(path).events.tolist() == [[16, 12]]


def test_what_a_table_has_is_not_suggested_again():
    assert suggestions(["study design", "Outcome (short)", "Weight"], ["benefit"]) == {}
