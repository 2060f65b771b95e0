"""Differences larger than what trials of the field show."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.reading import arm_counts
from bayes_ivf.auditing.reference_effects import ReferenceEffects, reference_effects
from bayes_ivf.auditing.standardized import arm_means, standardized_difference
from bayes_ivf.auditing.thresholds import RARE
from bayes_ivf.study import Counts, Outcome, Study

NAME = "effect_size"
QUESTION = "Are the differences of a size that trials of the field show?"

_INNOCENT = (
    "a real effect on a quantity that the treatment acts on directly; the printed spreads may be standard errors; "
    "different times of measurement in the arms; a change score or another unit"
)


def applies_to(study: Study) -> bool:
    """Whether any outcome (not baseline) has means or unique counts in both arms."""
    return any(True for _ in _effects(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each difference that is rare under the reference distribution."""
    return tuple(
        _finding(study, item, name, effect, se, reference)
        for item, name, effect, se, reference in _effects(study)
        if reference.exceedance(effect, se) < RARE
    )


def _effects(study: Study) -> Iterator[tuple[Outcome, str, float, float, ReferenceEffects]]:
    for item in study.items:
        means = arm_means(item)
        if item.role == "baseline":
            continue
        if means is not None and item.spread != "range":
            d, se = standardized_difference(*means, item.spread)
            yield item, "standardized difference", d, se, reference_effects("standardized_mean_difference")
        a, b = arm_counts(item, "treatment"), arm_counts(item, "control")
        if len(a) == len(b) == 1:
            effect, se = log_odds_ratio(a[0], b[0])
            yield item, "log odds ratio", effect, se, reference_effects("log_odds_ratio")


def log_odds_ratio(a: Counts, b: Counts) -> tuple[float, float]:
    """Return the log odds ratio and its standard error, half a woman added to every cell."""
    cells = [x + 0.5 for x in (a.events, a.n - a.events, b.events, b.n - b.events)]
    return log(cells[0] * cells[3] / (cells[1] * cells[2])), sqrt(sum(1 / x for x in cells))


def _finding(study: Study, item: Outcome, name: str, effect: float, se: float, reference: ReferenceEffects) -> Finding:
    chance = reference.exceedance(effect, se)
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"The {name} of {item.label} is {effect:.2f}; a difference at least as large is expected in "
        f"{100 * chance:.1f}% of trials of the field.",
        assumption=f"the trial is one of those behind the reference distribution ({reference.label})",
        evidence=f"{name} {effect:.2f}, standard error {se:.2f}, probability {chance:.4f}; source: {reference.source}",
        alternatives=_INNOCENT,
        brief=f"a difference of {abs(effect):.1f} SD" if name.startswith("standard") else f"a {name} of {effect:.1f}",
    )
