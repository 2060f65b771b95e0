"""Outcome and baseline measures of a registered trial as outcomes of a study file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from bayes_ivf.identifiers import is_identifier
from bayes_ivf.study.imports.glossary import entry_of
from bayes_ivf.study.imports.registry.analyses import Values, analysis_of, effect_alone, is_number, said
from bayes_ivf.study.imports.registry.arms import ORDER, Pair
from bayes_ivf.study.imports.registry.json_record import Piece
from bayes_ivf.study.imports.text import plain_signs
from bayes_ivf.study.imports.writing import CONFIRM, Noted, OutcomeDraft
from bayes_ivf.study.units import read_unit

SOURCE = "registry"
_PERSONS = re.compile(
    r"\b(?:participants?|patients?|women|subjects?|people|persons?|couples?|females?)\b", re.IGNORECASE
)
_SHARE = re.compile(r"percent|%|proportion", re.IGNORECASE)
_SPREADS = {"STANDARD_DEVIATION": "sd", "STANDARD_ERROR": "se", "STANDARD_ERROR_OF_THE_MEAN": "se"}
_QUANTILES = {"INTER_QUARTILE_RANGE": "quartiles", "INTERQUARTILE_RANGE": "quartiles", "FULL_RANGE": "range"}
Role = Literal["outcome", "baseline"]


def measure_drafts(measure: Piece, pair: Pair, role: Role, taken: set[str]) -> Iterator[OutcomeDraft]:
    """Give the outcomes of one measure; what no study file holds stands as comments.

    Parameters
    ----------
    measure : Piece
        Of the outcome measures or the baseline characteristics.
    pair : Pair
    role : {"outcome", "baseline"}
    taken : set of str
        Ids that are used already; those of the measure are added.
    """
    groups = pair.groups(measure["groups"])
    if groups is None or not measure["classes"]:
        yield _empty(measure, role, taken)
        return
    asks = [ORDER] if pair.by_order(measure["groups"]) else []
    together = _exclusive(measure, groups) if role == "baseline" else None
    if together is not None:
        yield _categories(measure, together, role, taken, asks)
        return
    for values in _values(measure, groups):
        yield _draft(measure, values, pair, groups, role, taken, asks)


def _values(measure: Piece, groups: tuple[str, str]) -> Iterator[Values]:
    title = measure["title"].text
    for each in measure["classes"]:
        denoms = each["denoms"] if each["denoms"] else measure["denoms"]
        sizes, units = _sizes(denoms, groups, measure["denomUnitsSelected"].text)
        for category in each["categories"]:
            found = {item["groupId"].text: item for item in category["measurements"]}
            if groups[0] in found and groups[1] in found:
                parts = [part for part in (title, each["title"].text, category["title"].text) if part]
                yield Values(": ".join(parts), (found[groups[0]], found[groups[1]]), sizes, units, category.path)


def _sizes(denoms: Piece, groups: tuple[str, str], selected: str) -> tuple[tuple[int | None, int | None], str]:
    """Return the denominators of the two arms and what they count."""
    chosen = next((each for each in denoms if each["units"].text == selected), None) or next(iter(denoms), Piece(None))
    counts = {each["groupId"].text: each["value"].count for each in chosen["counts"]}
    return (counts.get(groups[0]), counts.get(groups[1])), chosen["units"].text


def _name(label: str, taken: set[str]) -> str:
    entry = entry_of(plain_signs(label))
    base = entry.id if entry is not None else re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50].rstrip("_")
    base = base if is_identifier(base) else "outcome"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name


def _head(label: str, kind: str, role: Role) -> dict[str, Noted]:
    entry = entry_of(plain_signs(label))
    benefit = entry.benefit if entry is not None and role == "outcome" else "none"
    usual = (
        f"{CONFIRM} the usual direction of benefit"
        if benefit != "none"
        else f"{CONFIRM} no direction is known as benefit"
    )
    keys = {
        "label": Noted(label[:400]),
        "kind": Noted(kind),
        "benefit": Noted(benefit, "" if role == "baseline" else usual),
    }
    if role == "baseline":
        keys["role"] = Noted(role)
    if entry is not None and entry.family and role == "outcome":
        keys["family"] = Noted(entry.family)
    return keys


def _source(measure: Piece) -> dict[str, Noted]:
    keys = {"source": Noted(f"{SOURCE}, {measure.path}")}
    parts = [("Time frame", "timeFrame"), ("Population", "populationDescription")]
    note = " ".join(f"{name}: {measure[key].text}" for name, key in parts if measure[key].text)
    return keys | ({"note": Noted(note[:1500])} if note else {})


def _draft(
    measure: Piece, values: Values, pair: Pair, groups: tuple[str, str], role: Role, taken: set[str], asks: list[str]
) -> OutcomeDraft:
    name = _name(values.label, taken)
    read = _cells(measure, values)
    comments = [f"{piece.path}.comment: {piece['comment'].text}" for piece in values.pieces if piece["comment"]]
    if read is None:
        effect, aside = effect_alone(measure, values, groups) if role == "outcome" else ({}, [])
        keys = _head(values.label, "effect_ci" if effect else "unavailable", role) | effect | _source(measure)
        if not effect:
            note = f" {keys['note'].value}" if "note" in keys else ""
            keys["note"] = Noted(f"Posted in a form that a study file cannot hold.{note}"[:1900])
        lines = _as_posted(measure, values) if not effect else [*aside, *_as_posted(measure, values)]
        return OutcomeDraft(name, keys, tuple(asks), (*dict.fromkeys(lines), *comments))
    kind, cells, more = read
    keys = _head(values.label, kind, role)
    if "per" in more:
        keys["per"] = more.pop("per")
    for arm, cell, piece in zip(("treatment", "control"), cells, values.pieces, strict=True):
        keys[arm] = Noted(cell, f"{piece.path}")
    sizes = values.sizes
    if None not in sizes and sizes != (pair.arms[0].n, pair.arms[1].n):
        keys["n"] = Noted(
            {"treatment": sizes[0], "control": sizes[1]}, f"denominators posted with the measure, {values.units}"
        )
    entry = entry_of(plain_signs(values.label))
    if entry is not None and entry.stage and role == "outcome" and not more:
        keys["stage"] = Noted(entry.stage)
    keys |= more
    left: list[str] = []
    if role == "outcome":
        found, left = analysis_of(measure, values, groups)
        keys |= found
    return OutcomeDraft(name, keys | _source(measure), tuple(asks), (*left, *comments))


def _kind_of(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")


def _cells(measure: Piece, values: Values) -> tuple[str, tuple[str, str], dict[str, Noted]] | None:
    """Return kind, cells and further keys; None if no kind holds what was posted."""
    param, spread = _kind_of(measure["paramType"].text), _kind_of(measure["dispersionType"].text)
    unit = measure["unitOfMeasure"].text
    numbers = [piece["value"].text for piece in values.pieces]
    if not all(is_number(number) for number in numbers):
        return None
    if param.startswith("COUNT_OF") or (param == "NUMBER" and _PERSONS.fullmatch(unit.strip())):
        return _as_counts(values, param, unit)
    if param == "NUMBER" and _SHARE.search(unit):
        per = _per(unit)
        return "percent", (f"{numbers[0]}%", f"{numbers[1]}%"), per
    more = {"unit": Noted(unit[:200])} if unit else {}
    if param == "MEAN" and spread in _SPREADS:
        spreads = [piece["spread"].text for piece in values.pieces]
        if all(map(is_number, spreads)):
            more["spread"] = Noted(_SPREADS[spread], f"{measure.path}.dispersionType")
            return "mean_sd", (f"{numbers[0]} ± {spreads[0]}", f"{numbers[1]} ± {spreads[1]}"), more
    if param == "MEDIAN" and spread in _QUANTILES:
        limits = [(piece["lowerLimit"].text, piece["upperLimit"].text) for piece in values.pieces]
        if all(is_number(low) and is_number(high) for low, high in limits):
            more["spread"] = Noted(_QUANTILES[spread], f"{measure.path}.dispersionType")
            texts = [f"{number} ({low} to {high})" for number, (low, high) in zip(numbers, limits, strict=True)]
            return "quantiles", (texts[0], texts[1]), more
    return None


def _as_counts(values: Values, param: str, unit: str) -> tuple[str, tuple[str, str], dict[str, Noted]] | None:
    events = [piece["value"].count for piece in values.pieces]
    if None in events or None in values.sizes:
        return None
    of_units = param == "COUNT_OF_UNITS"
    per = _per(values.units if of_units else "")
    return "counts", (f"{events[0]}/{values.sizes[0]}", f"{events[1]}/{values.sizes[1]}"), per


def _per(unit: str) -> dict[str, Noted]:
    """Return the unit of the denominator, where it is not a woman."""
    plain = re.sub(r"(?i)percent(?:age)?s?|%|proportion|\bof\b|\(|\)", " ", unit).strip()
    found = read_unit(plain) if plain else "woman"
    if found == "woman" or not plain:
        return {}
    return {"per": Noted(found or plain, f"{CONFIRM} the unit is posted as {unit!r}")}


def _as_posted(measure: Piece, values: Values) -> list[str]:
    lines = [
        f"{measure['paramType'].text} / {measure['dispersionType'].text or 'no dispersion'}, {measure['unitOfMeasure'].text}"
    ]
    for arm, piece, size in zip(("treatment", "control"), values.pieces, values.sizes, strict=True):
        parts = [
            f"{key} {piece[key].text}" for key in ("value", "spread", "lowerLimit", "upperLimit") if piece[key].text
        ]
        lines.append(f"{arm}: {', '.join(parts)}, n {'not posted' if size is None else size}  ({piece.path})")
    lines += [said(analysis) for analysis in measure["analyses"]]
    return lines


def _empty(measure: Piece, role: Role, taken: set[str]) -> OutcomeDraft:
    label = measure["title"].text or "Outcome without a title"
    keys = _head(label, "unavailable", role) | _source(measure)
    status = measure["reportingStatus"].text
    keys["note"] = Noted(f"No values of the two arms are posted{f' ({status})' if status else ''}.")
    return OutcomeDraft(_name(label, taken), keys)


def _exclusive(measure: Piece, groups: tuple[str, str]) -> list[Values] | None:
    """Return categories that add up to the denominators; None if they do not, or are other than counts of women."""
    values = list(_values(measure, groups))
    one_class = sum(1 for _ in measure["classes"]) == 1
    if not one_class or len(values) < 2 or _kind_of(measure["paramType"].text) != "COUNT_OF_PARTICIPANTS":
        return None
    for arm in (0, 1):
        counts = [each.pieces[arm]["value"].count for each in values]
        if None in counts or sum(each or 0 for each in counts) != values[0].sizes[arm]:
            return None
    return values


def _categories(measure: Piece, values: list[Values], role: Role, taken: set[str], asks: list[str]) -> OutcomeDraft:
    label = measure["title"].text
    keys = _head(label, "categories", role)
    keys["categories"] = Noted([each.label.removeprefix(f"{label}: ")[:200] for each in values])
    for arm, name in enumerate(("treatment", "control")):
        keys[name] = Noted(" / ".join(each.pieces[arm]["value"].text for each in values), values[0].path)
    return OutcomeDraft(_name(label, taken), keys | _source(measure), tuple(asks))
