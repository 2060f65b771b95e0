"""Which of the counts that percentages can stand for a printed effect with limits was made from."""

from __future__ import annotations

from itertools import product
from math import inf

from bayes_ivf.auditing.interval_readings import best_fit, roughly_fits, units
from bayes_ivf.auditing.reading import MOST_PAIRS, Readings, arm_counts, count_reading
from bayes_ivf.study import Counts, EffectCI, Outcome

NOT_OF_COUNTS = ("mean_difference", "hazard_ratio")
"""Scales of effects that no counts give."""
MOST_TRIED = 40
"""Pairs whose intervals are recomputed; those whose own estimate comes nearest go first."""


def effect_pairs(item: Outcome) -> list[tuple[Counts, Counts]]:
    """Return every pair of counts that an outcome's arms can stand for; empty where there are none or far too many."""
    a, b = arm_counts(item, "treatment"), arm_counts(item, "control")
    return list(product(a, b)) if len(a) * len(b) <= MOST_PAIRS else []


def near_pairs(effect: EffectCI, pairs: list[tuple[Counts, Counts]]) -> list[tuple[Counts, Counts]]:
    """Return the pairs whose own effect is near a printed one, the nearest first; their intervals are worth a search."""
    near = sorted((pair for pair in pairs if _close(effect, pair)), key=lambda pair: _off(effect, pair))
    return [pair for pair in near if roughly_fits(effect, *pair)][:MOST_TRIED]


def by_effect(item: Outcome, effect: EffectCI | None, readings: Readings) -> tuple[Readings, str]:
    """Keep the decodings that some method makes a printed effect and its limits from.

    Returns
    -------
    readings : Readings
        Unchanged where there is nothing to choose, or no decoding gives the effect.
    told : str
        What was kept, and by which method.
    """
    pairs = effect_pairs(item)
    if effect is None or readings.unique or len(pairs) < 2 or effect.scale in NOT_OF_COUNTS:
        return readings, ""
    kept = [(pair, fit) for pair in near_pairs(effect, pairs) if (fit := best_fit(effect, *pair)) is not None]
    what = f"the printed {effect.scale.replace('_', ' ')} with its limits"
    if not kept:
        return readings, f"none of the {len(pairs)} pairs of counts gives {what}"
    if len(kept) == 1:
        (a, b), fit = kept[0]
        return Readings((count_reading(a, b),)), f"of {len(pairs)} pairs only {a} vs {b} gives {what} ({fit.told})"
    each = tuple(count_reading(*pair) for pair, _ in kept[:MOST_TRIED])
    why = f"{len(kept)} of {len(pairs)} pairs of counts give {what}"
    return Readings(each, False, True, why), ""


def _sample(scale: str, a: Counts, b: Counts) -> float:
    p, q = a.events / a.n, b.events / b.n
    if scale == "risk_difference":
        return p - q
    if scale == "odds_ratio":
        return p * (1 - q) / (q * (1 - p)) if q * (1 - p) else inf
    return p / q if q else inf


def _off(effect: EffectCI, pair: tuple[Counts, Counts]) -> float:
    return abs(effect.values[0] - _sample(effect.scale, *pair))


def _close(effect: EffectCI, pair: tuple[Counts, Counts]) -> bool:
    """Whether the sample's own estimate is near the printed one; a conditional one lies a few percent closer to 1."""
    return _off(effect, pair) <= 2 * units(effect)[0] + 0.05 * abs(effect.values[0])
