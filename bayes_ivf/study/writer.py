"""From a `Study` back to the tables of a study file, so that a run carries what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bayes_ivf.study.arms_reader import many_table
from bayes_ivf.study.effect import sides_of
from bayes_ivf.study.facts import ARMS, ArmName, Categories, MeanSD, Outcome, Percent, Quantiles, Size, Unusable
from bayes_ivf.study.kinds import KINDS, kind_of
from bayes_ivf.study.trial import Study

_DECLARED = ("stage", "cumulative", "paired", "alternative", "margin", "spread", "of", "ordered")
_DEFAULTS = {field.name: field.default for field in fields(Outcome)}


def study_table(study: Study) -> dict[str, Any]:
    """Return the tables of a study file that `parse_study` reads back to an equal study."""
    table: dict[str, Any] = {
        "schema_version": 1,
        "id": study.id,
        "title": study.title,
        "citation": study.citation,
        "doi": study.doi,
        "design_words": list(study.design_words),
        "randomized": study.randomized,
        "max_embryos": study.max_embryos,
        "notes": list(study.notes),
        "arms": {
            arm: {"label": study.arms[arm]} | ({"n": study.sizes[arm]} if study.sizes[arm] else {}) for arm in ARMS
        },
        "sources": dict(study.sources),
        "external": {name: dict(values) for name, values in study.external.items()},
        "outcomes": [_outcome(item, study.sizes) for item in study.items],
    }
    if study.rows:
        table["rows"] = {name: list(column) for name, column in study.rows.items()}
    if study.clusters:
        table["clusters"] = dict(study.clusters)
    if study.answers:
        table["answers"] = {name: dict(answers) for name, answers in study.answers.items()}
    if study.year is not None:
        table["year"] = study.year
    return table if study.many is None else many_table(study, table)


def _denominator(item: Outcome, arm: ArmName, women: Mapping[ArmName, int]) -> int:
    counts = item.counts(arm)
    return women[arm] if counts is None else counts.n


def _outcome(item: Outcome, women: Mapping[ArmName, int]) -> dict[str, Any]:
    names = ("id", "label", "kind", "per", "benefit", "mcid", "role", "family", "whole", "items", "minimum", "maximum",
             "unit", "source", "note")  # fmt: skip
    row = {name: getattr(item, name) for name in names if getattr(item, name) is not None}
    row |= {name: getattr(item, name) for name in _DECLARED if getattr(item, name) != _DEFAULTS[name]}
    if not KINDS[item.kind].in_files:
        # as it would have been printed: the rows themselves are written only if they were to be kept
        row["kind"] = kind_of((item.data or {})["treatment"])
    if item.claim is not None:
        claim = {
            "text": item.claim.text,
            "direction": item.claim.direction,
            "p": item.claim.printed or item.claim.p,
        }
        row["claim"] = {name: value for name, value in claim.items() if value is not None}
    if item.statistic is not None:
        row["statistic"] = item.statistic.text
    if item.baseline is not None:
        stated = item.baseline.correlation
        row["baseline"] = {arm: str(item.baseline.data[arm]) for arm in ARMS}
        row["baseline"]["correlation"] = {"value": stated.value, "low": stated.low, "high": stated.high}
    if item.icc is not None:
        row["icc"] = {"value": item.icc.value, "low": item.icc.low, "high": item.icc.high}
        row["icc"] |= {} if item.icc.size is None else {"size": item.icc.size}
    if item.denominator_of is not None:
        row["denominator"] = item.denominator_of
    if item.pregnancies is not None:
        row["pregnancies" if item.per == "embryo" else "women_with_event"] = item.pregnancies
    if item.most is not None:
        row["most"] = item.most
    effect = item.effect or item.set_aside
    if effect is not None:
        row["effect"] = {"scale": effect.scale} | {
            name: number.text
            for name in ("estimate", "low", "high", "se")
            if (number := getattr(effect, name)) is not None
        }
        if effect.level != 0.95:
            row["effect"]["level"] = effect.level
        if effect.sides != sides_of(sum(end is not None for end in (effect.low, effect.high)), None):
            row["effect"]["sides"] = effect.sides
        if effect.adjusted:
            row["effect"]["adjusted"] = effect.adjusted
    if item.data is None:
        return row
    sizes: dict[str, Any] = {}
    for arm in ARMS:
        datum = item.data[arm]
        if not isinstance(datum, Size) or arm in item.as_printed:
            row[arm] = item.as_printed.get(arm, str(datum))
        if isinstance(datum, Size | MeanSD | Quantiles):
            sizes[arm] = datum.n
        elif isinstance(datum, Unusable):
            if datum.sizes is not None:
                sizes[arm] = f"{datum.sizes[0]}-{datum.sizes[1]}"
        elif isinstance(datum, Percent):
            sizes[arm] = f"{datum.searched[0]}-{datum.searched[1]}"
        elif isinstance(datum, Categories):
            row["categories"] = list(datum.labels)
    if sizes and item.denominator_of is None:
        row["n"] = {arm: sizes.get(arm, _denominator(item, arm, women)) for arm in ARMS}
    return row
