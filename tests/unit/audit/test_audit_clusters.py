"""Clusters that were randomized: verdicts at a stated intraclass correlation, and a caution where none is stated."""

from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

from bayes_ivf.auditing import ClaimRow, audit, conditional_words, refused_words
from bayes_ivf.cli.check_command import _notes
from bayes_ivf.problem import taken_as_independent
from bayes_ivf.results.frequentist import frequentist
from bayes_ivf.study import Study, parse_study

CLAIM = {"text": "higher", "direction": "higher", "p": "P=0.04"}
ICC = {"value": 0.05, "low": 0.04, "high": 0.1}


def study(row: dict[str, Any], **design: Any) -> Study:
    keys = {
        "id": "o",
        "label": "Pregnancy",
        "kind": "counts",
        "benefit": "higher",
        "treatment": "60/120",
        "control": "43/118",
    }
    arms = {"treatment": {"label": "t", "n": 120}, "control": {"label": "c", "n": 118}}
    values = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [keys | row]}
    return parse_study(values | (design or {"clusters": {"treatment": 6, "control": 6}}), "test")


def row_of(found: Study) -> ClaimRow:
    (row,) = audit(found).ledger
    return row


def plain_p(icc: float) -> float:
    """Chi-square of effective counts, by SciPy."""
    first, second = (1 + (n / 6 - 1) * icc for n in (120, 118))
    table = [[60 / first, 60 / first], [43 / second, 75 / second]]
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def test_the_verdict_is_by_the_p_with_the_design_effect():
    found = study({"icc": ICC, "claim": CLAIM})
    row, table = row_of(found), frequentist(found.items[0], study=found)
    assert table is not None
    assert (row.test, table.test) == ("Pearson with design effect",) * 2
    assert row.recomputed_p == table.p == pytest.approx(plain_p(0.05), rel=1e-9)
    assert round(row.recomputed_p, 2) == 0.13
    assert table.low < 0 < table.high
    assert row.supported == "no"
    assert refused_words(row, "").startswith("does not hold at any stated value of the intraclass correlation")
    assert row.p_reproduced == "conditional"
    assert "only if units of one cluster are counted as independent" in row.note
    assert "intracluster correlation of 0.008" in row.note


def test_a_range_that_crosses_makes_it_conditional():
    row = row_of(study({"icc": ICC | {"low": 0.0}, "claim": CLAIM}))
    assert row.supported == "conditional"
    assert conditional_words(row) == "depends on the intraclass correlation, which is not printed"
    assert row_of(study({"icc": {"value": 0.001}, "claim": CLAIM})).supported == "yes"
    assert row_of(study({"icc": ICC, "claim": {"text": "n", "direction": "none", "p": "P>0.05"}})).supported == "yes"


def test_an_outcome_without_a_p_has_the_interval_of_effective_counts():
    found = study({"icc": ICC})
    table = frequentist(found.items[0], study=found)
    assert table is not None
    row = row_of(found)
    assert f"Newcombe {100 * table.low:+.1f} to {100 * table.high:+.1f}" in row.note
    assert row.test == "Pearson with design effect"


@pytest.mark.parametrize("claim", [CLAIM, {"text": "no difference", "direction": "none", "p": "P=0.54"}, None])
def test_without_a_stated_correlation_check_audit_and_page_say_so(claim):
    found = study({} if claim is None else {"claim": claim})
    (finding,) = [each for each in audit(found).found if each.check == "randomized_clusters"]
    assert (finding.severity, finding.subject) == ("caution", "o")
    assert "too narrow" in finding.statement
    assert "icc = { value" in finding.evidence
    assert "intracluster correlation of 0.008" in finding.evidence
    assert any("icc = { value" in note for note in _notes(found))
    assert "Clusters were randomized" in taken_as_independent(found, found.items[0])


def test_where_it_is_stated_or_nothing_was_clustered_no_caution_stands():
    for each in (study({"icc": ICC}), study({}, design_words=["randomized"])):
        assert not [finding for finding in audit(each).found if finding.check == "randomized_clusters"]
        assert not any("icc" in note for note in _notes(each))
        assert taken_as_independent(each, each.items[0]) == ""
    means = {"kind": "mean_sd", "treatment": "5.0 ± 1.2", "control": "5.1 ± 1.3", "spread": "sd", "n": None}
    del means["n"]
    words = study(means, design_words=["cluster-randomized"])
    (finding,) = [finding for finding in audit(words).found if finding.check == "randomized_clusters"]
    assert "how many clusters each arm had" in finding.evidence
