"""Marks in numbers: each cell is read to one meaning, or refused in words that name both."""

import pytest

from bayes_ivf.batches import read_trials
from bayes_ivf.batches.numbers import NoNumber, Number, read_count, read_number

EU_MEANS = """study;outcome;benefit;mean_treatment;sd_treatment;n_treatment;mean_control;sd_control;n_control
Site A;estradiol;none;1.204;310,2;10.000;1.350;280,4;40
"""
US_COUNTS = """study,outcome,benefit,events_treatment,n_treatment,events_control,n_control
Big trial,live_birth,higher,"1,000","100,000","2,000","100,000"
"""


@pytest.mark.parametrize(
    ("text", "decimal", "plain", "grouped"),
    [
        ("5", ".", "5", False),
        ("-0.50", ".", "-0.50", False),
        ("+7.9e0", ".", "7.9e0", False),
        (".82", ".", "0.82", False),
        ("5.", ".", "5", False),
        ("1e-300", ".", "1e-300", False),
        ("1.204", ".", "1.204", False),
        ("310,2", ",", "310.2", False),
        ("1.204", ",", "1204", True),
        ("1.204,50", ",", "1204.50", True),
        ("-12.345.678", ",", "-12345678", True),
        ("1 204,5", ",", "1204.5", True),
        ("1\u202f204.5", ".", "1204.5", True),
        ("1\u00a0204\u00a0000", ".", "1204000", True),
        ("12'345", ".", "12345", True),
        ("\u22120.5", ".", "-0.5", False),
        ("\u20130,5", ",", "-0.5", False),
        ("0\u00b748", ".", "0.48", False),
        ("0\u00b748", ",", "0.48", False),
        ("4,9E\u22123", ",", "4.9e-3", False),
    ],
)
def test_one_meaning_is_read(text, decimal, plain, grouped):
    assert read_number(text, decimal) == Number(plain, grouped)


@pytest.mark.parametrize(
    ("text", "decimal", "words"),
    [
        ("100,000", ".", "write 100000 for thousands; for a decimal comma 100.000"),
        ("1,204.5", ".", "write 1204.5"),
        ("1,234,567", ".", "write 1234567"),
        ("5,81", ".", "write a decimal point, or"),
        ("1.5", ",", "write 1,5"),
        ("0.123", ",", "write 0,123"),
        ("1234.567", ",", "write 1234,567"),
        ("1.204.5", ",", ""),
        ("1,2,3", ".", ""),
        ("1,204,5", ",", ""),
        ("1.20,450.1", ",", ""),
        ("12.34.567,8", ",", ""),
        ("1 20", ".", ""),
        ("1. 204", ".", ""),
        ("--5", ".", ""),
        ("5-6", ".", ""),
        ("5%", ".", ""),
        ("1e", ".", ""),
        ("1e5.0", ".", ""),
        ("1e1000", ".", ""),
        ("nan", ".", ""),
        ("inf", ".", ""),
        ("\u0661", ".", ""),
        ("", ".", ""),
        (".", ".", ""),
        (",", ",", ""),
        ("-", ".", ""),
        ("9" * 310, ".", ""),
    ],
)
def test_two_meanings_or_none_are_refused(text, decimal, words):
    found = read_number(text, decimal)
    assert isinstance(found, NoNumber)
    assert words in found.action


@pytest.mark.parametrize(
    ("text", "decimal", "plain"),
    [("40", ".", "40"), ("40.0", ".", "40"), ("40,0", ",", "40"), ("10.000", ",", "10000"), ("1 204", ".", "1204")],
)
def test_counts_are_whole(text, decimal, plain):
    assert read_count(text, decimal).text == plain


@pytest.mark.parametrize(
    ("text", "decimal", "words"),
    [
        ("1.000", ".", "write 1, or 1000 if the point parts thousands"),
        ("1,000", ",", "write 1, or 1000 if the comma parts thousands"),
        ("40.00", ".", "a count has no decimals"),
        ("1.5", ".", "a count has no decimals"),
        ("100,000", ".", "write 100000"),
        ("1,0", ".", "a count has no decimals"),
        ("-1", ".", ""),
        ("1e3", ".", ""),
    ],
)
def test_counts_with_decimals_are_refused(text, decimal, words):
    found = read_count(text, decimal)
    assert isinstance(found, NoNumber)
    assert words in found.action
    assert words == "" or "declare" not in found.action


def test_a_point_beside_a_decimal_comma_parts_thousands_and_that_is_said(tmp_path):
    path = tmp_path / "eu.csv"
    path.write_text(EU_MEANS, encoding="utf-8")
    read = read_trials(path, ";", ",")
    assert read.mean == (["1204"], ["1350"])
    assert read.sd == (["310.2"], ["280.4"])
    assert read.n.tolist() == [[10000, 40]]
    assert any("part thousands" in note and "10.000 as 10000" in note for note in read.notes)


def test_thousands_are_not_taken_for_decimals(tmp_path, faults_of):
    path = tmp_path / "us.csv"
    path.write_text(US_COUNTS, encoding="utf-8")
    faults = faults_of(read_trials, path)
    assert {fault.action for fault in faults} == {"write 1000", "write 100000", "write 2000"}
    assert all("parts thousands" in fault.found for fault in faults)
    path.write_text(US_COUNTS.replace('"', "").replace(",000", ".000"), encoding="utf-8")
    assert all("a count has no decimals" in fault.action for fault in faults_of(read_trials, path))
