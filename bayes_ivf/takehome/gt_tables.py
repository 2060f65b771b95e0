"""The table as an HTML fragment and as LaTeX, by great-tables, which escapes every text for its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes_ivf.takehome.publication import WIDTHS, Publication

if TYPE_CHECKING:
    from great_tables import GT

ID = "comparison"
_GROUP = "group"
_SIGNS = {"\N{MINUS SIGN}": "$-$", "±": r"$\pm$", "–": "--", "—": "---", "≥": r"$\geq$", "≤": r"$\leq$", "×": r"$\times$",
          "µ": r"$\mu$", "μ": r"$\mu$", "°": r"$^\circ$", "²": r"$^2$", "³": r"$^3$", "\N{NO-BREAK SPACE}": "~", "“": "``",
          "”": "''", "‘": "`", "’": "'", "…": r"\ldots{}"}  # fmt: skip
"""What an old LaTeX does not know as a letter; great-tables leaves these as they are."""
PREAMBLE = "% needs \\usepackage{booktabs} and \\usepackage{caption}\n"


def html_table(table: Publication) -> str:
    """Return the table as an HTML fragment with its own style and no script."""
    widths = {f"c{i}": f"{100 * share:.0f}%" for i, share in enumerate(WIDTHS)}
    return _made(table).cols_width(cases=widths).as_raw_html() + "\n"


def latex_table(table: Publication) -> str:
    """Return the table as LaTeX, its columns as wide as their share of the line."""
    text = _made(table).as_latex()
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
    made = made.cols_label(**dict(zip(names, table.head, strict=True)))
    for note in table.notes:
        made = made.tab_source_note(note)
    return made
