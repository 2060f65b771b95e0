"""Which method, and which reading of the arms, gives a printed effect with its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf, isfinite, log

from bayes_ivf.auditing.interval_formulas import Interval, differences, odds_ratios, on_own_scale, risk_ratios
from bayes_ivf.auditing.interval_search import searched_intervals
from bayes_ivf.auditing.thresholds import INTERVAL_SHARE
from bayes_ivf.study import Counts, EffectCI

NEAR = 1.01
"""Units of the last digit within which an end counts as given: rounding, and one digit cut off or rounded twice."""
EXACT = 0.5 * (1 + 1e-9)
OWN_SCALE = "an interval on the ratio's own scale instead of its logarithm's"
ROUGH = 0.4
"""Share of the width by which limits of usual methods differ at most, small arms included."""
RATIOS = ("risk_ratio", "odds_ratio")


@dataclass(frozen=True)
class Fit:
    """A method that gives a printed effect and both its limits.

    Parameters
    ----------
    method : str
        For example ``"Katz"``.
    reading : str
        How the arms have to be read; empty if as printed.
    interval : tuple of float
        Estimate, low and high by that method.
    distance : float
        Largest distance of an end, in units of its own last digit.
    """

    method: str
    reading: str
    interval: Interval
    distance: float

    @property
    def told(self) -> str:
        """Method, reading and numbers."""
        value, low, high = self.interval
        how = f"{self.method}, {self.reading}" if self.reading else self.method
        return f"{how}: {value:.3f} ({low:.3f} to {high:.3f})"


def units(effect: EffectCI) -> Interval:
    """Return the unit of the last digit of estimate and limits, each its own; infinite for a limit that is not printed."""
    printed = [number for number in (effect.estimate, effect.low, effect.high) if number is not None]
    points = any(end.percent for end in printed) or (
        effect.scale == "risk_difference" and any(abs(float(end)) > 1 for end in printed)
    )
    one, two, three = (
        inf if end is None else float(10.0**-end.decimals) / (100 if points else 1)
        for end in (effect.estimate, effect.low, effect.high)
    )
    return one, two, three


FORMULAS = {"risk_difference": differences, "odds_ratio": odds_ratios, "risk_ratio": risk_ratios}


def direct_intervals(scale: str, a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield every usual interval of two arms of counts, the most usual first."""
    if scale in FORMULAS:
        yield from chain(FORMULAS[scale](a, b, level), searched_intervals(scale, a, b, level))


def roughly_fits(effect: EffectCI, a: Counts, b: Counts) -> bool:
    """Whether some interval with a closed form is so near a printed one that a searched one may give it."""
    printed, unit = effect.values, units(effect)
    ratio = effect.scale in RATIOS
    if effect.scale not in FORMULAS or (ratio and min(printed) <= 0):
        return False
    on = log if ratio else float
    most = ROUGH * abs(on(printed[2]) - on(printed[1]))
    for _, found in FORMULAS[effect.scale](a, b, effect.two_sided):
        ends = [(x, y, u) for x, y, u in zip(printed[1:], found[1:], unit[1:], strict=True) if isfinite(y)]
        if all(abs(x - y) <= u or ((not ratio or y > 0) and abs(on(x) - on(y)) <= most) for x, y, u in ends):
            return True
    return False


def best_fit(effect: EffectCI, a: Counts, b: Counts, within: float = NEAR) -> Fit | None:
    """Return the method that comes nearest to a printed effect of the arms as printed; None if none is near."""
    best = _best(effect, direct_intervals(effect.scale, a, b, effect.two_sided), "", within)
    if best is not None and best.distance > EXACT and own_scale_fit(effect, a, b, within=EXACT) is not None:
        return None
    return best


def nearly_fits(effect: EffectCI, a: Counts, b: Counts) -> bool:
    """Whether both limits are within a small share of the width of a usual method's, as rounding on the way leaves."""
    printed, unit = effect.values, units(effect)
    if effect.scale in RATIOS and min(printed) <= 0:
        return False
    on = log if effect.scale in RATIOS else float
    most = INTERVAL_SHARE * abs(on(printed[2]) - on(printed[1]))
    usual = [found for _, found in direct_intervals(effect.scale, a, b, effect.two_sided) if isfinite(sum(found))]
    usual = [found for found in usual if effect.scale not in RATIOS or min(found) > 0]
    near = [
        all(abs(on(x) - on(y)) <= most for x, y, u in zip(printed[1:], found[1:], unit[1:], strict=True) if isfinite(u))
        for found in usual
    ]
    return any(near) and any(abs(printed[0] - found[0]) <= NEAR * unit[0] for found in usual)


def own_scale_fit(effect: EffectCI, a: Counts, b: Counts, reading: str = "", within: float = NEAR) -> Fit | None:
    """Return a ratio's interval that was made around the ratio itself, if that gives the printed one."""
    intervals = on_own_scale(effect.scale, a, b, effect.two_sided)
    return None if intervals is None else _best(effect, iter([(OWN_SCALE, intervals)]), reading, within)


def other_fit(effect: EffectCI, a: Counts, b: Counts) -> Fit | None:
    """Return another reading of the arms, the scale or the method that gives a printed effect; None if none does."""
    none_a, none_b = Counts(a.n - a.events, a.n), Counts(b.n - b.events, b.n)
    readings = [("control against treatment", b, a)]
    if effect.scale == "risk_ratio":
        readings += [
            ("women without the event", none_a, none_b),
            ("women without the event, inverted", none_b, none_a),
        ]
    for reading, one, two in readings:
        best = _best(effect, direct_intervals(effect.scale, one, two, effect.two_sided), reading, NEAR)
        if best is not None:
            return best
    for reading, one, two in [("", a, b), *readings]:
        if (best := own_scale_fit(effect, one, two, reading)) is not None:
            return best
    for scale in RATIOS if effect.scale in RATIOS else ():
        if scale != effect.scale:
            best = _best(effect, direct_intervals(scale, a, b, effect.two_sided), f"as {scale.replace('_', ' ')}", NEAR)
            if best is not None:
                return best
    return None


def _best(effect: EffectCI, methods: Iterator[tuple[str, Interval]], reading: str, within: float) -> Fit | None:
    printed, unit = effect.values, units(effect)
    best: Fit | None = None
    estimates = []
    for method, interval in methods:
        estimates.append(abs(printed[0] - interval[0]) / unit[0] if isfinite(interval[0]) else inf)
        ends = [
            abs(x - y) / u if isfinite(y) else inf for x, y, u in zip(printed[1:], interval[1:], unit[1:], strict=True)
        ]
        distance = max(ends)
        # The more usual method stays, unless another gives every digit.
        if distance <= within and (best is None or distance <= EXACT < best.distance):
            best = Fit(method, reading, interval, distance)
        if best is not None and best.distance <= EXACT and min(estimates) <= within:
            break
    # Papers print the sample's own estimate beside limits of another method.
    return best if best is not None and min(estimates) <= within else None


def mean_fit(effect: EffectCI, methods: dict[str, list[Interval]]) -> str | None:
    """Return the method by which a printed interval of means lies within what rounding of the means leaves open."""
    printed, unit = effect.values, units(effect)
    for name, intervals in methods.items():
        spans = [(min(column), max(column)) for column in zip(*intervals, strict=True)]
        if all(lo - NEAR * u <= x <= hi + NEAR * u for x, u, (lo, hi) in zip(printed, unit, spans, strict=True)):
            return name
    return None
