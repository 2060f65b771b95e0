"""Confidence intervals of two printed means: their difference, and the standardized one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import sqrt

from bayes_ivf.auditing.interval_formulas import Interval, quantile
from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.auditing.reading import mean_corners, spread_sd
from bayes_ivf.study import MeanSD

Arm = tuple[float, float, int]


def mean_intervals(scale: str, a: MeanSD, b: MeanSD, level: float, spread: str | None) -> dict[str, list[Interval]]:
    """Return each method's interval at the printed numbers first, then at the corners of what rounding hides."""
    intervals: dict[str, list[Interval]] = {}
    arms = [
        [(m, spread_sd(s, arm.n, spread), arm.n) for m, s in ((float(arm.mean), float(arm.sd)), *mean_corners(arm))]
        for arm in (a, b)
    ]
    for one, two in [(arms[0][0], arms[1][0]), *product(arms[0][1:], arms[1][1:])]:
        for name, interval in _methods(scale, one, two, level):
            intervals.setdefault(name, []).append(interval)
    return intervals


def _methods(scale: str, a: Arm, b: Arm, level: float) -> Iterator[tuple[str, Interval]]:
    from scipy.special import stdtrit

    z, df = quantile(level), a[2] + b[2] - 2
    pooled = sqrt(((a[2] - 1) * a[1] ** 2 + (b[2] - 1) * b[1] ** 2) / df)
    d = a[0] - b[0]
    if scale == "mean_difference":
        test = welch(*a, *b, level)
        yield "Welch", (d, float(test.low), float(test.high))
        half = float(stdtrit(df, (1 + level) / 2)) * pooled * sqrt(1 / a[2] + 1 / b[2])
        yield "Student", (d, d - half, d + half)
        half = z * sqrt(a[1] ** 2 / a[2] + b[1] ** 2 / b[2])
        yield "Normal", (d, d - half, d + half)
    # A standardized difference is often printed as a mean difference.
    n = a[2] + b[2]
    for name, value, sizes in (("Cohen's d", d / pooled, n), ("Hedges' g", d / pooled * (1 - 3 / (4 * df - 1)), n)):
        for text, below in (
            ("", 2 * sizes),
            (", divisor n - 2", 2 * (sizes - 2)),
            (", divisor n - 3.94", 2 * (sizes - 3.94)),
        ):
            half = z * sqrt(n / (a[2] * b[2]) + value**2 / below) if below > 0 else 0.0
            yield f"{name}{text}", (value, value - half, value + half)
