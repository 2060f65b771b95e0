from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from bayes_ivf.study import Printed


@pytest.mark.parametrize(
    ("text", "value", "decimals", "percent"),
    [
        ("1.69", "1.69", 2, False),
        ("1.690", "1.690", 3, False),
        ("40%", "40", 0, True),
        ("41.25%", "41.25", 2, True),
        ("41.25 %", "41.25", 2, True),
        ("-0.5", "-0.5", 1, False),
        ("+3", "3", 0, False),
        ("  7.0 ", "7.0", 1, False),
        ("0", "0", 0, False),
        ("−0.5", "-0.5", 1, False),
        ("–0.5", "-0.5", 1, False),
        ("0·48", "0.48", 2, False),
        ("5,1", "5.1", 1, False),
        ("0,481", "0.481", 3, False),
        (".5", "0.5", 1, False),
        ("1,234.5", "1234.5", 1, False),
        ("1.234,5", "1234.5", 1, False),
        ("1\u2009234", "1234", 0, False),
        ("1,234,567", "1234567", 0, False),
        ("41,2\u202f%", "41.2", 1, True),
    ],
)
def test_keeps_what_the_text_promises(text, value, decimals, percent):
    printed = Printed(text)
    assert (printed.decimal, printed.decimals, printed.percent) == (Decimal(value), decimals, percent)
    assert str(printed) == text
    assert float(printed) == float(value)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1.69", Fraction(1685, 1000), Fraction(1695, 1000)),
        ("40%", Fraction(79, 2), Fraction(81, 2)),
        ("0.0", Fraction(-1, 20), Fraction(1, 20)),
        ("-2", Fraction(-5, 2), Fraction(-3, 2)),
    ],
)
def test_interval_is_closed_and_exact(text, low, high):
    assert Printed(text).interval == (low, high)


@pytest.mark.parametrize(
    "text", ["", "1,690", "1e3", "nan", "inf", "1.", "1 2", "1.69 pg", "%", "--1", "1.2.3", "38+9", "1" * 31]
)
def test_refuses_what_is_no_plain_number(text, faults_of):
    (fault,) = faults_of(Printed, text)
    assert repr(text) in fault.found


def test_equal_numbers_with_other_decimals_are_different_prints():
    assert Printed("1.7") != Printed("1.70")
    assert Printed("1.7") == Printed("1.7")


def test_weeks_and_days_are_days():
    printed = Printed("38+4")
    assert (printed.decimal, printed.weeks_days, str(printed)) == (270, True, "38+4")
    assert not Printed("38").weeks_days


@pytest.mark.parametrize("text", ["5,123", "12,345"])
def test_a_comma_before_three_digits_is_asked_about(text, faults_of):
    (fault,) = faults_of(Printed, text)
    for meaning in (text.replace(",", "."), text.replace(",", "")):
        assert meaning in fault.allowed
