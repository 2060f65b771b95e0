"""What each check finds, and what it leaves alone."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from bayes_ivf.auditing import audit, audit_section_html
from bayes_ivf.auditing.checks.baseline import joint_p
from bayes_ivf.auditing.checks.multiplicity import at_least, dependence_bounds
from bayes_ivf.auditing.checks.units import normalized
from bayes_ivf.auditing.embryos import allocate, design_effect, implied_icc, inflated_p
from bayes_ivf.auditing.power import power_of_counts, power_of_means
from bayes_ivf.auditing.reference_effects import reference_effects
from bayes_ivf.errors import StudyError
from bayes_ivf.study import Study, load_study, parse_study
from bayes_ivf.study.facts import Clusters


@pytest.fixture(scope="module")
def lei():
    return audit(load_study("lei-2026"))


def study_with(*outcomes, **keys):
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    rows = [{"benefit": "higher", "label": row["id"], **row} for row in outcomes]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": rows, **keys}, "test")


def found(result, check, severity=None):
    return [f for f in result.found if f.check == check and severity in (None, f.severity)]


def test_the_index_trial_all_that_a_careful_reader_found(lei):
    impossible = {(f.check, f.subject) for f in lei.found if f.severity == "impossible"}
    assert impossible == {
        ("grim", "prior_transfers"),
        ("integer_moments", "prior_transfers"),
        ("implanted_in_pregnant", "eir"),
    }
    cautions = {(f.check, f.subject) for f in lei.found if f.severity == "caution"}
    assert {
        ("claims", "cpr"),
        ("claims", "mcr"),
        ("claims", "eir"),
        ("design_words", "design"),
        ("effect_size", "e2"),
        ("effect_size", "lh"),
        ("units", "fsh"),
        ("units", "lh"),
        ("embryo_dependence", "eir"),
    } <= cautions
    assert ("units", "e2") not in cautions
    repaired = {f.subject for f in found(lei, "sd_or_se")}
    assert repaired == {"fsh", "e2", "lh", "prior_transfers"}


def test_nothing_beyond_information_about_age_bmi_and_education(lei):
    assert not [f for f in lei.found if f.subject in ("age", "bmi", "education") and f.severity != "info"]
    assert found(lei, "baseline")[0].severity == "info"


def test_earlier_transfers_name_their_whole_assumption_and_ways_out(lei):
    (mean,) = found(lei, "grim")
    assert "66/39" in mean.alternatives
    assert "one woman missing" in mean.alternatives
    assert "n = 40" in mean.statement
    assert "1.6750 and 1.7000" in mean.evidence
    for finding in found(lei, "integer_moments", "impossible"):
        assert "standard error" in finding.alternatives
        assert "divisor n - 1 or n" in finding.statement


def test_earlier_miscarriages_are_no_impossibility(lei):
    about = [f for f in lei.found if f.subject == "prior_miscarriages"]
    assert not [f for f in about if f.severity == "impossible" or f.check == "grim"]
    # No sum of squares gives 1.06 at 165/40 when rounded; cut-off decimals do.
    assert [f.severity for f in about if f.check == "integer_moments"] == ["caution"]
    assert "truncated" in next(f for f in about if f.check == "integer_moments").alternatives


def test_the_other_trials_are_clean_or_explained():
    noci, urman = audit(load_study("noci-2011")), audit(load_study("urman-2009"))
    assert {f.severity for f in noci.found} == {"info"}
    assert {(f.check, f.subject) for f in urman.found if f.severity != "info"} == {
        ("printed_interval", "live_birth"),
    }
    assert {row.outcome: row.supported for row in urman.ledger} == {
        "live_birth": "yes",
        "cpr": "yes",
        "eir": "yes",  # no difference: embryos nested in women only widen the interval
    }


# --- implantations and pregnancies --------------------------------------------------------------------------------


def test_allocation_is_a_certificate_or_a_proof():
    rng = np.random.default_rng(2)
    for _ in range(300):
        most, women = int(rng.integers(1, 5)), int(rng.integers(1, 8))
        totals = Clusters(
            women, int(rng.integers(0, women * most + 1)), int(rng.integers(0, women + 1)), int(rng.integers(0, 12))
        )
        for least in (0, 1):
            got = allocate(totals, most, least)
            assert (got is not None) == brute(totals, most, least)
            if got is not None:
                assert sum(c for c, _, _ in got.groups) == totals.women
                assert sum(c * m for c, m, _ in got.groups) == totals.embryos
                assert sum(c * k for c, _, k in got.groups) == totals.implanted
                assert sum(c for c, _, k in got.groups if k) == totals.pregnant
                assert all(least <= m <= most and k <= m for _, m, k in got.groups)


def brute(totals, most, least):
    states = {(0, 0, 0)}
    for _ in range(totals.women):
        states = {
            (e + m, p + (k > 0), s + k) for e, p, s in states for m in range(least, most + 1) for k in range(m + 1)
        }
    return (totals.embryos, totals.pregnant, totals.implanted) in states


def test_implied_icc_and_the_p_under_it():
    arms = [Clusters(40, 80, 16, 33), Clusters(40, 84, 12, 19)]
    # Two embryos each: design effect 1 + icc; the P of 0.010 becomes about 0.05 at an icc of 0.77.
    assert design_effect([Clusters(40, 80, 0, 0)], 0.77) == pytest.approx(1.77)
    assert inflated_p(arms, 0.0) == pytest.approx(0.01038032251628223)
    # With two embryos for each of 42 women in the control arm: chi-square 6.568 / 1.77.
    assert inflated_p([arms[0], Clusters(42, 84, 12, 19)], 0.77) == pytest.approx(0.0541, abs=1e-4)
    assert inflated_p(arms, 0.77) > 0.0541
    # One arm of two each with an icc of 0.5 exactly: P(no implantation) = 0.5 x 0.75.
    assert implied_icc([Clusters(800, 1600, 500, 800)]) == pytest.approx(0.5, abs=1e-6)
    assert implied_icc([Clusters(40, 80, 40, 40)]) == 0.0
    assert implied_icc([Clusters(40, 80, 20, 40)]) == 1.0
    assert implied_icc([Clusters(40, 40, 16, 16)]) is None


def test_single_embryos_are_consistent():
    result = audit(
        Study.from_clusters(
            {"women": 50, "embryos": 50, "pregnant": 20, "implanted": 20},
            {"women": 50, "embryos": 50, "pregnant": 15, "implanted": 15},
        )
    )
    assert {f.severity for f in found(result, "implanted_in_pregnant")} == {"info"}


# --- totals, units, words, intervals ------------------------------------------------------------------------------


def test_categories_denominators_and_stages():
    result = audit(
        study_with(
            {"id": "edu", "kind": "categories", "categories": ["a", "b"], "treatment": "30 / 11", "control": "20 / 19"},
            {
                "id": "cpr",
                "kind": "counts",
                "treatment": "10/40",
                "control": "12/41",
                "n": {"treatment": 40, "control": 41},
            },
            {"id": "live_birth", "kind": "counts", "treatment": "11/40", "control": "9/40"},
        )
    )
    told = {(f.subject, f.severity) for f in found(result, "totals")}
    assert told == {("edu", "caution"), ("cpr", "caution")}
    (whole,) = (f for f in found(result, "totals") if "hold 41 for 40 women" in f.statement)
    assert "102% of 40" in whole.evidence
    assert [(f.subject, f.severity) for f in found(result, "stages")] == [("live_birth", "impossible")]


def test_a_mean_outside_its_scale():
    row = {
        "id": "q",
        "kind": "mean_sd",
        "treatment": "5.2 ± 0.3",
        "control": "4.1 ± 0.3",
        "minimum": 1.0,
        "maximum": 5.0,
    }
    assert [f.severity for f in found(audit(study_with(row)), "totals")] == ["impossible"]


@pytest.mark.parametrize(
    ("label", "unit", "mean", "flagged"),
    [
        ("FSH", "IU/L", "6.1", False),
        ("Basal FSH", "mIU/ml", "6.1", False),
        ("FSH", "ng/mL", "6.1", True),
        ("LH", "mIU·mL⁻¹", "6.1", False),
        ("Oestradiol on the day of hCG", "pg/ml", "1800", False),
        ("Estradiol", "IU/L", "1800", True),
        ("E2", "pmol/L", "1800000", True),
        ("Progesterone", "ng/mL", "12.4", False),
        ("CA-125", "U/mL", "22.0", False),
        ("BMI", "kg/m²", "22.1", False),
        ("Age", "years", "31.5", False),
        ("Age", "years", "315.0", True),
        ("Total dose of FSH", "IU", "2100.5", False),
        ("LMWH dose", "mg", "40.0", False),
        ("AMH", "ng/ml", "2.1", False),
        ("Something else", "furlongs", "2.1", False),
        ("FSH", "", "6.1", False),
    ],
)
def test_units(label, unit, mean, flagged):
    row = {
        "id": "x",
        "label": label,
        "kind": "mean_sd",
        "unit": unit,
        "treatment": f"{mean} ± 1.0",
        "control": f"{mean} ± 1.1",
    }
    assert bool(found(audit(study_with(row)), "units")) is flagged


def test_units_written_in_many_ways():
    assert (
        len({normalized(unit) for unit in ("kg/m2", "kg/m²", "kg/m^2", "KG / M2", "kg·m-2".replace("m-2", "/m2"))}) == 1
    )
    assert normalized("µIU/mL") == normalized("μIU / ml") == "uiu/ml"


@pytest.mark.parametrize(
    ("words", "flagged"),
    [
        (["retrospective", "allocated at random"], True),
        (["retrospective cohort", "randomised into two groups"], True),
        (["retrospective", "non-randomized"], False),
        (["randomized", "retrospectively registered"], False),
        (["prospective", "randomised", "double-blind"], False),
        (["double-blind", "open-label"], True),
        (["prospective cohort", "random effects model"], False),
        (["parallel-group", "randomized", "open label"], False),
        ([], False),
    ],
)
def test_design_words(words, flagged):
    result = audit(
        study_with({"id": "o", "kind": "counts", "treatment": "1/40", "control": "2/40"}, design_words=words)
    )
    assert bool(found(result, "design_words")) is flagged


@pytest.mark.parametrize(
    ("scale", "estimate", "low", "high", "flagged"),
    [
        ("risk_difference", "10.0%", "-10.8%", "30.8%", False),  # Wald
        ("risk_difference", "0.10", "-0.11", "0.30", False),  # Newcombe
        ("risk_difference", "10.0%", "-5.8%", "35.8%", True),
        ("risk_difference", "15.0%", "-10.8%", "30.8%", True),
        ("risk_ratio", "1.33", "0.73", "2.45", False),
        ("risk_ratio", "1.33", "1.01", "1.75", True),
        ("odds_ratio", "1.56", "0.61", "3.95", False),
    ],
)
def test_printed_intervals(scale, estimate, low, high, flagged):
    effect = {"scale": scale, "estimate": estimate, "low": low, "high": high}
    row = {"id": "cpr", "kind": "counts", "treatment": "16/40", "control": "12/40", "effect": effect}
    assert bool(found(audit(study_with(row)), "printed_interval")) is flagged


def test_joint_decoding_of_shared_denominators():
    # Awwad, with 40% and 28% read as 40.0% and 28.0%: of all denominators up to 110, only 75 and only 71 fit all three.
    n = {"treatment": "1-110", "control": "1-110"}
    rows = [
        {"id": f"o{i}", "kind": "percent", "treatment": t, "control": c, "n": n}
        for i, (t, c) in enumerate((("40.0%", "49.3%"), ("34.7%", "39.4%"), ("28.0%", "32.4%")))
    ]
    joint = [f for f in found(audit(study_with(*rows)), "decoding") if "+" in f.subject]
    assert [f.evidence.rsplit(": ", 1)[1] for f in joint] == ["75", "71"]


# --- numbers behind the numbers -----------------------------------------------------------------------------------


def test_reference_effects_against_simulation():
    rng = np.random.default_rng(1)
    draws = 400_000
    tau = 0.46 / rng.gamma(1.78, size=draws)
    effects = 0.38 * rng.standard_t(5, draws) + tau * rng.standard_normal(draws) + 0.25 * rng.standard_normal(draws)
    reference = reference_effects("standardized_mean_difference")
    for size in (0.3, 1.0, 2.68, 5.98):
        # Four Monte Carlo standard errors.
        chance = (np.abs(effects) >= size).mean()
        assert reference.exceedance(size, 0.25) == pytest.approx(chance, abs=4 * np.sqrt(chance / draws))


def test_power_of_counts_against_simulation():
    rng = np.random.default_rng(3)
    from bayes_ivf.auditing import fisher_p

    a, b = rng.binomial(40, 0.5, 20_000), rng.binomial(30, 0.2, 20_000)
    pairs, inverse = np.unique(np.stack([a, b]), axis=1, return_inverse=True)
    significant = np.asarray(fisher_p(pairs[0], 40, pairs[1], 30))[inverse.ravel()] < 0.05
    difference = a / 40 - b / 30
    power = power_of_counts(0.5, 0.2, 40, 30)
    assert power.power == pytest.approx(significant.mean(), abs=0.015)
    assert power.type_m == pytest.approx(np.abs(difference[significant]).mean() / 0.3, abs=0.02)
    assert power.type_s < 0.001


def test_power_of_means_by_gelman_and_carlin():
    # Their first example: true effect 2, standard error 8.1: power 0.06, type S 0.24, type M 9.7 (rounded).
    power = power_of_means(2.0 / 8.1 * math.sqrt(2 / 100), 100, 100)
    assert (power.power, power.type_s, power.type_m) == pytest.approx((0.057, 0.24, 9.6), rel=0.03)


def test_bounds_hold_for_any_dependence_and_are_attained():
    chances = [0.3, 0.5, 0.2, 0.6]
    rng = np.random.default_rng(0)
    for k in range(5):
        low, high = dependence_bounds(chances, k)
        assert low <= at_least(chances, k) <= high
        common = np.mean([sum(rng.random() < c for c in chances) >= k for _ in range(2000)])
        same = np.mean([(rng.random() < np.array(chances)).sum() >= k for _ in range(10)])
        one = np.mean([(u < np.array(chances)).sum() >= k for u in np.linspace(0.0005, 0.9995, 1000)])
        assert low - 0.05 <= common <= high + 0.05
        assert low - 1e-9 <= one <= high + 1e-9
        assert 0 <= same <= 1
    assert dependence_bounds([0.5, 0.5], 2) == (0.0, 0.5)
    assert dependence_bounds([0.5, 0.5], 1) == (0.5, 1.0)


def test_joint_baseline_p_is_fishers_method():
    # Two P of 0.5: -2 sum log = 2.7726; chi-square with 4 df: exp(-x/2)(1 + x/2).
    similar, different = joint_p([0.5, 0.5])
    assert different == pytest.approx(0.25 * (1 + np.log(4)))
    assert similar == pytest.approx(different)
    assert joint_p([0.99] * 12)[0] < 1e-10


def test_external_effects_named_in_the_study_file_are_used():
    row = {"id": "cpr", "kind": "counts", "treatment": "16/40", "control": "12/40", "mcid": 0.05}
    (told,) = found(audit(study_with(row, external={"cpr": {"odds_ratio": 1.61}})), "power")
    assert "odds ratio 1.61" in told.statement
    expected = power_of_counts(1.61 * 0.3 / (0.7 + 1.61 * 0.3), 0.3, 40, 40).power
    assert f"power {expected:.2f}" in told.statement


# --- forms --------------------------------------------------------------------------------------------------------


def test_inspect_sr_ticks_nothing_without_evidence(lei):
    rows = {row.item: row for row in lei.inspect_sr}
    assert len(rows) == 21
    assert rows["1.1"].answer == rows["3.2"].answer == "needs a human"
    assert rows["4.8"].answer == rows["4.9"].answer == "in part: for a human to weigh"
    for row in rows.values():
        assert bool(row.evidence) is (row.answer != "needs a human")
    bare = {row.item: row.answer for row in audit(Study.from_claim((40, 40), "lower")).inspect_sr}
    assert bare["4.8"] == "needs a human"


def test_columns_are_those_of_the_contract(lei):
    claims = "study,outcome,claim,treatment,control,test,recomputed_p,supported,least_change,note,p_reproduced"
    findings = "study,check,subject,severity,statement,assumption,evidence,alternatives"
    assert ",".join(lei.claims.columns) == claims == lei.to_csv("claims").splitlines()[0]
    assert ",".join(lei.findings.columns) == findings == lei.to_csv("findings").splitlines()[0]
    assert len(lei.claims) == len(lei.ledger) == 19
    values = json.loads(lei.to_json())
    assert values["claims"][6]["recomputed_p"] is None
    assert values["claims"][0]["recomputed_p"] == lei.ledger[0].recomputed_p


def test_the_section_shows_the_ledger_first_then_findings_by_severity(lei):
    html = audit_section_html(lei)
    places = [html.index(text) for text in ("Claims ledger", "(impossible, 4)", "(caution, ", "(info, ", "INSPECT-SR")]
    assert places == sorted(places)
    assert html == lei._repr_html_()
    assert "<td>Clinical pregnancy</td>" in html
    assert "Supported: whether the printed conclusion holds." in html


def test_text_from_a_file_stays_text():
    label = '<img src=x onerror="alert(1)">[bold]&'
    row = {
        "id": "o",
        "label": label,
        "kind": "mean_sd",
        "unit": "<u>",
        "treatment": "1.0 ± 0.1",
        "control": "9.0 ± 0.1",
    }
    row["claim"] = {"text": label, "direction": "lower", "p": "P<0.05"}
    study = study_with(row)
    study = replace(study, items=(replace(study.items[0], label=label + "\x1b[31m"),))
    result = audit(study)
    html, table = audit_section_html(result), result.to_table()
    assert "<img" not in html
    assert "&lt;img" in html
    assert "\x1b" not in html + table
    assert "[bold]" in table


def test_a_range_of_values_must_be_a_range():
    row = {
        "id": "q",
        "kind": "mean_sd",
        "treatment": "3.2 ± 0.3",
        "control": "3.1 ± 0.3",
        "minimum": 5.0,
        "maximum": 1.0,
    }
    with pytest.raises(StudyError, match="minimum < maximum"):
        study_with(row)


def test_an_effect_may_stand_beside_counts():
    effect = {"scale": "risk_difference", "estimate": "10.0%", "low": "-10.8%", "high": "30.8%"}
    row = {"id": "cpr", "kind": "counts", "treatment": "16/40", "control": "12/40", "effect": effect}
    item = study_with(row).outcome("cpr")
    assert item.effect is not None
    assert str(item.effect.low) == "-10.8%"
    assert str(item.counts("treatment")) == "16/40"
