"""The least change of the printed numbers that would make a claim true."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from bayes_ivf.auditing.boschloo import boschloo_p
from bayes_ivf.auditing.changes import Derived
from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reading import COUNT_TESTS, CountTest, Reading, mean_reading, spread_sd
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Counts, MeanSD, Outcome

LINEAR = 3_000
"""Denominator up to which every count is tried; beyond, the search halves (P is monotone away from equality)."""


def least_change(item: Outcome, claim: ParsedClaim, reading: Reading) -> tuple[str, str]:
    """Find the least change that makes a claim true under the primary test.

    Parameters
    ----------
    item : Outcome
        With unique counts, or means, in both arms.
    claim : ParsedClaim
    reading : Reading
        The printed numbers under each test.

    Returns
    -------
    change : str
        For example ``"treatment 22/40 instead of 16/40 (Fisher)"``; empty if the primary test already supports the
        claim, or no such change exists for this kind of outcome.
    others : str
        The treatment counts that the other tests would need.
    """
    if claim.holds(reading.difference, reading.p[reading.primary]) or claim.below is None:
        return "", ""
    if reading.counts is not None:
        return _counts(claim, *_arms(reading.counts))
    means = arm_means(item)
    if means is not None and 0 < claim.alpha < 1:
        return _means(claim, *means, item.spread), ""
    return "", ""


def change_for_p(item: Outcome, claim: ParsedClaim, reading: Reading) -> str:
    """Find the least change of the treatment arm with which the primary test gives a printed exact P.

    Parameters
    ----------
    item : Outcome
    claim : ParsedClaim
        With an exact P that no test gives.
    reading : Reading

    Returns
    -------
    str
        For example ``"for P=0.02: treatment 24/40 instead of 16/40 (Fisher)"``; empty if no change of that arm alone does.
    """
    printed = f"for P={claim.level:.{claim.decimals}f}"
    means = arm_means(item)
    if reading.counts is not None:
        treatment, control = _arms(reading.counts)
        if treatment.n > LINEAR:
            return ""
        test, share = COUNT_TESTS["Fisher"], control.events / control.n
        for events in _nearest_first(treatment):
            difference = events / treatment.n - share
            if claim.direction_holds(difference) and claim.matches(
                test(events, treatment.n, control.events, control.n)
            ):
                return f"{printed}: treatment {events}/{treatment.n} instead of {treatment} (Fisher)"
        return ""
    if means is not None and 0 < claim.level < 1:
        exact = replace(claim, relation="<")
        return f"{printed}: about {_means(exact, *means, item.spread)}" if _means(exact, *means, item.spread) else ""
    return ""


def _arms(table: tuple[int, int, int, int]) -> tuple[Counts, Counts]:
    return Counts(*table[:2]), Counts(*table[2:])


def _counts(claim: ParsedClaim, treatment: Counts, control: Counts) -> tuple[str, str]:
    primary = next(iter(COUNT_TESTS))
    needed = {
        name: treatment_count(claim, treatment, control, test)
        for name, test in COUNT_TESTS.items()
        if name != "Boschloo"
    }
    needed["Boschloo"] = _boschloo_count(claim, treatment, control, needed[primary])
    events = needed[primary]
    others = ", ".join(
        f"{count} under {name}" for name, count in needed.items() if name != primary and count is not None
    )
    note = f"treatment count needed: {others}" if others else ""
    if events is not None:
        return f"treatment {events}/{treatment.n} instead of {treatment} ({primary})", note
    both = _both_arms(claim, treatment, control)
    if both is None:
        return f"no counts with these denominators ({primary})", note
    a, b = both
    wanted = f"{a}/{treatment.n} vs {b}/{control.n}"
    return f"no treatment count alone; {wanted} instead of {treatment} vs {control} ({primary})", note


def treatment_count(claim: ParsedClaim, treatment: Counts, control: Counts, test: CountTest) -> int | None:
    """Return the treatment arm's count nearest to the printed one that makes a claim true; None if there is none."""

    def holds(events: int) -> bool:
        difference = events / treatment.n - control.events / control.n
        return claim.holds(difference, test(events, treatment.n, control.events, control.n))

    if treatment.n <= LINEAR:
        return next((events for events in _nearest_first(treatment) if holds(events)), None)
    return _halving(treatment, control, holds)


