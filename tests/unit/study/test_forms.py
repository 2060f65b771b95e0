"""Cells, sizes and P values as papers print them: each has one meaning or is refused in words."""

from __future__ import annotations

import pytest

from bayes_ivf.errors import StudyError
from bayes_ivf.study import Printed, parse_study
from bayes_ivf.study.forms import read_categories, read_counts, read_mean, read_percent, read_size
from bayes_ivf.study.p_value import read_p
from bayes_ivf.study.units import UNITS, near_unit, plural, read_unit


@pytest.mark.parametrize(
    ("text", "events", "n", "percent"),
    [
        ("16/40", 16, 40, None),
        (" 16 / 40 ", 16, 40, None),
        ("16/40 (40%)", 16, 40, "40%"),
        ("16/40 (40.0)", 16, 40, "40.0"),
        ("16/40, 40%", 16, 40, "40%"),
        ("12/40 (30·0%)", 12, 40, "30·0%"),
        ("16 (40%)", 16, None, "40%"),
        ("16 [40 %]", 16, None, "40%"),
        ("40% (16/40)", 16, 40, "40%"),
        ("16 of 40", 16, 40, None),
        ("1,513 of 2,025 (74.7%)", 1513, 2025, "74.7%"),
        ("1\u2009513/2\u2009025", 1513, 2025, None),
        ("16∕40", 16, 40, None),
    ],
)
def test_counts(text, events, n, percent):
    cell = read_counts(text)
    assert (cell.events, cell.n) == (events, n)
    assert cell.percent == (None if percent is None else Printed(percent))


@pytest.mark.parametrize(
    "text",
    ["", "16", "16/", "/40", "-1/30", "3.5/30", "1.234/5.678", "16/40 (40%", "16/40 x", "16 (40)", "44%", "16/40/50",
     "12,34/5", "9 women, 8 embryos", "9 women, 8 embryos, 1 implanted, 1 pregnant", "1" * 31 + "/2"],
)  # fmt: skip
def test_what_is_no_count(text, faults_of):
    (fault,) = faults_of(read_counts, text)
    assert "pattern" not in fault.allowed


def test_embryo_totals():
    assert read_counts("40 women, 80 embryos, 16 pregnant, 33 implanted").totals == (40, 80, 16, 33)


@pytest.mark.parametrize("text", ["40%", "−5%", "130%", "33", "41,2 %"])
def test_percentages(text):
    assert read_percent(text).percent == Printed(text)


