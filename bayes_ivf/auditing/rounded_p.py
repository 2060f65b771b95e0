"""The P of a comparison as the interval that rounding and discreteness leave open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_ivf.auditing.count_tests import chi_square_table_p, fisher_p, mid_p
from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.auditing.reading import arm_counts, read_outcome
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import ARMS, Categories, Counts, MeanSD, Outcome, sd_factor

SWAPS = 40
"""Categories beyond which neighboring tables are not tried."""


def p_interval(item: Outcome) -> tuple[float, float, float] | None:
    """Return the least, the nominal and the largest P of a comparison of the arms.

    A printed mean stands for every mean that rounds to it, and a count for a uniform point of its step: equal printed
    means have a P somewhere above a bound, not 1.

    Parameters
    ----------
    item : Outcome

    Returns
    -------
    low, nominal, high : float
        None if nothing can be recomputed, or percentages do not fix the counts.
    """
    means = arm_means(item)
    if means is not None:
        return _of_means(*means, item.spread)
    counts = [arm_counts(item, arm) for arm in ARMS]
    if all(len(each) == 1 for each in counts):
        return _of_counts(counts[0][0], counts[1][0])
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    if isinstance(data[0], Categories) and isinstance(data[1], Categories):
        return _of_categories(data[0], data[1])
    readings = read_outcome(item)
    if not readings.each or not readings.unique:
        return None
    p = readings.each[0].p[readings.each[0].primary]
    return p, p, p


def _of_means(a: MeanSD, b: MeanSD, spread: str | None) -> tuple[float, float, float] | None:
    """Welch's P at the printed values, with the means as far apart and the sds as small as rounding allows, and back."""
    gap = float(abs(a.mean.decimal - b.mean.decimal))
    slack = sum(float(arm.mean.interval[1] - arm.mean.interval[0]) / 2 for arm in (a, b))
    factors = [sd_factor(spread, arm.n) for arm in (a, b)]
    if None in factors:
        return None
    scale = [factor or 1.0 for factor in factors]
    sds = [[float(end) * by for end in arm.sd_interval] for arm, by in zip((a, b), scale, strict=True)]
    printed = [float(arm.sd) * by for arm, by in zip((a, b), scale, strict=True)]

    def p(difference: float, end: int) -> float:
        small = [max(each[end], sd / 2) for each, sd in zip(sds, printed, strict=True)]
        return float(welch(difference, small[0], a.n, 0.0, small[1], b.n).p)

    nominal = float(welch(gap, printed[0], a.n, 0.0, printed[1], b.n).p)
    low, high = p(gap + slack, 0), p(max(0.0, gap - slack), 1)
    # Equal printed means do not say that P is 1.
    return low, min(nominal, (low + high) / 2) if gap <= slack else nominal, high


def _of_counts(a: Counts, b: Counts) -> tuple[float, float, float]:
    """Fisher's P without and with the tables as likely as the observed one; mid-P in the middle."""
    table = (a.events, a.n, b.events, b.n)
    high, middle = float(fisher_p(*table)), float(mid_p(*table))
    return max(0.0, 2 * middle - high), middle, high


def _of_categories(a: Categories, b: Categories) -> tuple[float, float, float]:
    """Pearson's P from the next table with the same margins that is farther apart, to the observed one."""
    table = np.array([a.counts, b.counts], dtype=float)
    p = chi_square_table_p(*table)
    farther = [value for value in _neighbors(table) if value < p]
    return (max(farther) if farther else p), p, p


def _neighbors(table: NDArray[np.float64]) -> list[float]:
    """P of each table in which two women of different arms and categories changed places."""
    size = table.shape[1]
    neighbors = []
    for i in range(min(size, SWAPS)):
        for j in range(min(size, SWAPS)):
            moved = table.copy()
            moved[0, i], moved[0, j] = moved[0, i] - 1, moved[0, j] + 1
            moved[1, i], moved[1, j] = moved[1, i] + 1, moved[1, j] - 1
            if i != j and moved.min() >= 0:
                neighbors.append(chi_square_table_p(*moved))
    return neighbors
