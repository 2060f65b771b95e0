"""The table as an HTML fragment and as LaTeX, by great-tables, which escapes every text for its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayes_ivf.takehome.publication import WIDTHS, Publication

if TYPE_CHECKING:
    from great_tables import GT

ID = "comparison"
_GROUP = "group"
_SIGNS = {"\N{MINUS SIGN}": "$-$", "±": r"$\pm$", "–": "--", "—": "---", "≥": r"$\geq$", "≤": r"$\leq$", "×": r"$\times$",
          "µ": r"$\mu$", "μ": r"$\mu$", "°": r"$^\circ$", "²": r"$^2$", "³": r"$^3$", "\N{NO-BREAK SPACE}": "~", "“": "``",
          "”": "''", "‘": "`", "’": "'", "…": r"\ldots{}"}  # fmt: skip
"""What an old LaTeX does not know as a letter; great-tables leaves these as they are."""
SMALL = "12px"
"""Which great-tables writes as nine points."""
PREAMBLE = "% needs \\usepackage{booktabs} and \\usepackage{caption}\n"


def html_table(table: Publication) -> str:
    """Return the table as an HTML fragment with its own style and no script; where it is too wide, it scrolls by itself."""
    style: dict[str, Any] = {
        "column_labels_font_weight": "bold",
        "row_group_font_weight": "bold",
        "heading_title_font_size": "110%",
    }
    return _made(table).tab_options(**style, table_font_size="14px").as_raw_html() + "\n"


def latex_table(table: Publication) -> str:
    """Return the table as LaTeX, its columns as wide as their share of the line."""
    text = _made(table).tab_options(table_font_size=SMALL).as_latex()
    columns = "".join(f"p{{{0.9 * share:.3f}\\linewidth}}" for share in WIDTHS)
    plain = "l" * len(WIDTHS)
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return PREAMBLE + text.replace(f"}}{plain}}}", f"}}{columns}}}", 1)


def _made(table: Publication) -> GT:
    import pandas as pd
    from great_tables import GT

    names = [f"c{i}" for i in range(len(table.head))]
    frame = pd.DataFrame([line.cells for line in table.lines], columns=names, dtype=str)
    frame[_GROUP] = [line.group for line in table.lines]
    made = GT(frame, id=ID, groupname_col=_GROUP).tab_header(title=table.caption)
    labels: dict[str, Any] = dict(zip(names, table.head, strict=True))
    made = made.cols_label(cases=labels)
    for note in table.notes:
        made = made.tab_source_note(note)
    return made
