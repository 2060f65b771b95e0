"""An Excel sheet as columns of text; what a sheet shows otherwise than it holds is never read silently."""

from __future__ import annotations

import datetime
import importlib.util
import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from bayes_ivf.batches.columns import Columns, cell_text, columns_of_rows
from bayes_ivf.errors import Fault, RequestError

MOST_BYTES = 200_000_000
"""Unpacked size beyond which a workbook is refused."""
CSV = "save the sheet as 'CSV UTF-8'"


def read_excel(path: Path) -> Columns:
    """Read the only sheet of a workbook that holds anything.

    Raises
    ------
    RequestError
        If openpyxl is not installed, or the file is no workbook with one sheet of values.
    """
    if not path.exists():
        raise RequestError(Fault(str(path), "no such file", "a readable file", "check the path"))
    if importlib.util.find_spec("openpyxl") is None:
        allowed = "CSV or Parquet; Excel where openpyxl is installed"
        raise RequestError(Fault(str(path), "an Excel workbook", allowed, f"pip install 'bayes-ivf[excel]', or {CSV}"))
    values, formulas = (_sheets(path, data_only=kind) for kind in (True, False))
    filled = {
        name: rows for name, rows in values.items() if any(any(cell.value is not None for cell in row) for row in rows)
    }
    if len(filled) > 1:
        found = f"{len(filled)} sheets with cells: {', '.join(map(repr, filled))}"
        raise RequestError(Fault(path.name, found, "one sheet", "move the table to a workbook of its own, or " + CSV))
    faults: list[Fault] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    for name, cells in filled.items():
        for number, (row, written) in enumerate(zip(cells, formulas[name], strict=True), start=1):
            texts = []
            for shown, held in zip(row, written, strict=True):
                if shown.value is None and held.value is not None:
                    where = f"{path.name}, line {number}"
                    faults.append(
                        Fault(where, "a formula without its value", "values", "open and save it in Excel, or " + CSV)
                    )
                texts.append(_text(shown))
            if any(texts):
                rows.append(texts)
                lines.append(number)
    if faults:
        raise RequestError(faults[:20])
    return columns_of_rows(rows, lines, path.name)


def _sheets(path: Path, *, data_only: bool) -> dict[str, list[tuple[Any, ...]]]:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > MOST_BYTES:
            raise RequestError(Fault(str(path), f"{size} bytes unpacked", f"at most {MOST_BYTES}", CSV))
        book = openpyxl.load_workbook(path, data_only=data_only)
        return {sheet.title: list(sheet.iter_rows()) for sheet in book.worksheets}
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError) as reason:
        found = f"no readable workbook ({type(reason).__name__})"
        raise RequestError(Fault(str(path), found, "an Excel workbook (.xlsx)", CSV)) from None


def _text(cell: Any) -> str:
    """Return what a cell holds; percentages and dates keep a sign that they are no plain numbers."""
    value, shape = cell.value, str(cell.number_format or "")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return f"{value} (a date)"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "%" in shape:
            return f"{value * 100:.12g}%"
        text = cell_text(value)
        shown = shape.partition(".")[2] if set(shape) <= set("0#,.") else ""
        whole, _, behind = text.partition(".")
        missing = shown.count("0") - len(behind)
        return f"{whole}.{behind}{'0' * missing}" if missing > 0 and whole.lstrip("-").isdigit() else text
    return cell_text(value)
