"""Which moments of a two-arm posterior of counts exist, decided by its tails.

A moment of order k of the odds ratio ``exp(d)`` exists if the posterior falls faster than exp(-k d) as d grows. Along a
direction in which the treatment arm's log odds rise by a share w of d and the control arm's fall by 1 - w, the likelihood falls
as ``exp(-d [w failures_t + (1 - w) events_c])``, exponential priors add their rates, lighter ones end all, and power laws
count for nothing against an exponential. The risk ratio grows as 1 / p_c alone: by exp(k) for each unit by which the control
arm's log odds fall.

Examples
--------
20 of 20 against 15 of 20. Nothing but the prior keeps the treatment arm's log odds from growing: with a normal prior on the log
odds ratio the odds ratio has a mean, with a Cauchy prior it has none; the risk ratio, which stays below 1 / p_c, has one.

>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> level = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.5})
>>> counts = [np.array([float(count)]) for count in (20, 0, 15, 5)]
>>> normal = TwoByTwoPosterior(*counts, "control", level, BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}))
>>> cauchy = TwoByTwoPosterior(*counts, "control", level, BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 1.0}))
>>> [bool(ratio_moment_exists(table, "odds_ratio", 1)[0]) for table in (normal, cauchy)]
[True, False]
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.two_by_two import TwoByTwoPosterior

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


RATIOS = ("odds_ratio", "risk_ratio")
"""Estimands of which a moment is a likelihood with shifted counts."""


def _escape_rate(table: TwoByTwoPosterior, per_treatment: Array, per_control: Array) -> Array:
    """Least exponential rate at which the posterior falls as the log odds ratio grows by one.

    The log odds ratio can grow by raising the treatment arm's log odds (share a of the way), at `per_treatment` a
    unit, or by lowering the control arm's, at `per_control`; the first slot's prior charges for moving its variable.
    The cost is piecewise linear in a, so that the least of it lies at a = 0, 1/2 or 1; a prior lighter than
    exponential forbids its variable to move in proportion at all.
    """
    rate = table.first.tail_rate()
    light = np.isinf(rate)
    prior_rate = np.where(light, 0.0, rate)
    if table.coding == "average":
        middle = (per_treatment + per_control) / 2
        one_arm_alone = np.minimum(per_treatment, per_control) + prior_rate / 2
        return np.asarray(np.where(light, middle, np.minimum(middle, one_arm_alone)))
    return np.asarray(np.where(light, per_treatment, np.minimum(per_treatment, per_control + prior_rate)))


def _finite(table: TwoByTwoPosterior, rate: Array) -> Flags:
    """Whether the integral converges when everything but the effect prior falls at `rate` (negative: grows)."""
    effect = table.effect
    effect_rate = effect.tail_rate()
    exponential = np.isfinite(effect_rate)
    # At rate zero a power-law prior may still leave a finite integral, but one that lives in the far tail: left out.
    return np.asarray(np.where(exponential, rate + np.where(exponential, effect_rate, 0.0) > 0, True))


def ratio_moment_exists(table: TwoByTwoPosterior, estimand: str, order: int) -> Flags:
    """Whether the mean (order 1) or mean square (order 2) of a ratio exists and is not carried by the far tail.

    Parameters
    ----------
    table : TwoByTwoPosterior
    estimand : str
        One of `RATIOS`.
    order : int

    Notes
    -----
    A light prior (normal, uniform) on the effect makes every moment finite. Otherwise the likelihood must outrun the
    ratio's growth: exp(b) for the odds ratio, 1 / p_c for the risk ratio, which grows only as the control arm's log
    odds fall.
    """
    failures_t, events_c = table.failures_t, table.events_c
    if estimand == "odds_ratio":
        return _finite(table, _escape_rate(table, failures_t, events_c) - order)
    return _finite(table, _escape_rate(table, failures_t, events_c - order))


def effect_moment_exists(table: TwoByTwoPosterior, order: int) -> Flags:
    """Whether the mean or mean square of the log odds ratio exists."""
    effect_index = table.effect.tail_index()
    first_index = table.first.tail_index()
    exists = np.ones(table.size, dtype=bool)
    # Upper tail: events in the control arm and failures in the treatment arm stop it. Lower tail: the reverse.
    for raise_t, lower_c in ((table.failures_t, table.events_c), (table.events_t, table.failures_c)):
        zero_t, zero_c = raise_t == 0, lower_c == 0
        joint_index = effect_index + first_index + 1
        if table.coding == "average":
            index = np.where(zero_t & zero_c, effect_index, np.where(zero_t | zero_c, joint_index, np.inf))
        else:
            index = np.where(zero_t, effect_index, np.where(zero_c, joint_index, np.inf))
        exists &= order < index
    return exists
