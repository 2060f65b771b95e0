"""Reading tables of trials: what is right is read to the digit, everything else is named with its line."""

import numpy as np
import pandas as pd
import pytest

from bayes_ivf.batches import TrialTable, bundled_tables, read_trials
from bayes_ivf.batches.sources import load_sources
from bayes_ivf.batches.tabled import tabled_study

MEANS = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control"
BOTH = (
    "study,outcome,benefit,events_treatment,events_control,mean_treatment,sd_treatment,mean_control,sd_control,"
    "n_treatment,n_control"
)


def test_counts_are_read_with_labels(table):
    read = read_trials(
        table(
            "A 1,cpr,higher,3,10,2.0,12,Rome,0.1",
            header="study,outcome,benefit,events_treatment,n_treatment,events_control,n_control,city,mcid",
        )
    )
    assert isinstance(read, TrialTable)
    assert (read.study, read.outcome, read.per, read.label) == (["A 1"], ["cpr"], ["woman"], ["cpr"])
    assert read.events.tolist() == [[3, 2]]
    assert read.n.tolist() == [[10, 12]]
    assert read.mcid.tolist() == [0.1]
    assert read.labels == {"city": ["Rome"]}


def test_decimals_of_means_survive(table):
    read = read_trials(table("a,fsh,lower,5.810,0.70,40,+7.9e0,.82,41", header=MEANS))
    study = tabled_study(read, [0])
    assert study.items[0].printed("treatment") == "5.810 ± 0.70"
    assert study.items[0].printed("control") == "7.9 ± 0.82"
    assert read.n.tolist() == [[40, 41]]


def test_rows_of_counts_and_of_means_share_a_table(table):
    read = read_trials(table("a,x,higher,3,4,,,,,10,11", "a,y,none,,,1,2,3,4,10,11", header=BOTH))
    assert read.counts.tolist() == [True, False]


