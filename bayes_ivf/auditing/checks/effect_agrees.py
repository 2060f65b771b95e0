"""Where a printed effect and its interval are what the arms printed beside them give: said, so that it is seen to be read."""

from __future__ import annotations

from bayes_ivf.auditing.decodings import effect_pairs
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.interval_readings import best_fit, mean_fit
from bayes_ivf.auditing.mean_intervals import mean_intervals
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import EffectCI, Outcome, Study

NAME = "effect_agrees"
QUESTION = "Which printed effects are those of the arms printed beside them?"


def applies_to(study: Study) -> bool:
    """Whether the study file gives an effect beside counts or means."""
    return any(item.effect is not None and item.data is not None for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each effect that a usual method gives, with the method."""
    return tuple(
        Finding(
            study=study.id,
            check=NAME,
            subject=item.id,
            severity="info",
            statement=f"The printed effect of {item.label}, {item.effect.told}, is what the printed arms give: {told}.",
            assumption=f"{_made(item.effect)} {item.effect.scale.replace('_', ' ')} with {item.effect.interval}",
            evidence=f"recomputed from the arms: {told}",
            alternatives="agreement of an effect with its arms says nothing about the arms themselves",
        )
        for item in study.items
        if item.effect is not None and (told := _told(item))
    )


def _made(effect: EffectCI) -> str:
    return "an adjusted" if effect.adjusted.strip() else "an unadjusted"


def _told(item: Outcome) -> str:
    """Return the method that gives a printed effect, with its numbers; empty if none does."""
    effect, means = item.effect, arm_means(item)
    if effect is None or ("ratio" in effect.scale and min(effect.values) <= 0):
        return ""
    fits = [fit for pair in effect_pairs(item) if (fit := best_fit(effect, *pair)) is not None]
    if fits:
        return min(fits, key=lambda fit: fit.distance).told
    if (
        means is None
        or effect.scale not in ("mean_difference", "standardized_mean_difference")
        or item.spread == "range"
    ):
        return ""
    every = mean_intervals(effect.scale, *means, effect.two_sided, item.spread)
    name = mean_fit(effect, every)
    if name is None:
        return ""
    value, low, high = every[name][0]
    return f"{name}: {value:.3f} ({low:.3f} to {high:.3f})"
