"""Whether reading the printed spreads as standard errors would repair what does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.reference_effects import reference_effects
from bayes_ivf.auditing.standard_error import se_read_as_sd
from bayes_ivf.auditing.standardized import arm_means, standardized_difference
from bayes_ivf.auditing.thresholds import RARE
from bayes_ivf.auditing.whole import whole_arms
from bayes_ivf.study import Outcome, Study

NAME = "sd_or_se"
QUESTION = "May a printed standard deviation be a standard error?"


def applies_to(study: Study) -> bool:
    """Whether means and sds of both arms are printed."""
    return any(arm_means(item) for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each outcome whose numbers would fit if its spreads were standard errors."""
    return tuple(
        Finding(
            study=study.id,
            check=NAME,
            subject=item.id,
            severity="info",
            statement=f"If the spreads of {item.label} are standard errors of the mean, {what}.",
            assumption="sd = printed spread x sqrt(n), in both arms and for the whole table row",
            evidence=evidence,
            alternatives="the spreads are standard deviations as labelled, and another explanation holds",
        )
        for item in study.items
        for what, evidence in _repairs(study, item)
    )


def _repairs(study: Study, item: Outcome) -> Iterator[tuple[str, str]]:
    means = arm_means(item)
    if means is None:
        return
    arms = [arm for arm in whole_arms(study) if arm.item.id == item.id]
    small = [arm for arm in arms if _too_small(arm.feasibility().reason, float(arm.datum.sd), arm.feasibility().sd_low)]
    if small:
        read = [
            f"{arm.arm} {arm.datum.sd} -> {se_read_as_sd(arm.datum)} (at least {arm.feasibility().sd_low:.2f} needed)"
            for arm in small
        ]
        if all(float(se_read_as_sd(arm.datum)) >= arm.feasibility().sd_low for arm in small):
            yield "they are no longer too small for whole numbers", "; ".join(read)
    if item.role == "outcome":
        reference = reference_effects("standardized_mean_difference")
        d, se = standardized_difference(*means)
        other, other_se = standardized_difference(*means, as_se=True)
        if reference.exceedance(d, se) < RARE <= reference.exceedance(other, other_se):
            yield (
                f"its standardized difference is {other:.2f} instead of {d:.2f}, a size that trials of the field show",
                f"standardized difference {d:.2f} as printed, {other:.2f} with sd = spread x sqrt(n)",
            )


def _too_small(reason: str, sd: float, smallest: float) -> bool:
    return reason == "sd too small" or (reason == "mean" and sd < smallest)
