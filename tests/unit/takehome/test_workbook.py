"""The workbook, read back cell by cell."""

from __future__ import annotations

import math

import openpyxl
import pandas as pd
import pytest

from bayes_ivf.results import (
    CLAIMS,
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    FINDINGS,
    JOINT,
    TABLES,
    Column,
    JointEffect,
    Table,
)
from bayes_ivf.spreadsheet import STARTS
from bayes_ivf.takehome import write
from bayes_ivf.takehome.workbook import CUT, LONGEST, workbook
from bayes_ivf.takehome.write import _tables


@pytest.fixture
def sheets(taken):
    return openpyxl.load_workbook(taken[1] / "tables.xlsx")


def test_there_is_a_sheet_for_every_table(taken, sheets):
    names = ["columns", "comparison", "effects", "claims", "findings", "evidence", "pooling", "statements", "curves"]
    assert sheets.sheetnames == names
    assert all(sheet.freeze_panes == "A2" for sheet in sheets)
    assert all(cell.font.bold for sheet in sheets for cell in sheet[1])


def test_the_first_sheet_explains_every_column(sheets):
    rows = [[cell.value for cell in row] for row in sheets["columns"].iter_rows(min_row=2)]
    told = {(row[0], row[1]): row[3] for row in rows if row[1]}
    for name in sheets.sheetnames[1:]:
        assert {(name, column.name): column.meaning for column in TABLES[name].columns}.items() <= told.items()
        assert [row[0] for row in rows].count(name) == 1 + len(TABLES[name].columns)


@pytest.mark.parametrize(
    "table", [COMPARISON, EFFECTS, CLAIMS, FINDINGS, EVIDENCE, CURVES], ids=lambda table: table.name
)
def test_cells_are_those_of_the_run(table, taken, sheets):
    _, folder, _ = taken
    frame, sheet = table.read(folder.parent), sheets[table.name]
    assert [cell.value for cell in sheet[1]] == list(table.names)
    assert sheet.max_row == len(frame) + 1
    for row, record in zip(sheet.iter_rows(min_row=2), frame.to_dict("records"), strict=True):
        for cell, column in zip(row, table.columns, strict=True):
            value = record[column.name]
            if value == "" or value != value:
                assert cell.value is None
            elif column.kind == "text":
                assert (cell.data_type, cell.value) == ("s", value)
            elif column.kind == "float" and math.isinf(value):
                assert (cell.data_type, cell.value) == ("s", "inf")
            else:
                assert cell.data_type == "n"
                assert math.isclose(cell.value, value, rel_tol=1e-15)  # 16 digits are written


def test_no_text_is_a_formula(bad):
    book = openpyxl.load_workbook(bad[1] / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    dangerous = [cell for cell in cells if cell.data_type == "s" and cell.value.startswith(STARTS)]
    assert {cell.value[0] for cell in dangerous} >= {"=", "+", "-", "@"}
    assert all(cell.quotePrefix for cell in dangerous)
    assert not any(cell.quotePrefix for cell in cells if cell not in dangerous)


def test_what_no_workbook_holds_is_a_word_or_cut(tmp_path):
    table = Table("odd", type("Row", (), {}), (), "a row")
    object.__setattr__(table, "columns", (Column("a", "float", "number"), Column("b", "text", "text")))
    object.__setattr__(table, "names", ("a", "b"))
    frame = pd.DataFrame({"a": [math.inf, math.nan], "b": ["x" * (LONGEST + 9), "#N/A \ufffe"]})
    path = tmp_path / "odd.xlsx"
    path.write_bytes(workbook([(table, frame)]))
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)["odd"].iter_rows(min_row=2)]
    assert rows[0][0] == "inf"
    assert len(rows[0][1]) == LONGEST
    assert rows[0][1].endswith(CUT)
    assert rows[1] == [None, "#N/A \ufffd"]


def test_a_joint_table_has_a_sheet_where_there_is_one(trial, monkeypatch, tmp_path):
    assert "joint" not in [table.name for table, _ in _tables(trial[2], trial[0].evidence)]
    numbers = dict.fromkeys(("own", "own_low", "own_high", "joint", "joint_low", "joint_high"), 0.5)
    values = {column.name: numbers.get(column.name, "x") for column in JOINT.columns}
    optional = {column.name: None for column in JOINT.columns if column.optional}
    row = JointEffect(**values | optional)
    monkeypatch.setattr(write, "joint_effects", lambda *_: (row,))
    path = tmp_path / "joint.xlsx"
    path.write_bytes(workbook(_tables(trial[2], trial[0].evidence)))
    head, cells = openpyxl.load_workbook(path)["joint"].iter_rows(values_only=True)
    assert dict(zip(head, cells, strict=True)) == values | optional
