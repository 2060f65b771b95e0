"""Probabilities of a benefit of at least so much: those of the fit, and of a row what it knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.results import exceedance_of_fit, exceedance_of_row


@pytest.fixture(scope="module", params=["higher", "lower"])
def fit(request):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit=request.param)
    study = replace(study, items=(replace(study.items[0], mcid=0.05),))
    return bi.fit(study, "cpr", model="two_arm", engine="exact")


def _row(fit):
    return next(row for row in fit.rows if row.estimand == "risk_difference")


def _from_row(fit):
    return exceedance_of_row(_row(fit), "cpr", fit.problem.sign)


def test_a_curve_is_the_distribution_of_the_fit(fit):
    curve = exceedance_of_fit(fit)
    for at in (5, 40, 70):
        value = float(curve.x[at])
        bound = {"above": value} if fit.problem.sign > 0 else {"below": -value}
        assert curve.probability[at] == pytest.approx(fit.probability("risk_difference", **bound), abs=1e-9)
    assert (np.diff(curve.x) > 0).all()
    assert (np.diff(curve.probability) <= 0).all()
    assert not curve.interpolated


@pytest.mark.parametrize("make", [exceedance_of_fit, _from_row])
def test_marks_are_those_of_the_row(fit, make):
    curve, row = make(fit), _row(fit)
    assert [(mark.x, mark.probability) for mark in curve.marks] == [(0.0, row.p_benefit), (0.05, row.p_beyond_mcid)]
    for mark in curve.marks:
        assert np.interp(mark.x, curve.x, curve.probability) == pytest.approx(mark.probability, abs=2e-3)


def test_a_curve_of_a_row_is_near_that_of_its_fit(fit):
    exact, curve, row = exceedance_of_fit(fit), _from_row(fit), _row(fit)
    assert curve.interpolated
    assert curve.probability == pytest.approx(np.interp(curve.x, exact.x, exact.probability), abs=0.01)
    # what the row knows is met
    ends = (row.ci_low, row.ci_high) if fit.problem.sign > 0 else (-row.ci_high, -row.ci_low)
    assert (curve.x[0], curve.x[-1]) == pytest.approx(ends)
    assert (curve.probability[0], curve.probability[-1]) == pytest.approx((0.975, 0.025))


def test_without_a_direction_there_is_no_curve(fit):
    row = _row(fit)
    assert exceedance_of_row(replace(row, p_benefit=None), "cpr", 1) is None
    assert exceedance_of_row(row, "cpr", 0) is None
    ratio = next(each for each in fit.rows if each.estimand == "odds_ratio")
    assert exceedance_of_row(ratio, "cpr", 1) is None


def test_a_row_without_doubt_has_a_curve(fit):
    row = replace(_row(fit), ci_low=0.2, median=0.3, ci_high=0.4, p_benefit=1.0, p_beyond_mcid=1.0, p_in_rope=0.0)
    curve = exceedance_of_row(row, "cpr", 1)
    assert curve.x[0] <= 0
    assert np.isfinite(curve.probability).all()
    assert curve.marks[0].text == ">0.999"
