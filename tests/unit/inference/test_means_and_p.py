"""Means without a spread and the exact P of their t test: the difference in its own unit (Cochrane Handbook 6.5.2.3)."""

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.forms import implied_means
from bayes_ivf.study import parse_study


def trial(claim, treatment="9.4", control="10.3", **given):
    outcome = {"id": "days", "label": "Days", "kind": "mean_sd", "benefit": "lower", "unit": "days", "claim": claim}
    table = {
        "schema_version": 1,
        "id": "x",
        "title": "x",
        "arms": {"treatment": {"label": "t", "n": 30}, "control": {"label": "c", "n": 28}},
        "outcomes": [outcome | {"treatment": treatment, "control": control} | given],
    }
    return parse_study(table, "file")


LOWER = {"text": "shorter", "direction": "lower", "p": "P=0.03"}
ROOT = np.sqrt(1 / 30 + 1 / 28)
T = stats.t.isf(0.015, 56)


def test_the_standard_deviation_follows_from_means_and_p():
    study = trial(LOWER)
    found = implied_means(study, study.only_outcome())
    assert pytest.approx(2.227, abs=5e-4) == T
    assert (found.difference, found.se, found.sd) == pytest.approx((-0.9, 0.9 / T, 0.9 / T / ROOT))
    assert found.se == pytest.approx(0.404, abs=5e-4)
    ends = 0.8 / stats.t.isf(0.0125, 56) / ROOT, 1.0 / stats.t.isf(0.0175, 56) / ROOT
    assert (found.sd_low, found.sd_high) == pytest.approx(ends)


def test_the_difference_is_told_in_days():
    fitted = bi.fit(trial(LOWER), engine="exact")
    standardized, own = fitted.rows
    sd = 0.9 / T / ROOT
    assert (own.estimand, own.scale) == ("mean_difference", "outcome unit")
    for name in ("median", "ci_low", "ci_high", "mean", "sd"):
        assert getattr(own, name) == pytest.approx(sd * getattr(standardized, name))
    assert own.p_benefit == standardized.p_benefit
    assert fitted.probability("mean_difference", below=own.ci_low) == pytest.approx(0.025, abs=1e-6)
    assert fitted.interval("mean_difference") == pytest.approx((own.ci_low, own.ci_high))
    assert any("The standard deviation is not printed" in each for each in fitted.problem.caveats)


@pytest.mark.parametrize("statistic", ["t(56) = 2.23", "F(1, 56) = 4.97"])
def test_a_statistic_does_as_well(statistic):
    study = trial({"text": "shorter", "direction": "lower"}, statistic=statistic)
    assert implied_means(study, study.only_outcome()).se == pytest.approx(0.404, abs=2e-3)


def test_the_means_tell_the_sign_that_words_leave_open():
    fitted = bi.fit(trial({"text": "no difference", "direction": "none", "p": "P=0.41"}), engine="exact")
    assert fitted.rows[-1].estimand == "mean_difference"
    assert fitted.rows[-1].median < 0


@pytest.mark.parametrize(
    ("claim", "treatment"),
    [
        ({"text": "shorter", "direction": "lower", "p": "P<0.05"}, "9.4"),
        ({"text": "no difference", "direction": "none", "p": "P=0.91"}, "10.3"),
        ({"text": "no difference", "direction": "none", "p": "P=0.91"}, "10.2"),
    ],
)
def test_bounds_and_equal_means_stay_what_they_were(claim, treatment):
    study = trial(claim, treatment)
    assert implied_means(study, study.only_outcome()) is None
    assert all(row.estimand != "mean_difference" for row in bi.fit(study, engine="exact").rows)


def test_means_that_point_the_other_way_are_a_finding():
    study = trial(LOWER, "10.3", "9.4")
    assert any("10.3" in each.statement and "9.4" in each.statement for each in bi.audit(study).found)
    assert implied_means(study, study.only_outcome()) is None


def test_a_run_tells_it(tmp_path):
    result = bi.reanalyze(trial(LOWER), out=tmp_path / "x", engine="exact", models=["two_arm"])
    (row,) = result.comparison.itertuples()
    assert (row.freq_effect, row.freq_ci_low, row.freq_ci_high) == pytest.approx((-0.9, -1.71, -0.09), abs=5e-3)
    assert np.isnan(row.freq_p)
    assert "mean difference -0.84 days (-1.62 to -0.06)" in row.reading
    assert "The standard deviation is not printed" in row.reading
