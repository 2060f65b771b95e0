"""Tables with a column for each arm: CSV, Excel, HTML, Markdown, pasted text.

In: cells as text. Out: the draft of a study. Never: a formula that runs.
"""

from bayes_ivf.study.imports.tables.drafted import draft_table, is_table
from bayes_ivf.study.imports.tables.grids import csv_rows, excel_rows, html_rows, text_rows

__all__ = ["csv_rows", "draft_table", "excel_rows", "html_rows", "is_table", "text_rows"]
