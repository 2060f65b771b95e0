"""Whole numbers behind printed means and sds: published examples, full enumeration, and time."""

import math
import random
import time
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest

from bayes_ivf.auditing.granularity import feasibility, mean_is_reachable
from bayes_ivf.auditing.moments import Budget, build_sample, find_sample, largest_square_sum, smallest_square_sum
from bayes_ivf.study import Printed

P = Printed


@pytest.mark.parametrize(
    ("mean", "n", "reachable"),
    [
        # Brown & Heathers 2017, doi 10.1177/1948550616673876: the worked example of the GRIM test.
        ("5.19", 28, False),
        # Worked by hand: 231/32 = 7.21875, 118/25 = 4.72 and 119/25 = 4.76, and so on.
        ("7.22", 32, True),
        ("4.74", 25, False),
        ("5.23", 29, False),
        ("2.57", 24, False),
        ("6.77", 27, False),
        ("2.68", 28, True),
        ("3.45", 20, True),
        # Ties either way: 165/40 = 4.125 and 69/40 = 1.725; 1.69 lies between 67/40 and 68/40.
        ("4.12", 40, True),
        ("4.13", 40, True),
        ("1.73", 40, True),
        ("1.72", 40, True),
        ("1.69", 40, False),
        ("1.69", 39, True),
        ("-1.69", 40, False),
    ],
)
def test_grim(mean, n, reachable):
    assert mean_is_reachable(P(mean), n) is reachable


def test_grim_counts_items_of_a_scale():
    assert not mean_is_reachable(P("3.21"), 20)
    assert mean_is_reachable(P("3.21"), 20, items=5)  # 321/100


@pytest.mark.parametrize(
    ("mean", "sd", "possible"),
    [
        ("0.53", "0.50", True),
        ("0.44", "0.50", True),
        ("0.77", "0.42", True),
        ("0.19", "0.35", False),
        ("0.34", "0.47", True),
        ("0.93", "0.25", True),
        ("0.12", "0.33", True),
    ],
)
def test_debit(mean, sd, possible):
    # sd = sqrt(p (1 - p)) up to n / (n - 1): 0.19 needs about 0.39.
    found = feasibility(P(mean), P(sd), 1683, low=0, high=1)
    assert (found.reason == "possible") is possible
    assert found.impossible is not possible


def test_the_index_trial():
    treatment, control = feasibility(P("1.73"), P("0.28"), 40, low=0), feasibility(P("1.69"), P("0.24"), 40, low=0)
    assert treatment.reason == "sd too small"
    assert treatment.sd_low == pytest.approx(math.sqrt((127 - 69**2 / 40) / 39), abs=1e-12)  # 11 x 1, 29 x 2
    assert control.reason == "mean"
    assert control.nearest == (67 / 40, 68 / 40)
    assert control.sd_low == pytest.approx(math.sqrt((124 - 68**2 / 40) / 39), abs=1e-12)
    assert feasibility(P("3.88"), P("1.02"), 40).reason == "possible"


def test_a_pair_that_only_truncation_explains():
    # Sum 165, so squares are odd: 723 and 725 give 1.042 and 1.067, nothing in between; cut off, 1.067 is 1.06.
    assert feasibility(P("4.12"), P("1.06"), 40).reason == "no sample"
    assert feasibility(P("4.12"), P("1.06"), 40, rounding="truncated").reason == "possible"


def moments(sample):
    n = sum(count for _, count in sample)
    total = sum(value * count for value, count in sample)
    return n, total, sum(value**2 * count for value, count in sample)


@pytest.mark.parametrize(("n", "low", "high"), [(2, 0, 9), (3, -4, 5), (4, 0, 5), (5, 1, 5), (6, 0, 4), (9, 0, 2)])
def test_every_sum_and_square_sum_against_all_samples(n, low, high):
    real = {(sum(s), sum(v * v for v in s)) for s in combinations_with_replacement(range(low, high + 1), n)}
    for total in range(n * low, n * high + 1):
        squares = [q for t, q in real if t == total]
        assert (min(squares), max(squares)) == (
            smallest_square_sum(n, total),
            largest_square_sum(n, total, low, high),
        )
        for q in range(min(squares), max(squares) + 1):
            found = find_sample(n, total, q, low, high, Budget(10**6))
            assert (found is not None) == ((total, q) in real)
            if found is not None:
                assert moments(found) == (n, total, q)
                assert all(low <= value <= high for value, _ in found)
            quick = build_sample(n, total, q, low, high)
            assert quick is None or moments(quick) == (n, total, q)


@pytest.mark.parametrize(("n", "low", "high"), [(3, 0, 6), (5, 0, 4), (7, 1, 4)])
def test_printed_pairs_against_all_samples(n, low, high):
    """Neither a false alarm nor a miss: the set of printable pairs is exactly what enumeration gives."""
    half = Fraction(5001, 10**6)  # half of the last digit, with the stated slack
    real = {(sum(s), sum(v * v for v in s)) for s in combinations_with_replacement(range(low, high + 1), n)}
    rng = random.Random(n)
    outcomes = set()
    for _ in range(400):
        total, squares = rng.choice(sorted(real))
        mean, sd = total / n, math.sqrt(max(0, squares - total * total / n) / rng.choice([n, n - 1]))
        mean, sd = mean + rng.choice([0, 0, 0.01, 0.03]), sd + rng.choice([0, 0.01, -0.02, 0.05])
        if sd < 0.02:
            continue
        printed = P(f"{mean:.2f}"), P(f"{sd:.2f}")
        m, s = (Fraction(p.decimal) for p in printed)
        possible = any(
            abs(Fraction(t, n) - m) <= half
            and any((s - half) ** 2 <= Fraction(n * q - t * t, n * d) <= (s + half) ** 2 for d in (n, n - 1))
            for t, q in real
        )
        found = feasibility(*printed, n, low=low, high=high)
        assert found.impossible is not possible, (printed, found)
        outcomes.add(possible)
    assert outcomes == {True, False}


@pytest.mark.parametrize("n", [40, 150, 500])
def test_time_up_to_500_women_on_a_scale_of_100(n):
    rng = np.random.default_rng(n)
    slowest = 0.0
    for shape in ((1, 1), (0.2, 0.2), (8, 2), (0.1, 3)):
        values = np.rint(100 * rng.beta(*shape, n))
        for sd in (values.std(ddof=1), values.std(ddof=1) + 0.013, 60.0, 0.2):
            start = time.process_time()
            feasibility(P(f"{values.mean():.2f}"), P(f"{sd:.2f}"), n, low=0, high=100)
            slowest = max(slowest, time.process_time() - start)
    assert slowest < 1.0
