"""Events over time: reading a cell, the constructor, a file, what a model does with it, and the audit beside it."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.study import parse_study, study_table

TABLE = {
    "schema_version": 1,
    "id": "bleeding",
    "title": "Bleedings",
    "arms": {"treatment": {"label": "A"}, "control": {"label": "B"}},
    "outcomes": [
        {
            "id": "bleeding",
            "label": "Bleeding",
            "kind": "rates",
            "benefit": "lower",
            "treatment": "12/300.5",
            "control": "20 events in 310 woman-years",
            "claim": {"text": "fewer", "direction": "lower", "p": "P<0.05"},
        }
    ],
}


def table(**changes):
    return {**TABLE, "outcomes": [{**TABLE["outcomes"][0], **changes}]}


def test_a_file_is_read_and_written():
    study = parse_study(TABLE, "file")
    item = study.items[0]
    assert [str((item.data or {})[arm]) for arm in ("treatment", "control")] == ["12/300.5", "20/310"]
    assert item.unit == "woman-years"
    assert parse_study(study_table(study), "file") == study


@pytest.mark.parametrize("cell", ["12", "12/0", "12%/30", "1.5/30", "12/30/5", "12 per 30", "-3/30", "12/30 <b>"])
def test_what_has_no_single_meaning_is_a_fault(cell, faults_of):
    assert faults_of(parse_study, table(treatment=cell), "file")[0].where.endswith("treatment")


def test_one_event_at_most_is_no_rate(faults_of):
    (fault,) = set(faults_of(parse_study, table(per="cycle"), "file"))
    assert fault.where.endswith("per")
    assert "counts" in fault.action


def test_two_units_of_time_are_a_fault(faults_of):
    assert "one unit of time" in faults_of(parse_study, table(unit="cycles"), "file")[0].allowed


def test_constructor_is_the_file(faults_of):
    study = bi.Study.from_rates((12, "300.5"), (20, 310), outcome="bleeding", unit="woman-years", claim="P<0.05")
    assert study.items[0].data == parse_study(TABLE, "file").items[0].data
    assert [f.where for f in faults_of(bi.Study.from_rates, (1.5, 3), (2, -4))] == ["treatment", "control"]


def test_audit_recomputes_the_ratio():
    row = bi.audit(parse_study(TABLE, "file")).claims.iloc[0]
    assert row.test == "exact conditional"
    assert row.recomputed_p == pytest.approx(0.217108, abs=1e-6)
    assert row.supported == "no"


def test_comparison_stands_beside_the_posterior():
    (row,) = bi.reanalyze(parse_study(TABLE, "file"), engine="exact").comparison.itertuples()
    assert row.effect_scale == "rate_ratio"
    assert (row.freq_effect, row.freq_ci_low, row.freq_ci_high) == pytest.approx((0.61897, 0.27588, 1.32948), abs=1e-5)
    assert row.bayes_effect == pytest.approx(0.64967, abs=1e-4)
    assert "independent (Poisson)" in row.reading


def test_overdispersion_widens_the_interval():
    study = parse_study(TABLE, "file")
    widths = []
    for dispersion in (1, 1.5, 3):
        low, high = bi.fit(study, engine="exact", options={"overdispersion": dispersion}).interval("log_rate_ratio")
        widths.append(high - low)
    assert widths == sorted(widths)
    assert "vary 3 times" in bi.fit(study, engine="exact", options={"overdispersion": 3}).problem.caveats[0]


def test_no_events_at_all_is_said():
    study = parse_study(table(treatment="0/300", control="0/310"), "file")
    assert "no event in either arm" in bi.reanalyze(study, engine="exact").comparison.reading[0]


def test_a_level_of_ones_own_counts():
    study = parse_study(TABLE, "file")
    prior = {"average": {"dist": "Normal", "mu": 0, "sigma": 0.1}, "effect": {"dist": "Normal", "mu": 0, "sigma": 1}}
    own, flat = (bi.fit(study, engine="exact", prior=each) for each in (prior, "weakly_informative"))
    assert own.quantile("control_rate", 0.5) > 2 * flat.quantile("control_rate", 0.5)
