"""One row of a table as an outcome of a study file: the cells are read as the reader of study files reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bayes_ivf.errors import StudyError
from bayes_ivf.identifiers import is_identifier
from bayes_ivf.study.forms import CountCell, MeanCell, read_counts, read_mean, read_percent
from bayes_ivf.study.imports.glossary import Entry, entry_of
from bayes_ivf.study.imports.tables.grids import Cell, Row
from bayes_ivf.study.imports.text import find_marks, plain_signs
from bayes_ivf.study.imports.writing import CONFIRM, Noted, OutcomeDraft
from bayes_ivf.study.p_value import read_p

SOURCE = "table"
_COUNT_LABEL = re.compile(
    r"[,;(\[]?\s*\bn(?:o\.?)?\s*(?:/\s*N\s*)?[(\[]\s*%\s*[)\]]\s*[)\]]?|,\s*n\s*,?\s*%", re.IGNORECASE
)
_SHARE_LABEL = re.compile(r"[(\[,]\s*%\s*[)\]]?|\bpercent(?:age)?\b", re.IGNORECASE)
_MEAN_LABEL = re.compile(
    r"[,;(\[]?\s*mean\s*(?:±|\+/-|[(\[])\s*(?:SD|S\.D\.|standard deviation)\s*[)\]]?", re.IGNORECASE
)
_ERROR_LABEL = re.compile(
    r"[,;(\[]?\s*mean\s*(?:±|\+/-|[(\[])\s*(?:SEM?|S\.E\.M?\.|standard error)\s*[)\]]?", re.IGNORECASE
)
_MEDIAN_LABEL = re.compile(r"[,;(\[]?\s*median\b[^,;]*", re.IGNORECASE)
_IN_BRACKETS = (
    ("quartiles", re.compile(r"IQR|interquartile|quartiles", re.IGNORECASE)),
    ("range", re.compile(r"\b(?:range|min)\b", re.IGNORECASE)),
)
_UNIT = re.compile(r"[(\[]\s*([^()\[\]%]{1,25}?)\s*[)\]]\s*$")
_SCALE = re.compile(r"\b(?:OR|RR|HR|MD|RD|(?:odds|risk|hazard) ratio|relative risk|(?:mean|risk) difference)\b")
_PER = re.compile(r"\bper\s+(?P<unit>[a-z][a-z ]{2,40})", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*(\d[\d,]*)\s*[(\[]\s*(\d+(?:\.\d+)?)\s*[)\]]\s*")
_PLAIN = re.compile(r"\s*\d+(?:[.,]\d+)?\s*")


@dataclass(frozen=True)
class Columns:
    """Places of the columns of a table, how many women the two arms had (0 where it is not said), and how many arms there are.

    A P or an effect in a table of more than two arms may be of all of them, and stands as a comment.
    """

    label: int
    arms: tuple[int, int]
    p: int | None
    effect: int | None
    effect_head: str
    sizes: tuple[int, int]
    every: int = 2


@dataclass(frozen=True)
class _Read:
    """Cells of both arms: kind of the outcome, texts, further keys, what to confirm."""

    kind: str
    texts: tuple[str, str]
    values: tuple[float | None, float | None]
    keys: dict[str, Noted]
    remarks: tuple[str, ...] = ()


def row_draft(row: Row, columns: Columns, heading: str, taken: set[str]) -> OutcomeDraft:
    """Return the outcome of a row; cells of no form that a study file holds stand as comments.

    Parameters
    ----------
    row : Row
    columns : Columns
    heading : str
        The last row above that has no cells.
    taken : set of str
        Ids of the rows above; that of this one is added.
    """
    label = row[columns.label].text
    entry = entry_of(plain_signs(label))
    cells = tuple(row[place] for place in columns.arms)
    remarks = [f"{CONFIRM} below the heading {heading!r}"] if heading else []
    name = _name(label, entry, taken)
    read = _read(label, cells[0], cells[1], columns, entry)
    shown = _label(label)
    benefit = "none" if entry is None else entry.benefit
    usual = (
        f"{CONFIRM} the usual direction of benefit"
        if benefit != "none"
        else f"{CONFIRM} no direction is known as benefit"
    )
    keys = {
        "label": Noted(shown),
        "kind": Noted(read.kind if read else "unavailable"),
        "benefit": Noted(benefit, usual),
    }
    if entry is not None:
        role = entry.role if entry.role != "outcome" else ""
        keys |= {key: Noted(value) for key, value in (("role", role), ("family", entry.family)) if value}
    if read is None:
        note = Noted("Printed in a form that a study file cannot hold; see the comments in this file.")
        aside = [
            f'{arm} = "{cell.text}"  ({cell.at})' for arm, cell in zip(("treatment", "control"), cells, strict=True)
        ]
        return OutcomeDraft(name, keys | {"source": Noted(SOURCE), "note": note}, tuple(remarks), tuple(aside))
    if (
        entry is not None
        and entry.stage
        and "unit" not in read.keys
        and read.values[0] is not None
        and not _is_mean(read)
    ):
        keys["stage"] = Noted(entry.stage)
    keys |= {
        arm: Noted(text, cell.at) for arm, text, cell in zip(("treatment", "control"), read.texts, cells, strict=True)
    }
    keys |= read.keys
    if columns.every == 2:
        keys |= _claim(row, columns, read) | _effect(row, columns, read)
    aside = _not_used(row, columns, keys)
    remarks += [f"{CONFIRM} {remark}" for remark in read.remarks]
    return OutcomeDraft(name, keys | {"source": Noted(SOURCE)}, tuple(remarks), tuple(aside))


def _not_used(row: Row, columns: Columns, keys: Mapping[str, Noted]) -> list[str]:
    """List the cells of a row that are not in its outcome."""
    used: set[int | None] = {columns.label, *columns.arms}
    used |= {columns.p} if "claim" in keys else set()
    used |= {columns.effect} if "effect" in keys else set()
    return [f"not used: {cell.text}  ({cell.at})" for place, cell in enumerate(row) if place not in used and cell.text]


def _name(label: str, entry: Entry | None, taken: set[str]) -> str:
    plain = entry.id if entry is not None else re.sub(r"[^a-z0-9]+", "_", _label(label).lower()).strip("_")[:50]
    plain = plain if is_identifier(plain) else "outcome"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name)
    return name


def _label(label: str) -> str:
    """Return a label without what it says of its cells."""
    for pattern in (_COUNT_LABEL, _MEAN_LABEL, _ERROR_LABEL, _MEDIAN_LABEL, _SHARE_LABEL):
        label = pattern.sub("", label)
    plain = "".join(sign for sign in label if sign.isprintable())
    return " ".join(plain.split()).strip(" ,;:")[:300] or "not said"


def _read(label: str, treatment: Cell, control: Cell, columns: Columns, entry: Entry | None) -> _Read | None:
    """Read both cells in the first way that fits both."""
    if _MEDIAN_LABEL.search(label):
        return _medians(label, treatment.text, control.text)
    for way in (_means, _counts, _shares):
        found = way(label, treatment.text, control.text, columns, entry)
        if found is not None:
            return found
    return None


def _medians(label: str, one: str, other: str) -> _Read | None:
    """Read medians where the label says what stands in brackets."""
    spread = next((name for name, words in _IN_BRACKETS if words.search(label)), "")
    marks = [find_marks(text) for text in (one, other)]
    if not spread or not all(len(each) == 1 and each[0].kind == "quartiles" for each in marks):
        return None
    values = [float(each[0].parts["median"].replace(",", "").replace("·", ".")) for each in marks]
    keys = {"spread": Noted(spread, "as the label says")}
    unit = _UNIT.search(_label(label))
    return _Read(
        "quantiles", (one, other), (values[0], values[1]), keys | ({"unit": Noted(unit.group(1))} if unit else {})
    )


def _is_mean(read: _Read) -> bool:
    return "spread" in read.keys


def _tried[T](reader: Callable[[str], T], *texts: str) -> list[T] | None:
    try:
        return [reader(text) for text in texts]
    except StudyError:
        return None


def _means(label: str, one: str, other: str, columns: Columns, entry: Entry | None) -> _Read | None:
    named = "se" if _ERROR_LABEL.search(label) else "sd" if _MEAN_LABEL.search(label) else ""
    cells: list[MeanCell] | None = _tried(read_mean, one, other)
    if cells is None or (any(cell.bare for cell in cells) and not named):
        return None
    keys = {"spread": Noted(named, "as the label says")} if named else {}
    unit = _UNIT.search(_label(label))
    if unit is not None and not any(cell.unit for cell in cells):
        keys["unit"] = Noted(unit.group(1))
    asks = (
        () if named or any(cell.spread for cell in cells) else ("whether the number after ± is a standard deviation",)
    )
    return _Read("mean_sd", (one, other), (float(cells[0].mean), float(cells[1].mean)), keys, asks)


def _counts(label: str, one: str, other: str, columns: Columns, entry: Entry | None) -> _Read | None:
    remarks: tuple[str, ...] = ()
    if _COUNT_LABEL.search(label):
        found = [_BRACKETED.fullmatch(text) for text in (one, other)]
        if all(found):
            one, other = (f"{each[1]} ({each[2]}%)" for each in found if each is not None)
            remarks = ("the label says n (%): the number in brackets is a percentage",)
    cells: list[CountCell] | None = _tried(read_counts, one, other)
    if cells is None:
        return None
    sizes = [cell.n or 0 for cell in cells]
    keys, asks = _per(label, entry, sizes if all(sizes) else [0, 0], columns)
    return _Read(
        "counts",
        (one, other),
        (_share(cells[0], columns.sizes[0]), _share(cells[1], columns.sizes[1])),
        keys,
        (*remarks, *asks),
    )


def _share(cell: CountCell, n: int) -> float | None:
    if cell.percent is not None:
        return float(cell.percent)
    total = cell.n or n
    return None if cell.events is None or not total else 100 * cell.events / total


def _shares(label: str, one: str, other: str, columns: Columns, entry: Entry | None) -> _Read | None:
    remarks: tuple[str, ...] = ()
    if _SHARE_LABEL.search(label) and _PLAIN.fullmatch(one) and _PLAIN.fullmatch(other):
        one, other = f"{one.strip()}%", f"{other.strip()}%"
        remarks = ("the label says that the numbers are percentages",)
    if "%" not in one + other:
        return None
    cells = _tried(read_percent, one, other)
    if cells is None:
        return None
    keys, asks = _per(label, entry, [0, 0], columns)
    values = tuple(None if cell.percent is None else float(cell.percent) for cell in cells)
    return _Read("percent", (one, other), (values[0], values[1]), keys, (*remarks, *asks))


def _per(
    label: str, entry: Entry | None, printed: list[int], columns: Columns
) -> tuple[dict[str, Noted], tuple[str, ...]]:
    """Return the unit of the denominator, and the denominators where they are not the women of the arms."""
    said = _PER.search(label)
    per = said["unit"].strip() if said else "woman" if entry is None or tuple(printed) == columns.sizes else entry.per
    keys = {} if per == "woman" else {"per": Noted(per, "as the label says" if said else f"{CONFIRM} the usual unit")}
    if all(printed) and tuple(printed) != columns.sizes:
        keys["n"] = Noted({"treatment": printed[0], "control": printed[1]}, "as printed in the cells")
        return keys, () if said else (f"what one unit of the denominators {printed[0]} and {printed[1]} is",)
    if per == "clinical_pregnancy" and not any(printed):
        keys["denominator"] = Noted("cpr", f"{CONFIRM} the denominators are the events of this outcome")
    return keys, ()


def _claim(row: Row, columns: Columns, read: _Read) -> dict[str, Noted]:
    """Return the claim that a P makes: of a difference in the direction of the numbers, or of none."""
    cell = row[columns.p] if columns.p is not None and columns.p < len(row) else None
    if cell is None or not cell.text:
        return {}
    found = _tried(read_p, cell.text.strip(" *†‡§"))
    if found is None:
        return {}
    p, level = found[0], Decimal("0.05")
    if p.relation in "<≤" and p.number > level:
        return {}
    small = p.relation not in ">≥" and p.number <= level
    treatment, control = read.values
    shown = (
        ""
        if treatment is None or control is None or treatment == control
        else "higher"
        if treatment > control
        else "lower"
    )
    direction = (shown or "differs") if small else "none"
    words = {"none": "no difference", "differs": "different"}.get(direction, direction)
    printed = cell.text.strip(" *†‡§")
    said = (
        printed
        if printed.lower().startswith("p") or p.words
        else f"P {printed}"
        if printed[:1] in "<>=≤≥"
        else f"P = {printed}"
    )
    table: dict[str, Any] = {"text": f"{words}, {said}", "direction": direction, "p": said}
    how = "the direction is that of the numbers" if small else "P is above 0.05"
    return {"claim": Noted(table, f"{cell.at}; {CONFIRM} {how}")}


def _effect(row: Row, columns: Columns, read: _Read) -> dict[str, Noted]:
    """Return a printed effect that names its scale and interval, in its cell or at the head of its column."""
    cell = row[columns.effect] if columns.effect is not None and columns.effect < len(row) else None
    if cell is None or "adjust" in columns.effect_head.lower():
        return {}
    head = _SCALE.search(columns.effect_head)
    texts = (cell.text, f"{head.group()} {cell.text}" if head is not None else "")
    mark = next((each for text in texts for each in find_marks(text) if each.kind == "effect"), None)
    if mark is None or mark.parts["adjusted"] or "%" in mark.parts["estimate"]:
        return {}
    estimate = float(mark.parts["estimate"].replace(",", "").replace("·", "."))
    center = 1 if "ratio" in mark.parts["scale"] else 0
    treatment, control = read.values
    if treatment is not None and control is not None and (treatment - control) * (estimate - center) < 0:
        return {}
    table = {name: mark.parts[name] for name in ("scale", "estimate", "low", "high")}
    return {"effect": Noted(table, f"{cell.at}; {CONFIRM} treatment over control, and 95%")}
