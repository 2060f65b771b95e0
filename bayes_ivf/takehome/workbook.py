"""Every table of a run in one workbook: numbers as numbers, text as text that nothing runs, what is empty as empty."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bayes_ivf.results import Column, Table
from bayes_ivf.spreadsheet import STARTS
from bayes_ivf.takehome.prose import legal

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = "columns"
"""Name of the first sheet."""
HEAD = ("sheet", "column", "kind", "meaning")
LONGEST = 32_767
"""Signs that a cell holds."""
CUT = " [cut: the whole text is in the CSV file]"
WIDEST = 60


def workbook(tables: Sequence[tuple[Table[Any], pd.DataFrame]]) -> bytes:
    """Return the bytes of an .xlsx file: a sheet that explains every column, then a sheet for each table."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "bayes_ivf"
    first = book.active
    first.title = COLUMNS
    _fill(first, HEAD, _explained([table for table, _ in tables]))
    for table, frame in tables:
        kinds = {column.name: column for column in table.columns}
        shown = table.bounded(frame[list(table.names)])
        rows = (_row(record, kinds) for record in shown.to_dict("records"))
        _fill(book.create_sheet(table.name), table.names, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _explained(tables: Iterable[Table[Any]]) -> Iterable[Sequence[str]]:
    for table in tables:
        yield table.name, "", "", f"{table.about}; key: {', '.join(table.keys)}"
        for column in table.columns:
            yield table.name, column.name, column.kind, column.meaning


def _row(record: Mapping[Any, Any], kinds: Mapping[str, Column]) -> list[str | float | bool | None]:
    return [_value(record[name], column) for name, column in kinds.items()]


def _value(value: Any, column: Column) -> str | float | bool | None:
    """Return what a cell holds; an infinite number is a word, since no workbook has one."""
    if value is None or value != value or value == "":
        return None
    if column.kind == "text" or isinstance(value, str):
        return str(value)
    if column.kind == "float":
        return str(float(value)) if math.isinf(value) else float(value)
    return bool(value) if column.kind == "bool" else int(value)


def _fill(sheet: Worksheet, head: Sequence[str], rows: Iterable[Sequence[str | float | bool | None]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    widths = [len(name) for name in head]
    for at, row in enumerate((head, *rows), start=1):
        for column, value in enumerate(row, start=1):
            if value is None:
                continue
            cell = sheet.cell(at, column)
            if isinstance(value, str):
                _write(cell, value)
            else:
                cell.value = value
            widths[column - 1] = max(widths[column - 1], min(len(str(value)), WIDEST))
            if at == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width + 2


def _write(cell: Any, text: str) -> None:
    clean = legal(text)
    if len(clean) > LONGEST:
        clean = clean[: LONGEST - len(CUT)] + CUT
    cell.value = clean
    cell.data_type = "s"  # it would take "=1+1" for a formula, and "#N/A" for an error
    cell.quotePrefix = clean.startswith(STARTS)
