"""Tables of printed effects: ``effect`` with ``se``, or with ``ci_low`` and ``ci_high``, and the ``measure`` that it is.

In: columns of text. Out: rows by the name in the column `study`; each study is one `Study`, since such outcomes have no counts
or means to stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayes_ivf.batches.columns import Columns, capped
from bayes_ivf.batches.numbers import NoNumber, read_number
from bayes_ivf.batches.tabled import effect_row, study_of_rows
from bayes_ivf.batches.trials import COUNTS, MEANS, SIGNS
from bayes_ivf.errors import Fault, RequestError, StudyError
from bayes_ivf.study import EffectCI, Study, checked_effect, mcid_fault

NEEDED = ("study", "outcome", "benefit", "measure", "effect")
LIMITS = ("ci_low", "ci_high")
FILLABLE = ("outcome", "benefit", "measure", "level")


def is_effects(columns: Columns) -> bool:
    """Whether columns hold effects alone, with standard errors or limits."""
    names = set(columns.cells)
    return may_hold_effects(columns) and not (set(COUNTS) <= names or set(MEANS) <= names)


def may_hold_effects(columns: Columns) -> bool:
    """Whether there are columns of effects with standard errors or limits."""
    names = set(columns.cells)
    return "effect" in names and ("se" in names or set(LIMITS) <= names)


def effect_studies(columns: Columns, fill: Mapping[str, str]) -> list[Study]:
    """Return the studies of a table of effects; see `effect_rows`."""
    found = effect_rows(columns, fill)
    return [
        study_of_rows(name, {"table": columns.name, "rows": [row for _, row in rows]}) for name, rows in found.items()
    ]


def effect_rows(columns: Columns, fill: Mapping[str, str]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return the rows of a table of effects by study, each with its line.

    Parameters
    ----------
    columns : Columns
        ``study, outcome, benefit, measure, effect`` with ``se`` (of the log of a ratio) or ``ci_low, ci_high``; optional
        ``level, sides, label, mcid, adjusted``.
    fill : mapping of str to str
        Values of columns that the table lacks.

    Raises
    ------
    RequestError
        With every fault and its line, the first twenty in full.
    """
    columns = _filled(columns, fill)
    faults: list[Fault] = []
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    seen: set[tuple[str, str]] = set()
    for row in range(len(columns)):
        cells = {name: values[row] for name, values in columns.cells.items()}
        read = _row(columns, row, cells, faults)
        if read is None:
            continue
        key = cells["study"], cells["outcome"]
        if key in seen:
            faults.append(twice(columns, row, *key))
        seen.add(key)
        found.setdefault(cells["study"], []).append((columns.lines[row], read))
    if faults:
        raise RequestError(capped(faults, columns.name))
    return found


def twice(columns: Columns, row: int, study: str, outcome: str) -> Fault:
    """Say that a study has an outcome already."""
    where, allowed = columns.where(row, "study and outcome"), "each study and outcome once"
    return Fault(where, f"{study} / {outcome} twice", allowed, "remove the row, or rename the outcome")


def fill_faults(columns: Columns, fill: Mapping[str, str], fillable: Sequence[str]) -> list[Fault]:
    """Say which given values are of no column that can be filled, or of one that the table has."""
    return [
        Fault(f"--fill {name}", "no column that can be filled", ", ".join(fillable), "fill only what the table lacks")
        for name in fill
        if name not in fillable or name in columns.cells
    ]


def _filled(columns: Columns, fill: Mapping[str, str]) -> Columns:
    faults = fill_faults(columns, fill, FILLABLE)
    cells = columns.cells | {name: [value] * len(columns) for name, value in fill.items()}
    missing = [name for name in NEEDED if name not in cells]
    if missing:
        allowed = f"{', '.join(NEEDED)} with se, or {' and '.join(LIMITS)} (effects)"
        action = "add or rename columns; outcome, benefit and measure may be given with --fill (fill= in Python)"
        faults.append(Fault(f"{columns.name}, header", f"no column {', '.join(missing)}", allowed, action))
    if not len(columns):
        faults.append(Fault(columns.name, "a header without rows", "one row per study and outcome", "add rows"))
    if faults:
        raise RequestError(faults)
    return replace(columns, cells=cells)


def _row(columns: Columns, row: int, cells: Mapping[str, str], faults: list[Fault]) -> dict[str, Any] | None:
    """Return a row as it is kept; None, and its faults, if it cannot be read."""
    before = len(faults)
    faults += [
        Fault(columns.where(row, name), repr(cells[name][:60]), "printable text", f"name the {name}")
        for name in ("study", "outcome")
        if not cells[name] or not cells[name].isprintable()
    ]
    if cells["benefit"] not in SIGNS:
        where = columns.where(row, "benefit")
        faults.append(Fault(where, repr(cells["benefit"]), ", ".join(SIGNS), "name one of these"))
    effect = _effect(columns, row, cells, faults)
    mcid = float(text) if (text := _plain(columns, row, "mcid", cells, faults)) else None
    if mcid is not None and effect is not None:
        wrong = mcid_fault(mcid, "effect_ci", effect.scale, columns.where(row, "mcid"))
        faults += [] if wrong is None else [wrong]
    if effect is None or len(faults) > before:
        return None
    return effect_row(cells["outcome"], cells.get("label") or cells["outcome"], cells["benefit"], mcid, effect)


def _effect(columns: Columns, row: int, cells: Mapping[str, str], faults: list[Fault]) -> EffectCI | None:
    before = len(faults)
    text = {name: _plain(columns, row, name, cells, faults) for name in ("effect", "se", *LIMITS, "level", "sides")}
    if len(faults) > before:
        return None
    limits = tuple(text[name] or None for name in LIMITS)
    try:
        return checked_effect(
            cells["measure"],
            text["effect"],
            limits if any(limits) else None,
            text["se"] or None,
            float(text["level"] or 0.95),
            cells.get("adjusted", ""),
            int(float(text["sides"])) if text["sides"] else None,
        )
    except StudyError as error:
        faults += [replace(fault, where=columns.where(row, fault.where)) for fault in error.faults]
        return None


def _plain(columns: Columns, row: int, name: str, cells: Mapping[str, str], faults: list[Fault]) -> str:
    """Return a number in plain digits; empty where the cell is."""
    if not cells.get(name):
        return ""
    number = read_number(cells[name], columns.decimal)
    if isinstance(number, NoNumber):
        where = columns.where(row, name)
        faults.append(Fault(where, number.found, "a finite number", number.action or f"give {name} as a number"))
        return ""
    return number.text
