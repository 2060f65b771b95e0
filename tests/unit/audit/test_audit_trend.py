"""Ordered categories: tests of trend against SciPy on the women themselves, and what they do to a printed P."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.trend_tests import TREND_TESTS, trend_p
from bayes_ivf.study import parse_study, study_table


@pytest.mark.parametrize("seed", range(12))
def test_trend_tests_agree_with_scipy(seed):
    rng = np.random.default_rng(seed)
    arms = rng.integers(0, [[40], [25]], (2, int(rng.integers(2, 7))))
    place = np.arange(arms.shape[1])
    a, b = (np.repeat(place, counts) for counts in arms)
    score, arm = np.concatenate([a, b]), np.repeat([1.0, 0.0], [a.size, b.size])
    r = stats.pearsonr(score, arm).statistic
    expected = [
        stats.chi2.sf((score.size - 1) * r**2, 1),
        stats.chi2.sf(score.size * r**2, 1),
        *(stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=c).pvalue for c in (False, True)),
    ]
    assert list(trend_p(*arms.tolist()).values()) == pytest.approx(expected, rel=1e-9)
    assert list(trend_p(*arms[::-1].tolist()).values()) == pytest.approx(expected, rel=1e-9)


def test_trend_by_hand():
    # Scores 1, 2, 3 in arms of 10: means 1.5 and 2.3. Sums of squares: 20 scores of mean 1.9 give 7 + 4*8 + 9*5 - 20*3.61.
    p = trend_p([6, 3, 1], [1, 5, 4])
    squares = 7 * 1 + 8 * 4 + 5 * 9 - 20 * 1.9**2
    r2 = (10 * (1.5 - 1.9)) ** 2 / (squares * 10 * 10 / 20)
    assert p["linear-by-linear"] == pytest.approx(stats.chi2.sf(19 * r2, 1))
    assert p["Cochran-Armitage"] == pytest.approx(stats.chi2.sf(20 * r2, 1))


def test_an_empty_category_keeps_its_score_and_no_rank():
    with_gap, without = trend_p([5, 0, 4, 9], [9, 0, 5, 3]), trend_p([5, 4, 9], [9, 5, 3])
    assert with_gap["Wilcoxon"] == pytest.approx(without["Wilcoxon"])
    assert with_gap["linear-by-linear"] != pytest.approx(without["linear-by-linear"])


@pytest.mark.parametrize("arms", [([4, 0], [9, 0]), ([0, 0], [3, 4]), ([0], [0])])
def test_where_nothing_can_differ_p_is_1(arms):
    assert trend_p(*arms) == dict.fromkeys(TREND_TESTS, 1.0)


def file(p, words="differs", **keys):
    row = {"id": "q", "label": "Embryo quality", "kind": "categories", "benefit": "none", "categories": ["poor", "fair", "good"],
           "treatment": "6 / 13 / 21", "control": "12 / 16 / 12",
           "claim": {"text": words, "direction": "differs", "p": p}} | keys  # fmt: skip
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    return {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [row]}


def ledger(*given, **keys):
    (row,) = audit(parse_study(file(*given, **keys), "f.toml")).ledger
    return row


CHI, LINEAR, RANKS = "P=0.0923", "P=0.0318", "P=0.0304"


def test_the_figures_of_these_tests():
    x = np.repeat([0, 1, 2], [6, 13, 21]), np.repeat([0, 1, 2], [12, 16, 12])
    r = stats.pearsonr(np.concatenate(x), np.repeat([0, 1], 40)).statistic
    assert f"P={stats.chi2.sf(79 * r**2, 1):.4f}" == LINEAR
    assert f"P={stats.mannwhitneyu(*x, method='asymptotic', use_continuity=False).pvalue:.4f}" == RANKS
    assert f"P={stats.chi2_contingency([[6, 13, 21], [12, 16, 12]]).pvalue:.4f}" == CHI


@pytest.mark.parametrize(("p", "name"), [(LINEAR, "linear-by-linear"), (RANKS, "Wilcoxon"), (CHI, "chi-square")])
def test_the_test_of_trend_that_gives_the_p_is_named(p, name):
    row = ledger(p, ordered=True)
    assert row.p_reproduced == "yes"
    assert f"reproduced by {name}" in row.note
    assert ledger(p).p_reproduced == ("yes" if name == "chi-square" else "no")


def test_a_conclusion_on_which_trend_and_chi_square_disagree_is_conditional():
    assert ledger("P<0.05", ordered=True).supported == "conditional"
    assert ledger("P<0.05").supported == "no"
    assert ledger("P<0.05", "a linear trend", ordered=True).supported == "yes"
    assert ledger("P<0.05", "by the Wilcoxon test", ordered=True).supported == "yes"
    # without an order these tests cannot be recomputed, and refute nothing
    assert ledger("P<0.05", "by the Wilcoxon test").supported == "undetermined"
    assert ledger("P<0.001", "by the Wilcoxon test", ordered=True).supported == "no"
    assert ledger("P=0.001", "by the Wilcoxon test", ordered=True).p_reproduced == "no"


def test_the_order_is_kept_and_only_categories_have_one(faults_of):
    study = parse_study(file(CHI, ordered=True), "f.toml")
    assert study.items[0].ordered
    assert parse_study(study_table(study), "again") == study
    (fault,) = faults_of(
        parse_study, file(CHI, kind="counts", treatment="6/40", control="12/40", ordered=True), "f.toml"
    )
    assert fault.where == "f.toml: outcome q.ordered"
