"""Rows as columns of plain values and back: what JSON can hold of a table, in full precision and without repeats."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.results import Column, Table

MOST_ROWS = 50_000
MOST_POINTS = 5_000
"""Points of one curve at most."""
LONGEST = 20_000
"""Characters of one text at most."""
_NAMED = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""Numbers that JSON has no digits for, by the text that stands for them."""

Columns = dict[str, Any]


def columns_of(table: Table[Any], rows: Iterable[Any]) -> Columns:
    """Return rows as columns: numbers as a list, texts as a list of those that differ and the place of each."""
    many = list(rows)
    return {column.name: _cells(column, [getattr(row, column.name) for row in many]) for column in table.columns}


def rows_from(table: Table[Any], columns: Mapping[str, Any], where: str) -> tuple[Any, ...]:
    """Return the rows of columns that `columns_of` gave; columns of later versions keep their defaults.

    Raises
    ------
    OutputError
        If they are none of this table.
    """
    known = {column.name: column for column in table.columns}
    needed = [column.name for column in table.columns if not column.late]
    wrong = [name for name in (*columns, *needed) if name not in known or name not in columns]
    if wrong:
        raise damaged(where, f"columns {', '.join(sorted(set(wrong)))[:200]} unknown or missing")
    values = {name: _values(known[name], cells, f"{where}.{name}") for name, cells in columns.items()}
    if len({len(each) for each in values.values()}) > 1 or max(map(len, values.values()), default=0) > MOST_ROWS:
        raise damaged(where, f"columns of different lengths, or more than {MOST_ROWS} rows")
    return tuple(table.row(**dict(zip(values, cells, strict=True))) for cells in zip(*values.values(), strict=True))


def coded(values: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the values that differ, and the place of each among them."""
    keys = [value if isinstance(value, str) else json.dumps(value) for value in values]
    differ = dict(zip(keys, values, strict=True))
    places = {key: place for place, key in enumerate(differ)}
    return {"of": list(differ.values()), "at": [places[key] for key in keys]}


def decoded(cells: object, where: str) -> list[Any]:
    """Return the values that `coded` was given."""
    if (
        not isinstance(cells, dict)
        or set(cells) != {"of", "at"}
        or not all(isinstance(v, list) for v in cells.values())
    ):
        raise damaged(where, "no list of values with their places")
    of, at = cells["of"], cells["at"]
    if len(at) > MOST_ROWS or not all(type(place) is int and 0 <= place < len(of) for place in at):
        raise damaged(where, "a place without a value")
    return [of[place] for place in at]


def number_of(value: object) -> float | str | None:
    """Return a number as JSON can hold it."""
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else str(number)


def number_from(value: object, where: str) -> float:
    """Return the number that `number_of` was given."""
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    if type(value) not in (int, float):
        raise damaged(where, f"{str(value)[:80]!r} in place of a number")
    return float(value)  # type: ignore[arg-type]


def damaged(where: str, found: str) -> OutputError:
    """Return the error of a page whose embedded data are not as they were written."""
    action = "open the page as it was written, or make it again with `bayes-ivf report DIR`"
    return OutputError(Fault(where, found, "the data that a report of this package embeds", action))


def _cells(column: Column, values: list[Any]) -> Any:
    if column.kind == "text":
        return coded(values)
    if any(isinstance(value, np.ndarray) for value in values):
        return [[number_of(each) for each in value] for value in values]
    return [number_of(value) for value in values] if column.kind == "float" else [int(value) for value in values]


def _values(column: Column, cells: object, where: str) -> list[Any]:
    if column.kind == "text":
        texts = decoded(cells, where)
        if not all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
            raise damaged(where, f"something else than a text of at most {LONGEST} characters")
        return texts
    if not isinstance(cells, list):
        raise damaged(where, "no list of numbers")
    if column.kind != "float":
        if not all(type(value) is int for value in cells):
            raise damaged(where, "something else than a whole number")
        return [bool(value) for value in cells] if column.kind == "bool" else list(cells)
    return [_number(column, value, where) for value in cells]


def _number(column: Column, value: object, where: str) -> Any:
    if isinstance(value, list):
        if len(value) > MOST_POINTS:
            raise damaged(where, f"more than {MOST_POINTS} points")
        return np.array([number_from(each, where) for each in value], dtype=float)
    return None if value is None and column.optional else number_from(value, where)
