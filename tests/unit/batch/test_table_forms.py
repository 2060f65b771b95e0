"""Tables as people keep them: what is read otherwise than it stands is said, what cannot be read is refused at once."""

import unicodedata

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from bayes_ivf.batches import read_trials
from bayes_ivf.batches.pages import page_name
from bayes_ivf.batches.sources import load_sources
from bayes_ivf.batches.tabled import tabled_study

HEADER = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control"
BCG = """trial,author,year,tpos,tneg,cpos,cneg
1,Aronson,1948,4,119,11,128
3,Rosenthal et al,1960,3,228,11,209
10,Rosenthal et al,1961,17,1699,65,1600
"""
REVIEW = """Study,Outcome,Events (LMWH),Total (LMWH),Events (control),Total (control),Per
Noci 2011,live birth,15,73,13,80,transfer
Urman 2009,live birth,26,75,20,75,woman
"""


def write(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows_of(table):
    return list(zip(table.study, table.outcome, table.events.tolist(), table.n.tolist(), strict=True))


def test_a_file_as_excel_writes_it(tmp_path):
    text = "\ufeffsep=;\r\n" + HEADER.replace(",", ";") + ";;\r\nGarcía 2019;cpr;higher;16;40;12;40;;\r\n;;;;;;;;\r\n"
    for separator in (",", ";"):
        read = read_trials(write(tmp_path, text), separator)
        assert rows_of(read) == [("García 2019", "cpr", [16, 12], [40, 40])]
        assert read.labels == {}


def test_the_line_of_a_fault_counts_the_line_of_excel(tmp_path, faults_of):
    path = write(tmp_path, "sep=;\n" + HEADER.replace(",", ";") + "\na;b;higher;1;2;3;4\nc;d;up;1;2;3;4\n")
    assert "line 4" in faults_of(read_trials, path)[0].where or "line 4" in faults_of(read_trials, path)[-1].where


@pytest.mark.parametrize("first", ["sep=;", "sep=x", "sep="])
def test_two_separators_are_refused(tmp_path, faults_of, first):
    faults_of(read_trials, write(tmp_path, f"{first}\n" + HEADER.replace(",", "|") + "\na|b|higher|1|2|1|4\n"), "|")


def test_utf_16_is_named(tmp_path, faults_of):
    path = write(tmp_path, (HEADER + "\na,b,higher,1,2,3,4\n").encode("utf-16"))
    assert "CSV UTF-8" in faults_of(read_trials, path)[0].action


def test_a_column_with_cells_and_no_name_is_refused(tmp_path, faults_of):
    assert (
        "no name above column 8"
        in faults_of(read_trials, write(tmp_path, f"{HEADER},,x\na,b,higher,1,2,1,4,z,\n"))[0].found
    )
    assert len(read_trials(write(tmp_path, f"{HEADER},,x\na,b,higher,1,2,1,4,,\n")))


def test_names_are_composed(tmp_path):
    text = f"{HEADER}\nGarci\u0301a,cpr,higher,1,2,1,4\n"
    assert text != unicodedata.normalize("NFC", text)
    assert read_trials(write(tmp_path, text)).study == ["Garc\u00eda"]


def test_a_table_of_metafor_gives_the_rows_of_our_own_names(tmp_path):
    read = read_trials(write(tmp_path, BCG), fill={"outcome": "tuberculosis", "benefit": "lower"})
    own = f"{HEADER}\nAronson 1948,tuberculosis,lower,4,123,11,139\nRosenthal et al 1960,tuberculosis,lower,3,231,11,220\n"
    own += "Rosenthal et al 1961,tuberculosis,lower,17,1716,65,1665\n"
    assert rows_of(read) == rows_of(read_trials(write(tmp_path, own)))
    assert read.sign.tolist() == [-1, -1, -1]
    assert "'tpos' as events_treatment" in read.notes[0]
    assert "n_control as the sum of both" in read.notes[0]
    assert "as given" in read.notes[-1]
    assert all(note in tabled_study(read, [0]).notes for note in read.notes)


def test_a_table_of_a_reviewer_is_read_by_its_words(tmp_path):
    read = read_trials(write(tmp_path, REVIEW), fill={"benefit": "higher"})
    assert rows_of(read) == [
        ("Noci 2011", "live birth", [15, 13], [73, 80]),
        ("Urman 2009", "live birth", [26, 20], [75, 75]),
    ]
    assert read.per == ["transfer", "woman"]
    assert "'Events (LMWH)' as events_treatment" in read.notes[0]


@pytest.mark.parametrize(
    "header",
    [
        "Study ID,outcome,benefit,events_trt,n_trt,events_ctl,n_ctl",
        "Trial,Outcome,Benefit,Intervention events,Intervention N,Control events,Control N",
        "author_year,endpoint,benefit,event.e,n.e,event.c,n.c",
        "Study or Subgroup,outcome,benefit,Experimental Events,Experimental Total,Control Events,Control Total",
        "slab,outcome,benefit,ai,n1i,ci,n2i",
        "study,outcome,benefit,N events (treatment),Total treatment,No. of events placebo,Total placebo",
        "study,outcome,benefit,eventsTreatment,nTreatment,eventsControl,nControl",
        "study,outcome,benefit,events_heparin,n_heparin,events_control,n_control",
    ],
)
def test_usual_names_of_columns(tmp_path, header):
    read = read_trials(write(tmp_path, f"{header}\nA,b,higher,16,40,12,41\n"))
    assert rows_of(read) == [("A", "b", [16, 12], [40, 41])]
    assert read.notes


@pytest.mark.parametrize("header", ["m1i,sd1i,n1i,m2i,sd2i,n2i", "mean.e,sd.e,n.e,mean.c,sd.c,n.c", "Mean (drug),SD (drug),"
                                    "N (drug),Mean (placebo),SD (placebo),N (placebo)"])  # fmt: skip
def test_usual_names_of_means(tmp_path, header):
    read = read_trials(write(tmp_path, f"study,outcome,benefit,{header}\nA,b,none,5.8,0.7,40,7.9,0.8,41\n"))
    assert (read.mean, read.sd, read.n.tolist()) == ((["5.8"], ["7.9"]), (["0.7"], ["0.8"]), [[40, 41]])


@pytest.mark.parametrize(
    "columns",
    [
        "events1,n1,events2,n2",  # nothing says which arm is which
        "events_a,n_a,events_b,n_b",
        "% events treatment,n_treatment,% events control,n_control",
        "event rate treatment,n_treatment,event rate control,n_control",
        "events treatment,events intervention,n_treatment,events_control",
        "ai,bi,ci,year",  # ci may be an interval
    ],
)
def test_names_that_may_mean_anything_are_refused(tmp_path, faults_of, columns):
    (fault,) = faults_of(read_trials, write(tmp_path, f"study,outcome,benefit,{columns}\nA,b,higher,16,40,12,41\n"))
    assert "no column" in fault.found


def test_a_near_miss_gets_a_suggestion(tmp_path, faults_of):
    path = write(tmp_path, f"{HEADER.replace('events_treatment', 'events_treament')}\nA,b,higher,16,40,12,41\n")
    (fault,) = faults_of(read_trials, path)
    assert fault.found == "no column events_treatment"
    assert "'events_treament' is events_treatment" in fault.action


def test_sums_of_what_is_no_number_name_the_row(tmp_path, faults_of):
    path = write(tmp_path, BCG.replace("119", "about 119"))
    (fault,) = faults_of(read_trials, path, fill={"outcome": "x", "benefit": "lower"})
    assert "line 2, n_treatment" in fault.where
    assert "about 119" in fault.found


@pytest.mark.parametrize("fill", [{"benefit": "up"}, {"study": "x"}, {"events_treatment": "3"}, {"city": "Rome"}])
def test_fills_that_are_refused(tmp_path, faults_of, fill):
    path = write(tmp_path, REVIEW)
    assert any("--fill" in fault.where for fault in faults_of(read_trials, path, fill={"benefit": "higher"} | fill))
    faults_of(read_trials, write(tmp_path, f"{HEADER}\na,b,higher,1,2,1,4\n"), fill={"benefit": "higher"})


def test_options_without_a_source_are_refused(tmp_path, faults_of):
    frame = pd.DataFrame([["a", "b", "higher", 1, 2, 1, 4]], columns=HEADER.split(","))
    for options in ({"separator": ";"}, {"decimal": ","}):
        assert "leave out" in faults_of(load_sources, frame, **options)[0].action
        assert "leave out" in faults_of(load_sources, "lei-2026", **options)[0].action
    assert "leave out" in faults_of(load_sources, "lei-2026", fill={"benefit": "higher"})[0].action
    assert load_sources(frame.drop(columns="benefit"), fill={"benefit": "lower"})[0].sign.tolist() == [-1]


def test_frames_of_others_are_read():
    frame = pd.DataFrame(
        [["A", "b", "higher", 1, 20, 2.0, 40], ["A", "c", "none", 3, 20, 4.0, 40]], columns=HEADER.split(",")
    )
    expected = rows_of(load_sources(frame)[0])
    table = pa.Table.from_pandas(frame)
    backed = table.to_pandas(types_mapper=pd.ArrowDtype)
    for other in (table, backed, frame.astype({"benefit": "category"}), frame.convert_dtypes()):
        assert rows_of(load_sources(other)[0]) == expected
        assert np.array_equal(load_sources([other])[0].n, [[20, 40], [20, 40]])


class Series:
    """Values as polars hands them out."""

    def __init__(self, values):
        self.values = values

    def to_list(self):
        return self.values


class Frame:
    """As much of a polars frame as reading needs."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)
        self.shape = (len(next(iter(columns.values()))), len(columns))

    def __getitem__(self, name):
        return Series(self._columns[name])


def test_frames_that_hand_out_lists_are_read():
    cells = dict(zip(HEADER.split(","), (["A"], ["b"], ["higher"], [1], [20], [2], [40]), strict=True))
    assert rows_of(load_sources(Frame(cells))[0]) == [("A", "b", [1, 2], [20, 40])]


def sheet(tmp_path, rows, more=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title in more:
        book.create_sheet(title)["A1"] = "x"
    path = tmp_path / "t.xlsx"
    book.save(path)
    return path, book


MEANS = [
    "study",
    "outcome",
    "benefit",
    "mean_treatment",
    "sd_treatment",
    "n_treatment",
    "mean_control",
    "sd_control",
    "n_control",
]


def test_a_workbook_is_read(tmp_path):
    path, book = sheet(tmp_path, [MEANS, ["A", "fsh", "none", 5.8, 0.7, 40, 7.93, 0.82, 40.0], [None] * 9])
    book.active["D2"].number_format = "0.00"
    book.save(path)
    read = read_trials(path)
    assert (read.mean, read.sd) == ((["5.80"], ["7.93"]), (["0.7"], ["0.82"]))
    assert read.n.tolist() == [[40, 40]]
    assert read_trials(sheet(tmp_path, [HEADER.split(","), ["A", "b", "higher", 1, 20, 2, 40]])[0]).study == ["A"]


@pytest.mark.parametrize("cell", ["=3+4", pd.Timestamp("2026-04-03").to_pydatetime(), True, "1,5"])
def test_cells_of_a_workbook_that_are_no_numbers(tmp_path, faults_of, cell):
    path, _ = sheet(tmp_path, [MEANS, ["A", "fsh", "none", cell, 0.7, 40, 7.93, 0.82, 40]])
    (fault,) = faults_of(read_trials, path)
    assert "line 2" in fault.where


def test_a_percentage_of_a_workbook_is_no_plain_number(tmp_path, faults_of):
    path, book = sheet(tmp_path, [MEANS, ["A", "fsh", "none", 0.4, 0.7, 40, 7.93, 0.82, 40]])
    book.active["D2"].number_format = "0%"
    book.save(path)
    assert "40%" in faults_of(read_trials, path)[0].found


def test_workbooks_that_are_refused(tmp_path, faults_of, monkeypatch):
    path, _ = sheet(tmp_path, [MEANS], more=["other"])
    assert "2 sheets" in faults_of(read_trials, path)[0].found
    faults_of(read_trials, sheet(tmp_path, [])[0])
    assert "no readable workbook" in faults_of(read_trials, write(tmp_path, "no", "u.xlsx"))[0].found
    assert "no such file" in faults_of(read_trials, tmp_path / "none.xlsx")[0].found
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "bayes-ivf[excel]" in faults_of(read_trials, path)[0].action


def test_lines_above_the_header_may_explain(tmp_path):
    path = write(tmp_path, f"# what this is, in words\n# more\n{HEADER}\n# A,b,higher,1,2,1,4\n")
    assert read_trials(path).study == ["# A"]


def test_control_characters_do_not_travel(tmp_path, faults_of):
    path = write(tmp_path, f"{HEADER},label,city\na,b,higher,1,2,1,4,x\x1b[31m,Ro\x07me\n")
    (fault,) = faults_of(read_trials, path)
    assert "\x1b" not in str(fault)
    read = read_trials(write(tmp_path, f"{HEADER},label,city\na,b,higher,1,2,1,4,x,Ro\x07me\n"))
    assert read.labels["city"] == ["Ro me"]


@pytest.mark.parametrize(
    ("per", "unit"),
    [("", "woman"), ("patients", "woman"), ("ET", "transfer"), ("embryo transfer", "transfer"), ("2PN", "zygote")],
)
def test_units_of_a_table_have_their_synonyms(tmp_path, per, unit):
    assert read_trials(write(tmp_path, f"{HEADER},per\na,b,higher,1,2,1,4,{per}\n")).per == [unit]


def test_an_unknown_unit_is_refused_with_a_suggestion(tmp_path, faults_of):
    (fault,) = faults_of(read_trials, write(tmp_path, f"{HEADER},per\na,b,higher,1,2,1,4,womn\n"))
    assert ("line 2, per" in fault.where, fault.action) == (True, "write woman")


@pytest.mark.parametrize("mcid", ["10", "1", "1e300", "0", "-0.1", "5%"])
def test_a_smallest_difference_has_the_limits_of_its_scale(tmp_path, faults_of, mcid):
    (fault,) = faults_of(read_trials, write(tmp_path, f"{HEADER},mcid\na,b,higher,1,2,1,4,{mcid}\n"))
    assert "line 2, mcid" in fault.where


def test_pages_have_names_that_every_system_can_hold():
    names = [
        page_name(name) for name in ("con", "CON", "nul", "../../x", "=cmd|'/C calc'!A0", ".", "..", "a/b", "com1", "x")
    ]
    assert len(set(names)) == len(names)
    for name in names:
        assert name.split(".")[0].lower() not in ("con", "nul", "aux", "prn", "com1", "")
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_row_of_totals_is_no_trial(tmp_path, faults_of):
    rows = [("Qublan", 10, 42, 1, 41), ("Fawzy", 26, 75, 20, 75), ("Total (95% CI)", 36, 117, 21, 116)]

    def written(found):
        lines = [",".join(map(str, (name, "lbr", "higher", *figures))) for name, *figures in found]
        return write(tmp_path, "\n".join([HEADER, *lines]))

    (fault,) = faults_of(read_trials, written(rows))
    assert "line 4" in fault.where
    assert "the sums of the 2 rows" in fault.found
    assert len(read_trials(written(rows[:2]))) == 2
    assert len(read_trials(written([*rows[:2], ("Berker", 36, 117, 21, 117)]))) == 3


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 50, 0, 50), (0, 50, 0, 50), (0, 100, 0, 100), (3, 80, 5, 82)],
        [(50, 50, 50, 50), (50, 50, 50, 50), (100, 100, 100, 100)],
        [(2, 50, 1, 50), (1, 50, 3, 50), (3, 100, 4, 100)],
        [(0, 50, 0, 50), (16, 50, 12, 50), (16, 100, 12, 100)],
    ],
)
def test_round_sizes_that_add_up_are_trials_unless_events_or_the_name_say_more(tmp_path, faults_of, rows):
    def written(last):
        names = [*"abcd"[: len(rows)]]
        names[2] = last
        lines = [",".join(map(str, (name, "x", "lower", *row))) for name, row in zip(names, rows, strict=True)]
        return write(tmp_path, "\n".join([HEADER, *lines]))

    assert len(read_trials(written("Ballard"))) == len(rows)
    for name in ("Total", "Subtotal (95% CI)", "All studies", "Pooled"):
        (fault,) = faults_of(read_trials, written(name))
        assert "line 4" in fault.where


def test_a_missing_workbook_is_said_to_be_missing(tmp_path, monkeypatch, faults_of):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert faults_of(read_trials, tmp_path / "none.xlsx")[0].found == "no such file"
