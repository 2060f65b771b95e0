"""The paper's own kind of analysis, recomputed from what it printed of the arms."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import cast

from scipy import special

from bayes_ivf import defaults
from bayes_ivf.auditing import (
    OF_CHANGES,
    WITH_DESIGN_EFFECT,
    conditional_p,
    decoded_pairs,
    effective_counts,
    fisher_p,
    held_p,
    is_ambiguous,
    newcombe_interval,
    of_changes,
    pearson_p,
    rate_ratio,
    welch,
)
from bayes_ivf.forms import implied_means
from bayes_ivf.study import ARMS, MeanSD, Outcome, Rate, Study, sd_factor

OF_CLUSTERS = f"Pearson{WITH_DESIGN_EFFECT}"
OF_RISKS = ("Fisher", OF_CLUSTERS)
"""Tests that stand beside a risk difference with Newcombe's interval."""


@dataclass(frozen=True)
class Frequentist:
    """The paper's own kind of analysis, recomputed; P is NaN where the printed one is what the rest follows from."""

    scale: str
    effect: float
    low: float
    high: float
    p: float
    test: str


def frequentist(item: Outcome, level: float = defaults.CI_PROB, study: Study | None = None) -> Frequentist | None:
    """Recompute the effect: risk difference (Newcombe, Fisher), Welch's difference of means, or the exact ratio of rates.

    Where units share clusters and their correlation is stated, the risk difference is that of effective counts.

    Parameters
    ----------
    item : Outcome
    level : float
        Confidence level of the interval.
    study : Study, optional
        With the rest of the paper, which may leave one of several pairs of counts behind percentages.
    """
    treatment, control = (item.counts(arm) for arm in ARMS)
    if study is not None and is_ambiguous(item) and (decoded := decoded_pairs(study, item)).size == 1:
        ((treatment, control),) = decoded.pairs
    if treatment is not None and control is not None:
        table = (treatment.events, treatment.n, control.events, control.n)
        effective = None if study is None else effective_counts(study, item, table)
        if effective is not None:
            effect, low, high = (float(each) for each in newcombe_interval(*effective, level))
            return Frequentist("risk_difference", effect, low, high, held_p(float(pearson_p(*effective))), OF_CLUSTERS)
        difference, lower, upper = newcombe_interval(treatment.events, treatment.n, control.events, control.n, level)
        p = fisher_p(treatment.events, treatment.n, control.events, control.n)
        return Frequentist("risk_difference", float(difference), float(lower), float(upper), held_p(float(p)), "Fisher")
    if item.data is not None and all(isinstance(item.data[arm], MeanSD) for arm in ARMS):
        name = "Welch" if item.baseline is None else f"Welch{OF_CHANGES}"
        item = of_changes(item)
        a, b = (cast(MeanSD, (item.data or {})[arm]) for arm in ARMS)
        sds = [float(arm.sd) * (sd_factor(item.spread, arm.n) or 0.0) for arm in (a, b)]
        if not min(sds) > 0:
            return None
        test = welch(float(a.mean), sds[0], a.n, float(b.mean), sds[1], b.n, level)
        numbers = (float(test.difference), float(test.low), float(test.high), held_p(float(test.p)))
        return Frequentist("mean_difference", *numbers, name)
    implied = None if study is None else implied_means(study, item)
    if implied is not None:
        half = -float(special.stdtrit(implied.df, (1 - level) / 2)) * implied.se
        ends = implied.difference - half, implied.difference + half
        return Frequentist("mean_difference", implied.difference, *ends, float("nan"), "from the printed test")
    rates = [each for arm in ARMS if isinstance(each := (item.data or {}).get(arm), Rate)]
    return _of_rates(rates[0], rates[1], level) if len(rates) == len(ARMS) else None


def _of_rates(treatment: Rate, control: Rate, level: float) -> Frequentist | None:
    numbers = (treatment.events, float(treatment.time), control.events, float(control.time))
    ratio = rate_ratio(*numbers, level)
    if not all(map(isfinite, ratio)):
        return None  # an arm without events: no estimate, and no interval with two ends
    return Frequentist("rate_ratio", *ratio, held_p(conditional_p(*numbers)), "exact conditional")
