"""What an outcome's printed numbers say under each test of its family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from bayes_ivf.auditing.boschloo import boschloo_p
from bayes_ivf.auditing.count_tests import chi_square_table_p, fisher_p, mid_p, pearson_p, yates_p
from bayes_ivf.auditing.mean_tests import student_p, welch
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import ARMS, ArmName, Categories, Clusters, Counts, EffectCI, MeanSD, Outcome, Percent, Printed

CountTest = Callable[[int, int, int, int], float]

COUNT_TESTS: dict[str, CountTest] = {
    "Fisher": lambda a, n1, b, n2: float(fisher_p(a, n1, b, n2)),
    "mid-P": lambda a, n1, b, n2: float(mid_p(a, n1, b, n2)),
    "Pearson": lambda a, n1, b, n2: float(pearson_p(a, n1, b, n2)),
    "Yates": lambda a, n1, b, n2: float(yates_p(a, n1, b, n2)),
    "Boschloo": boschloo_p,
}
"""Tests of two counts; the first is the primary one."""

MOST_PAIRS = 2_500
"""Pairs of decodings of one outcome that are all tested; beyond, a spread of them is."""


@dataclass(frozen=True)
class Reading:
    """One way to read an outcome's printed numbers.

    Parameters
    ----------
    difference : float or None
        Treatment minus control (risk, mean or log ratio); None where no direction exists, as for categories.
    p : dict of str to float
        P by test, the primary test first; NaN where a test was not computed.
    text : str
        The numbers that were read.
    """

    difference: float | None
    p: dict[str, float]
    text: str = ""

    @property
    def primary(self) -> str:
        """Name of the primary test."""
        return next(iter(self.p))


@dataclass(frozen=True)
class Readings:
    """Every way to read an outcome's numbers.

    Parameters
    ----------
    each : tuple of Reading
        Empty if nothing can be recomputed; several if percentages decode to several counts, or if rounding of a printed
        mean or sd matters. The first is the printed one where that is unique.
    unique : bool
        Whether the first stands for the printed numbers.
    complete : bool
        Whether every possible reading is among `each`.
    why : str
        What the several readings come from, or why there is none.
    """

    each: tuple[Reading, ...]
    unique: bool = True
    complete: bool = True
    why: str = ""


def arm_counts(item: Outcome, arm: ArmName) -> tuple[Counts, ...]:
    """Return every pair of counts that an arm's datum can stand for; empty if it is no count."""
    datum = None if item.data is None else item.data.get(arm)
    if isinstance(datum, Counts):
        return (datum,)
    if isinstance(datum, Percent):
        return datum.candidates
    if isinstance(datum, Clusters):
        return (Counts(datum.implanted, datum.embryos),)
    return ()


def arm_text(item: Outcome, arm: ArmName) -> str:
    """Return an arm's printed text, with the counts that a percentage stands for."""
    text = item.printed(arm) if item.data is not None and arm in item.data else ""
    datum = None if item.data is None else item.data.get(arm)
    if isinstance(datum, Percent):
        return f"{text} ({datum.candidates[0]})" if datum.unique else f"{text} ({len(datum.candidates)} decodings)"
    if isinstance(datum, MeanSD):
        return f"{text} (n={datum.n})"
    return text


def read_outcome(item: Outcome) -> Readings:
    """Recompute an outcome's P under every test of its family, for every way to read it."""
    counts = [arm_counts(item, arm) for arm in ARMS]
    if all(counts):
        return _read_counts(counts[0], counts[1])
    means = arm_means(item)
    if means is not None:
        return _read_means(*means)
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    if isinstance(data[0], Categories) and isinstance(data[1], Categories):
        return _read_categories(data[0], data[1])
    if item.effect is not None:
        return _read_effect(item.effect)
    return Readings((), why="no numbers were printed or visible; nothing can be recomputed")


