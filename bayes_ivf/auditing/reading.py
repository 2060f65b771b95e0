"""What an outcome's printed numbers say under each test of its family."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from bayes_ivf.auditing.boschloo import boschloo_p
from bayes_ivf.auditing.count_tests import chi_square_table_p, fisher_p, mid_p, pearson_p, yates_p
from bayes_ivf.auditing.freeman_halton import freeman_halton_p
from bayes_ivf.auditing.mean_tests import student_p, welch
from bayes_ivf.auditing.rate_tests import conditional_p, score_p
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.trend_tests import trend_p
from bayes_ivf.study import (
    ARMS,
    ArmName,
    Categories,
    Clusters,
    Counts,
    EffectCI,
    MeanSD,
    Outcome,
    Percent,
    Printed,
    Rate,
    sd_factor,
)

CountTest = Callable[[int, int, int, int], float]

COUNT_TESTS: dict[str, CountTest] = {
    "Fisher": lambda a, n1, b, n2: float(fisher_p(a, n1, b, n2)),
    "mid-P": lambda a, n1, b, n2: float(mid_p(a, n1, b, n2)),
    "Pearson": lambda a, n1, b, n2: float(pearson_p(a, n1, b, n2)),
    "Yates": lambda a, n1, b, n2: float(yates_p(a, n1, b, n2)),
    "Boschloo": boschloo_p,
}
"""Tests of two counts; the first is the primary one."""

SPREADS = {"sd": "standard deviations", "se": "standard errors", "ci95": "half a 95% interval"}
"""What a number after ± may be."""
MOST_PAIRS = 2_500
"""Pairs of decodings of one outcome that are all tested; beyond, a spread of them is."""
_NEXT = 50
"""Pairs next to each end, and next to no difference, that are in every spread."""


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
    counts : tuple of int or None
        Events and denominators of both arms, treatment first.
    halves : bool
        Whether a one-sided P is half of the two-sided one although no direction is known, as of a printed t.
    """

    difference: float | None
    p: dict[str, float]
    text: str = ""
    counts: tuple[int, int, int, int] | None = None
    halves: bool = False

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
    suffix : str
        What follows the name of a test, such as ", of changes".
    ends : bool
        Whether those with the least and the greatest differences are among `each`, where not every one is.
    """

    each: tuple[Reading, ...]
    unique: bool = True
    complete: bool = True
    why: str = ""
    suffix: str = ""
    ends: bool = False


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
        return mean_readings(*means, item.spread)
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    if isinstance(data[0], Rate) and isinstance(data[1], Rate):
        return _read_rates(data[0], data[1])
    if isinstance(data[0], Categories) and isinstance(data[1], Categories):
        return _read_categories(data[0], data[1], item.ordered)
    if item.effect is not None:
        return effect_reading(item.effect)
    return Readings((), why="no numbers were printed or visible; nothing can be recomputed")


def count_reading(a: Counts, b: Counts) -> Reading:
    """Recompute every count test for two arms."""
    return _counts_by(COUNT_TESTS, a, b)


def _counts_by(tests: Mapping[str, CountTest], a: Counts, b: Counts) -> Reading:
    table = (a.events, a.n, b.events, b.n)
    p = {name: test(*table) for name, test in tests.items()}
    return Reading(a.events / a.n - b.events / b.n, p, f"{a} vs {b}", table)


def _read_counts(treatment: tuple[Counts, ...], control: tuple[Counts, ...]) -> Readings:
    if len(treatment) == len(control) == 1:
        return Readings((count_reading(treatment[0], control[0]),))
    total = len(treatment) * len(control)
    complete = total <= MOST_PAIRS
    pairs = list(product(treatment, control)) if complete else _spread(treatment, control)
    # Boschloo is left out: it costs most and adds least where the counts themselves are in doubt.
    quick = {name: test for name, test in COUNT_TESTS.items() if name != "Boschloo"}
    tables = tuple(_counts_by(quick, a, b) for a, b in pairs)
    return Readings(tables, False, complete, f"the percentages fit {total} pairs of counts", ends=not complete)


def _spread(treatment: tuple[Counts, ...], control: tuple[Counts, ...]) -> list[tuple[Counts, Counts]]:
    """Return pairs from the lowest to the highest z of their difference, with those next to none and to both ends."""
    arms = [np.array([(each.events, each.n) for each in arm], dtype=float) for arm in (treatment, control)]
    (a, m), (b, n) = (arms[0].T[:, :, None], arms[1].T[:, None, :])
    share = (a + b) / (m + n)
    scale = np.sqrt(share * (1 - share) * (1 / m + 1 / n))
    z = np.divide(a / m - b / n, scale, out=np.zeros_like(scale), where=scale > 0).ravel()
    order, near = np.argsort(z, kind="stable"), np.argsort(np.abs(z), kind="stable")[:_NEXT]
    even = order[np.linspace(0, z.size - 1, MOST_PAIRS - 3 * _NEXT).round().astype(int)]
    chosen = dict.fromkeys(int(i) for i in (*even, *order[:_NEXT], *order[-_NEXT:], *near))
    return [(treatment[i // len(control)], control[i % len(control)]) for i in sorted(chosen)]


def mean_reading(treatment: tuple[float, float, int], control: tuple[float, float, int]) -> Reading:
    """Recompute Welch's and Student's P from (mean, sd, n) of two arms."""
    p = {"Welch": float(welch(*treatment, *control).p), "Student": float(student_p(*treatment, *control))}
    return Reading(treatment[0] - control[0], p)


def spread_sd(value: float, n: int, spread: str | None) -> float:
    """Return the sd that a printed spread stands for, by what it is declared or taken to be; of a range, itself."""
    return value * (sd_factor(spread, n) or 1.0)


def mean_readings(treatment: MeanSD, control: MeanSD, spread: str | None = None, shift: float = 0.0) -> Readings:
    """Read two means as printed first, then at every corner of what rounding may have hidden.

    Parameters
    ----------
    treatment, control : MeanSD
    spread : str or None
        What the printed spreads are; None is read as sd.
    shift : float
        Added to the treatment mean, to test against another difference than none.
    """
    if spread == "range":
        return Readings((), why="the printed spread is a range; no test can be recomputed from it")

    def moved(arm: MeanSD, mean: float, sd: float, by: float) -> tuple[float, float, int]:
        return mean + by, spread_sd(sd, arm.n, spread), arm.n

    ends = [[moved(arm, m, s, by) for m, s in mean_corners(arm)] for arm, by in ((treatment, shift), (control, 0.0))]
    printed = mean_reading(
        *(moved(a, float(a.mean), float(a.sd), by) for a, by in ((treatment, shift), (control, 0.0)))
    )
    corners = [mean_reading(a, b) for a, b in product(*ends)]
    if min(c.difference or 0.0 for c in corners) < 0 < max(c.difference or 0.0 for c in corners):
        # Between the corners lie equal means, whose P is 1.
        corners.append(Reading(0.0, dict.fromkeys(printed.p, 1.0)))
    return Readings((printed, *corners), why="the decimals that rounding hides")


def mean_corners(arm: MeanSD) -> Iterator[tuple[float, float]]:
    """Yield the four corners of the means and spreads that print like an arm's."""
    mean, sd = float(arm.mean), float(arm.sd)
    for m, s in product(_ends(arm.mean), map(float, arm.sd_interval)):
        # An sd printed as 0.1 may be close to 0.05, one printed as 1 close to 0.5; it is above 0 in any case.
        yield (m, s if s > 0 else sd / 2) if np.isfinite(m) else (mean, sd)


