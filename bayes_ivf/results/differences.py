"""What changed between two runs, or two batches: rows by key, numbers with their size, and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import Fault, OutputError, RequestError
from bayes_ivf.files import read_finished, read_manifest
from bayes_ivf.results.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.results.table import Table

COLUMNS = ("table", "key", "change", "column", "before", "after", "size")
KINDS = ("gone", "new", "number", "words")
"""Of changes: a row is in the first folder alone, in the second alone, or holds another number or other words."""
ASIDE = ("written_at", "seconds", "versions")
"""Entries of manifests that differ from day to day and from machine to machine."""
_STATES = {"interrupted": "was interrupted", "sampling": "has not finished sampling: its numbers are by quadrature"}
_POINTS = {"curves": "x"}
"""Key of a table whose rows are points of a curve: they are counted, since a curve's points move with its ends."""


@dataclass(frozen=True, eq=False)
class Differences:
    """What changed from one folder to another.

    Parameters
    ----------
    changes : DataFrame
        One row per change, columns as in `COLUMNS`: `size` is the absolute difference of two numbers.
    aside : tuple of str
        What differs beside the tables and counts for nothing: dates, durations, versions.
    """

    changes: pd.DataFrame
    aside: tuple[str, ...]


def differences(before: Path, after: Path, tolerance: float = 0.0) -> Differences:
    """Compare the tables of two finished runs, or two finished batches.

    Parameters
    ----------
    before, after : Path
    tolerance : float
        Numbers that are no farther apart count as equal.

    Raises
    ------
    RequestError
        If the tolerance is no number from 0 on, or one folder is a run and the other one a batch.
    OutputError
        If a folder holds no finished run or batch, or one with missing or changed files.
    """
    import pandas as pd

    if not 0 <= tolerance < float("inf"):
        raise RequestError(Fault("tolerance", repr(tolerance), "a number from 0 on", "name such a number"))
    manifests = [_finished(folder) for folder in (before, after)]
    kinds = [manifest["kind"] for manifest in manifests]
    if kinds[0] != kinds[1]:
        found = f"a {kinds[0]} and a {kinds[1]}"
        raise RequestError(Fault("diff", found, "two runs, or two batches", "name two folders of one kind"))
    parts = [
        _changes(table, _frame(table, before, manifests[0]), _frame(table, after, manifests[1]), tolerance)
        for table in TABLES.values()
        if any(table.file in manifest["files"] for manifest in manifests)
    ]
    rows = [row for part in parts for row in part]
    aside = [name for name in ASIDE if manifests[0].get(name) != manifests[1].get(name)]
    return Differences(pd.DataFrame(rows, columns=list(COLUMNS)), tuple(aside))


def diff(before: str | Path, after: str | Path, tolerance: float = 0.0) -> pd.DataFrame:
    """Return what changed from one folder of results to another, one row per change; see `differences`.

    Parameters
    ----------
    before, after : str or Path
        Folders of two finished runs, or two finished batches.
    tolerance : float
        Numbers that are no farther apart count as equal.

    Returns
    -------
    DataFrame
        Columns ``table, key, change, column, before, after, size``; `change` is gone, new, number or words.

    Raises
    ------
    RequestError, OutputError
        As `differences`.
    """
    return differences(Path(before), Path(after), tolerance).changes


def _finished(folder: Path) -> dict[str, Any]:
    kind = read_manifest(folder).get("kind")
    manifest = read_finished(folder, kind if kind in ("run", "batch") else "run")
    if manifest.get("status") != "finished":
        found = f"a {kind} that {_STATES.get(str(manifest.get('status')), 'has not finished')}"
        raise OutputError(Fault(str(folder), found, "a finished run or batch", "let it finish, or name another folder"))
    return manifest


def _frame(table: Table[Any], folder: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table by its keys; rows that share theirs are counted."""
    frame = table.read(folder) if table.file in manifest["files"] else table.frame(())
    keys = [name for name in table.keys if name != _POINTS.get(table.name)]
    return frame.assign(_place=frame.groupby(keys, sort=False).cumcount()).set_index([*keys, "_place"])


def _changes(table: Table[Any], before: pd.DataFrame, after: pd.DataFrame, tolerance: float) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for change, mine, other in (("gone", before, after), ("new", after, before)):
        rows += [(table.name, _key(key), change, "", "", "", None) for key in mine.index[~mine.index.isin(other.index)]]
    common = before.index[before.index.isin(after.index)]
    first, second = before.loc[common], after.loc[common]
    for column in (each for each in table.columns if each.name in first):
        a, b = first[column.name], second[column.name]
        number = column.kind in ("float", "int")
        size = (a - b).abs() if number else None
        same = ((a == b) | (size <= tolerance) | (a.isna() & b.isna())) if size is not None else a == b
        for key, old, new, apart in zip(
            common[~same], a[~same], b[~same], (a if size is None else size)[~same], strict=True
        ):
            change = "number" if number else "words"
            rows.append(
                (table.name, _key(key), change, column.name, old, new, apart if number and apart == apart else None)
            )
    return rows


def _key(key: tuple[Any, ...]) -> str:
    *names, place = key
    return "/".join(str(name) for name in names if name != "") + (f" #{place + 1}" if place else "")
