"""Columns of a frame by name, whoever made it: pandas (with any backing), polars, an Arrow table."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


def column_names(frame: Any) -> list[Hashable] | None:
    """Return the names of the columns; None if it is no frame whose columns can be read."""
    names = getattr(frame, "column_names", None)  # an Arrow table, whose `columns` are the columns themselves
    if not isinstance(names, list) or not hasattr(frame, "column"):
        names = getattr(frame, "columns", None)
    readable = hasattr(frame, "__getitem__") and hasattr(frame, "shape")
    if names is None or isinstance(names, str) or not readable:
        return None
    try:
        names = list(names)
    except TypeError:
        return None
    return names if all(isinstance(name, str | int | float | tuple) for name in names) else None


def column_values(frame: Any, name: Hashable) -> list[Any]:
    """Return a column as a list of plain values."""
    column = frame[name]
    for method in ("tolist", "to_list", "to_pylist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)


def row_count(frame: Any) -> int:
    """Return the number of rows."""
    return int(frame.shape[0])
