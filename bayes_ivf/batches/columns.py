"""From a file to columns of text: strict about separators, so that nothing is read silently wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import Fault, RequestError

if TYPE_CHECKING:
    import pandas as pd

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
SHOWN = 20
"""Faults of a table that are listed one by one."""
DECLARE = "declare it with --separator and --decimal (separator=, decimal= in Python)"


@dataclass(frozen=True)
class Columns:
    """Text cells by column, and the line of each row.

    Parameters
    ----------
    name : str
        Of the file.
    cells : dict of str to list of str
    lines : sequence of int
    decimal : {".", ","}
    """

    name: str
    cells: dict[str, list[str]]
    lines: Sequence[int]
    decimal: str = "."

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int, column: str) -> str:
        """Name a cell."""
        return f"{self.name}, line {self.lines[row]}, {column}"


def read_columns(path: Path, separator: str = ",", decimal: str = ".") -> Columns:
    """Read a CSV or Parquet file.

    Raises
    ------
    RequestError
        With every fault, the first of them in full.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as reason:
        raise RequestError(
            Fault(str(path), reason.strerror or "an unreadable file", "a readable file", "check the path")
        ) from None
    except UnicodeDecodeError as reason:
        raise RequestError(
            Fault(f"{path}, byte {reason.start}", "bytes that are not UTF-8", "UTF-8 text", "save the table as UTF-8")
        ) from None
    return parse_columns(text, path.name, separator, decimal)


def parse_columns(text: str, name: str, separator: str = ",", decimal: str = ".") -> Columns:
    """Split the text of a table into columns; see `read_columns`."""
    _check_dialect(separator, decimal)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as reason:
        raise RequestError(
            Fault(f"{name}, line {reader.line_num}", f"broken CSV: {reason}", "a table in CSV", "mend this line")
        ) from None
    if not rows:
        raise RequestError(Fault(name, "an empty file", "a header and rows", "give a table of trials"))
    header = [cell.strip() for cell in rows[0]]
    _check_header(header, name, separator)
    faults = [
        Fault(
            f"{name}, line {line}",
            f"{len(row)} cells",
            f"{len(header)} cells, as in the header",
            f"mend the line; if it has a decimal comma or another separator, {DECLARE}",
        )
        for row, line in zip(rows[1:], lines[1:], strict=True)
        if len(row) != len(header)
    ]
    if faults:
        raise RequestError(capped(faults, name))
    columns = list(zip(*rows[1:], strict=True)) if len(rows) > 1 else [() for _ in header]
    cells = {column: [cell.strip() for cell in values] for column, values in zip(header, columns, strict=True)}
    return Columns(name, cells, lines[1:], decimal)


def frame_columns(frame: pd.DataFrame, name: str = "DataFrame") -> Columns:
    """Return the columns of a DataFrame as text; line 1 is its first row."""
    cells: dict[str, list[str]] = {}
    for column in frame.columns:
        if str(column) in cells:
            raise RequestError(Fault(name, f"the column {column} twice", "each column once", "rename one of them"))
        cells[str(column)] = [_cell(value) for value in frame[column].tolist()]
    return Columns(name, cells, range(1, len(frame) + 1))


def capped(faults: Sequence[Fault], name: str) -> list[Fault]:
    """Return the first faults, line by line, and one that counts the rest."""
    shown = sorted(faults, key=_line)[:SHOWN]
    if len(faults) > SHOWN:
        shown.append(
            Fault(name, f"{len(faults) - SHOWN} more faults", "a table without faults", "mend those above first")
        )
    return shown


def _line(fault: Fault) -> int:
    found = re.search(r", line (\d+)", fault.where)
    return int(found[1]) if found else 0


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value).strip()


def _parquet(path: Path) -> Columns:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except FileNotFoundError:
        raise RequestError(Fault(str(path), "no such file", "a readable file", "check the path")) from None
    except (OSError, pyarrow.ArrowException) as reason:
        found = f"no readable Parquet ({str(reason).splitlines()[0][:120]})"
        raise RequestError(Fault(str(path), found, "a Parquet file", "write the file again")) from None
    if len(set(table.column_names)) != len(table.column_names):
        raise RequestError(Fault(path.name, "a column twice", "each column once", "rename one of them"))
    cells = {name: [_nan(value) for value in table[name].to_pylist()] for name in table.column_names}
    return Columns(path.name, cells, range(1, table.num_rows + 1))


def _nan(value: Any) -> str:
    """Return a cell of Parquet: a missing one is empty, a number that is not a number stays visible."""
    return "nan" if isinstance(value, float) and value != value else _cell(value)


def _check_dialect(separator: str, decimal: str) -> None:
    faults = []
    if separator not in SEPARATORS:
        allowed = ", ".join(repr(each) for each in SEPARATORS)
        faults.append(Fault("separator", repr(separator), allowed, "name the character between the cells"))
    if decimal not in (".", ","):
        faults.append(Fault("decimal", repr(decimal), "'.' or ','", "name the decimal mark of the numbers"))
    if faults:
        raise RequestError(faults)


def _check_header(header: list[str], name: str, separator: str) -> None:
    faults = [
        Fault(f"{name}, header", f"the column {column!r} twice", "each column once", "rename one of them")
        for column in dict.fromkeys(header)
        if header.count(column) > 1
    ]
    if len(header) == 1:
        others = [other for other in SEPARATORS if other != separator and other in header[0]]
        if others:
            found = f"{SEPARATORS[others[0]]} between the cells"
            faults = [Fault(f"{name}, header", found, f"{SEPARATORS[separator]} ({separator!r})", DECLARE)]
    if faults:
        raise RequestError(faults)
