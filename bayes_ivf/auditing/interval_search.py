"""Confidence intervals for two arms of counts that have to be searched for: score, profile likelihood, exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import acos, cos, exp, inf, log, pi, sqrt

from bayes_ivf.auditing.count_tests import EXACT_TABLES
from bayes_ivf.auditing.interval_exact import FARTHEST, STEPS, conditional, unconditional
from bayes_ivf.auditing.interval_formulas import Interval, quantile
from bayes_ivf.auditing.score import risks_at_difference, risks_at_ratio
from bayes_ivf.study import Counts


def searched_intervals(scale: str, a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of an effect of counts, the quickest first.

    References
    ----------
    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. doi 10.1002/sim.4780040211. Koopman PAR (1984).
    Confidence intervals for the ratio of two binomial proportions. doi 10.2307/2531405. Mee RW (1984). Confidence bounds
    for the difference between two probabilities. doi 10.2307/2531180. Cornfield J (1956). A statistical problem arising
    from retrospective studies.
    """
    z2 = quantile(level) ** 2
    n = a.n + b.n
    if scale == "risk_difference":
        d = a.events / a.n - b.events / b.n
        for name, factor in (("Miettinen-Nurminen", n / (n - 1)), ("Mee", 1.0)):
            yield name, (d, *_ends(lambda x: _score_difference(a, b, x), d, -1.0, 1.0, z2 * factor))
        yield "profile likelihood", (d, *_ends(lambda x: _deviance(a, b, *_at_difference(a, b, x)), d, -1.0, 1.0, z2))
        yield "score as statsmodels has it", (d, *_ends(lambda x: _score_of_statsmodels(a, b, x), d, -1.0, 1.0, z2))
        factor = n / (n - 1)
        ends = _ends(lambda x: _score_of_statsmodels(a, b, x), d, -1.0, 1.0, z2 * factor)
        yield "Miettinen-Nurminen as statsmodels has it", (d, *ends)
        yield from unconditional(a, b, level)
    elif scale == "risk_ratio" and a.events + b.events:
        yield from _ratios(a, b, z2)
    elif scale == "odds_ratio" and 0 < a.events + b.events < n:
        yield from _odds(a, b, z2)
        if min(a.n, b.n, a.events + b.events) <= EXACT_TABLES:
            yield from conditional(a, b, level)


def _ratios(a: Counts, b: Counts, z2: float) -> Iterator[tuple[str, Interval]]:
    n = a.n + b.n
    value = a.events * b.n / (b.events * a.n) if b.events else inf
    middle = log(value) if 0 < value < inf else FARTHEST * (1 if value else -1)

    def score(x: float) -> float:
        return _score_ratio(a, b, exp(x))

    def deviance(x: float) -> float:
        return _deviance(a, b, *risks_at_ratio(a.events, a.n, b.events, b.n, exp(x)))

    yield "Koopman score", (value, *_on_log_scale(score, middle, z2))
    yield "Miettinen-Nurminen", (value, *_on_log_scale(score, middle, z2 * n / (n - 1)))
    yield "profile likelihood", (value, *_on_log_scale(deviance, middle, z2))


def _odds(a: Counts, b: Counts, z2: float) -> Iterator[tuple[str, Interval]]:
    n = a.n + b.n
    top, bottom = a.events * (b.n - b.events), b.events * (a.n - a.events)
    value = top / bottom if bottom else inf
    middle = log(value) if 0 < value < inf else FARTHEST * (1 if value else -1)

    def score(x: float) -> float:
        cells = _cells(a, b, exp(x))
        return (a.events - cells[0]) ** 2 * sum(1 / cell if cell > 0 else inf for cell in cells)

    def deviance(x: float) -> float:
        cells = _cells(a, b, exp(x))
        return _deviance(a, b, cells[0] / a.n, cells[2] / b.n)

    yield "Cornfield score", (value, *_on_log_scale(score, middle, z2))
    yield "Miettinen-Nurminen", (value, *_on_log_scale(score, middle, z2 * n / (n - 1)))
    yield "profile likelihood", (value, *_on_log_scale(deviance, middle, z2))