@pytest.mark.parametrize(
    ("text", "mean", "sd", "unit", "spread", "bare"),
    [
        ("5.81 ± 0.76", 5.81, 0.76, "", None, False),
        ("248.2± 42.2", 248.2, 42.2, "", None, False),
        ("5.8 +/- 0.7", 5.8, 0.7, "", None, False),
        ("5.8+/−0.7", 5.8, 0.7, "", None, False),
        ("−0.5 ± 1.2", -0.5, 1.2, "", None, False),
        ("5,1 ± 0,7", 5.1, 0.7, "", None, False),
        ("5·1 ± 0·7", 5.1, 0.7, "", None, False),
        ("9.8\u2009±\u20091.6\u00a0mm", 9.8, 1.6, "mm", None, False),
        ("120 pg/mL ± 30 pg/mL", 120, 30, "pg/mL", None, False),
        ("9.8 (1.6)", 9.8, 1.6, "", None, True),
        ("9.8 (1.6) mm", 9.8, 1.6, "mm", None, True),
        ("9.8 (SD 1.6)", 9.8, 1.6, "", "sd", False),
        ("9.8 (± 1.6)", 9.8, 1.6, "", None, False),
        ("9.8 ± 1.6 (SD)", 9.8, 1.6, "", "sd", False),
        ("mean 9.8 (s.d. 1.6)", 9.8, 1.6, "", "sd", False),
        ("14.89 ± 0.78 SEM", 14.89, 0.78, "", "se", False),
        ("38+4 ± 1+2", 270, 9, "days", None, False),
    ],
)
def test_means(text, mean, sd, unit, spread, bare):
    cell = read_mean(text)
    assert (float(cell.mean), float(cell.sd)) == (mean, sd)
    assert (cell.unit, cell.spread, cell.bare) == (unit, spread, bare)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5 (3-8)", "quartiles"),
        ("5 (3–8)", "quartiles"),
        ("5 (3, 8)", "quartiles"),
        ("5 [3 to 8]", "quartiles"),
        ("1,234 ± 310", "1.234 or 1234"),
        ("25.3 × 10^6 ± 3.1", "unit"),
        ("45 ± 12%", "percent sign"),
        ("5 mm ± 1 cm", "same unit"),
        ("5 ± 1 ± 2", "behind the spread"),
        ("38+4 ± 1+9", "one unit"),
        ("x ± 2", "mean ± sd"),
        ("5", "mean ± sd"),
    ],
)
def test_what_is_no_mean(text, said, faults_of):
    (fault,) = faults_of(read_mean, text)
    assert said in fault.allowed + fault.action


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("140", (140, 140)),
        ("100-140", (100, 140)),
        ("100–140", (100, 140)),
        ("1,400", (1400, 1400)),
        ("5 to 7", (5, 7)),
    ],
)
def test_sizes(text, expected):
    assert read_size(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-3", "140.5", "7-5", "many", "1.000"])
def test_what_is_no_size(text, faults_of):
    faults_of(read_size, text)


def test_categories():
    assert read_categories("7 / 15/18", ("a", "b", "c")) == (7, 15, 18)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P<0.05", "P<0.05"),
        ("p < .05", "P<0.05"),
        ("P ≤ 0.05", "P≤0.05"),
        ("P<=0.05", "P≤0.05"),
        ("P < or = 0.05", "P≤0.05"),
        ("P value = 0.48", "P=0.48"),
        ("p-value: 0.48", "P=0.48"),
        ("P=0·48", "P=0.48"),
        ("P=0,48", "P=0.48"),
        ("0.03", "P=0.03"),
        ("0,005", "P=0.005"),
        ("𝑃 = 0.03", "P=0.03"),
        ("2.4 × 10−19", "P=0.00000000000000000024"),
        ("P=2.4x10^-19", "P=0.00000000000000000024"),
        ("<10^-4", "P<0.0001"),
        ("<10−4", "P<0.0001"),
        ("P<10⁻⁴", "P<0.0001"),
        ("1e-5", "P=0.00001"),
        ("P=3E-40", "P=3e-40"),
        ("P=0.000", "P=0.000"),
        ("P<5%", "P<0.05"),
        ("P=1.00", "P=1.00"),
        ("P≥0.05", "P≥0.05"),
        ("P=1.2", "P=1.2"),
        *(
            (words, "P>0.05")
            for words in ("NS", "n.s.", "N. S.", "P=NS", "p: n.s.", "not significant", "Non-significant")
        ),
    ],
)
def test_p_values(text, expected):
    assert str(read_p(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "P", "P=", "P<1", "P<1.0", "P>1", "P<.0", "P<0", "P>0", "P≥1", "P<5", "P=0.03*", "P~0.05", "P<0.05, 0.01",
     "P=1e5", "P=10 19", "P=1e-999", "significant", "P<<0.05"],
)  # fmt: skip
def test_what_is_no_p(text, faults_of):
    (fault,) = faults_of(read_p, text)
    assert "pattern" not in fault.allowed


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("woman", "woman"), ("patient", "woman"), ("Patients", "woman"), ("participants", "woman"), ("couple", "woman"),
        ("per woman", "woman"), ("started cycles", "cycle"), ("cycle", "cycle"), ("embryo transfer", "transfer"),
        ("2PN", "zygote"), ("MII", "mature_oocyte"), ("patients randomised", "woman"), ("ova", "oocyte"),
        ("clinical pregnancies", "clinical_pregnancy"),
        ("clinical_pregnancy", "clinical_pregnancy"), ("neonates", "child"), ("eyes", "eye"), ("babies", "child"),
    ],
)  # fmt: skip
def test_units(text, unit):
    assert read_unit(text) == unit


def test_unknown_units_have_a_near_name():
    assert read_unit("wombat") is None
    assert (read_unit("embrio"), near_unit("embrio"), near_unit("wombat")) == (None, "embryo", "")


def test_every_unit_reads_itself_and_its_plural():
    for unit in UNITS:
        assert read_unit(unit) == read_unit(plural(unit)) == unit


@pytest.mark.parametrize(
    ("text", "counts", "found"),
    [
        ("45% / 37.5% / 22.5%", (18, 15, 9), 0),
        ("18 (45%) / 14 (35.0%) / 8 (20%)", (18, 14, 8), 0),
        ("18 (45%) / 14 (36%) / 8 (20%)", (18, 14, 8), 1),
    ],
)
def test_categories_in_percent_are_counts_of_the_arm(text, counts, found):
    item = categories_of(text)
    assert item.data["treatment"].counts == counts
    assert len(item.impossible) == found


def test_categories_in_percent_without_one_count_are_refused():
    for text in ("45.1% / 35% / 20%", "45 / 35% / 20%", "45% / 55%"):
        with pytest.raises(StudyError):
            categories_of(text)


def categories_of(text):
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    row = {"id": "c", "label": "C", "kind": "categories", "benefit": "none", "categories": ["x", "y", "z"]}
    row |= {"treatment": text, "control": "10 / 10 / 20"}
    (item,) = parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row]}, "test").items
    return item
