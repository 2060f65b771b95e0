"""Tests of two arms of counts against R, SciPy, published intervals and brute force."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing import boschloo_p, chi_square_table_p, fisher_p, mid_p, newcombe_interval, pearson_p, yates_p

R = json.loads((Path(__file__).parents[2] / "reference" / "audit_tests.json").read_text())


def test_reference_file_is_complete():
    assert (len(R["counts"]), len(R["means"]), len(R["categories"])) == (11, 5, 2)


@pytest.mark.parametrize("row", R["counts"], ids=lambda row: str(row["counts"]))
def test_counts_agree_with_r(row):
    # Both sides are exact sums or chi-square tails: only rounding separates them.
    assert fisher_p(*row["counts"]) == pytest.approx(row["fisher"], rel=1e-9)
    assert pearson_p(*row["counts"]) == pytest.approx(row["pearson"], rel=1e-10)
    # R returns 1 - 6e-16 where the corrected difference is a rounding error.
    assert yates_p(*row["counts"]) == pytest.approx(row["yates"], rel=1e-8)
    if row["boschloo"] is not None:
        # The stored value is the maximum over risks 0.0002 apart, so at most that much too small.
        assert boschloo_p(*row["counts"]) == pytest.approx(row["boschloo"], abs=1e-6)


@pytest.mark.parametrize("row", R["categories"], ids=lambda row: str(row["treatment"]))
def test_categories_agree_with_r(row):
    assert chi_square_table_p(row["treatment"], row["control"]) == pytest.approx(row["p"], rel=1e-10)


def test_every_table_of_small_arms_agrees_with_scipy():
    for n1, n2 in ((1, 1), (1, 6), (5, 8), (9, 9)):
        for a, b in product(range(n1 + 1), range(n2 + 1)):
            table = [[a, b], [n1 - a, n2 - b]]
            assert fisher_p(a, n1, b, n2) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
            if 0 < a + b < n1 + n2:
                assert pearson_p(a, n1, b, n2) == pytest.approx(stats.chi2_contingency(table, correction=False)[1])
                assert yates_p(a, n1, b, n2) == pytest.approx(stats.chi2_contingency(table)[1])


def test_mid_p_is_the_mean_of_the_p_with_and_without_equally_likely_tables():
    # 16/40 vs 12/40: margins are symmetric, so the mirrored table is as likely as the observed one.
    at = stats.hypergeom(80, 28, 40)
    assert mid_p(16, 40, 12, 40) == pytest.approx(2 * (at.sf(16) + at.pmf(16) / 2), rel=1e-9)
    assert mid_p(1, 16, 1, 12) == pytest.approx(1 - stats.hypergeom(28, 2, 16).pmf(1) / 2, rel=1e-9)


def test_boschloo_agrees_with_scipy_for_equal_arms_and_with_brute_force_otherwise():
    for a, b in ((16, 12), (20, 12), (21, 12)):
        # SciPy maximises with shgo, to about 1e-6 here.
        scipy = stats.boschloo_exact([[a, b], [40 - a, 40 - b]]).pvalue
        assert boschloo_p(a, 40, b, 40) == pytest.approx(scipy, abs=1e-5)
    risks = np.linspace(0, 1, 4001)
    for a, n1, b, n2 in ((3, 7, 9, 11), (0, 12, 4, 9), (2, 5, 1, 14)):
        fisher = [[fisher_p(x, n1, y, n2) for y in range(n2 + 1)] for x in range(n1 + 1)]
        region = np.asarray(fisher) <= fisher[a][b] * (1 + 1e-7)
        size = [stats.binom.pmf(range(n1 + 1), n1, p) @ region @ stats.binom.pmf(range(n2 + 1), n2, p) for p in risks]
        assert boschloo_p(a, n1, b, n2) == pytest.approx(max(size), abs=1e-6)


def test_boschloo_never_exceeds_fisher_and_is_left_out_of_huge_tables():
    rng = np.random.default_rng(3)
    for _ in range(60):
        n1, n2 = (int(n) for n in rng.integers(1, 60, 2))
        a, b = int(rng.integers(0, n1 + 1)), int(rng.integers(0, n2 + 1))
        assert boschloo_p(a, n1, b, n2) <= fisher_p(a, n1, b, n2) * (1 + 1e-12)
    assert np.isnan(boschloo_p(10, 5000, 12, 5000))


# Newcombe 1998, Table II, method 10, as printed to four decimals.
PUBLISHED = {
    (56, 70, 48, 80): (0.0524, 0.3339),
    (9, 10, 3, 10): (0.1705, 0.8090),
    (5, 56, 0, 29): (-0.0381, 0.1926),
    (0, 10, 0, 20): (-0.1611, 0.2775),
    (0, 10, 0, 10): (-0.2775, 0.2775),
    (10, 10, 0, 20): (0.6791, 1.0),
    (10, 10, 0, 10): (0.6075, 1.0),
}


@pytest.mark.parametrize(("counts", "interval"), PUBLISHED.items(), ids=str)
def test_newcombe_agrees_with_the_published_intervals(counts, interval):
    difference, low, high = newcombe_interval(*counts)
    assert difference == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert (low, high) == pytest.approx(interval, abs=5.1e-5)


def test_newcombe_is_antisymmetric_and_vectorized():
    a, b = np.array([0, 3, 16, 40]), np.array([5, 3, 12, 0])
    difference, low, high = newcombe_interval(a, 40, b, 40)
    mirrored = newcombe_interval(b, 40, a, 40)
    np.testing.assert_allclose([difference, low, high], [-mirrored[0], -mirrored[2], -mirrored[1]], atol=1e-15)
    assert pearson_p(a, 40, b, 40).shape == fisher_p(a, 40, b, 40).shape == (4,)


@pytest.mark.parametrize("test", [fisher_p, mid_p, pearson_p, yates_p, boschloo_p])
@pytest.mark.parametrize("counts", [(0, 5, 0, 9), (5, 5, 9, 9), (0, 1, 0, 1)])
def test_arms_without_any_contrast_give_no_evidence(test, counts):
    # mid-P halves the only possible table: 0.5.
    assert test(*counts) == pytest.approx(0.5 if test is mid_p else 1.0)


def test_far_tails_and_large_arms_stay_finite():
    assert 0 < fisher_p(900, 1000, 100, 1000) < 1e-250
    # SciPy differs by its own rounding of log factorials at this size.
    assert fisher_p(30_100, 100_000, 29_700, 100_000) == pytest.approx(
        stats.fisher_exact([[30_100, 29_700], [69_900, 70_300]]).pvalue, rel=1e-6
    )


def test_categories_empty_in_both_arms_do_not_count():
    assert chi_square_table_p([7, 0, 18], [8, 0, 16]) == pytest.approx(pearson_p(7, 25, 8, 24))
    assert chi_square_table_p([5, 0], [9, 0]) == 1.0
