"""Tables of printed effects: ``effect`` with ``se``, or with ``ci_low`` and ``ci_high``, and the ``measure`` that it is.

In: columns of text. Out: one `Study` for each name in the column `study`, since such outcomes have no counts or means to stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from bayes_ivf.batches.columns import Columns, capped
from bayes_ivf.batches.numbers import NoNumber, read_number
from bayes_ivf.batches.trials import COUNTS, MEANS, SIGNS
from bayes_ivf.errors import Fault, RequestError, StudyError
from bayes_ivf.study import ARMS, EffectCI, Outcome, Study, checked_effect, mcid_fault

NEEDED = ("study", "outcome", "benefit", "measure", "effect")
LIMITS = ("ci_low", "ci_high")
FILLABLE = ("outcome", "benefit", "measure", "level")


def is_effects(columns: Columns) -> bool:
    """Whether columns hold effects alone, with standard errors or limits."""
    names = set(columns.cells)
    spread = "se" in names or set(LIMITS) <= names
    return "effect" in names and spread and not (set(COUNTS) <= names or set(MEANS) <= names)


def effect_studies(columns: Columns, fill: Mapping[str, str]) -> list[Study]:
    """Return the studies of a table of effects.

    Parameters
    ----------
    columns : Columns
        ``study, outcome, benefit, measure, effect`` with ``se`` (of the log of a ratio) or ``ci_low, ci_high``; optional
        ``level, label, mcid, adjusted``.
    fill : mapping of str to str
        Values of columns that the table lacks.

    Raises
    ------
    RequestError
        With every fault and its line, the first twenty in full.
    """
    columns = _filled(columns, fill)
    faults: list[Fault] = []
    items: dict[str, dict[str, Outcome]] = {}
    for row in range(len(columns)):
        cells = {name: values[row] for name, values in columns.cells.items()}
        item = _outcome(columns, row, cells, faults)
        if item is None:
            continue
        of_study = items.setdefault(cells["study"], {})
        if item.id in of_study:
            found = f"{cells['study']} / {item.id} twice"
            where = columns.where(row, "study and outcome")
            faults.append(Fault(where, found, "each study and outcome once", "remove the row, or rename the outcome"))
        of_study[item.id] = item
    if faults:
        raise RequestError(capped(faults, columns.name))
    notes = (f"From the table {columns.name}; nothing else of the paper was read.",)
    arms: Any = {"treatment": "Treatment", "control": "Control"}
    sizes: Any = dict.fromkeys(ARMS, 0)
    return [Study(name, name, arms, sizes, tuple(each.values()), notes=notes) for name, each in items.items()]


def _filled(columns: Columns, fill: Mapping[str, str]) -> Columns:
    faults = [
        Fault(f"--fill {name}", "no column that can be filled", ", ".join(FILLABLE), "fill only what the table lacks")
        for name in fill
        if name not in FILLABLE or name in columns.cells
    ]
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


def _outcome(columns: Columns, row: int, cells: Mapping[str, str], faults: list[Fault]) -> Outcome | None:
    """Return the outcome of a row; None, and its faults, if it cannot be read."""
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
    label, benefit = cells.get("label") or cells["outcome"], cast(Any, cells["benefit"])
    return Outcome(cells["outcome"], label, "effect_ci", "woman", benefit, mcid, effect=effect)


def _effect(columns: Columns, row: int, cells: Mapping[str, str], faults: list[Fault]) -> EffectCI | None:
    before = len(faults)
    text = {name: _plain(columns, row, name, cells, faults) for name in ("effect", "se", *LIMITS, "level")}
    if len(faults) > before:
        return None
    limits = tuple(text[name] for name in LIMITS)
    try:
        return checked_effect(
            cells["measure"],
            text["effect"],
            limits if any(limits) else None,
            text["se"] or None,
            float(text["level"] or 0.95),
            cells.get("adjusted", ""),
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
