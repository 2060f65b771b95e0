"""Columns of rows: what is no plain 0 and 1 is never summed up to a mean, and what is missing is never a number."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bayes_ivf import Study

ONE_TWO = [1] * 16 + [2] * 24 + [1] * 12 + [2] * 28


def frame(values):
    half = len(values) // 2
    return pd.DataFrame(
        {"arm": ["treatment"] * half + ["control"] * half, "woman": range(len(values)), "y": pd.Series(values)}
    )


def counts(study):
    return [str(study.items[0].data[arm]) for arm in ("treatment", "control")]


TWO_VALUED = {
    "1 and 2": ONE_TWO,
    "0 and 100": [100 * (x == 1) for x in ONE_TWO],
    "texts of digits": [str(int(x == 1)) for x in ONE_TWO],
    "texts": ["pregnant" if x == 1 else "not" for x in ONE_TWO],
    "-1 and 1": [1 if x == 1 else -1 for x in ONE_TWO],
    "halves": [0.5 if x == 1 else 1.5 for x in ONE_TWO],
    "flags beside numbers": [True if i < 5 else int(x == 1) for i, x in enumerate(ONE_TWO)],
    "a code of missing values": [9 if i == 7 else int(x == 1) for i, x in enumerate(ONE_TWO)],
    "1, 2 and 99": [99 if i == 7 else x for i, x in enumerate(ONE_TWO)],
}


@pytest.mark.parametrize("name", TWO_VALUED)
def test_two_values_that_are_not_0_and_1_never_become_a_mean(faults_of, name):
    data = frame(TWO_VALUED[name]).astype({"y": object})
    (fault,) = faults_of(Study.from_frame, data, "y")
    assert fault.where == "column of value"
    assert "recode" in fault.action
    assert "event=" in fault.action


def test_the_coding_is_shown_and_texts_are_not(faults_of):
    assert "(1, 2)" in faults_of(Study.from_frame, frame(ONE_TWO), "y")[0].found
    assert "pregnant" not in str(faults_of(Study.from_frame, frame(TWO_VALUED["texts"]), "y")[0])


@pytest.mark.parametrize(
    ("name", "event"),
    [("1 and 2", 1), ("1 and 2", 1.0), ("1 and 2", np.int64(1)), ("0 and 100", 100), ("texts of digits", "1"),
     ("texts", "pregnant"), ("-1 and 1", 1), ("halves", 0.5)],
)  # fmt: skip
def test_event_says_what_counts(name, event):
    assert counts(Study.from_frame(frame(TWO_VALUED[name]), "y", event=event)) == ["16/40", "12/40"]


def test_event_may_be_any_of_the_two():
    assert counts(Study.from_frame(frame(ONE_TWO), "y", event=2)) == ["24/40", "28/40"]
    flags = [x == 1 for x in ONE_TWO]
    assert counts(Study.from_frame(frame(flags), "y", event=False)) == ["24/40", "28/40"]


@pytest.mark.parametrize(
    ("values", "event", "where"),
    [
        (ONE_TWO, 3, "event"),
        (ONE_TWO, "1", "event"),
        (ONE_TWO, True, "event"),
        ([*ONE_TWO[:-1], 9], 1, "column of value"),
    ],
)
def test_an_event_that_says_nothing_is_refused(faults_of, values, event, where):
    assert faults_of(Study.from_frame, frame(values), "y", event=event)[0].where == where


@pytest.mark.parametrize(
    "values",
    [
        [int(x == 1) for x in ONE_TWO],
        [float(x == 1) for x in ONE_TWO],
        [x == 1 for x in ONE_TWO],
        ["yes" if x == 1 else "no" for x in ONE_TWO],
        [" Yes" if x == 1 else "NO" for x in ONE_TWO],
        [Decimal(int(x == 1)) for x in ONE_TWO],
    ],
)
def test_plain_codings_are_counts(values):
    assert counts(Study.from_frame(frame(values), "y")) == ["16/40", "12/40"]


@pytest.mark.parametrize("value", [-1.7976931348623157e308, 1.7976931348623157e308, 8.98846567431158e307])
def test_the_missing_number_of_a_program_is_missing(faults_of, value):
    values = [5.0 + 0.3 * (i % 7) for i in range(80)]
    values[3] = value
    (fault,) = faults_of(Study.from_frame, frame(values), "y", benefit="none")
    assert "missing or not finite: 1 row (position 3," in fault.found


@pytest.mark.parametrize("value", [1e300, -1e31, 3.4028234663852886e38, 10**400])
def test_no_measurement_is_that_large(faults_of, value):
    values = [5.0 + 0.3 * (i % 7) for i in range(80)]
    values[3] = value
    (fault,) = faults_of(Study.from_frame, frame(values).astype({"y": object}), "y", benefit="none")
    assert "position 3" in fault.found


def test_small_measurements_keep_their_sd():
    values = [1e-9 * (1 + i % 5) for i in range(80)]
    expected = np.std(np.array(values[:40]) / 1e-9, ddof=1)
    sd = float(str(Study.from_frame(frame(values), "y", "none").items[0].data["treatment"].sd))
    assert sd / 1e-9 == pytest.approx(expected, rel=1e-9)


def test_frames_of_others_give_the_same_study(faults_of):
    data = frame([int(x == 1) for x in ONE_TWO])
    expected = Study.from_frame(data, "y")
    table = pa.Table.from_pandas(data)
    backed = table.to_pandas(types_mapper=pd.ArrowDtype)
    for other in (table, backed, data.convert_dtypes(), data.astype({"arm": "category"})):
        assert Study.from_frame(other, "y") == expected
    broken = pa.table({"arm": ["treatment", "x"], "woman": ["PATIENT-1", "PATIENT-2"], "y": [1, 0]})
    assert not any("PATIENT" in str(fault) for fault in faults_of(Study.from_frame, broken, "y"))
    assert not any("PATIENT" in str(fault) for fault in faults_of(Study.from_frame, broken, "z"))


class Lazy:
    """A frame that has no rows yet."""

    columns = ("arm", "woman", "y")

    def __getitem__(self, name):
        return name


def test_what_has_no_rows_yet_is_refused_by_name(faults_of):
    assert faults_of(Study.from_frame, Lazy(), "y")[0].found == "Lazy"


@pytest.mark.parametrize("other", ["A1 ", "a1", "\tA1"])
def test_ids_that_typing_made_different_are_refused(faults_of, other):
    data = frame([0, 1, 0, 1]).assign(woman=["A1", other, "A2", "A3"])
    assert "spaces, case or type" in faults_of(Study.from_frame, data, "y")[0].found
    assert "secret" not in str(faults_of(Study.from_frame, data.assign(woman=["secret", "SECRET", 1, 2]), "y"))


def test_numbers_and_their_texts_are_one_woman(faults_of):
    data = frame([0, 1, 0, 1]).assign(woman=pd.Series([1, "1", 2, 3], dtype=object))
    assert "type" in faults_of(Study.from_frame, data, "y")[0].found


def test_every_option_changes_the_study():
    values = [int(x == 1) for x in ONE_TWO]
    data = frame(values).assign(group=lambda f: f.arm.str[0], id=lambda f: f.woman + 7, z=lambda f: 1 - f.y)
    plain = Study.from_frame(data, "y")
    changed = {
        "benefit": Study.from_frame(data, "y", "lower"),
        "value": Study.from_frame(data, "y", value="z"),
        "event": Study.from_frame(data, "y", event=0),
        "arms": Study.from_frame(data, "y", arms=("control", "treatment")),
        "mcid": Study.from_frame(data, "y", mcid=0.1),
        "study": Study.from_frame(data, "y", study="other"),
        "label": Study.from_frame(data, "y", label="Pregnancy"),
        "keep_data": Study.from_frame(data, "y", keep_data=True),
        "per": Study.from_frame(data, "y", per="embryo"),
    }
    assert [name for name, study in changed.items() if study == plain] == []
    assert Study.from_frame(data.drop(columns="arm"), "y", arm="group", arms=("t", "c")) == plain
    kept = Study.from_frame(data, "y", keep_data=True), Study.from_frame(data, "y", woman="id", keep_data=True)
    assert kept[0].rows != kept[1].rows
