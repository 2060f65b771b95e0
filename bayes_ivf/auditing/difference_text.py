"""The recomputed difference of two arms in one phrase, for rows of the ledger without a P."""

from __future__ import annotations

from bayes_ivf.auditing.count_tests import newcombe_interval
from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.auditing.reading import Readings, spread_sd
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Outcome


def difference_text(
    item: Outcome, readings: Readings, level: float, effective: tuple[float, float, float, float] | None = None
) -> str:
    """Return the risk difference in points with Newcombe's interval, or the mean difference with Welch's.

    Parameters
    ----------
    item : Outcome
    readings : Readings
    level : float
    effective : tuple of float, optional
        Events and units of both arms as so many independent ones, where they share clusters.
    """
    first = readings.each[0] if readings.each else None
    if first is None or not readings.unique:
        return ""
    if first.counts is not None:
        counts = first.counts if effective is None else effective
        d, low, high = (100 * float(x) for x in newcombe_interval(counts[0], counts[1], counts[2], counts[3], level))
        digits = 1 if max(abs(low), abs(high)) >= 1 else 3
        return f"difference {d:+.{digits}f} points (Newcombe {low:+.{digits}f} to {high:+.{digits}f})"
    means = arm_means(item)
    if means is not None:
        arms = [(float(arm.mean), spread_sd(float(arm.sd), arm.n, item.spread), arm.n) for arm in means]
        test = welch(*arms[0], *arms[1], level)
        digits = max(means[0].mean.decimals, means[1].mean.decimals) + 1
        d, low, high = (float(x) for x in (test.difference, test.low, test.high))
        return f"difference {d:+.{digits}f} (Welch {low:+.{digits}f} to {high:+.{digits}f})"
    return ""
