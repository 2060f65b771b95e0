"""Rows of the ledger without a P, P values too small to hold, and the least change of an exact P."""

import json
import math

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from bayes_ivf.auditing import audit, fisher_p
from bayes_ivf.auditing.count_tests import log10_pearson_p
from bayes_ivf.study import parse_study


def audited(*outcomes, arms=(40, 40)):
    rows = [{"id": f"o{i}", "label": "o", "benefit": "higher", **row} for i, row in enumerate(outcomes)]
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": rows}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return audit(parse_study(values, "test"))


def claimed(kind, treatment, control, direction, p, arms=(40, 40)):
    claim = {"text": "words", "direction": direction, "p": p}
    return audited({"kind": kind, "treatment": treatment, "control": control, "claim": claim}, arms=arms)


def test_numbers_without_a_p_are_in_the_table_too():
    words = {"text": "better pregnancy rate", "direction": "higher"}
    found = audited(
        {"kind": "counts", "treatment": "43/98", "control": "28/106", "claim": words},
        {"kind": "mean_sd", "treatment": "5.0 ± 2.0", "control": "4.0 ± 2.0"},
        {"kind": "claim_only", "claim": {"text": "no difference", "direction": "none", "p": "P>0.05"}},
        {"kind": "unavailable", "note": "not visible"},
        arms=(98, 106),
    )
    assert [row.outcome for row in found.ledger] == ["o0", "o1", "o2"]
    counts, means, words = found.ledger
    assert (counts.supported, counts.p_reproduced, counts.least_change) == ("", "", "")
    assert counts.recomputed_p == pytest.approx(stats.fisher_exact([[43, 55], [28, 78]])[1])
    low, high = confint_proportions_2indep(43, 98, 28, 106, method="newcomb")
    assert f"difference +17.5 points (Newcombe {100 * low:+.1f} to {100 * high:+.1f})" in counts.note
    assert "no P was printed with the claim" in counts.note
    assert means.recomputed_p == pytest.approx(stats.ttest_ind_from_stats(5, 2, 98, 4, 2, 106, equal_var=False).pvalue)
    assert "difference +1.00 (Welch +0.45 to +1.55)" in means.note
    assert words.supported == "undetermined"
    # Only what was claimed is counted as a claim.
    assert "1 claim, 0 supported, 0 not" in repr(found)
    assert found.to_table(160)


def test_a_p_too_small_to_hold_is_a_bound_and_never_0():
    found = claimed("counts", "781/23952", "4963/2459964", "higher", "P<0.0001", (23952, 2459964))
    (row,) = found.ledger
    assert row.supported == "yes"
    assert 0 < row.recomputed_p < 1e-300
    assert row.p_text == "<1e-300"
    for text in ("mid-P <1e-300", "Pearson <1e-300", "Yates <1e-300", "log10 P about -2091"):
        assert text in row.note
    assert json.loads(found.to_json())["claims"][0]["recomputed_p"] == "<1e-300"
    assert ",<1e-300," in found.to_csv()
    assert "<1e-300" in found.to_table(200)
    assert " 0," not in row.note
    # Against what a float can still hold.
    assert 10 ** log10_pearson_p(300, 1000, 100, 1000) == pytest.approx(
        stats.chi2_contingency([[300, 700], [100, 900]], correction=False).pvalue, rel=1e-9
    )
    means = claimed("mean_sd", "9.10 ± 0.01", "6.30 ± 0.01", "higher", "P<0.05", (2000, 2000)).ledger[0]
    assert "Student <1e-300" in means.note


def test_an_exact_p_has_a_least_change_for_its_conclusion_and_for_itself():
    (row,) = claimed("counts", "16/40", "12/40", "higher", "P=0.04").ledger
    assert (row.supported, row.p_reproduced) == ("no", "no")
    assert (
        row.least_change
        == "treatment 22/40 instead of 16/40 (Fisher); for P=0.04: treatment 22/40 instead of 16/40 (Fisher)"
    )
    assert fisher_p(22, 40, 12, 40) == pytest.approx(0.04, abs=0.005)
    (row,) = claimed("counts", "16/40", "12/40", "none", "P=0.81").ledger
    assert (row.supported, row.p_reproduced) == ("yes", "no")
    events = int(row.least_change.split("treatment ")[1].split("/")[0])
    assert round(float(fisher_p(events, 40, 12, 40)), 2) == 0.81
    (row,) = claimed("mean_sd", "1.86±0.26", "1.92±0.17", "none", "P=0.126", (98, 106)).ledger
    mean = float(row.least_change.split("for P=0.126: about treatment mean ")[1].split(" ")[0])
    ps = [stats.ttest_ind_from_stats(m, 0.26, 98, 1.92, 0.17, 106, equal_var=False).pvalue for m in (mean, mean + 0.01)]
    assert ps[0] <= 0.126 <= ps[1]
    (row,) = claimed("counts", "16/40", "12/40", "higher", "P=0.48").ledger
    assert row.least_change == ""


def test_a_least_change_reads_the_spread_as_declared():
    claim = {"text": "h", "direction": "higher", "p": "P<0.05"}
    row = {"kind": "mean_sd", "treatment": "5.20 ± 0.20", "control": "5.00 ± 0.20", "claim": claim, "spread": "se"}
    (found,) = audited(row).ledger
    assert found.supported == "no"
    needed = float(found.least_change.split()[2])
    sd = 0.2 * math.sqrt(40)
    p = [stats.ttest_ind_from_stats(m, sd, 40, 5, sd, 40, equal_var=False).pvalue for m in (needed, needed - 0.01)]
    assert p[0] < 0.05 <= p[1]
