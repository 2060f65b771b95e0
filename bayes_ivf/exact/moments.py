"""Which moments of a two-arm posterior exist, decided by its tails."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.two_by_two import TwoByTwoPosterior

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def _travel(table: TwoByTwoPosterior, per_treatment: Array, per_control: Array) -> Array:
    """Least exponential rate at which the posterior falls as the log odds ratio grows by one.

    The log odds ratio can grow by raising the treatment arm's log odds (share a of the way), at `per_treatment` a
    unit, or by lowering the control arm's, at `per_control`; the first slot's prior charges for moving its variable.
    The cost is piecewise linear in a, so that the least of it lies at a = 0, 1/2 or 1; a prior lighter than
    exponential forbids its variable to move in proportion at all.
    """
    rate = table.first.tail_rate()
    light = np.isinf(rate)
    move = np.where(light, 0.0, rate)
    if table.coding == "average":
        middle = (per_treatment + per_control) / 2
        ends = np.minimum(per_treatment, per_control) + move / 2
        return np.asarray(np.where(light, middle, np.minimum(middle, ends)))
    return np.asarray(np.where(light, per_treatment, np.minimum(per_treatment, per_control + move)))


def _finite(table: TwoByTwoPosterior, rate: Array) -> Flags:
    """Whether the integral converges when everything but the effect prior falls at `rate` (negative: grows)."""
    effect = table.effect
    own = effect.tail_rate()
    exponential = np.isfinite(own)
    # At rate zero a power-law prior may still leave a finite integral, but one that lives in the far tail: left out.
    return np.asarray(np.where(exponential, rate + np.where(exponential, own, 0.0) > 0, True))


def ratio_moment_exists(table: TwoByTwoPosterior, estimand: str, order: int) -> Flags:
    """Whether the mean (order 1) or mean square (order 2) of a ratio exists and is not carried by the far tail.

    Parameters
    ----------
    table : TwoByTwoPosterior
    estimand : {"odds_ratio", "risk_ratio"}
    order : int

    Notes
    -----
    A light prior (normal, uniform) on the effect makes every moment finite. Otherwise the likelihood must outrun the
    ratio's growth: exp(b) for the odds ratio, 1 / p_c for the risk ratio, which grows only as the control arm's log
    odds fall.
    """
    misses, hits = table.failures_t, table.events_c
    if estimand == "odds_ratio":
        return _finite(table, _travel(table, misses, hits) - order)
    return _finite(table, _travel(table, misses, hits - order))


def effect_moment_exists(table: TwoByTwoPosterior, order: int) -> Flags:
    """Whether the mean or mean square of the log odds ratio exists."""
    effect_index = table.effect.tail_index()
    first_index = table.first.tail_index()
    exists = np.ones(table.size, dtype=bool)
    # Upper tail: events in the control arm and failures in the treatment arm stop it. Lower tail: the reverse.
    for raise_t, lower_c in ((table.failures_t, table.events_c), (table.events_t, table.failures_c)):
        zero_t, zero_c = raise_t == 0, lower_c == 0
        both = effect_index + first_index + 1
        if table.coding == "average":
            index = np.where(zero_t & zero_c, effect_index, np.where(zero_t | zero_c, both, np.inf))
        else:
            index = np.where(zero_t, effect_index, np.where(zero_c, both, np.inf))
        exists &= order < index
    return exists
