"""Digits of effects: the signs of an interval are seen, a zero has no sign, rare events are told per 1,000."""

import re

import pytest

from bayes_ivf import Study, fit
from bayes_ivf.results import digits_for


@pytest.mark.parametrize(
    ("low", "high", "center", "told"),
    [
        (-0.1892, -0.0105, -0.0998, "-0.10 (-0.19 to -0.01)"),
        (-10.6, 26.7, 8.2, "+8.2 (-10.6 to +26.7)"),
        (-10.0, 10.04, -0.02, "0.0 (-10.0 to +10.0)"),
        (-0.06, 0.08, 0.0068, "+0.01 (-0.06 to +0.08)"),
        (-0.00004, 0.9, 0.4, "+0.40000 (-0.00004 to +0.90000)"),
        (0.0, 20.0, 10.0, "+10.0 (0.0 to +20.0)"),
        (-1e200, 2e200, 1e200, "+1e+200 (-1e+200 to +2e+200)"),
        (-2e-12, -1e-12, -1.5e-12, "-1.5e-12 (-2e-12 to -1e-12)"),
    ],
)
def test_signs_of_an_interval_are_seen(low, high, center, told):
    digits = digits_for(low, high, least=1)
    assert f"{digits(center)} ({digits.between(low, high)})" == told


@pytest.mark.parametrize(("low", "high", "told"), [(0.9981, 1.0035, "0.9981 to 1.0035"), (0.5, 2.25, "0.50 to 2.25")])
def test_a_ratio_shows_its_side_of_one(low, high, told):
    assert digits_for(low, high, null=1.0).between(low, high) == told


@pytest.fixture(scope="module")
def told():
    return lambda *arms: fit(
        Study.from_counts(*arms, outcome="x", benefit="lower"), "x", "two_arm", engine="exact"
    ).sentence()


def test_small_effects_keep_their_digits(told):
    assert "-0.10 percentage points (95% credible interval -0.19 to -0.01)" in told((1000, 100000), (1100, 100000))


def test_rare_events_are_told_per_thousand(told):
    text = told((100, 100000), (160, 100000))
    found = re.search(r"risk difference (\S+) per 1,000 \(95% credible interval (\S+) to (\S+)\)", text)
    center, low, high = map(float, found.groups())
    assert low < center < high < 0
    assert center == pytest.approx(-0.6, abs=0.02)
    assert (low, high) == pytest.approx(
        (-0.6 - 1.96 * 0.161, -0.6 + 1.96 * 0.161), abs=0.02
    )  # Wald; 100,000 women an arm


def test_no_zero_has_a_sign(told):
    for arms in (((12, 40), (12, 40)), ((0, 100000), (0, 100000)), ((5, 10**6), (5, 10**6))):
        assert not re.search(r"[+-]0(\.0*)?(?![.\d])", told(*arms)), told(*arms)