def test_a_row_with_both_is_refused(table, faults_of):
    (fault,) = faults_of(read_trials, table("a,x,higher,3,4,1,2,3,4,10,11", header=BOTH))
    assert "line 2" in fault.where


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ("a,b,higher,11,10,2,10", "events_treatment"),
        ("a,b,higher,-1,10,2,10", "events_treatment"),
        ("a,b,higher,1.5,10,2,10", "events_treatment"),
        ("a,b,higher,1,0,0,10", "n_treatment"),
        ("a,b,higher,nan,10,2,10", "events_treatment"),
        ("a,b,higher,inf,10,2,10", "events_treatment"),
        ("a,b,higher,1,10,,10", "events_control"),
        ("a,b,higher,1_0,10,2,10", "events_treatment"),
        ("a,b,higher,١,10,2,10", "events_treatment"),
        ("a,b,Higher,1,10,2,10", "benefit"),
        (",b,higher,1,10,2,10", "study"),
        ("a,,higher,1,10,2,10", "outcome"),
        ('a,b,higher,"1,0",10,2,10', "events_treatment"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(table, faults_of, row, cell):
    faults = faults_of(read_trials, table("ok,ok,higher,1,10,2,10", row))
    assert any("line 3" in fault.where and cell in fault.where for fault in faults)
    assert not any("line 2" in fault.where for fault in faults)


@pytest.mark.parametrize("row", ["a,b,none,1,0,10,1,1,10", "a,b,none,x,1,10,1,1,10", "a,b,none,1,1,1,1,1,10"])
def test_bad_means_are_named(table, faults_of, row):
    assert all("line 2" in fault.where for fault in faults_of(read_trials, table(row, header=MEANS)))


def test_every_fault_is_listed_and_the_list_is_capped(table, faults_of):
    faults = faults_of(read_trials, table(*[f"s{i},o,higher,9,5,1,5" for i in range(50)]))
    assert len(faults) == 21
    assert "30 more" in faults[-1].found
    assert [fault.where.split("line ")[1].split(",")[0] for fault in faults[:3]] == ["2", "3", "4"]


def test_a_row_twice_names_both_lines(table, faults_of):
    (fault,) = faults_of(read_trials, table("a,b,higher,1,10,2,10", "c,b,higher,1,10,2,10", "a,b,lower,1,9,2,9"))
    assert "line 4" in fault.where
    assert "line 2" in fault.found


def test_missing_columns_are_all_named(table, faults_of):
    (fault,) = faults_of(read_trials, table("a,1", header="study,n_treatment"))
    assert fault.found == "no column outcome, benefit, events_treatment, events_control, n_control"
    for name in ("events_treatment", "mean_treatment", "sd_control", "per, label, mcid"):
        assert name in fault.allowed


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_must_be_declared(table, faults_of, separator):
    header = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control".replace(",", separator)
    path = table("a,b,higher,1,10,2,10".replace(",", separator), header=header)
    (fault,) = faults_of(read_trials, path)
    assert "--separator" in fault.action
    assert len(read_trials(path, separator)) == 1


def test_a_decimal_comma_must_be_declared(table, faults_of):
    path = table("a;b;none;5,81;0,76;40;7,93;0,82;40", header=MEANS.replace(",", ";"))
    faults = faults_of(read_trials, path, ";")
    assert all("decimal comma" in fault.found and "--decimal" in fault.action for fault in faults)
    assert read_trials(path, ";", ",").mean[0] == ["5.81"]


def test_an_unquoted_decimal_comma_makes_too_many_cells(table, faults_of):
    (fault,) = faults_of(read_trials, table("a,b,none,5,81,0,76,40,7,93,0,82,40", header=MEANS))
    assert "line 2" in fault.where
    assert "decimal" in fault.action


@pytest.mark.parametrize(("separator", "decimal"), [("x", "."), (",", ";"), ("", ".")])
def test_an_unknown_dialect_is_refused(table, faults_of, separator, decimal):
    faults_of(read_trials, table("a,b,higher,1,10,2,10"), separator, decimal)


@pytest.mark.parametrize("content", [b"", b"study,outcome\n", b"\xff\xfe", b'study,"outcome\n', b"study,study\na,b\n"])
def test_a_broken_file_is_refused(tmp_path, faults_of, content):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    faults_of(read_trials, path)


def test_a_missing_file_and_a_false_parquet_are_refused(tmp_path, faults_of):
    faults_of(read_trials, tmp_path / "none.csv")
    faults_of(read_trials, tmp_path / "none.parquet")
    (tmp_path / "false.parquet").write_text("no")
    faults_of(read_trials, tmp_path / "false.parquet")


def test_parquet_and_frames_read_like_csv(some, tmp_path):
    from_csv = read_trials(some)
    frame = pd.read_csv(some)
    frame.to_parquet(tmp_path / "t.parquet")
    for other in (read_trials(tmp_path / "t.parquet"), load_sources(frame)[0]):
        assert other.study == from_csv.study
        assert np.array_equal(other.events, from_csv.events)
        assert np.array_equal(other.n, from_csv.n)
        assert np.array_equal(other.sign, from_csv.sign)


def test_a_frame_with_a_number_missing_is_refused(faults_of, some):
    frame = pd.read_csv(some)
    frame.loc[4, "n_control"] = np.nan
    (fault, *_) = faults_of(load_sources, frame)
    assert "line 5" in fault.where


def test_the_bundled_evidence_is_a_table_of_trials():
    read = read_trials(bundled_tables()["lmwh_ivf"])
    assert (len(read), len(set(read.study))) == (38, 18)
    named = dict(zip(read.outcome, read.sign.tolist(), strict=True))
    assert {name for name, sign in named.items() if sign < 0} == {
        "miscarriage",
        "early_miscarriage",
        "late_miscarriage_subgroup",
    }
    assert 0 not in named.values()
    aside = [outcome for outcome, use in zip(read.outcome, read.labels["use"], strict=True) if use]
    assert sorted(aside) == ["clinical_pregnancy_ambiguous", "late_miscarriage_subgroup"]
    row = read.study.index("Noci_2011")
    assert (read.events[row].tolist(), read.n[row].tolist(), read.per[row]) == ([19, 16], [73, 80], "transfer")


def test_sources_that_overlap_or_are_none_are_refused(table, faults_of):
    path = table("lei-2026,b,higher,1,10,2,10")
    assert "lei-2026" in faults_of(load_sources, [path, "lei-2026"])[0].where
    faults_of(load_sources, "nonesuch")
    faults_of(load_sources, [])
    faults_of(load_sources, [3])
    assert len(load_sources([str(path), str(path)])) == 1
