"""A P over three arms of which two are printed: the third arm at which it would come out."""

from __future__ import annotations

import math
from collections.abc import Callable

from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Counts, MeanSD, Outcome


def third_arm(item: Outcome, level: float) -> str:
    """Say which third arm would give a P over three arms; empty if the outcome has neither means nor unique counts."""
    means = arm_means(item)
    if means is not None:
        return _third_mean(*means, level)
    counts = [arm_counts(item, arm) for arm in ("treatment", "control")]
    if all(len(each) == 1 for each in counts):
        return _third_count(counts[0][0], counts[1][0], level)
    return ""


def _third_mean(a: MeanSD, b: MeanSD, level: float) -> str:
    from scipy.special import fdtrc

    n = round((a.n + b.n) / 2)
    within = (a.n - 1) * float(a.sd) ** 2 + (b.n - 1) * float(b.sd) ** 2
    variance = within / (a.n + b.n - 2)
    arms = [(a.n, float(a.mean)), (b.n, float(b.mean))]
    middle = sum(size * mean for size, mean in arms) / (a.n + b.n)

    def p(third: float) -> float:
        every = [*arms, (n, third)]
        grand = sum(size * mean for size, mean in every) / sum(size for size, _ in every)
        between = sum(size * (mean - grand) ** 2 for size, mean in every) / 2
        return float(fdtrc(2, a.n + b.n + n - 3, between / variance))

    step = math.sqrt(variance / n)
    crossings = [_crossing(p, middle, sign * step, level) for sign in (-1, 1)]
    decimals = max(a.mean.decimals, b.mean.decimals) + 1
    listed = " or ".join(f"{value:.{decimals}f}" for value in crossings if value is not None)
    if not listed:
        return f"no third arm of {n} with sd {math.sqrt(variance):.{decimals}f} gives it"
    return f"with a third arm of {n} and sd {math.sqrt(variance):.{decimals}f} it comes out at a third mean of {listed}"


def _crossing(p: Callable[[float], float], start: float, step: float, level: float) -> float | None:
    """Step away from where P is largest until it has fallen to the level, then halve."""
    if p(start) < level:
        return None
    near, far = start, start + step
    for _ in range(60):
        if p(far) < level:
            break
        near, far = far, start + 2 * (far - start)
    for _ in range(60):
        middle = (near + far) / 2
        near, far = (middle, far) if p(middle) >= level else (near, middle)
    return (near + far) / 2


def _third_count(a: Counts, b: Counts, level: float) -> str:
    from scipy.special import chdtrc

    n = round((a.n + b.n) / 2)
    sizes = (a.n, b.n, n)

    def p(third: int) -> float:
        events = (a.events, b.events, third)
        rate = sum(events) / sum(sizes)
        if rate in (0, 1):
            return 1.0
        each = zip(events, sizes, strict=True)
        return float(chdtrc(2, sum((x - size * rate) ** 2 / (size * rate * (1 - rate)) for x, size in each)))

    middle = round(n * (a.events + b.events) / (a.n + b.n))
    counts_of_third = []
    if p(middle) >= level:
        for step, end in ((-1, 0), (1, n)):
            inside = [k for k in range(middle, end + step, step) if p(k) < level] if n <= 100_000 else []
            counts_of_third += inside[:1]
    listed = " or ".join(f"{k}/{n}" for k in counts_of_third)
    return f"with a third arm of {n} chi-square P falls below it at {listed}" if listed else ""
