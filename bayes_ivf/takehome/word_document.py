"""The table as a Word document: one real table whose header row is repeated on every page, a caption, notes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bayes_ivf.takehome.publication import WIDTHS, Publication

if TYPE_CHECKING:
    from docx.table import _Cell, _Row

FONT_SIZE = 8.5
MARGIN = 1.8
"""Of the page, in centimeters."""


def word_document(table: Publication) -> bytes:
    """Return the bytes of a .docx file."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(MARGIN))
    about = document.core_properties
    about.author, about.title, about.comments = "", table.caption[:250], ""
    document.add_paragraph(table.caption, style="Caption")
    _fill(document.add_table(rows=1, cols=len(table.head), style="Table Grid"), table, 29.7 - 2 * MARGIN)
    for note in table.notes:
        _small(document.add_paragraph(note))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _fill(made: Any, table: Publication, width: float) -> None:
    from docx.shared import Cm

    made.autofit = False
    _mark(made.rows[0], "w:tblHeader")
    for cell, text in zip(made.rows[0].cells, table.head, strict=True):
        _write(cell, text, bold=True)
    for group in table.groups:
        if len(table.groups) > 1:
            row = made.add_row()
            _write(row.cells[0].merge(row.cells[-1]), group, bold=True)
        for line in table.lines:
            if line.group == group:
                row = made.add_row()
                _mark(row, "w:cantSplit")
                for cell, text in zip(row.cells, line.cells, strict=True):
                    _write(cell, text)
    for column, share in zip(made.columns, WIDTHS, strict=True):
        column.width = Cm(share * width)
        for cell in column.cells:
            if cell.grid_span == 1:
                cell.width = Cm(share * width)


def _mark(row: _Row, name: str) -> None:
    """Set a yes-or-no property of a row, for which python-docx has no words."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def _write(cell: _Cell, text: str, *, bold: bool = False) -> None:
    cell.text = text
    for paragraph in cell.paragraphs:
        _small(paragraph, bold=bold)


def _small(paragraph: Any, *, bold: bool = False) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(2)
    for run in paragraph.runs:
        run.font.size, run.bold = Pt(FONT_SIZE), bold
