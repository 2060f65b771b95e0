"""Confidence intervals for two arms of counts or means that have a closed form, under the names that papers use."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, inf, log, sqrt

from bayes_ivf.auditing.count_tests import newcombe_interval
from bayes_ivf.study import Counts

Interval = tuple[float, float, float]
"""Estimate, low and high."""


def quantile(level: float) -> float:
    """Return the Normal quantile of a two-sided level."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def differences(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of the risk difference, treatment minus control."""
    z = quantile(level)
    p, q, d = a.events / a.n, b.events / b.n, a.events / a.n - b.events / b.n
    half = z * sqrt(p * (1 - p) / a.n + q * (1 - q) / b.n)
    yield "Wald", (d, d - half, d + half)
    low, high = (float(end) for end in newcombe_interval(a.events, a.n, b.events, b.n, level)[1:])
    yield "Newcombe", (d, low, high)
    cut = (1 / a.n + 1 / b.n) / 2
    yield "Wald with continuity correction", (d, d - half - cut, d + half + cut)
    x, y = (a.events + 1) / (a.n + 2), (b.events + 1) / (b.n + 2)
    wide = z * sqrt(x * (1 - x) / (a.n + 2) + y * (1 - y) / (b.n + 2))
    yield "Agresti-Caffo", (d, x - y - wide, x - y + wide)
    (low1, high1), (low2, high2) = (_wilson_corrected(arm, z) for arm in (a, b))
    ends = d - sqrt((p - low1) ** 2 + (high2 - q) ** 2), d + sqrt((high1 - p) ** 2 + (q - low2) ** 2)
    yield "Newcombe with continuity correction", (d, *ends)
    if min(a.n, b.n) > 1:
        hauck = z * sqrt(p * (1 - p) / (a.n - 1) + q * (1 - q) / (b.n - 1)) + 1 / (2 * min(a.n, b.n))
        yield "Hauck-Anderson", (d, d - hauck, d + hauck)


def odds_ratios(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of the odds ratio, treatment over control."""
    z = quantile(level)
    cells = (a.events, a.n - a.events, b.events, b.n - b.events)
    if min(cells) > 0:
        yield "Woolf", _log_odds(cells, z)
    whole = _log_odds(tuple(x + 0.5 for x in cells), z)
    yield "Woolf with 0.5 added", whole
    events, n = a.events + b.events, a.n + b.n
    shared = (events * a.n, (n - events) * a.n, events * b.n, (n - events) * b.n)
    smoothed = tuple(x + 2 * y / n**2 for x, y in zip(cells, shared, strict=True))
    if min(smoothed) > 0:
        yield "Woolf smoothed toward independence", _log_odds(smoothed, z)


def risk_ratios(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of the risk ratio, treatment over control."""
    z = quantile(level)
    if min(a.events, b.events) > 0:
        yield "Katz", _log_risk(a.events, a.n, b.events, b.n, z)
        poisson = z * sqrt(1 / a.events + 1 / b.events)
        middle = log(a.events * b.n / (b.events * a.n))
        yield "Poisson regression", (exp(middle), exp(middle - poisson), exp(middle + poisson))
    yield "Katz with 0.5 added", _log_risk(a.events + 0.5, a.n + 0.5, b.events + 0.5, b.n + 0.5, z)
    if b.events:
        yield "hybrid score", _hybrid_ratio(a, b, z)


def on_own_scale(scale: str, a: Counts, b: Counts, level: float) -> Interval | None:
    """Return a ratio with an interval that is symmetric around it instead of on the log scale."""
    intervals = dict(odds_ratios(a, b, level) if scale == "odds_ratio" else risk_ratios(a, b, level))
    name = "Woolf" if scale == "odds_ratio" else "Katz"
    if name not in intervals or scale not in ("odds_ratio", "risk_ratio"):
        return None
    value, low, high = intervals[name]
    half = value * (log(high) - log(low)) / 2
    return value, value - half, value + half


def _log_odds(cells: tuple[float, ...], z: float) -> Interval:
    value = log(cells[0] * cells[3] / (cells[1] * cells[2]))
    half = z * sqrt(sum(1 / x for x in cells))
    return exp(value), exp(value - half), exp(value + half)


def _log_risk(a: float, n1: float, b: float, n2: float, z: float) -> Interval:
    value = log(a / n1 / (b / n2))
    half = z * sqrt(max(0.0, 1 / a - 1 / n1 + 1 / b - 1 / n2))
    return exp(value), exp(value - half), exp(value + half)


def _wilson(arm: Counts, z: float) -> tuple[float, float]:
    p, n = arm.events / arm.n, arm.n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def _wilson_corrected(arm: Counts, z: float) -> tuple[float, float]:
    p, n = arm.events / arm.n, arm.n
    under, over = (z * z + sign * (2 - 1 / n) * -1 + 4 * p * (n * (1 - p) + sign * 1) for sign in (1, -1))
    low = (2 * n * p + z * z - 1 - z * sqrt(max(0.0, under))) / (2 * (n + z * z))
    high = (2 * n * p + z * z + 1 + z * sqrt(max(0.0, over))) / (2 * (n + z * z))
    return (0.0 if p == 0 else max(0.0, low)), (1.0 if p == 1 else min(1.0, high))


def _hybrid_ratio(a: Counts, b: Counts, z: float) -> Interval:
    """Donner and Zou's limits of a ratio from Wilson's of each risk (doi 10.1177/0962280210386907)."""
    p, q = a.events / a.n, b.events / b.n
    (low1, high1), (low2, high2) = _wilson(a, z), _wilson(b, z)
    low = (p * q - sqrt(max(0.0, (p * q) ** 2 - low1 * high2 * (2 * p - low1) * (2 * q - high2)))) / (
        high2 * (2 * q - high2)
    )
    bottom = low2 * (2 * q - low2)
    high = (
        inf
        if bottom <= 0
        else (p * q + sqrt(max(0.0, (p * q) ** 2 - high1 * low2 * (2 * p - high1) * (2 * q - low2)))) / bottom
    )
    return p / q, low, high
