"""Tables whose rows are counts or means, or printed effects: both kinds are fitted as they are alone, and have pages."""

from __future__ import annotations

import pandas as pd
import pytest

import bayes_ivf as bi
from bayes_ivf.batches.sources import load_sources
from bayes_ivf.batches.tabled import study_of_rows, study_rows
from bayes_ivf.batches.trials import TrialTable

HEAD = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control,measure,effect,ci_low,ci_high,se"
COUNTS = ["A 2001,cpr,higher,16,40,12,40,,,,,", "C 2003,cpr,higher,9,30,7,31,,,,,"]
EFFECTS = ["A 2001,lbr,higher,,,,,risk_ratio,1.20,0.90,1.60,", "B 2002,cpr,higher,,,,,odds_ratio,0.80,,,0.2"]
PRIOR = "weakly_informative"


@pytest.fixture
def table(tmp_path):
    def write(*lines, head=HEAD, sep="\n"):
        path = tmp_path / "mixed.csv"
        path.write_text(sep.join((head, *lines)) + sep, encoding="utf-8")
        return path

    return write


def fitted(path, folder):
    return bi.batch(path, ["two_arm"], [PRIOR], out=folder, engine="exact", executor="serial")


def rows(batch):
    return batch.effects.set_index(["study", "outcome", "estimand"])[["median", "ci_low", "ci_high", "p_benefit"]]


def test_rows_of_both_kinds_are_what_they_are_alone(table, tmp_path):
    mixed = fitted(table(COUNTS[0], EFFECTS[0], EFFECTS[1], COUNTS[1]), tmp_path / "mixed")
    assert mixed.ok
    alone = [rows(fitted(table(*lines), tmp_path / name)) for name, lines in (("c", COUNTS), ("e", EFFECTS))]
    pd.testing.assert_frame_equal(rows(mixed).sort_index(), pd.concat(alone).sort_index(), rtol=1e-9)


def test_every_study_has_a_page_and_a_comparison(table, tmp_path):
    batch = fitted(table(COUNTS[0], EFFECTS[0], EFFECTS[1], COUNTS[1]), tmp_path / "out")
    kinds = batch.comparison.set_index(["study", "outcome"]).kind
    assert kinds.to_dict() == {
        ("A 2001", "cpr"): "counts", ("A 2001", "lbr"): "effect_ci", ("B 2002", "cpr"): "effect_ci", ("C 2003", "cpr"): "counts",
    }  # fmt: skip
    pages = list((batch.folder / "studies").glob("*.html"))
    assert len(pages) == 3
    (page,) = [text for path in pages if "A 2001" in (text := path.read_text(encoding="utf-8"))]
    assert "16/40" in page
    assert "risk ratio" in page.lower()


def test_a_study_of_both_kinds_is_one_study(table):
    loaded = load_sources(table(EFFECTS[0], COUNTS[0], COUNTS[1], EFFECTS[1]))
    (trials,) = [each for each in loaded if isinstance(each, TrialTable)]
    studies = {each.id: each for each in loaded if not isinstance(each, TrialTable)}
    assert trials.study == ["C 2003"]
    assert trials.labels == {}
    assert set(studies) == {"A 2001", "B 2002"}
    # in the order of the lines
    assert [(item.id, item.kind) for item in studies["A 2001"].items] == [("lbr", "effect_ci"), ("cpr", "counts")]
    assert studies["A 2001"].sizes == {"treatment": 40, "control": 40}
    for study in studies.values():
        assert study_of_rows(study.id, study_rows(study)) == study


def test_means_stand_beside_effects(table):
    arms = ",".join(f"{name}_{arm}" for arm in ("treatment", "control") for name in ("mean", "sd", "n"))
    lines = ("C,fsh,none,5.8,0.8,40,7.9,0.8,40,,,,", "B,lbr,higher,,,,,,,risk_ratio,1.20,0.90,1.60")
    trials, study = load_sources(table(*lines, head=f"study,outcome,benefit,{arms},measure,effect,ci_low,ci_high"))
    assert trials.mean == (["5.8"], ["7.9"])
    assert study.items[0].effect.scale == "risk_ratio"


def test_columns_by_other_names_and_filled_ones(table):
    head = "Trial,Events (treatment),Total (treatment),Events (control),Total (control),effect,se"
    lines = ("A,16,40,12,40,,", "B,,,,,0.8,0.2")
    fill = {"outcome": "cpr", "benefit": "higher", "measure": "odds_ratio"}
    trials, study = load_sources(table(*lines, head=head), fill=fill)
    assert trials.events.tolist() == [[16, 12]]
    assert any("'Trial' as study" in note for note in trials.notes)
    assert (study.id, study.items[0].id, study.items[0].effect.standard_error) == ("B", "cpr", 0.2)


def test_effects_beside_the_counts_of_every_row_are_labels(table):
    (trials,) = load_sources(table(COUNTS[0][:-5] + ",odds_ratio,1.5,0.6,4.0,"))
    assert trials.labels["effect"] == ["1.5"]


def test_empty_columns_of_counts_are_no_counts(table):
    assert [each.id for each in load_sources(table(*EFFECTS))] == ["A 2001", "B 2002"]


@pytest.mark.parametrize(
    ("line", "where", "found"),
    [
        ("D,cpr,higher,16,40,12,40,odds_ratio,1.5,0.6,4.0,", "counts or means, and effect", "both filled"),
        ("D,cpr,higher,,40,,40,,,,,", "counts or means, and effect", "none filled"),
        ("D,cpr,higher,41,40,12,40,,,,,", "events_treatment", "41 of 40"),
        ("A 2001,ongoing,higher,41,40,12,40,,,,,", "events_treatment", "41 of 40"),
        ("D,cpr,higher,,,,,odds,1.5,0.6,4.0,", "measure", "'odds'"),
        ("A 2001,lbr,higher,16,40,12,40,,,,,", "study and outcome", "A 2001 / lbr twice"),
        ("D,cpr,up,16,40,12,40,,,,,", "benefit", "'up'"),
    ],
)
def test_faults_name_their_line(line, where, found, table, faults_of):
    (fault,) = faults_of(load_sources, table(*COUNTS, *EFFECTS, line))
    assert fault.where == f"mixed.csv, line 6, {where}"
    assert fault.found == found


def test_faults_of_both_kinds_are_told_at_once(table, faults_of):
    lines = ("D,cpr,higher,41,40,12,40,,,,,", "E,cpr,higher,,,,,odds,1.5,0.6,4.0,")
    faults = faults_of(load_sources, table(*COUNTS, *EFFECTS, *lines))
    assert [fault.where.partition("line ")[2] for fault in faults] == ["6, events_treatment", "7, measure"]


def test_what_cannot_be_filled_is_refused(table, faults_of):
    (fault,) = faults_of(load_sources, table(*COUNTS, *EFFECTS), fill={"se": "0.2"})
    assert fault.where == "--fill se"
    assert "measure" in fault.allowed
