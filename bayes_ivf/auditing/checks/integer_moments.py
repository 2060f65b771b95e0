"""Whether any sample of whole numbers of this size has this mean together with this standard deviation."""

from __future__ import annotations

from math import sqrt

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.granularity import Feasibility
from bayes_ivf.auditing.standard_error import se_read_as_sd
from bayes_ivf.auditing.whole import WholeArm, whole_arms
from bayes_ivf.study import Study

NAME = "integer_moments"
QUESTION = "Does a whole-number sample with the printed n, mean and sd exist?"


def applies_to(study: Study) -> bool:
    """Whether any mean and sd belong to whole numbers other than 0 and 1."""
    return any(not arm.binary for arm in whole_arms(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each mean and sd that no whole-number sample has."""
    return tuple(
        finding for arm in whole_arms(study) if not arm.binary for finding in moment_findings(study, arm, NAME)
    )


def moment_findings(study: Study, arm: WholeArm, check: str) -> tuple[Finding, ...]:
    """Return what the printed mean and sd of one arm of whole numbers give rise to."""
    if arm.item.spread not in (None, "sd"):
        # What is declared to be something else, or unknown, bounds no sd to the last digit.
        return ()
    rounded = arm.feasibility()
    if rounded.reason in ("possible", "not decided") or (rounded.reason == "mean" and not _sd_outside(arm, rounded)):
        if rounded.reason == "possible" and rounded.divisor == "n":
            return (_population_sd(study, arm, check),)
        return ()
    truncated = arm.feasibility("truncated")
    clear = truncated.impossible and (truncated.reason != "mean" or _sd_outside(arm, rounded))
    severity: Severity = "impossible" if clear else "caution"
    assumption = (
        f"{arm.assumption}; mean and sd were rounded to the printed decimals, ties either way"
        + (", or truncated" if clear else "")
        + "; the sd has divisor n - 1 or n"
    )
    pair = f"A mean of {arm.datum.mean} with an sd of {arm.datum.sd} in the {arm.arm} arm"
    return (
        Finding(
            study=study.id,
            check=check,
            subject=arm.item.id,
            severity=severity,
            statement=f"{pair} is not attainable if {assumption}.",
            assumption=assumption,
            evidence=_evidence(arm, rounded),
            alternatives="; ".join(_alternatives(arm, clear)),
        ),
    )


def _sd_outside(arm: WholeArm, found: Feasibility) -> bool:
    """Whether the printed sd lies outside what samples with the nearest attainable means have."""
    half = 10.0**-arm.datum.sd.decimals
    sd, n = float(arm.datum.sd), arm.datum.n
    too_small = sd + half < found.sd_low * sqrt((n - 1) / n)
    return too_small or (found.sd_high is not None and sd - half > found.sd_high)


def _evidence(arm: WholeArm, found: Feasibility) -> str:
    whose = "samples with the nearest attainable means" if found.reason == "mean" else "samples with this mean"
    bounds = f"the sd of {whose} is at least {found.sd_low:.3f}"
    if found.sd_high is not None:
        bounds += f" and at most {found.sd_high:.3f}"
    if found.reason == "no sample":
        bounds += "; inside these bounds every sum and sum of squares was searched, and none prints like this"
    return f"printed sd {arm.datum.sd}; {bounds} (divisor n - 1)"


def _alternatives(arm: WholeArm, clear: bool) -> list[str]:
    alternatives = []
    if not clear:
        alternatives.append("mean and sd may have been truncated, not rounded, which would explain it")
    se, printed = se_read_as_sd(arm.datum), arm.feasibility()
    if float(arm.datum.sd) < printed.sd_low <= float(se):
        fits = "attainable" if arm.feasibility(sd=se).reason == "possible" else "no longer too small"
        alternatives.append(
            f"the printed spread may be a standard error: as an sd it would be about {se}, which is {fits}"
        )
    for missing in range(1, min(4, arm.datum.n - 1)):
        if arm.feasibility(n=arm.datum.n - missing).reason == "possible":
            who = "one woman" if missing == 1 else f"{missing} women"
            alternatives.append(f"{who} missing would explain it")
            break
    return [
        *alternatives,
        "the values may not be whole numbers",
        "the label may belong to another variable",
        "a typing error",
    ]


def _population_sd(study: Study, arm: WholeArm, check: str) -> Finding:
    datum = arm.datum
    return Finding(
        study=study.id,
        check=check,
        subject=arm.item.id,
        severity="info",
        statement=f"Mean {datum.mean} and sd {datum.sd} in the {arm.arm} arm are attainable with divisor n, not n - 1.",
        assumption=arm.assumption,
        evidence=f"no whole-number sample of n = {datum.n} has this mean and this sd with divisor n - 1",
        alternatives="the sd may have been computed with divisor n; a typing error in the last digit",
    )
