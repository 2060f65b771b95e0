"""Other ways to come to a printed P that its paper may have used: each under an assumption that the note names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.one_sided import one_sided_reading
from bayes_ivf.auditing.reading import SPREADS, Reading, Readings, effect_reading, mean_reading, spread_sd
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.statistic_tests import statistic_readings
from bayes_ivf.study import KINDS, EffectCI, Outcome

MOST_COMPARISONS = 50
"""Comparisons up to which a Bonferroni factor is looked for."""


@dataclass(frozen=True)
class Alternative:
    """A reading of the printed numbers under an assumption that the paper does not state.

    Parameters
    ----------
    what : str
        The assumption, to follow "if".
    reading : Reading
    saves : bool
        Whether a conclusion that only this reading supports is conditional instead of not supported, even where it does
        not give the printed P.
    undoes : bool
        Whether a conclusion that this reading does not support is conditional.
    rounded : tuple of Reading
        The same at what rounding leaves open.
    """

    what: str
    reading: Reading
    saves: bool = True
    undoes: bool = False
    rounded: tuple[Reading, ...] = ()

    @property
    def told(self) -> str:
        """The assumption and the P values that it gives."""
        return f"{self.what} ({', '.join(f'{name} {short_p(p)}' for name, p in self.reading.p.items())})"

    def gives(self, claim: ParsedClaim) -> bool:
        """Whether a printed exact P comes out."""
        if claim.relation != "=":
            return False
        spans = [[reading.p[name] for reading in (self.reading, *self.rounded)] for name in self.reading.p]
        return any(min(span) <= claim.rounded[1] and max(span) >= claim.rounded[0] for span in spans)


def alternatives(
    item: Outcome, claim: ParsedClaim, readings: Readings, groups: frozenset[str], effect: EffectCI | None
) -> Iterator[Alternative]:
    """Yield every other way to come to the printed P, the likeliest first."""
    if effect is not None and KINDS[item.kind].rests_on != "effect":
        readings_of_effect = effect_reading(effect).each
        stated = "adjusted" in groups
        what = f"the P is that of the printed {'adjusted ' if stated else ''}interval"
        if readings_of_effect:
            # An interval of two digits gives a P of one: rounding counts where the P is said to be the interval's.
            yield Alternative(
                what, readings_of_effect[0], undoes=stated, rounded=readings_of_effect[1:] if stated else ()
            )
    of_statistic = statistic_readings(item)
    if of_statistic is not None and of_statistic.each:
        first, *rounded = of_statistic.each
        yield Alternative(f"the P is that of the printed {item.statistic}", first, rounded=tuple(rounded))
    yield from _spreads(item)
    if "one_sided" not in groups and readings.each and readings.unique:
        halved = one_sided_reading(readings.each[0], claim.direction)
        if halved is not None:
            yield Alternative("the test is one-sided, which is not declared", halved, claim.direction != "differs")
    if "corrected" in groups and readings.each and readings.unique and claim.relation == "=":
        yield from _multiplied(claim, readings.each[0])


def _spreads(item: Outcome) -> Iterator[Alternative]:
    """Read the printed spreads as something else than they are declared or usually are."""
    means = arm_means(item)
    if means is None or item.spread in ("range", "half_range"):
        return
    declared = item.spread if item.spread in SPREADS else "sd"
    for spread, name in SPREADS.items():
        if spread == declared or (spread == "half_width" and declared == "ci95"):
            continue
        arms = [(float(arm.mean), spread_sd(float(arm.sd), arm.n, spread), arm.n) for arm in means]
        open_ = item.spread in (None, "unknown")
        # A declared spread is given up only for a P that another reading gives to the last digit.
        yield Alternative(f"the spreads are {name}", mean_reading(*arms), saves=open_, undoes=item.spread == "unknown")


def _multiplied(claim: ParsedClaim, reading: Reading) -> Iterator[Alternative]:
    for name, p in reading.p.items():
        if math.isnan(p) or p <= 0:
            continue
        for times in range(2, MOST_COMPARISONS + 1):
            if claim.matches(min(1.0, times * p)):
                raised = Reading(reading.difference, {f"{name} x {times}": min(1.0, times * p)})
                yield Alternative(f"the P was multiplied for {times} comparisons", raised)
                break
