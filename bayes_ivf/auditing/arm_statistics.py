"""Test statistics recomputed from the numbers of two arms, to set beside a printed one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

from bayes_ivf.auditing.mean_tests import welch
from bayes_ivf.auditing.reading import arm_counts, mean_corners, spread_sd
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Counts, MeanSD, Outcome, Statistic

_MANY = 400
"""Pairs of counts beyond which a printed percentage leaves open too much to compare with."""


@dataclass(frozen=True)
class ArmStatistic:
    """A statistic by one test, and the range that rounding of the printed numbers leaves open.

    Parameters
    ----------
    test : str
    value, low, high : float
        Of its size.
    """

    test: str
    value: float
    low: float
    high: float

    @property
    def told(self) -> str:
        """Test and value, with its range where there is one."""
        span = f" ({self.low:.3g} to {self.high:.3g} by rounding)" if self.high > self.low else ""
        return f"{self.test} {self.value:.3f}{span}"


def arm_statistics(item: Outcome, statistic: Statistic) -> list[ArmStatistic]:
    """Return the statistics of the same name that the arms give; empty where they give none.

    Parameters
    ----------
    item : Outcome
    statistic : Statistic
        t, z or F with one degree of freedom of means; z or chi-square of counts; r of both.
    """
    means = arm_means(item)
    if means is not None and item.spread not in ("range", "unknown"):
        return _of_means(item, means, statistic)
    pairs = list(product(arm_counts(item, "treatment"), arm_counts(item, "control")))
    return _of_counts(pairs, statistic) if 0 < len(pairs) <= _MANY else []


def _of_means(item: Outcome, means: tuple[MeanSD, MeanSD], statistic: Statistic) -> list[ArmStatistic]:
    if statistic.name not in ("t", "z", "F", "r") or (statistic.name == "F" and statistic.df[0] != 1):
        return []
    spread = [(each, item.spread) for each in means]
    printed = [(float(arm.mean), spread_sd(float(arm.sd), arm.n, s), arm.n) for arm, s in spread]
    corners = [[(m, spread_sd(v, arm.n, s), arm.n) for m, v in mean_corners(arm)] for arm, s in spread]
    women = sum(arm.n for arm in means)
    found = []
    for name, size in (("Student", _student_t), ("Welch", _welch_t)):
        value = size(*printed)
        others = [size(a, b) for a, b in product(*corners)]
        gaps = [a[0] - b[0] for a, b in product(*corners)]
        low = 0.0 if min(gaps) <= 0 <= max(gaps) else min(others)
        turned = [_as(statistic.name, each, women) for each in (value, low, max(others))]
        found.append(ArmStatistic(f"{name} {statistic.name}", *turned))
    return found


def _student_t(a: tuple[float, float, int], b: tuple[float, float, int]) -> float:
    (m1, s1, n1), (m2, s2, n2) = a, b
    unit = max(s1, s2)
    pooled = math.sqrt(((n1 - 1) * (s1 / unit) ** 2 + (n2 - 1) * (s2 / unit) ** 2) / (n1 + n2 - 2))
    return abs(m1 - m2) / (unit * pooled * math.sqrt(1 / n1 + 1 / n2))


def _welch_t(a: tuple[float, float, int], b: tuple[float, float, int]) -> float:
    test = welch(*a, *b)
    return abs(float(test.difference)) / float(test.se)


def _as(name: str, t: float, women: int) -> float:
    """Turn a t into the statistic of another name."""
    if name == "F":
        return t * t
    return t / math.sqrt(t * t + women - 2) if name == "r" else t


def _of_counts(pairs: list[tuple[Counts, Counts]], statistic: Statistic) -> list[ArmStatistic]:
    """Pearson's chi-square with and without Yates' correction, and its root; z of two shares without pooling as well."""
    if statistic.name not in ("chi-square", "z", "r") or (statistic.name == "chi-square" and statistic.df[0] != 1):
        return []
    found = []
    for name, squared in (("Pearson", _pearson), ("Yates", _yates), ("unpooled", _unpooled)):
        values = [_of_square(statistic.name, squared(a.events, a.n, b.events, b.n), a.n + b.n) for a, b in pairs]
        known = [value for value in values if not math.isnan(value)]
        if known:
            found.append(ArmStatistic(f"{name} {statistic.name}", known[0], min(known), max(known)))
    return found


def _of_square(name: str, squared: float, women: int) -> float:
    if name == "chi-square":
        return squared
    return math.sqrt(squared / women) if name == "r" else math.sqrt(squared)


def _pearson(a: int, n1: int, b: int, n2: int) -> float:
    return _chi_square(a, n1, b, n2, 0.0)


def _yates(a: int, n1: int, b: int, n2: int) -> float:
    return _chi_square(a, n1, b, n2, (n1 + n2) / 2)


def _chi_square(a: int, n1: int, b: int, n2: int, correction: float) -> float:
    n, events = n1 + n2, a + b
    if events in (0, n):
        return math.nan
    off = max(0.0, abs(a * (n2 - b) - b * (n1 - a)) - correction)
    return n * off * off / (n1 * n2 * events * (n - events))


def _unpooled(a: int, n1: int, b: int, n2: int) -> float:
    p, q = a / n1, b / n2
    variance = p * (1 - p) / n1 + q * (1 - q) / n2
    return (p - q) ** 2 / variance if variance > 0 else math.nan


def expected_df(item: Outcome, statistic: Statistic, women: int) -> dict[str, tuple[float, float]]:
    """Return the degrees of freedom that a comparison of both arms has, each as (least, most); empty if any may be.

    Parameters
    ----------
    item : Outcome
    statistic : Statistic
    women : int
        In both arms.
    """
    if statistic.name not in ("t", "r", "F") or (statistic.name == "F" and statistic.df[0] != 1):
        return {}
    if item.data is None or women <= 2:
        return {}
    found = {"Student": (women - 2.0, women - 2.0)}
    means = arm_means(item)
    if statistic.name in ("t", "F"):
        found |= {"Welch": _welch_df(item, means) if means is not None else (1.0, women - 2.0)}
    return found if means is not None or not _whole(statistic) else {"Student": found["Student"]}


def _whole(statistic: Statistic) -> bool:
    return statistic.df[-1] == statistic.df[-1].to_integral_value()


def _welch_df(item: Outcome, means: tuple[MeanSD, MeanSD]) -> tuple[float, float]:
    """Welch-Satterthwaite degrees of freedom of the printed means, as printed, rounded or cut off, and by rounding of the sds."""
    values = []
    for pair in product(*(list(mean_corners(arm)) for arm in means)):
        arms = [(m, spread_sd(s, arm.n, item.spread), arm.n) for (m, s), arm in zip(pair, means, strict=True)]
        values.append(float(welch(*arms[0], *arms[1]).df))
    return math.floor(min(values)), math.ceil(max(values))
