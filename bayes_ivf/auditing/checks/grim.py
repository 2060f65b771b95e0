"""GRIM: whether the mean of this many whole numbers can print as it does."""

from __future__ import annotations

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.granularity import mean_is_reachable, nearest_means, sums
from bayes_ivf.auditing.whole import WholeArm, whole_arms
from bayes_ivf.study import Study

NAME = "grim"
QUESTION = "Is each printed mean of whole numbers a possible fraction with the printed number of women?"


def applies_to(study: Study) -> bool:
    """Whether any mean belongs to whole numbers."""
    return any(True for _ in whole_arms(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each mean that no whole-number sum gives."""
    return tuple(
        _finding(study, arm)
        for arm in whole_arms(study)
        if not mean_is_reachable(arm.datum.mean, arm.datum.n, arm.item.items)
    )


def _finding(study: Study, arm: WholeArm) -> Finding:
    datum, items = arm.datum, arm.item.items
    below, above = nearest_means(datum.mean, datum.n, items)
    digits = datum.mean.decimals + 2
    truncated = bool(sums(datum.mean, datum.n, items, "truncated"))
    assumption = f"{arm.assumption}; the mean was rounded to {datum.mean.decimals} decimals, ties either way"
    if not truncated:
        assumption += ", or truncated"
    return Finding(
        study=study.id,
        check=NAME,
        subject=arm.item.id,
        severity="caution" if truncated else "impossible",
        statement=f"A mean of {datum.mean} in the {arm.arm} arm is not attainable if {assumption}.",
        assumption=assumption,
        evidence=f"nearest attainable means: {below:.{digits}f} and {above:.{digits}f} with n = {datum.n}",
        alternatives="; ".join(_alternatives(arm, truncated)),
    )


def _alternatives(arm: WholeArm, truncated: bool) -> list[str]:
    datum, items = arm.datum, arm.item.items
    alternatives = []
    if truncated:
        alternatives.append("the mean may have been truncated, not rounded, which would explain it")
    for missing in range(1, min(6, datum.n)):
        n = datum.n - missing
        totals = sums(datum.mean, n, items)
        if totals:
            who = "one woman" if missing == 1 else f"{missing} women"
            size = n * items
            value = totals[0] / size
            alternatives.append(
                f"{who} missing would explain it: {totals[0]}/{size} = {value:.{datum.mean.decimals + 2}f}"
            )
            break
    return [*alternatives, "the values may not be whole numbers", "a typing error in one digit"]
