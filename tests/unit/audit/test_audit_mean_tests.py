"""Welch and Student from summaries, against R and SciPy."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing import student_p, welch

R = json.loads((Path(__file__).parents[2] / "reference" / "audit_tests.json").read_text())


@pytest.mark.parametrize("row", R["means"], ids=lambda row: str(row["means"]))
def test_means_agree_with_r(row):
    # R's values come from samples scaled to these summaries: rounding of the scaling only.
    result = welch(*row["means"])
    assert result.p == pytest.approx(row["welch"], rel=1e-9)
    assert (result.low, result.high) == pytest.approx((row["low"], row["high"]), rel=1e-9)
    assert student_p(*row["means"]) == pytest.approx(row["student"], rel=1e-9)


def test_means_agree_with_scipy_and_take_arrays():
    means = np.array([5.0, 5.5, 9.0])
    mine = welch(means, 1.2, 12, 5.2, 2.5, 30)
    other = stats.ttest_ind_from_stats(means, 1.2, 12, 5.2, 2.5, 30, equal_var=False)
    np.testing.assert_allclose(mine.p, other.pvalue, rtol=1e-10)
    np.testing.assert_allclose(
        student_p(means, 1.2, 12, 5.2, 2.5, 30),
        stats.ttest_ind_from_stats(means, 1.2, 12, 5.2, 2.5, 30).pvalue,
        rtol=1e-10,
    )


def test_scale_of_the_unit_does_not_matter():
    tiny = welch(5e-200, 1e-200, 10, 6e-200, 2e-200, 12)
    assert tiny.p == pytest.approx(welch(5, 1, 10, 6, 2, 12).p, rel=1e-9)
