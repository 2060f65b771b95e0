"""Tables whose rows are counts or means of the arms, or printed effects: each row is one or the other.

A study with a row of an effect is a `Study` with all its rows; the rows of all others stay a `TrialTable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayes_ivf.batches.columns import Columns, capped
from bayes_ivf.batches.effect_rows import FILLABLE as OF_EFFECTS
from bayes_ivf.batches.effect_rows import effect_rows, effect_studies, fill_faults, is_effects, may_hold_effects, twice
from bayes_ivf.batches.foreign import EFFECTS, Asked, own_columns
from bayes_ivf.batches.header import FILLABLE, arm_columns, name_columns, translate_header
from bayes_ivf.batches.table import check_columns
from bayes_ivf.batches.tabled import study_of_rows, table_rows
from bayes_ivf.batches.trials import TrialTable
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.study import Study

WHERE = "counts or means, and effect"
Rows = dict[str, list[tuple[int, dict[str, Any]]]]
"""Rows by study, each with its line."""


def sources_of(columns: Columns, asked: Asked | None = None) -> Sequence[Study | TrialTable]:
    """Return what a table holds: trials as a table, studies with printed effects as studies.

    Parameters
    ----------
    columns : Columns
    asked : Asked, optional
        How it is read, where that does not follow from it.

    Raises
    ------
    RequestError
        With every fault and its line, the first twenty in full.
    """
    columns, fill, notes = own_columns(columns, asked or Asked())
    arms, effects = _filled(columns)
    mixed = any(arms) and any(effect and not arm for arm, effect in zip(arms, effects, strict=True))
    if mixed:
        sources: Sequence[Study | TrialTable] = _mixed(columns, fill, arms, effects)
    elif is_effects(columns) or (any(effects) and not any(arms)):
        columns, more = name_columns(columns)
        notes, sources = [*notes, *more], effect_studies(columns, fill)
    else:
        sources = [check_columns(columns, fill)]
    return [replace(source, notes=(*notes, *source.notes)) for source in sources] if notes else sources


def _filled(columns: Columns) -> tuple[list[bool], list[bool]]:
    """Say of each row whether it has numbers of the arms, and whether it has an effect."""
    if not may_hold_effects(columns):
        return [], []
    names = arm_columns(columns)
    arms = [any(columns.cells[name][row] for name in names) for row in range(len(columns))]
    return arms, [bool(text) for text in columns.cells["effect"]]


def _mixed(
    columns: Columns, fill: Mapping[str, str], arms: Sequence[bool], effects: Sequence[bool]
) -> list[Study | TrialTable]:
    fillable = tuple(dict.fromkeys((*FILLABLE, *OF_EFFECTS)))
    faults = [*fill_faults(columns, fill, fillable), *_neither_or_both(columns, arms, effects)]
    if faults:
        raise RequestError(capped(faults, columns.name))
    named, notes = translate_header(columns, {name: value for name, value in fill.items() if name in FILLABLE})
    with_effects = {study for study, effect in zip(named.cells["study"], effects, strict=True) if effect}
    of_table = [row for row, study in enumerate(named.cells["study"]) if study not in with_effects]
    beside = [row for row, study in enumerate(named.cells["study"]) if study in with_effects and arms[row]]
    found = _tried(faults, _of_effects, named, fill, effects) or {}
    table = _tried(faults, _trials, named, of_table) if of_table else None
    others = _tried(faults, _trials, named, beside) if beside else None
    if not faults and others is not None:
        faults += _join(named, found, others, beside)
    if faults:
        raise RequestError(capped(faults, columns.name))
    told = [*notes, *([] if others is None else others.notes)]
    studies = [_study(columns.name, name, rows, () if table else told) for name, rows in found.items()]
    return [*([] if table is None else [replace(table, notes=(*told, *table.notes))]), *studies]


def _tried[Read](faults: list[Fault], read: Callable[..., Read], *given: Any) -> Read | None:
    """Read something; keep its faults beside those of the rest."""
    try:
        return read(*given)
    except BayesIvfError as error:
        faults += error.faults
        return None


def _study(table: str, name: str, rows: Sequence[tuple[int, dict[str, Any]]], notes: Sequence[str]) -> Study:
    """Make a study of its rows, in the order of their lines."""
    ordered = [row for _, row in sorted(rows, key=lambda each: each[0])]
    return study_of_rows(name, {"table": table, "rows": ordered, "notes": list(notes)})


def _neither_or_both(columns: Columns, arms: Sequence[bool], effects: Sequence[bool]) -> list[Fault]:
    told = {True: ("both filled", "empty one of them"), False: ("none filled", "fill one of them, or remove the row")}
    return [
        Fault(columns.where(row, WHERE), told[arm][0], "either counts or means of the arms, or an effect", told[arm][1])
        for row, (arm, effect) in enumerate(zip(arms, effects, strict=True))
        if arm == effect
    ]


def _of_effects(columns: Columns, fill: Mapping[str, str], effects: Sequence[bool]) -> Rows:
    own = {name: value for name, value in fill.items() if name not in columns.cells}
    return effect_rows(_part(columns, [row for row, effect in enumerate(effects) if effect]), own)


def _trials(columns: Columns, rows: Sequence[int]) -> TrialTable:
    part = _part(columns, rows)
    return check_columns(replace(part, cells={name: part.cells[name] for name in part.cells if name not in EFFECTS}))


def _part(columns: Columns, rows: Sequence[int]) -> Columns:
    cells = {name: [values[row] for row in rows] for name, values in columns.cells.items()}
    return replace(columns, cells=cells, lines=[columns.lines[row] for row in rows])


def _join(columns: Columns, found: Rows, table: TrialTable, rows: Sequence[int]) -> list[Fault]:
    """Put rows of counts and means beside the effects of their study; return faults of outcomes that are there twice."""
    faults = []
    for place, row in enumerate(rows):
        study, outcome = table.study[place], table.outcome[place]
        if any(outcome == other["outcome"] for _, other in found[study]):
            faults.append(twice(columns, row, study, outcome))
        found[study].append((columns.lines[row], table_rows(table, [place])["rows"][0]))
    return faults
