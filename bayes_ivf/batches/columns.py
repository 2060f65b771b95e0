"""From a file to columns of text: strict about separators, so that nothing is read silently wrong."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.frames import column_names, column_values, row_count
from bayes_ivf.spreadsheet import plain_text

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, ".parquet", ".xlsx")
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
    totals : bool
        Whether a row may be the total of those above it.
    """

    name: str
    cells: dict[str, list[str]]
    lines: Sequence[int]
    decimal: str = "."
    totals: bool = True

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int, column: str) -> str:
        """Name a cell."""
        return f"{self.name}, line {self.lines[row]}, {column}"


def read_columns(path: Path, separator: str = ",", decimal: str = ".") -> Columns:
    """Read a CSV, Parquet or Excel file.

    Raises
    ------
    RequestError
        With every fault, the first of them in full.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() == ".xlsx":
        from bayes_ivf.batches.excel import read_excel

        return read_excel(path)
    try:
        raw = path.read_bytes()
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            found, action = "UTF-16, as Excel writes 'Unicode Text'", "save the table as 'CSV UTF-8'"
            raise RequestError(Fault(str(path), found, "UTF-8 text", action))
        text = raw.decode("utf-8-sig")
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
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    first, _, rest = text.replace("\r\n", "\n", 1).partition("\n")
    declared = _declared_separator(first.strip().strip('"'))
    if declared is not None:
        separator, text = _agreed(separator, declared, name), rest
    skipped = int(declared is not None)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num + skipped)
    except csv.Error as reason:
        line = reader.line_num + skipped
        raise RequestError(
            Fault(f"{name}, line {line}", f"broken CSV: {reason}", "a table in CSV", "mend this line")
        ) from None
    return columns_of_rows(rows, lines, name, separator, decimal)


def columns_of_rows(
    rows: Sequence[list[str]], lines: Sequence[int], name: str, separator: str = ",", decimal: str = "."
) -> Columns:
    """Make columns of rows of cells, the header first; columns without a name and without a cell are left out.

    Parameters
    ----------
    rows : sequence of list of str
    lines : sequence of int
        Of each row in the file.
    name, separator, decimal : str
    """
    told = next((place for place, row in enumerate(rows) if not row[0].startswith("# ")), len(rows))
    rows, lines = rows[told:], lines[told:]  # a template explains itself above its header
    if not rows:
        raise RequestError(Fault(name, "an empty file", "a header and rows", "give a table of trials"))
    header = _trimmed(rows[0])
    _check_header(header, name, separator)
    width = len(header)
    body = [row[:width] if not any(row[width:]) else row for row in rows[1:]]
    faults = [
        Fault(
            f"{name}, line {line}",
            f"{len(row)} cells",
            f"{width} cells, as in the header",
            f"mend the line; if it has a decimal comma or another separator, {DECLARE}",
        )
        for row, line in zip(body, lines[1:], strict=True)
        if len(row) != width
    ]
    if faults:
        raise RequestError(capped(faults, name))
    cells = {
        column: [plain_text(cell) for cell in values]
        for column, values in zip(header, zip(*body, strict=True) if body else [()] * width, strict=True)
        if column or any(values)
    }
    if "" in cells:
        place = header.index("") + 1
        found = f"no name above column {place}, which has cells"
        raise RequestError(Fault(f"{name}, header", found, "a name for each column", "name it, or empty the column"))
    return Columns(name, cells, lines[1:], decimal)


def _trimmed(row: list[str]) -> list[str]:
    """Leave out empty cells at the end."""
    width = max((place + 1 for place, cell in enumerate(row) if cell), default=0)
    return row[:width]


def _declared_separator(line: str) -> str | None:
    """Return the separator of Excel's first line ``sep=;``, or None if it is no such line."""
    return line[4:] if line[:4].lower() == "sep=" and len(line) <= 5 else None


def _agreed(given: str, declared: str, name: str) -> str:
    """Return the separator that the file declares for Excel, unless another one was given."""
    fits = declared in SEPARATORS and given in (",", declared)
    if not fits:
        found = f"Excel's line sep={declared}, beside the separator {given!r}"
        raise RequestError(Fault(f"{name}, line 1", found, "one separator", "remove this line, or --separator"))
    return declared


def frame_columns(frame: Any, name: str = "DataFrame") -> Columns:
    """Return the columns of a frame as text; line 1 is its first row."""
    cells: dict[str, list[str]] = {}
    for column in column_names(frame) or ():
        key = unicodedata.normalize("NFC", str(column))
        if key in cells:
            raise RequestError(Fault(name, f"the column {column} twice", "each column once", "rename one of them"))
        cells[key] = [cell_text(value) for value in column_values(frame, column)]
    return Columns(name, cells, range(1, row_count(frame) + 1))


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


def cell_text(value: Any) -> str:
    """Return a value as the text of a cell."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return unicodedata.normalize("NFC", str(value)).strip()


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
    return "nan" if isinstance(value, float) and value != value else cell_text(value)


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
        if column and header.count(column) > 1
    ]
    if len(header) == 1:
        others = [other for other in SEPARATORS if other != separator and other in header[0]]
        if others:
            found = f"{SEPARATORS[others[0]]} between the cells"
            faults = [Fault(f"{name}, header", found, f"{SEPARATORS[separator]} ({separator!r})", DECLARE)]
    if faults:
        raise RequestError(faults)