def _on_log_scale(test: Callable[[float], float], middle: float, z2: float) -> tuple[float, float]:
    low, high = _ends(test, middle, -FARTHEST, FARTHEST, z2)
    return _exp(low), _exp(high)


def _ends(test: Callable[[float], float], middle: float, least: float, most: float, z2: float) -> tuple[float, float]:
    """Step from the estimate to where a statistic that grows away from it passes its limit."""
    ends = []
    for end in (least, most):
        near, far = middle, end
        if test(end) <= z2:
            ends.append(end)
            continue
        for _ in range(STEPS):
            between = (near + far) / 2
            near, far = (between, far) if test(between) <= z2 else (near, between)
        ends.append((near + far) / 2)
    return ends[0], ends[1]


def _at_difference(a: Counts, b: Counts, x: float) -> tuple[float, float]:
    return risks_at_difference(a.events, a.n, b.events, b.n, x)


def _score_difference(a: Counts, b: Counts, x: float) -> float:
    p, q = _at_difference(a, b, x)
    off = a.events / a.n - b.events / b.n - x
    variance = p * (1 - p) / a.n + q * (1 - q) / b.n
    return off**2 / variance if variance > 0 else 0.0 if abs(off) < 1e-12 else inf


def _score_of_statsmodels(a: Counts, b: Counts, x: float) -> float:
    """Score with the risks that statsmodels 0.12 to 0.15 takes: its cubic has a count where a denominator belongs.

    Papers that computed with it print these limits, so they are known as well as the right ones.
    """
    n, events = a.n + b.n, a.events + b.events
    if abs(x) < 1e-12:
        return _score_difference(a, b, x)
    two = ((a.n + 2 * b.n) * x - n - events) / (3 * n)
    one = ((b.events * x - n - 2 * b.events) * x + events) / (3 * n)
    q = two**3 - 1.5 * one * two + b.events * x * (1 - x) / (2 * n)
    root = sqrt(max(0.0, two**2 - one))
    if root == 0 or abs(q) > root**3:
        return inf
    root = root if q >= 0 else -root
    control = 2 * root * cos((pi + acos(q / root**3)) / 3) - two
    variance = (control + x) * (1 - control - x) / a.n + control * (1 - control) / b.n
    off = a.events / a.n - b.events / b.n - x
    return off**2 / variance if variance > 0 else inf


def _score_ratio(a: Counts, b: Counts, ratio: float) -> float:
    p, q = risks_at_ratio(a.events, a.n, b.events, b.n, ratio)
    off = a.events / a.n - ratio * b.events / b.n
    variance = p * (1 - p) / a.n + ratio**2 * q * (1 - q) / b.n
    return off**2 / variance if variance > 0 else 0.0 if abs(off) < 1e-12 else inf


def _cells(a: Counts, b: Counts, odds: float) -> tuple[float, float, float, float]:
    """Expected counts with these margins and this odds ratio."""
    total = a.events + b.events
    shift = b.n - total
    # x (shift + x) = odds (total - x) (n1 - x)
    one, two, three = 1 - odds, shift + odds * (total + a.n), -odds * total * a.n
    x = -2 * three / (two + sqrt(max(0.0, two * two - 4 * one * three)))
    return x, a.n - x, total - x, shift + x


def _deviance(a: Counts, b: Counts, p: float, q: float) -> float:
    parts = ((a.events, a.n, p), (b.events, b.n, q))
    return 2 * sum(_part(k, n * risk) + _part(n - k, n * (1 - risk)) for k, n, risk in parts)


def _part(seen: float, expected: float) -> float:
    return 0.0 if seen == 0 else inf if expected <= 0 else seen * log(seen / expected)


def _exp(x: float) -> float:
    return 0.0 if x <= -FARTHEST else inf if x >= FARTHEST else exp(x)
