"""Claims about counts from a study to its rows, by both engines."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.problem import build_problem
from bayes_ivf.study import parse_study


def claim(direction="none", n=(40, 40), alpha=0.05):
    return bi.Study.from_claim(n, direction, alpha, outcome="ar", benefit="lower", of="counts", mcid=0.05)


def exact_p(p, direction="higher", n=(40, 40)):
    row = {"id": "ar", "label": "ar", "kind": "claim_only", "of": "counts", "benefit": "lower"}
    row["claim"] = {"text": f"{direction}, {p}", "direction": direction, "p": p}
    arms = {arm: {"label": arm, "n": size} for arm, size in zip(("treatment", "control"), n, strict=True)}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row]}, "test")


def test_the_rows_of_the_index_trials_claim():
    fit = bi.fit(claim(), engine="exact")
    rows = fit.effects().set_index("estimand")
    assert rows.loc["risk_difference", ["ci_low", "ci_high"]].round(4).tolist() == [-0.2388, 0.2388]
    assert round(1 - rows.p_in_rope["risk_difference"], 4) == 0.6269
    assert rows.p_benefit["risk_difference"] == pytest.approx(0.5, abs=1e-6)
    assert set(rows.verdict) == {"pass"}
    assert {"number_needed_benefit", "number_needed_harm", "risk_ratio", "odds_ratio", "control_risk"} <= set(
        rows.index
    )
    assert fit.sentence().startswith(
        "If the claim is true and came from Fisher's exact test of counts: ar: risk difference"
    )
    low = bi.fit(claim(), engine="exact", prior="low_average").effects().set_index("estimand")
    assert round(1 - low.p_in_rope["risk_difference"], 4) == 0.4773
    before = bi.fit(claim(), engine="exact", claim_doubt=1).effects().set_index("estimand")
    assert round(1 - before.p_in_rope["risk_difference"], 4) == 0.7238


@pytest.mark.parametrize("prior", ["beta_jeffreys", "reference", "skeptical_strong", "cochrane_fertility"])
def test_every_kind_of_prior_set_applies(prior):
    fit = bi.fit(claim("differs", (15, 22)), engine="exact", prior=prior, claim_doubt=0.25)
    assert fit.verdict.level == "pass"


def test_the_low_average_is_for_claims_of_counts_alone(faults_of):
    (fault,) = faults_of(bi.fit, bi.Study.from_counts((16, 40), (12, 40)), prior="low_average", engine="exact")
    assert "low_average" in fault.found


def test_an_exact_p_is_every_table_that_prints_so():
    study = exact_p("P=0.04")
    data = build_problem(study, "ar", load_card("two_arm"), "weakly_informative").data
    assert data["bounds"] == pytest.approx([0.035, 0.045], abs=1e-9)
    fit = bi.fit(study, engine="exact")
    assert fit.probability("risk_difference", above=0) > 0.97
    assert fit.verdict.level == "pass"


def test_a_p_that_no_table_has_is_said(faults_of):
    (fault,) = faults_of(bi.fit, exact_p("P=0.0441", n=(8, 8)), engine="exact")
    assert "no counts of 8 and 8 women give P=0.0441, higher in the treatment arm by Fisher's exact test" in fault.found
    assert "see the audit" in fault.action


def test_named_tests_differ():
    found = {test: bi.fit(claim(), engine="exact", options={"test": test}) for test in ("fisher", "pearson", "yates")}
    sds = {test: fit.effects().set_index("estimand").sd["log_odds_ratio"] for test, fit in found.items()}
    assert sds["pearson"] < sds["fisher"] < sds["yates"]
    assert len({fit.problem.hash for fit in found.values()}) == 3
    assert "Pearson's chi-square test of counts" in found["pearson"].sentence()
