"""Whether numbers that belong together add up: categories to n, denominators to arms, parts to wholes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.auditing.reading import arm_counts, arm_text
from bayes_ivf.auditing.stages import first_with, unit_stage
from bayes_ivf.study import ARMS, ArmName, Categories, Clusters, MeanSD, Outcome, Study

_OTHER_UNIT = re.compile(r"\bper (?!wom[ae]n|patient|participant|couple)\w+")

NAME = "totals"
QUESTION = "Do categories, denominators and parts of a whole add up?"


def applies_to(study: Study) -> bool:
    """Whether anything with counts, categories or a stated range is printed."""
    return any(item.data for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return every total that does not add up."""
    return (*_categories(study), *_denominators(study), *_bases(study), *_linked(study), *_ranges(study))


def _make(
    study: Study, subject: str, severity: Severity, statement: str, assumption: str, evidence: str, why: str
) -> Finding:
    return Finding(study.id, NAME, subject, severity, statement, assumption, evidence, why)


def _categories(study: Study) -> Iterator[Finding]:
    for item in study.items:
        for arm in ARMS:
            datum = None if item.data is None else item.data.get(arm)
            if not isinstance(datum, Categories) or sum(datum.counts) == study.sizes[arm]:
                continue
            total, n = sum(datum.counts), study.sizes[arm]
            more, most = total > n, max(datum.counts)
            assumption = f"every one of the {n} women belongs to exactly one category"
            yield _make(
                study,
                item.id,
                "impossible" if most > n else "caution",
                f"The categories of {item.label} in the {arm} arm hold {total} women, the arm {n}; this cannot be if "
                f"{assumption}."
                if most > n
                else f"The categories of {item.label} in the {arm} arm hold {total} {'for' if more else 'of'} {n} women.",
                assumption,
                f"{datum} add up to {total}, {100 * total / n:.0f}% of {n}",
                "several answers per woman; another denominator; a typing error" if more else "women without an answer",
            )


def _denominators(study: Study) -> Iterator[Finding]:
    for item in study.items:
        if item.per.strip().lower() not in ("woman", "women", "patient", "patients") or item.denominator_of is not None:
            continue
        other_unit = _OTHER_UNIT.search(item.label.lower())
        for arm in ARMS:
            n = study.sizes[arm]
            sizes = {counts.n for counts in arm_counts(item, arm)}
            datum = None if item.data is None else item.data.get(arm)
            if isinstance(datum, MeanSD):
                sizes = {datum.n}
            # The totals of an arm carry their own number of women; a label may name another unit.
            if not sizes or n in sizes or other_unit or isinstance(datum, Clusters):
                continue
            more = min(sizes) > n
            yield _make(
                study,
                item.id,
                "caution" if more else "info",
                f"{item.label} in the {arm} arm is given for {min(sizes)} women, {'more' if more else 'fewer'} than "
                f"the {n} of the arm.",
                "the unit is one woman",
                f"denominator {min(sizes)}, arm size {n}",
                "women counted once per cycle; a typing error"
                if more
                else "women lost to follow-up or without a transfer",
            )


def _bases(study: Study) -> Iterator[Finding]:
    """Compare denominators that are the events of another outcome, declared or by their unit, with those events."""
    known = {item.id: item for item in study.items}
    for item in study.items:
        stage = unit_stage(item.per)
        other = known.get(item.denominator_of or "")
        if other is None and stage is not None and not item.cumulative:
            other = next((earlier for earlier in first_with(study, stage) if earlier.id != item.id), None)
        if other is None:
            continue
        for arm in ARMS:
            sizes, events = ([c.n for c in arm_counts(item, arm)], [c.events for c in arm_counts(other, arm)])
            if not sizes or not events or (min(sizes) <= max(events) and max(sizes) >= min(events)):
                continue
            more = min(sizes) > max(events)
            size, count = (min(sizes), max(events)) if more else (max(sizes), min(events))
            yield _make(
                study,
                item.id,
                "caution" if more else "info",
                f"{item.label} in the {arm} arm is given for {size} per {_unit(item)}, {'more' if more else 'fewer'} than the "
                f"{count} of {other.label}.",
                f"the denominators of {item.label} are the events of {other.label}, of the same transfers",
                f"{item.label} {arm_text(item, arm)}; {other.label} {arm_text(other, arm)}",
                "pregnancies of later transfers or of other women; sacs or tests counted instead of women; a typing error"
                if more
                else "pregnancies without a known course",
            )


def _unit(item: Outcome) -> str:
    return item.per.replace("_", " ")


def _linked(study: Study) -> Iterator[Finding]:
    """Read an outcome per event of another per woman as well."""
    known = {item.id: item for item in study.items}
    for item in study.items:
        other = known.get(item.denominator_of or "")
        if other is None:
            continue
        per_woman = []
        for arm in ARMS:
            events, base = arm_counts(item, arm), arm_counts(other, arm)
            if len(events) == 1 and len(base) == 1:
                per_woman.append(
                    f"{events[0].events}/{base[0].n} per {_unit(other)} and {events[0]} per {_unit(item)} ({arm})"
                )
        if len(per_woman) == len(ARMS):
            yield _make(
                study,
                item.id,
                "info",
                f"{item.label} is counted among the events of {other.label}: its denominator is an outcome itself.",
                f"the denominator of {item.label} is the number of events of {other.label}",
                "; ".join(per_woman),
                "usual reporting; a comparison per woman keeps the arms as they were formed",
            )


def _ranges(study: Study) -> Iterator[Finding]:
    """Compare each mean with the range of its values."""
    for item in study.items:
        for arm in ARMS:
            datum = None if item.data is None else item.data.get(arm)
            if isinstance(datum, MeanSD) and _outside(item, arm, datum):
                assumption = f"each value lies between {item.minimum} and {item.maximum}, as the study file states"
                yield _make(
                    study,
                    item.id,
                    "impossible",
                    f"A mean of {datum.mean} for {item.label} in the {arm} arm cannot be if {assumption}.",
                    assumption,
                    f"printed mean {datum.mean}; range {item.minimum} to {item.maximum}",
                    "another version or scoring of the scale; a typing error",
                )


def _outside(item: Outcome, arm: ArmName, datum: MeanSD) -> bool:
    low, high = datum.mean.interval
    return (item.minimum is not None and high < item.minimum) or (item.maximum is not None and low > item.maximum)
