"""Tests of two arms over ordered categories: all of them are a correlation of the arm with a score."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

TREND_TESTS = (
    "linear-by-linear",
    "Cochran-Armitage",
    "Wilcoxon",
    "Wilcoxon with continuity correction",
)
"""Names, as in `trend_p`."""


def trend_p(treatment: Sequence[int], control: Sequence[int]) -> dict[str, float]:
    """Return the two-sided P of each usual test of trend.

    Parameters
    ----------
    treatment, control : sequence of int, length K
        Counts of each category, in their order; scores are 1 to K for the first two tests, midranks for the others.

    Returns
    -------
    dict of str to float
        ``linear-by-linear`` is Mantel's chi-square (n - 1) r², ``Cochran-Armitage`` n r²; ``Wilcoxon`` is the Normal
        approximation of the rank sum test (Mann-Whitney U) with its correction for ties. All are 1 where nothing differs.

    References
    ----------
    Armitage P (1955). Tests for linear trends in proportions and frequencies. doi 10.2307/3001775. Mantel N (1963).
    Chi-square tests with one degree of freedom: extensions of the Mantel-Haenszel procedure.
    doi 10.1080/01621459.1963.10500879.
    """
    a, b = (np.asarray(counts, dtype=float) for counts in (treatment, control))
    both = a + b
    n1, n = float(a.sum()), float(both.sum())
    linear = np.arange(1.0, both.size + 1)
    ranks = np.cumsum(both) - (both - 1) / 2
    trend, rank = (_off(a, both, scores) for scores in (linear, ranks))
    if trend is None or rank is None:
        return dict.fromkeys(TREND_TESTS, 1.0)
    # the sum of scores in one arm moves by steps of 1 in ranks: half a step is the correction
    spread = rank[1] * math.sqrt(n1 * (n - n1) / (n * (n - 1)))
    z = (
        abs(trend[0]) * math.sqrt(n - 1),
        abs(trend[0]) * math.sqrt(n),
        abs(rank[0]) * math.sqrt(n - 1),
        max(0.0, abs(rank[0]) * math.sqrt(n - 1) - 0.5 / spread),
    )
    return dict(zip(TREND_TESTS, map(_two_sided, z), strict=True))


def _off(a: np.ndarray, both: np.ndarray, scores: np.ndarray) -> tuple[float, float] | None:
    """Return the correlation of arm and score, and the root of the scores' sum of squares; None if one is constant."""
    n1, n = float(a.sum()), float(both.sum())
    if not 0 < n1 < n:
        return None
    centered = scores - float(both @ scores) / n
    squares = float(both @ centered**2)
    if squares <= 0:
        return None
    return float(a @ centered) / math.sqrt(squares * n1 * (n - n1) / n), math.sqrt(squares)


def _two_sided(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-z))