def _ends(printed: Printed) -> tuple[float, float]:
    low, high = printed.interval
    return float(low), float(high)


def _read_rates(treatment: Rate, control: Rate) -> Readings:
    """Recompute the tests of two rates of independent events: as printed, then at what rounding of the times leaves open."""
    readings = []
    for time_t, time_c in product(_with_ends(treatment.time), _with_ends(control.time)):
        if min(time_t, time_c) > 0:
            numbers = (treatment.events, time_t, control.events, time_c)
            p = {"exact conditional": conditional_p(*numbers), "score": score_p(*numbers)}
            difference = treatment.events / time_t - control.events / time_c
            readings.append(Reading(difference, p, f"{treatment} vs {control}"))
    return Readings(tuple(readings), why="the decimals that rounding hides")


def _read_categories(treatment: Categories, control: Categories, ordered: bool) -> Readings:
    """Recompute the tests of categories; those of trend too, where an order is declared."""
    trend = trend_p(treatment.counts, control.counts) if ordered else {}
    pearson = chi_square_table_p(treatment.counts, control.counts)
    exact, error = freeman_halton_p(treatment.counts, control.counts)
    text = f"{treatment} vs {control}"
    first = Reading(None, {"chi-square": pearson, "Freeman-Halton": exact} | trend, text)
    if not error:
        return Readings((first,))
    ends = (max(0.0, exact - 3 * error), min(1.0, exact + 3 * error))
    others = tuple(Reading(None, {"chi-square": pearson, "Freeman-Halton": end} | trend, text) for end in ends)
    why = f"the errors of simulation ({error:.1g}) of the exact P"
    return Readings((first, *others), why=why)


