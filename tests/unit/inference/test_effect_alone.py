"""Outcomes printed only as an effect with its interval or standard error: from study to rows, by both engines."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.forms import effect_ci
from bayes_ivf.problem import build_problem
from bayes_ivf.structures import build_model
from bayes_ivf.study import parse_study, study_table

Z = 1.959963984540054
NORMAL = {"effect": {"dist": "Normal", "mu": 0, "sigma": 1}}
OF_DIFFERENCES = {"effect": {"dist": "Normal", "mu": 0, "sigma": 0.1}}


def odds(**more):
    given = {"ci": (1.03, 2.53), "outcome": "cpr", "benefit": "higher"} | more
    return bi.Study.from_effect("odds_ratio", given.pop("estimate", 1.61), **given)


def rows(study, prior=NORMAL, **more):
    return {row.estimand: row for row in bi.fit(study, prior=prior, engine="exact", **more).rows}


def test_the_posterior_of_an_odds_ratio():
    """The mean is m s0^2 / (s0^2 + se^2); nothing of another scale is said."""
    found = rows(odds())
    se = np.log(2.53 / 1.03) / (2 * Z)
    weight = 1 / (1 + se**2)
    assert list(found) == ["odds_ratio", "log_odds_ratio"]
    log = found["log_odds_ratio"]
    assert [log.mean, log.sd] == pytest.approx([weight * np.log(1.61), np.sqrt(weight) * se], abs=1e-10)
    assert found["odds_ratio"].p_benefit == log.p_benefit == pytest.approx(0.97856, abs=1e-5)
    assert log.p_beyond_mcid is None
    as_se = rows(odds(ci=None, se=repr(float(se))))["log_odds_ratio"]
    assert [as_se.mean, as_se.sd] == pytest.approx([log.mean, log.sd], abs=1e-12)
    wide = rows(odds(level=0.9))["log_odds_ratio"]
    assert wide.sd > log.sd


def test_swapped_arms_turn_the_sign():
    here, there = rows(odds()), rows(odds(estimate=1 / 1.61, ci=(1 / 2.53, 1 / 1.03), benefit="lower"))
    assert there["log_odds_ratio"].mean == pytest.approx(-here["log_odds_ratio"].mean, abs=1e-12)
    assert there["log_odds_ratio"].p_benefit == pytest.approx(here["log_odds_ratio"].p_benefit, abs=1e-12)
    assert there["odds_ratio"].median == pytest.approx(1 / here["odds_ratio"].median, rel=1e-9)


@pytest.mark.parametrize(
    ("measure", "estimate", "ci", "prior"),
    [
        ("risk_ratio", 1.2, (0.9, 1.6), "weakly_informative"),
        ("hazard_ratio", 0.8, (0.64, 1.0), "skeptical_moderate"),
        ("risk_difference", "5%", ("-1%", "11%"), OF_DIFFERENCES),
        ("mean_difference", "0.50", ("-0.10", "1.10"), OF_DIFFERENCES),
    ],
)
def test_one_quantity_of_its_own_scale(measure, estimate, ci, prior):
    study = bi.Study.from_effect(measure, estimate, ci=ci, benefit="lower")
    fit = bi.fit(study, prior=prior, engine="exact")
    needed = ["number_needed_benefit", "number_needed_harm"] if measure == "risk_difference" else []
    assert [row.estimand for row in fit.rows] == [measure, *needed]
    assert measure.replace("_", " ") in fit.evidence["null"]
    assert fit.verdict.level == "pass"
    assert any("taken for the log" in words for words in fit.problem.caveats) == (
        measure in ("risk_ratio", "hazard_ratio")
    )


def test_a_risk_difference_has_its_mcid():
    study = bi.Study.from_effect("risk_difference", "5%", ci=("-1%", "11%"), benefit="higher", mcid=0.05)
    row = rows(study, OF_DIFFERENCES)["risk_difference"]
    assert 0 < row.p_beyond_mcid < row.p_benefit < 1
    assert row.p_in_rope + row.p_beyond_mcid <= 1


def test_differences_need_a_prior_in_their_unit(faults_of):
    study = bi.Study.from_effect("mean_difference", 0.5, ci=(-0.1, 1.1))
    (fault,) = faults_of(bi.fit, study, engine="exact", prior={})
    assert "mean difference" in fault.found
    assert "mean difference" in fault.allowed
    assert "prior={" in fault.action
    (fault,) = faults_of(bi.fit, study, engine="exact", prior="skeptical_weak")
    assert "name reference" in fault.action
    flat = {"effect": {"dist": "Flat"}}
    assert "proper" in faults_of(bi.fit, study, engine="exact", prior=flat)[0].allowed


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"ci": (2.53, 1.03)}, "ci"),
        ({"estimate": 3.0}, "ci"),
        ({"estimate": 0}, "estimate"),
        ({"ci": (-1.0, 2.53)}, "ci"),
        ({"ci": (0, 2.53)}, "ci"),
        ({"ci": (1.03,)}, "ci"),
        ({"ci": (None, None)}, "ci"),
        ({"ci": (None, 1.5)}, "ci"),
        ({"ci": (1.61, None), "estimate": "1.61"}, "ci"),
        ({"ci": (None, 2.53), "level": 0.5}, "level"),
        ({"sides": 3}, "sides"),
        ({"sides": 1, "ci": None, "se": 0.2}, "sides"),
        ({"ci": ("x", 2.53)}, "ci, low"),
        ({"level": 1.2}, "level"),
        ({"level": 95}, "level"),
        ({"se": 0.2}, "ci, se"),
        ({"ci": None}, "ci, se"),
        ({"ci": None, "se": 0}, "se"),
        ({"ci": None, "se": -1}, "se"),
        ({"ci": None, "se": 0.2, "estimate": -0.4}, "estimate"),
        ({"ci": ("103%", "253%"), "estimate": "161%"}, "estimate, ci"),
        ({"n": (40, 0)}, "n, control"),
        ({"mcid": -1}, "mcid"),
    ],
)
def test_effects_that_are_refused(change, where, faults_of):
    assert [fault.where for fault in faults_of(odds, **change)] == [where]


def test_an_unknown_measure_is_refused(faults_of):
    (fault,) = faults_of(bi.Study.from_effect, "log_odds", 1.61, ci=(1.03, 2.53))
    assert "hazard_ratio" in fault.allowed


@pytest.mark.parametrize("n", [None, (40, 41)])
@pytest.mark.parametrize("more", [{}, {"ci": None, "se": "0.23"}, {"level": 0.9, "adjusted": "age"}, {"ci": (None, "2.53")},
                                  {"ci": ("1.03", None), "sides": 2, "level": 0.99}, {"sides": 1}])  # fmt: skip
def test_round_trip(n, more):
    study = odds(n=n, **more)
    assert parse_study(study_table(study), "again") == study
    assert ("women" in repr(study)) == (n is not None)


@pytest.mark.parametrize(
    ("effect", "where"),
    [
        (
            {"scale": "odds_ratio", "low": "1.0", "high": "2.0", "estimate": "1.6", "sides": 1, "level": 0.5},
            "effect.level",
        ),
        ({"scale": "odds_ratio", "estimate": "1.6", "se": "0.2", "sides": 1}, "effect.sides"),
        ({"scale": "odds_ratio", "estimate": "1.6", "low": "1.0", "high": "2", "se": "0.2"}, "effect"),
        ({"scale": "odds_ratio", "estimate": "1.6", "se": "-0.2"}, "effect.se"),
        ({"scale": "odds_ratio", "estimate": "-1.6", "se": "0.2"}, "effect.estimate"),
        ({"scale": "odds_ratio", "estimate": "1.6"}, "effect"),
    ],
)
def test_faults_of_a_file(effect, where, faults_of):
    table = study_table(odds())
    table["outcomes"][0]["effect"] = effect
    assert [fault.where.split("cpr.")[1] for fault in faults_of(parse_study, table, "file")] == [where]


def test_a_file_needs_the_women_of_other_kinds(faults_of):
    table = study_table(odds())
    table["outcomes"].append(
        {"id": "b", "label": "b", "kind": "counts", "benefit": "higher", "treatment": "1/2", "control": "1/2"}
    )
    assert [fault.where for fault in faults_of(parse_study, table, "file")] == [
        "file: arms.treatment.n",
        "file: arms.control.n",
    ]
    table["outcomes"].pop()
    table["arms"]["control"]["n"] = 0
    assert "arms.control.n" in faults_of(parse_study, table, "file")[0].where


def test_twins_of_the_likelihood():
    """PyTensor's density of the estimate and NumPy's differ by a constant."""
    import pymc as pm

    problem = build_problem(
        odds(), "cpr", bi.load_card("two_arm") if hasattr(bi, "load_card") else bi.cards.load_card("two_arm"), NORMAL
    )
    model = build_model(problem)
    at = np.linspace(-2, 2, 9)
    (observed,) = model.observed_RVs
    told = [float(pm.logp(observed, model.rvs_to_values[observed]).eval({model["effect"]: x})) for x in at]
    gaps = np.array(told) - effect_ci.log_likelihood(problem.data, at, problem.variant)
    assert np.ptp(gaps) < 1e-12
    printed = [effect_ci.simulate(np.random.default_rng(i), 0.3, 0.2, "odds_ratio") for i in range(400)]
    assert all(len(str(each.low).partition(".")[2]) == 2 for each in printed)
    draws = np.log([each.values[0] for each in printed])
    assert np.mean(draws) == pytest.approx(0.3, abs=0.05)
    assert np.std(draws) == pytest.approx(0.2, abs=0.03)
    assert np.mean([each.standard_error for each in printed]) == pytest.approx(0.2, abs=0.001)


def test_the_claim_is_checked_by_the_interval():
    se = np.log(2.53 / 1.03) / (2 * Z)
    for study in (odds(), odds(ci=None, se=f"{se:.6f}")):
        (row,) = bi.audit(study).ledger
        assert row.test == "normal"
        assert row.recomputed_p == pytest.approx(0.03777, abs=2e-4)


def test_a_run_tells_it(tmp_path):
    table = study_table(
        bi.Study.combine([odds(), bi.Study.from_effect("risk_difference", "5%", ci=("-1%", "11%"), outcome="rd")])
    )
    result = bi.reanalyze(parse_study(table, "file"), out=tmp_path / "run", engine="exact")
    told = result.comparison.set_index("outcome")
    assert told.effect_scale["cpr"] == "odds_ratio"
    assert told.bayes_effect["cpr"] == pytest.approx(1.572, abs=1e-3)
    assert "Known only from its odds ratio with a 95% interval" in told.reading["cpr"]
    assert "its prior is the flat one of the set" in told.reading["rd"]
    assert told.bayes_effect["rd"] == pytest.approx(0.05)
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "1.57" in page
    assert "0 women" not in page
    assert any("Odds, risk or hazard ratio" in text.get_text() for text in bi.plots.forest(result).texts)


def test_nuts_agrees():
    """Both engines within Monte Carlo error."""
    sampled = bi.fit(odds(), prior=NORMAL, engine="nuts", draws=1000, chains=2)
    exact = rows(odds())
    for row in sampled.rows:
        assert abs(row.mean - exact[row.estimand].mean) < 5 * row.mcse
    assert sampled.verdict.level == "pass"
