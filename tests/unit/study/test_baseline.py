"""Changes from baseline with a stated correlation: reading, numbers in closed form, and what a reader is told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.study import changes, parse_study, study_table

TABLE = {
    "schema_version": 1,
    "id": "change",
    "title": "Changes",
    "arms": {"treatment": {"label": "A", "n": 40}, "control": {"label": "B", "n": 38}},
    "outcomes": [
        {
            "id": "anxiety",
            "label": "Anxiety",
            "kind": "mean_sd",
            "benefit": "lower",
            "treatment": "41.2 ± 8.0",
            "control": "45.1 ± 9.0",
            "baseline": {
                "treatment": "47.0 ± 10.0",
                "control": "46.5 ± 9.5",
                "correlation": {"value": 0.5, "low": 0.2, "high": 0.8},
            },
        }
    ],
}


def table(**changed):
    return {**TABLE, "outcomes": [{**TABLE["outcomes"][0], **changed}]}


def test_a_file_is_read_and_written():
    study = parse_study(TABLE, "file")
    assert parse_study(study_table(study), "file") == study
    found = changes(study.items[0], 0.5)
    assert found["treatment"] == pytest.approx((-5.8, (100 + 64 - 80) ** 0.5, 40))
    assert found["control"] == pytest.approx((-1.4, (9.5**2 + 81 - 9.5 * 9) ** 0.5, 38))


def test_under_flat_priors_it_is_behrens_and_fisher_of_the_changes():
    fit = bi.fit(parse_study(TABLE, "file"), engine="exact", prior="reference")
    same = bi.Study.from_means((-5.8, 84**0.5, 40), (-1.4, (9.5**2 + 81 - 9.5 * 9) ** 0.5, 38), outcome="anxiety")
    other = bi.fit(same, engine="exact", prior="reference")
    assert fit.interval("mean_difference") == pytest.approx(other.interval("mean_difference"), abs=1e-6)
    t = stats.t(39).rvs(400_000, random_state=1) * (84 / 40) ** 0.5 - 5.8
    c = stats.t(37).rvs(400_000, random_state=2) * ((9.5**2 + 81 - 9.5 * 9) / 38) ** 0.5 + 1.4
    assert fit.quantile("mean_difference", 0.5) == pytest.approx((t + c).mean(), abs=0.02)


def test_the_ends_of_the_range_stand_beside_it():
    result = bi.reanalyze(parse_study(TABLE, "file"), engine="exact")
    assert {"correlation=0.5", "correlation=0.2", "correlation=0.8"} == set(result.effects.options)
    widths = [
        float((row.ci_high - row.ci_low).iloc[0])
        for correlation in (0.2, 0.5, 0.8)
        if len(
            row := result.effects[
                (result.effects.options == f"correlation={correlation:g}")
                & (result.effects.estimand == "mean_difference")
                & (result.effects.prior == "weakly_informative")
            ]
        )
    ]
    assert widths == sorted(widths, reverse=True)
    row = result.comparison.iloc[0]
    assert row.freq_effect == pytest.approx(-4.4)
    assert row.freq_test == "Welch, of changes"
    assert "change from baseline" in row.reading
    assert "correlation of 0.5" in row.reading


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"baseline": {**TABLE["outcomes"][0]["baseline"], "control": "46.5"}}, "baseline, control"),
        ({"baseline": {**TABLE["outcomes"][0]["baseline"], "correlation": {"value": 0.9, "high": 0.5}}}, "correlation"),
        ({"baseline": {"treatment": "1 ± 2", "control": "1 ± 2"}}, "correlation"),
        ({"kind": "counts", "treatment": "3/40", "control": "4/38"}, "baseline"),
    ],
)
def test_faults_name_the_place(changed, where, faults_of):
    assert any(where in fault.where for fault in faults_of(parse_study, table(**changed), "file"))


def test_a_change_without_variance_is_said():
    same = {"treatment": "41.2 ± 8.0", "control": "45.1 ± 9.0", "correlation": {"value": 1}}
    study = parse_study(table(baseline=same), "file")
    assert "every woman changes by the same amount" in bi.reanalyze(study, engine="exact").comparison.reading[0]


@pytest.mark.parametrize("n", [10, 40])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_intervals_of_changes_cover(n, rho, ratio):
    """Values before and after of 40,000 trials, by Bartlett's decomposition; intervals by Welch, near to Behrens and Fisher."""
    rng, trials = np.random.default_rng(n), 40_000

    def arm():
        a, c = (np.sqrt(rng.chisquare(df, trials)) for df in (n - 1, n - 2))
        after = rho * ratio * a + ratio * (1 - rho**2) ** 0.5 * rng.normal(size=trials), ratio * (1 - rho**2) ** 0.5 * c
        before, after = a**2 / (n - 1), (after[0] ** 2 + after[1] ** 2) / (n - 1)
        variance = before + after - 2 * rho * np.sqrt(before * after)
        return rng.normal(size=trials) * ((1 + ratio**2 - 2 * rho * ratio) / n) ** 0.5, variance / n

    (mean_t, var_t), (mean_c, var_c) = arm(), arm()
    df = (var_t + var_c) ** 2 / ((var_t**2 + var_c**2) / (n - 1))
    covered = np.mean(np.abs(mean_t - mean_c) < stats.t.ppf(0.975, df) * np.sqrt(var_t + var_c))
    assert 0.9475 < covered < 0.965