def count_reading(a: Counts, b: Counts) -> Reading:
    """Recompute every count test for two arms."""
    p = {name: test(a.events, a.n, b.events, b.n) for name, test in COUNT_TESTS.items()}
    return Reading(a.events / a.n - b.events / b.n, p, f"{a} vs {b}")


def _read_counts(treatment: tuple[Counts, ...], control: tuple[Counts, ...]) -> Readings:
    if len(treatment) == len(control) == 1:
        return Readings((count_reading(treatment[0], control[0]),))
    total = len(treatment) * len(control)
    complete = total <= MOST_PAIRS
    if not complete:
        most = int(MOST_PAIRS**0.5)
        treatment, control = _spread(treatment, most), _spread(control, most)
    # Boschloo is left out: it costs most and adds least where the counts themselves are in doubt.
    names = [name for name in COUNT_TESTS if name != "Boschloo"]
    each = tuple(
        Reading(
            a.events / a.n - b.events / b.n,
            {name: COUNT_TESTS[name](a.events, a.n, b.events, b.n) for name in names},
            f"{a} vs {b}",
        )
        for a, b in product(treatment, control)
    )
    return Readings(each, False, complete, f"the percentages fit {total} pairs of counts")


def _spread(candidates: tuple[Counts, ...], most: int) -> tuple[Counts, ...]:
    if len(candidates) <= most:
        return candidates
    return tuple(candidates[i] for i in np.linspace(0, len(candidates) - 1, most).round().astype(int))


def mean_reading(treatment: tuple[float, float, int], control: tuple[float, float, int]) -> Reading:
    """Recompute Welch's and Student's P from (mean, sd, n) of two arms."""
    p = {"Welch": float(welch(*treatment, *control).p), "Student": float(student_p(*treatment, *control))}
    return Reading(treatment[0] - control[0], p)


def _read_means(treatment: MeanSD, control: MeanSD) -> Readings:
    """Read two means as printed first, then at every corner of what rounding may have hidden."""
    printed = mean_reading(*((float(arm.mean), float(arm.sd), arm.n) for arm in (treatment, control)))
    corners = [mean_reading(a, b) for a in _corners(treatment) for b in _corners(control)]
    if min(c.difference or 0.0 for c in corners) < 0 < max(c.difference or 0.0 for c in corners):
        # Between the corners lie equal means, whose P is 1.
        corners.append(Reading(0.0, dict.fromkeys(printed.p, 1.0)))
    return Readings((printed, *corners), why="the decimals that rounding hides")


def _corners(arm: MeanSD) -> Iterator[tuple[float, float, int]]:
    mean, sd = float(arm.mean), float(arm.sd)
    for m, s in product(_ends(arm.mean), _ends(arm.sd)):
        # An sd printed as 0.1 may be close to 0.05, one printed as 1 close to 0.5; it is above 0 in any case.
        yield (m, s if s > 0 else sd / 2, arm.n) if np.isfinite(m) else (mean, sd, arm.n)


def _ends(printed: Printed) -> tuple[float, float]:
    low, high = printed.interval
    return float(low), float(high)


def _read_categories(treatment: Categories, control: Categories) -> Readings:
    p = chi_square_table_p(treatment.counts, control.counts)
    return Readings((Reading(None, {"chi-square": p}, f"{treatment} vs {control}"),))


def _read_effect(effect: EffectCI) -> Readings:
    """Read a printed effect: Normal on the log scale for ratios, the identity scale for differences."""
    from scipy.special import ndtr, ndtri

    ratio = "ratio" in effect.scale
    estimate, low, high = (
        float(np.log(float(x))) if ratio else float(x) for x in (effect.estimate, effect.low, effect.high)
    )
    se = (high - low) / (2 * float(ndtri(0.975)))
    if not np.isfinite([estimate, se]).all() or se <= 0:
        return Readings((), why="the printed interval is beyond what can be computed with")
    return Readings((Reading(estimate, {"normal": float(2 * ndtr(-abs(estimate) / se))}, "the printed 95% interval"),))
