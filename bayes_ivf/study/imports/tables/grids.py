"""Tables that others write as rows of cells with their places: CSV, Markdown, pasted text, HTML, Excel."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import ParseError

from bayes_ivf.errors import Fault, StudyError

MOST_CELLS = 50_000
MOST_UNPACKED = 50_000_000
"""Bytes of an unpacked workbook."""
_SEPARATORS = (",", ";", "\t")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
_SPACED = re.compile(r" {2,}|\t")
_VOID = {"br": " ", "hr": " "}


@dataclass(frozen=True)
class Cell:
    """What stands in one cell, and where."""

    text: str
    at: str


Row = tuple[Cell, ...]


def csv_rows(text: str) -> list[Row]:
    """Return the rows of a CSV text, whatever of comma, semicolon or tab separates its cells."""
    csv.field_size_limit(1_000_000)
    best: list[tuple[int, list[str]]] = []
    for separator in _SEPARATORS:
        reader = csv.reader(io.StringIO(text), delimiter=separator)
        try:
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
        except csv.Error:
            continue
        if _regular(rows) > _regular(best):
            best = rows
    return [_row(cells, line) for line, cells in best]


def _regular(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Return how many rows have as many cells as most have, if that is more than one."""
    lengths = [len(cells) for _, cells in rows if len(cells) > 1]
    return max((lengths.count(length) for length in set(lengths)), default=0)


def text_rows(text: str) -> list[Row]:
    """Return the rows of a table in Markdown, or pasted with tabs or wide spaces; none if the text is no table."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    piped = [(number, line) for number, line in lines if line.count("|") >= 2]
    if len(piped) >= 2 and any(_RULE.fullmatch(line) for _, line in piped):
        return [_row(_piped(line), number) for number, line in piped if not _RULE.fullmatch(line)]
    for separator in ("\t", None):
        rows = [(number, line.split("\t") if separator else _SPACED.split(line.strip(" "))) for number, line in lines]
        if _regular(rows) >= max(2, len(lines) // 2):
            return [_row(cells, number) for number, cells in rows]
    return []


def _piped(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))


def _row(cells: Sequence[str], line: int) -> Row:
    return tuple(Cell(" ".join(cell.split()), f"line {line}, cell {place}") for place, cell in enumerate(cells, 1))


class _Tables(HTMLParser):
    """Rows of all tables; a cell over several columns is followed by empty ones."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.open: list[str] | None = None
        self.span = 1
        self.hidden = 0
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._close()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self._close()
            if not self.tables[-1]:
                self.tables[-1].append([])
            width = dict(attrs).get("colspan") or "1"
            self.span = min(int(width), 50) if width.isascii() and width.isdecimal() and len(width) < 4 else 1
            self.open = []
        elif tag in ("script", "style"):
            self.hidden += 1
        elif tag in _VOID and self.open is not None:
            self.open.append(_VOID[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()
        elif tag in ("script", "style"):
            self.hidden = max(0, self.hidden - 1)

    def handle_data(self, data: str) -> None:
        if self.open is not None and not self.hidden:
            self.open.append(data)

    def _close(self) -> None:
        if self.open is not None and self.tables and self.tables[-1]:
            self.tables[-1][-1] += ["".join(self.open), *[""] * (self.span - 1)]
            self.cells += self.span
            if self.cells > MOST_CELLS:
                raise StudyError(
                    Fault("HTML", f"more than {MOST_CELLS} cells", f"at most {MOST_CELLS}", "save the table alone")
                )
        self.open = None


def html_rows(text: str) -> list[Row]:
    """Return the rows of the longest table of an HTML page."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    longest = max(parser.tables, key=len, default=[])
    return [
        tuple(Cell(" ".join(cell.split()), f"row {number}, cell {place}") for place, cell in enumerate(row, 1))
        for number, row in enumerate(longest, 1)
        if any(cell.strip() for cell in row)
    ]


def excel_rows(raw: bytes, where: str) -> list[Row]:
    """Return the rows of the sheet of a workbook that has most cells.

    Raises
    ------
    StudyError
        If openpyxl is not installed, or the bytes are no workbook.
    """
    if importlib.util.find_spec("openpyxl") is None:
        allowed = "CSV, HTML, Markdown or text; Excel where openpyxl is installed"
        raise StudyError(
            Fault(where, "an Excel workbook", allowed, "pip install 'bayes-ivf[excel]', or save the sheet as CSV")
        )
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > MOST_UNPACKED:
            raise StudyError(
                Fault(where, f"{size} bytes unpacked", f"at most {MOST_UNPACKED}", "save the sheet as CSV")
            )
        book = openpyxl.load_workbook(io.BytesIO(raw), data_only=True)
        sheets = [(sheet.title, list(sheet.iter_rows(max_row=5000, max_col=100))) for sheet in book.worksheets]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError) as reason:
        found = f"no readable workbook ({type(reason).__name__})"
        raise StudyError(Fault(where, found, "an Excel workbook (.xlsx)", "save the sheet as CSV")) from None
    title, rows = max(
        sheets, key=lambda sheet: sum(cell.value is not None for row in sheet[1] for cell in row), default=("", [])
    )
    return [
        tuple(Cell(_shown(cell), f"sheet {title!r}, {cell.coordinate}") for cell in row[: _width(row)])
        for row in rows
        if _width(row)
    ]


def _width(row: Sequence[Any]) -> int:
    """Return how many cells a row has up to the last one that is not empty."""
    return max((place for place, cell in enumerate(row, 1) if cell.value is not None), default=0)


def _shown(cell: Any) -> str:
    """Return the text of a cell; a number is shown with the decimals and the percent sign of its format."""
    value, shape = cell.value, str(cell.number_format or "")
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return " ".join(str(value).split())
    found = re.fullmatch(r"[#,]*0(?:\.(0+))?(%?)", shape)
    if found is None:
        return f"{value:.12g}"
    decimals = len(found.group(1) or "")
    return f"{value * 100:.{decimals}f}%" if found.group(2) else f"{value:.{decimals}f}"