def _nearest_first(counts: Counts) -> Iterator[int]:
    yield counts.events
    for step in range(1, counts.n + 1):
        if counts.events + step <= counts.n:
            yield counts.events + step
        if counts.events - step >= 0:
            yield counts.events - step


def _halving(treatment: Counts, control: Counts, holds: Callable[[int], bool]) -> int | None:
    """Search between the printed count and each end, and the count of equal risks."""
    equal = min(treatment.n, max(0, round(treatment.n * control.events / control.n)))
    changes = []
    for end in {0, equal, treatment.n}:
        if holds(treatment.events):
            return treatment.events
        if not holds(end):
            continue
        near, far = treatment.events, end
        while abs(far - near) > 1:
            middle = (near + far) // 2
            near, far = (near, middle) if holds(middle) else (middle, far)
        changes.append(far)
    return min(changes, key=lambda events: abs(events - treatment.events), default=None)


def _boschloo_count(claim: ParsedClaim, treatment: Counts, control: Counts, fisher: int | None) -> int | None:
    """Step back from Fisher's answer: Boschloo's P is never above Fisher's."""
    if fisher is None or not claim.below or math.isnan(boschloo_p(fisher, treatment.n, control.events, control.n)):
        return None
    step = 1 if fisher > treatment.events else -1
    count = fisher
    for events in range(fisher - step, treatment.events - step, -step):
        difference = events / treatment.n - control.events / control.n
        if not claim.holds(difference, boschloo_p(events, treatment.n, control.events, control.n)):
            break
        count = events
    return count


def _both_arms(claim: ParsedClaim, treatment: Counts, control: Counts) -> tuple[int, int] | None:
    """Return the counts of both arms with the fewest changed women in all; only for small arms."""
    fisher = COUNT_TESTS["Fisher"]
    if max(treatment.n, control.n) > LINEAR:
        return None
    best: tuple[int, int, int] | None = None
    for a in _nearest_first(treatment):
        moved = abs(a - treatment.events)
        if best is not None and moved >= best[0]:
            break

        def test(events: int, n: int, other: int, size: int) -> float:
            return fisher(other, size, events, n)

        b = treatment_count(_mirrored(claim), control, Counts(a, treatment.n), test)
        if b is not None and (best is None or moved + abs(b - control.events) < best[0]):
            best = moved + abs(b - control.events), a, b
    return None if best is None else best[1:]


def _mirrored(claim: ParsedClaim) -> ParsedClaim:
    """Return the same claim with the arms exchanged."""
    direction = {"higher": "lower", "lower": "higher"}.get(claim.direction, claim.direction)
    return replace(claim, direction=direction)


def _means(claim: ParsedClaim, treatment: MeanSD, control: MeanSD, spread: str | None) -> str:
    """Shift the treatment mean, at the printed sds, until Welch's P crosses the level."""
    arm, other = (
        (float(datum.mean), spread_sd(float(datum.sd), datum.n, spread), datum.n) for datum in (treatment, control)
    )
    unit = mean_reading((other[0] + 1.0, *arm[1:]), other)
    if math.isnan(unit.p["Welch"]):
        return ""
    low, high = 0.0, 1.0
    unit_se = math.hypot(arm[1] / math.sqrt(arm[2]), other[1] / math.sqrt(other[2]))

    def p(distance: float) -> float:
        return mean_reading((other[0] + distance * unit_se, *arm[1:]), other).p["Welch"]

    while p(high) >= claim.alpha and high < 1e12:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if p(middle) >= claim.alpha else (low, middle)
    decimals = treatment.mean.decimals
    step = 10.0**-decimals
    sign = {"higher": 1.0, "lower": -1.0}.get(claim.direction, math.copysign(1.0, arm[0] - other[0]))
    edge = other[0] + sign * high * unit_se
    # Round to a printable mean on the side where the claim holds.
    outward = bool(claim.below) == (sign > 0)
    shown = (math.ceil(edge / step - 1e-9) if outward else math.floor(edge / step + 1e-9)) * step
    what = "mean change" if isinstance(treatment.mean, Derived) else "mean"
    return f"treatment {what} {shown:.{decimals}f} instead of {treatment.mean} (Welch)"
