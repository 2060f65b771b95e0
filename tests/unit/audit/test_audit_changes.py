"""Where an outcome has a baseline, every test of the audit is of the change, over the stated range of the correlation."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from bayes_ivf.auditing import ClaimRow, audit, conditional_words, refused_words
from bayes_ivf.results.frequentist import frequentist
from bayes_ivf.study import Study, parse_study

BEFORE, AFTER = (("13417 ± 11572", "13000 ± 9000"), ("5158 ± 6714", "12500 ± 9000"))
NUMBERS = ((13417, 11572, 5158, 6714), (13000, 9000, 12500, 9000))


def study(
    text: str, p: str | None, direction: str = "lower", low: float = 0.2, high: float = 0.8, **keys: Any
) -> Study:
    claim = {"text": text, "direction": direction} | ({} if p is None else {"p": p})
    row = {"id": "o", "label": "o", "kind": "mean_sd", "benefit": "lower", "spread": "sd", "claim": claim}
    correlation = {"value": 0.5, "low": low, "high": high}
    row |= {"treatment": AFTER[0], "control": AFTER[1]}
    row |= {"baseline": {"treatment": BEFORE[0], "control": BEFORE[1], "correlation": correlation}} | keys
    arms = {arm: {"label": arm, "n": 22} for arm in ("treatment", "control")}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row]}, "test")


def row_of(found: Study) -> ClaimRow:
    (row,) = audit(found).ledger
    return row


def plain_p(rho: float) -> float:
    arms = [(after - before, math.sqrt(a**2 + b**2 - 2 * rho * a * b)) for before, a, after, b in NUMBERS]
    (m, s), (k, t) = arms
    return float(stats.ttest_ind_from_stats(m, s, 22, k, t, 22, equal_var=False).pvalue)


def test_the_ledger_has_the_p_of_the_change_which_the_table_has():
    found = study("lower, P<0.05", "P<0.05")
    row, table = row_of(found), frequentist(found.items[0])
    assert table is not None
    assert (row.test, row.supported) == ("Welch, of changes", "yes")
    assert (row.test, row.recomputed_p) == (table.test, pytest.approx(table.p, rel=1e-12))
    assert row.recomputed_p == pytest.approx(plain_p(0.5), rel=1e-9)
    assert [round(plain_p(rho), 4) for rho in (0.2, 0.5, 0.8)] == [0.0346, 0.0101, 0.0004]
    assert "Welch, of changes P 0.035 at 0.2, 0.010 at 0.5, 0.00036 at 0.8" in row.note
    assert (row.treatment, row.control) == (AFTER[0] + " (n=22)", AFTER[1] + " (n=22)")


def test_a_p_that_crosses_the_level_within_the_range_depends_on_the_correlation():
    row = row_of(study("lower, P<0.02", "P<0.02"))
    assert row.supported == "conditional"
    assert conditional_words(row) == (
        "depends on the correlation of a woman's values before and after, which is not printed"
    )
    assert row_of(study("lower, P<0.02", "P<0.02", low=0.5, high=0.8)).supported == "yes"
    assert row_of(study("lower, P<0.002", "P<0.002", low=0.4, high=0.6)).supported == "no"


@pytest.mark.parametrize(("printed", "verdict"), [(0.010, "conditional"), (0.02, "conditional"), (0.07, "no")])
def test_a_printed_p_that_is_reached_within_the_range_is_conditional(printed, verdict):
    row = row_of(study("lower", f"P={printed}"))
    assert row.p_reproduced == verdict
    assert ("at some values" in row.note) == (verdict == "conditional")


def test_a_claim_that_holds_nowhere_in_the_range_says_so():
    row = row_of(study("decreased, P=0.07 for the comparison of the change", "P = 0.07"))
    assert row.supported == "no"
    assert refused_words(row, "").startswith("does not hold at any stated value of the correlation")
    assert "mean change" in row.least_change
    (finding,) = [each for each in audit(study("n.s.", "P = 0.07")).found if each.check == "claims"]
    assert "does not hold at any stated value" in finding.statement
    assert "which is not printed" in finding.statement


def test_a_p_of_the_values_after_treatment_is_named():
    after = float(stats.ttest_ind_from_stats(5158, 6714, 22, 12500, 9000, 22, equal_var=False).pvalue)
    row = row_of(study("lower", f"P={after:.4f}", low=0.5, high=0.6))
    assert row.p_reproduced == "conditional"
    assert "compares the values after treatment, not the changes" in row.note
    assert row_of(study("lower, P=0.04", "P=0.04", low=0.5, high=0.6)).p_reproduced == "no"


def test_an_outcome_without_a_p_tells_the_difference_of_changes():
    note = row_of(study("lower", None)).note
    assert "difference -7759" in note
    assert "at a stated 0.5" in note
    assert row_of(study("lower than at start, change from baseline", "P<0.05")).supported == "yes"


@pytest.mark.parametrize("spread", ["se", "ci95"])
def test_spreads_of_another_kind_are_read_as_declared(spread):
    found = study("lower, P<0.05", "P<0.05", spread=spread)
    table = frequentist(found.items[0])
    assert table is not None
    assert row_of(found).recomputed_p == pytest.approx(table.p, rel=1e-9)
