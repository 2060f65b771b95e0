"""Whether reading the printed spreads as standard errors would repair what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.laboratory import biological_count
from bayes_ivf.auditing.reference_effects import reference_effects
from bayes_ivf.auditing.standard_error import se_read_as_sd
from bayes_ivf.auditing.standardized import arm_means, standardized_difference
from bayes_ivf.auditing.thresholds import RARE
from bayes_ivf.auditing.whole import COUNTED, whole_arms
from bayes_ivf.study import MeanSD, Outcome, Study

FEW = 5.0
"""Mean below which a count may be fixed by protocol, such as the embryos transferred."""
SCATTER = 0.2
"""Variance as a share of the mean below which a count scatters too little for independent events."""
WIDE = 20.0
"""Factor around a variance equal to the mean within which counts are usual."""

_OFFER = '; if the paper does not say which they are, spread = "unknown" in the study file gives the mixture of both readings'

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
            severity=severity,
            statement=f"If the spreads of {item.label} are standard errors of the mean, {what}.",
            assumption="sd = printed spread x sqrt(n), in both arms and for the whole table row",
            evidence=evidence,
            alternatives="the spreads are standard deviations as labelled, and another explanation holds, such as a number "
            f"fixed by the protocol{_OFFER if item.spread is None else ''}",
        )
        for item in study.items
        for what, evidence, severity in _repairs(study, item)
    )


def _repairs(study: Study, item: Outcome) -> Iterator[tuple[str, str, Severity]]:
    means = arm_means(item)
    if means is None or item.spread not in (None, "unknown"):
        return
    arms = [arm for arm in whole_arms(study) if arm.item.id == item.id]
    small = [arm for arm in arms if _too_small(arm.feasibility().reason, float(arm.datum.sd), arm.feasibility().sd_low)]
    if small:
        read = [
            f"{arm.arm} {arm.datum.sd} -> {se_read_as_sd(arm.datum)} (at least {arm.feasibility().sd_low:.2f} needed)"
            for arm in small
        ]
        if all(float(se_read_as_sd(arm.datum)) >= arm.feasibility().sd_low for arm in small):
            yield "they are no longer too small for whole numbers", "; ".join(read), "info"
    if item.role == "outcome":
        reference = reference_effects("standardized_mean_difference")
        d, se = standardized_difference(*means)
        other, other_se = standardized_difference(*means, "se")
        if reference.exceedance(d, se) < RARE <= reference.exceedance(other, other_se):
            yield (
                f"its standardized difference is {other:.2f} instead of {d:.2f}, a size that trials of the field show",
                f"standardized difference {d:.2f} as printed, {other:.2f} with sd = spread x sqrt(n)",
                "info",
            )
    if biological_count(item) or _counted(item):
        yield from _scatter(item, means)


def _counted(item: Outcome) -> bool:
    return item.whole and item.items == 1 and item.unit.strip().lower() in COUNTED


def _scatter(item: Outcome, means: tuple[MeanSD, MeanSD]) -> Iterator[tuple[str, str, Severity]]:
    """Counts of independent events have a variance of at least about their mean; a standard error has far less."""
    small = [float(arm.sd) ** 2 / float(arm.mean) for arm in means if float(arm.mean) >= FEW]
    if len(small) < len(means) or max(small) > SCATTER:
        return
    if not all(1 / WIDE <= ratio * arm.n <= WIDE for ratio, arm in zip(small, means, strict=True)):
        return
    read = [
        f"printed {arm.mean} ± {arm.sd}: sqrt(mean) is {sqrt(float(arm.mean)):.1f}, spread x sqrt({arm.n}) is "
        f"{se_read_as_sd(arm)}"
        for arm in means
    ]
    yield (
        "they scatter as counts do, which they do not as standard deviations",
        "; ".join(read)
        + "; numbers of oocytes, follicles and the like vary at least about as much as their square root",
        "caution" if biological_count(item) else "info",
    )


def _too_small(reason: str, sd: float, smallest: float) -> bool:
    return reason == "sd too small" or (reason == "mean" and sd < smallest)
