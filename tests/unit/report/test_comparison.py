"""The comparison table and its readings, on the index trial solved exactly."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from bayes_ivf import Study, reanalyze
from bayes_ivf.record import of_record
from bayes_ivf.report import comparison_rows, context_of, rebuild_report
from bayes_ivf.results import compare, text

SETS = ["weakly_informative", "optimistic_moderate", "pessimistic_moderate", "beta_uniform"]
KEPT = "cpr eir mcr fsh bhcg ca125 il6 qol_mental social_support adverse_reactions education"


@pytest.fixture(scope="module")
def study(lei):
    """The index trial without outcomes of a kind that is already there."""
    return replace(lei, items=tuple(item for item in lei.items if item.id in KEPT.split()))


@pytest.fixture(scope="module")
def result(study):
    return reanalyze(study, models=["two_arm"], priors=SETS, engine="exact")


@pytest.fixture(scope="module")
def rows(result):
    return {row.outcome: row for row in result.comparisons}


def test_one_row_for_every_outcome_in_the_order_of_the_paper(rows, study):
    assert list(rows) == list(study.ids) == KEPT.split()


@pytest.mark.parametrize("outcome", ["bhcg", "social_support", "education"])
def test_what_cannot_be_estimated_says_why(outcome, rows):
    row = rows[outcome]
    assert row.bayes_effect is row.bayes_ci_low is row.p_benefit is row.p_benefit_min is None
    assert "Not esti" in row.reading


def test_no_difference_says_how_little_it_tells(rows):
    """The numbers of 621 tables of 40 and 40 women, after the claim and before; at either average if both are asked for."""
    row = rows["adverse_reactions"]
    assert row.bayes_effect is row.p_benefit is None
    assert row.effect_scale == "risk_difference"
    assert row.reading.endswith(
        "“No significant difference” is little evidence of safety. Differences from -23.9 to +23.9 percentage points remain in "
        "the interval, and one of 5 points or more has probability 0.63; before the claim 0.72."
    )
    assert (
        "If the claim is true and came from Fisher's exact test of counts: risk difference 0.0 percentage points"
        in row.reading
    )
    study = Study.from_claim((40, 40), "none", outcome="ar", benefit="lower", of="counts", mcid=0.05)
    result = reanalyze(study, models=["two_arm"], priors=["weakly_informative", "low_average"], engine="exact")
    (cell,) = comparison_rows(context_of(result), "outcome")
    told = "-23.9 to +23.9 percentage points if the claim is true, -37.8 to +37.8 if its words say nothing"
    assert text(cell.effect_range) == told
    assert result.comparisons[0].reading.endswith(
        "Differences from -23.9 to +23.9 percentage points (-18.8 to +18.8 under the prior of a low average risk) remain in the "
        "interval, and one of 5 points or more has probability 0.63 (0.48); before the claim 0.72 (0.57)."
    )


def test_frequentist_numbers_are_recomputed(rows):
    cpr, fsh = rows["cpr"], rows["fsh"]
    assert (cpr.freq_test, fsh.freq_test) == ("Fisher", "Welch")
    assert cpr.freq_p == pytest.approx(0.482, abs=5e-4)
    assert cpr.freq_effect == pytest.approx(0.10)
    # Newcombe's square-and-add of two Wilson intervals, by hand
    assert (cpr.freq_ci_low, cpr.freq_ci_high) == pytest.approx(newcombe(16, 40, 12, 40), abs=1e-9)
    assert fsh.freq_effect == pytest.approx(-2.12)
    assert fsh.freq_p < 1e-15


def newcombe(a, m, b, n):
    z = 1.959963984540054

    def wilson(k, size):
        p = k / size
        center, half = p + z * z / (2 * size), z * (p * (1 - p) / size + z * z / (4 * size * size)) ** 0.5
        return (center - half) / (1 + z * z / size), (center + half) / (1 + z * z / size)

    (l1, u1), (l2, u2) = wilson(a, m), wilson(b, n)
    p1, p2 = a / m, b / n
    d = p1 - p2
    return d - ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5, d + ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5


def test_the_range_runs_over_the_prior_sets(rows, result):
    table = result.effects
    mine = table[(table.outcome == "cpr") & (table.estimand == "risk_difference")]
    assert len(mine) == len(SETS)
    cpr = rows["cpr"]
    assert (cpr.p_benefit_min, cpr.p_benefit_max) == (mine.p_benefit.min(), mine.p_benefit.max())
    assert cpr.p_benefit_min < cpr.p_benefit < cpr.p_benefit_max


def test_rows_of_a_fit_that_several_outcomes_share_stand_once(result):
    assert replace(result, fits=result.fits + result.fits).rows == result.rows
    assert not result.effects.duplicated(["study", "outcome", "model", "options", "prior", "engine", "estimand"]).any()


def test_benefit_may_be_lower(rows):
    mcr = rows["mcr"]
    assert mcr.bayes_effect < 0
    assert mcr.p_benefit > 0.5


def test_hormones_have_no_benefit(rows):
    row = rows["fsh"]
    assert row.bayes_effect is not None
    assert row.p_benefit is row.p_benefit_min is row.p_benefit_max is row.p_beyond_mcid is None
    assert "No direction is clinically defined" in row.reading


def test_sets_that_lean_are_left_out_where_no_direction_is_better(result):
    table = result.effects
    assert set(table[table.outcome == "fsh"].prior) == {"weakly_informative"}


@pytest.mark.parametrize("outcome", ["ca125", "il6", "qol_mental"])
def test_a_claim_is_never_told_at_full_belief_alone(outcome, rows):
    row = rows[outcome]
    for doubt in ("at doubt 0,", "at doubt 0.25", "at doubt 0.5", "at doubt 0.75", "at doubt 1"):
        assert doubt in row.reading
    assert "If the claim is true and came from an equal-variance t test" in row.reading
    assert row.bayes_effect is row.bayes_ci_low is row.bayes_ci_high is row.p_benefit is row.p_beyond_mcid is None
    assert 0.49 <= row.p_benefit_min <= 0.51
    assert 0.95 < row.p_benefit_max < 0.999
    assert min(abs(row.bayes_effect_min), abs(row.bayes_effect_max)) < 0.01
    assert "Known only from words, so a range stands here and no single number." in row.reading


def test_a_p_that_no_float_holds_is_a_bound_in_every_table_and_on_the_page(tmp_path):
    study = Study.from_counts(treatment=(29000, 30000), control=(100, 30000), outcome="cpr", benefit="higher")
    result = reanalyze(study, tmp_path / "run", models=["two_arm"], priors=SETS[:1], engine="exact")
    result.report(tmp_path / "alone.html")
    assert 0 < result.comparison.freq_p[0] < 1e-300
    assert "&lt;1e-300" in result._repr_html_()
    for name, column in (("comparison", "freq_p"), ("claims", "recomputed_p")):
        assert list(pd.read_csv(tmp_path / "run" / f"{name}.csv")[column]) == ["<1e-300"]
    rebuild_report(tmp_path / "run")
    marked = re.findall(
        r'closed form/p" value="([^"]+)"[^>]*>([^<]*)<', (tmp_path / "run/report.html").read_text("utf-8")
    )
    assert set(marked) == {("1e-300", "&lt; 0.001")}


def test_readings_speak_of_the_claim(rows):
    assert "Fisher P = 0.48 does not support the claim" in rows["cpr"].reading
    assert "agrees with the claim" in rows["fsh"].reading
    assert "cannot be recomputed" in rows["il6"].reading


def test_a_direction_printed_without_significance_is_not_called_a_claim_that_holds():
    study = Study.from_counts(
        treatment=(23, 61), control=(17, 60), outcome="cpr", benefit="higher", claim="P=0.27", direction="higher"
    )
    (row,) = reanalyze(study, models=["two_arm"], priors=SETS[:1], engine="exact").comparison.reading
    assert "agrees that the difference is not significant" in row
    assert "agrees with the claim" not in row


def test_a_difference_printed_as_not_significant_that_is_fails_by_its_significance():
    study = Study.from_counts(
        treatment=(33, 61), control=(7, 60), outcome="cpr", benefit="higher", claim="P=0.27", direction="higher"
    )
    (row,) = reanalyze(study, models=["two_arm"], priors=SETS[:1], engine="exact").comparison.reading
    assert "does not agree that the difference is not significant" in row
    assert "support" not in row


@pytest.mark.parametrize("direction", ["lower", "differs"])
def test_a_degree_of_belief_that_is_missing_is_not_told_as_another(direction):
    claims = [
        Study.from_claim(n=(40, 40), direction=each, alpha=0.05, outcome=name, benefit=each.replace("differs", "none"))
        for name, each in (("il6", direction), ("ca125", direction.replace("lower", "higher")))
    ]
    whole = reanalyze(Study.combine(claims), models=["two_arm"], priors=SETS[:1], engine="exact")
    for left in ({0.25, 0.5, 0.75}, {0.0, 0.25}, {0.5, 1.0}, {0.5}):
        fits = tuple(fit for fit in whole.fits if float(fit.problem.options_text.removeprefix("doubt=")) in left)
        rows = tuple(compare(whole.audit, item, *of_record(fits, item), "") for item in whole.study.items)
        shown = comparison_rows(context_of(replace(whole, fits=fits, comparisons=rows)), "outcome")
        # two directions meet only where the words say nothing
        assert len(shown) == (1 if left == {0.5, 1.0} else 2)
        for each in (text(shown[0].effect_range), *(row.reading.lower() for row in rows)):
            assert ("if the claim is true" in each) == (0.0 in left)
            assert ("if its words say nothing" in each) == (1.0 in left)
            for doubt in (min(left), max(left)):
                assert f"at doubt {doubt:g}" in each or doubt in (0.0, 1.0)
        assert "claim being true" not in text(shown[0].likely_range)


def test_embryos_are_not_taken_for_women_silently(rows):
    assert "Embryos of one woman" in rows["eir"].reading


def test_every_reading_is_plain_text(rows):
    for row in rows.values():
        assert row.reading.endswith((".", ")"))
        assert "  " not in row.reading
        assert "nan" not in row.reading.split()


def test_numbers_are_on_the_scale_that_is_named(rows, result):
    table = result.effects
    for row in rows.values():
        if row.bayes_effect is None:
            words = "standardized_mean_difference" if row.kind == "claim_only" and row.p_benefit_min else ""
            assert row.effect_scale in (words, "risk_difference", "mean_difference")
            continue
        assert row.bayes_ci_low < row.bayes_effect < row.bayes_ci_high
        mine = table[(table.outcome == row.outcome) & (table.estimand == row.effect_scale)]
        assert row.bayes_effect == mine["median"].iloc[0]


def test_sentences_speak_of_association(result):
    for fit in result.fits:
        told = fit.sentence()
        assert "association under the model" in told
        assert "works" not in told
        assert "%" in told
