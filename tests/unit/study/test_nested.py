"""Units that share a woman or a cluster: a stated correlation, effective counts, both engines, and what a reader is told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

import bayes_ivf as bi
from bayes_ivf.exact import solve_counts
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.study import mean_cluster_size, parse_study, study_table

TABLE = {
    "schema_version": 1,
    "id": "cycles",
    "title": "Cycles of women",
    "arms": {"treatment": {"label": "A", "n": 98}, "control": {"label": "B", "n": 106}},
    "outcomes": [
        {
            "id": "ovulation",
            "label": "Ovulatory cycles",
            "kind": "counts",
            "per": "cycle",
            "benefit": "higher",
            "treatment": "196/294",
            "control": "216/318",
            "icc": {"value": 0.1, "low": 0, "high": 0.3},
        }
    ],
}


def table(changes=None, **study):
    return {**TABLE, **study, "outcomes": [{**TABLE["outcomes"][0], **(changes or {})}]}


def test_a_file_is_read_and_written():
    study = parse_study(TABLE, "file")
    assert study.items[0].icc.others == (0, 0.3)
    assert parse_study(study_table(study), "file") == study
    assert [mean_cluster_size(study, study.items[0], arm) for arm in study.sizes] == [3.0, 3.0]


@pytest.mark.parametrize("icc", [{"value": 1.2}, {"value": 0.2, "high": 0.1}, {"low": 0}, 0.1])
def test_what_cannot_be_a_correlation_is_a_fault(icc, faults_of):
    assert "icc" in faults_of(parse_study, table({"icc": icc}), "file")[0].where


def test_effective_counts_against_a_plain_grid():
    """Likelihood to the power 1 / D on a grid that shares no code with the engine."""
    effects = 1 + 2 * 0.1
    events, n = np.array([196, 216]) / effects, np.array([294, 318]) / effects
    found = bi.fit(parse_study(TABLE, "file"), engine="exact")
    a, d = np.meshgrid(np.linspace(-0.5, 2, 1201), np.linspace(-2, 2, 1601), indexing="ij")
    log = stats.norm.logpdf(a, 0, 1.5) + stats.norm.logpdf(d)
    for r, size, x in ((events[0], n[0], a + d / 2), (events[1], n[1], a - d / 2)):
        log = log + r * special.log_expit(x) + (size - r) * special.log_expit(-x)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = (weight * d).sum()
    sd = np.sqrt((weight * (d - mean) ** 2).sum())
    row = next(row for row in found.rows if row.estimand == "log_odds_ratio")
    assert row.mean == pytest.approx(mean, abs=1e-6 * sd)
    assert row.sd == pytest.approx(sd, rel=1e-6)
    assert found.problem.data["design_effect"] == pytest.approx([1.2, 1.2])


def test_the_correlation_is_the_files_or_what_is_asked():
    study = parse_study(TABLE, "file")
    widths = []
    for icc in (0, 0.1, 0.3, 1):
        low, high = bi.fit(study, engine="exact", options={"icc": icc}).interval("risk_difference")
        widths.append(high - low)
    assert widths == sorted(widths)
    low, high = bi.fit(study, engine="exact").interval("risk_difference")
    assert high - low == pytest.approx(widths[1], abs=1e-12)
    plain = bi.Study.from_counts((196, 294), (216, 318))
    assert bi.fit(plain, engine="exact").interval("risk_difference") == pytest.approx(
        bi.fit(study, engine="exact", options={"icc": 0}).interval("risk_difference"), abs=1e-9
    )


def test_randomized_clusters_count_by_their_size():
    study = parse_study(
        table({"per": "woman", "treatment": "30/98", "control": "40/106"}, clusters={"treatment": 7, "control": 8}),
        "file",
    )
    assert mean_cluster_size(study, study.items[0], "treatment") == 14
    effect = bi.fit(study, engine="exact").problem.data["design_effect"]
    assert effect == pytest.approx([1 + 13 * 0.1, 1 + 12.25 * 0.1])


def test_a_correlation_of_nothing_is_said():
    study = parse_study(table({"per": "woman", "treatment": "30/98", "control": "40/106"}), "file")
    assert "share nothing" in bi.reanalyze(study, engine="exact").comparison.reading[0]


def test_a_run_tells_the_range_and_what_was_stated():
    result = bi.reanalyze(parse_study(TABLE, "file"), engine="exact")
    assert {"icc=0.1", "icc=0", "icc=0.3"} == set(result.effects.options)
    (reading,) = result.comparison.reading
    assert "An intraclass correlation of 0.1 was stated, not estimated" in reading
    assert "294 count as 245.0 (3.0 a cluster)" in reading
    assert "are taken as independent" not in reading


def test_whole_effective_counts_are_counts():
    prior = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
    whole = solve_counts(16, 40, 12, 40, first=prior, effect=prior)
    weighted = solve_counts(16.0, 40.0, 12.0, 40.0, first=prior, effect=prior, effective=True)
    assert weighted.cdf("risk_difference", 0.05) == pytest.approx(whole.cdf("risk_difference", 0.05), abs=1e-12)
    assert np.isnan(weighted.log_marginal_likelihood[0])
    assert weighted.log_bayes_factor_null == pytest.approx(whole.log_bayes_factor_null)


def test_beta_arms_take_effective_counts():
    """Beta(1, 1) on each arm gives Beta(1 + r / D, 1 + (n - r) / D)."""
    fit = bi.fit(parse_study(TABLE, "file"), engine="exact", prior="beta_uniform")
    for arm, events, n in (("treatment", 196, 294), ("control", 216, 318)):
        law = stats.beta(1 + events / 1.2, 1 + (n - events) / 1.2)
        assert fit.interval(f"{arm}_risk") == pytest.approx(law.ppf([0.025, 0.975]), abs=1e-7)


def test_faults_of_effective_counts(faults_of):
    prior = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
    found = faults_of(solve_counts, 2.5, 2.0, -0.1, 3.0, first=prior, effect=prior, effective=True)
    assert [fault.where for fault in found] == ["events_treatment", "events_control"]
    assert faults_of(solve_counts, 2.5, 4, 1, 3, first=prior, effect=prior)[0].where == "events_treatment"
