"""Whether a printed effect and its confidence interval agree with the arms printed beside them."""

from __future__ import annotations

from itertools import islice

from bayes_ivf.auditing.claim_words import claim_groups
from bayes_ivf.auditing.decodings import effect_pairs, near_pairs
from bayes_ivf.auditing.effect_words import printed_effect
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.interval_readings import (
    Fit,
    best_fit,
    direct_intervals,
    mean_fit,
    nearly_fits,
    other_fit,
)
from bayes_ivf.auditing.mean_intervals import mean_intervals
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import EffectCI, Outcome, Study

NAME = "printed_interval"
QUESTION = "Do printed effects and intervals agree with the arms?"

RATIOS = ("risk_ratio", "odds_ratio")
LISTED = 5
"""Methods whose numbers are given beside a printed interval that none of them gives."""


def applies_to(study: Study) -> bool:
    """Whether an effect is printed beside counts or means."""
    return any(_comparable(study, item) is not None for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each effect or interval that no usual method gives."""
    findings = []
    for item in study.items:
        effect = _comparable(study, item)
        if effect is not None and (finding := _compare(study, item, effect)) is not None:
            findings.append(finding)
    return tuple(findings)


def _comparable(study: Study, item: Outcome) -> EffectCI | None:
    """Return the effect printed beside an outcome's arms, if it is one that the arms alone can give."""
    effect = printed_effect(item)
    if effect is None or "adjusted" in claim_groups(study, item) or "paired" in claim_groups(study, item):
        return None
    ends = effect.values
    if effect.scale in RATIOS and min(ends) <= 0:
        return None
    if effect.scale in (*RATIOS, "risk_difference") and effect_pairs(item):
        return effect
    standardized = effect.scale in ("mean_difference", "standardized_mean_difference")
    return effect if standardized and arm_means(item) is not None and item.spread != "range" else None


def _compare(study: Study, item: Outcome, effect: EffectCI) -> Finding | None:
    means = arm_means(item)
    pairs = effect_pairs(item)
    if pairs:
        if any(best_fit(effect, *pair) for pair in (pairs if len(pairs) == 1 else near_pairs(effect, pairs))):
            return None
        if len(pairs) == 1:
            other = other_fit(effect, *pairs[0])
            if other is not None:
                return _named(study, item, effect, other)
            if nearly_fits(effect, *pairs[0]):
                return None
            methods = dict(islice(direct_intervals(effect.scale, *pairs[0], effect.two_sided), LISTED))
        else:
            methods = {}
    elif means is not None:
        every = mean_intervals(effect.scale, *means, effect.two_sided, item.spread)
        if mean_fit(effect, every) is not None:
            return None
        methods = {name: intervals[0] for name, intervals in list(every.items())[:LISTED]}
    else:
        return None
    listed = "; ".join(f"{name} {m[0]:.3f} ({m[1]:.3f} to {m[2]:.3f})" for name, m in methods.items())
    estimate, low, high = effect.values
    recomputed = listed or f"none of the {len(pairs)} pairs of counts that the percentages fit"
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"The printed effect of {item.label}, {effect}, is not what the printed arms give by the usual "
        "methods.",
        assumption=f"an unadjusted {_scale(effect)} with {effect.interval}, from the arms as printed",
        evidence=f"recomputed: {recomputed}; printed {estimate:.3f} ({low:.3f} to {high:.3f})",
        alternatives="an adjusted or stratified analysis; another method or level; a typing error in one end",
    )


def _named(study: Study, item: Outcome, effect: EffectCI, fit: Fit) -> Finding:
    known = fit.reading in ("control against treatment", "women without the event", "women without the event, inverted")
    usual = known and "own scale" not in fit.method
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info" if usual else "caution",
        statement=f"The printed effect of {item.label}, {effect}, comes out of the printed arms only in another "
        f"reading: {fit.told}.",
        assumption=f"an unadjusted {_scale(effect)} with {effect.interval}, from the arms as printed",
        evidence=f"{fit.told}; every end lies within one unit of its own last digit",
        alternatives="the paper may say so where it was not copied; an adjusted analysis that comes out the same",
    )


def _scale(effect: EffectCI) -> str:
    return effect.scale.replace("_", " ")