def effect_reading(effect: EffectCI) -> Readings:
    """Read a printed effect: Normal on the log scale for ratios, the identity scale for differences; then its rounding.

    An interval that was made around a ratio itself is read on that scale. Where no numbers that print like these lie
    symmetrically, both one-sided standard errors are read.
    """
    from scipy.special import ndtri

    if effect.se is not None:
        return _estimate_reading(effect)
    z = float(ndtri((1 + effect.two_sided) / 2))
    logs = effect.ratio and effect.middle != "own"
    one_by_one = effect.middle == "neither" or effect.low is None or effect.high is None
    printed = [number for number in (effect.estimate, effect.low, effect.high) if number is not None]
    null = 1.0 if effect.ratio and not logs else 0.0
    readings = []
    for numbers in product(*map(_with_ends, printed)):
        if effect.ratio and min(numbers) <= 0:
            continue
        estimate, *ends = (math.log(x) if logs else x for x in numbers)
        errors = [abs(end - estimate) / z for end in ends] if one_by_one else [(ends[1] - ends[0]) / (2 * z)]
        # what is modeled stands first: the larger of two one-sided standard errors
        readings += [
            _normal(estimate - null, se, "a limit" if one_by_one else "the printed interval")
            for se in sorted(errors, reverse=True)
            if np.isfinite([estimate, se]).all() and se > 0
        ]
    if not readings:
        return Readings((), why="the printed interval is beyond what can be computed with")
    also = "which limit gives the standard error, and " if effect.middle == "neither" else ""
    return Readings(tuple(readings), why=f"{also}the decimals that rounding hides")


def _estimate_reading(effect: EffectCI) -> Readings:
    """Read an estimate with its standard error, as printed and at what rounding leaves open."""
    estimates, errors = (
        (x, *span) for x, span in zip((effect.values[0], effect.standard_error), effect.spans, strict=True)
    )
    readings = [
        _normal(math.log(estimate) if effect.ratio else estimate, se, "the printed standard error")
        for estimate, se in product(estimates, errors)
        if se > 0 and (estimate > 0 or not effect.ratio)
    ]
    return Readings(tuple(readings), why="the decimals that rounding hides")


def _normal(estimate: float, se: float, text: str = "the printed interval") -> Reading:
    from scipy.special import ndtr

    return Reading(estimate, {"normal": float(2 * ndtr(-abs(estimate) / se))}, text)


def _with_ends(printed: Printed) -> tuple[float, float, float]:
    return float(printed), *_ends(printed)
