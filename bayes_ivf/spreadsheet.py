"""Text cells of CSV files that no spreadsheet takes for a formula, and back.

A cell that begins with one of `STARTS` gets an apostrophe before it, as spreadsheets write text; `plain_text` takes it off
again. Texts such as ``'t Hart 2010`` stay as they are.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would run, full-width forms with them."""
MARK = "'"


def safe_text(text: str) -> str:
    """Return a text as it is written to a CSV file."""
    return MARK + text if text.lstrip(MARK).startswith(STARTS) else text


def plain_text(text: str) -> str:
    """Return a text as it was before it was written to a CSV file."""
    return text[1:] if text.startswith(MARK) and text.lstrip(MARK).startswith(STARTS) else text


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with every text made safe; numbers stay numbers."""
    return _changed(frame, safe_text)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV file that this package wrote, with its texts as they were.

    Parameters
    ----------
    path : str or Path
    """
    return parse_table(Path(path).read_text(encoding="utf-8"))


def parse_table(text: str, **options: Any) -> pd.DataFrame:
    """Read the text of a CSV file that this package wrote; `options` go to pandas."""
    import pandas as pd

    return _changed(pd.read_csv(io.StringIO(text), **options), plain_text)


def _changed(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Change the texts of a frame; it is the same one if none changes."""
    import pandas as pd

    texts = {str(name): frame[name] for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])}
    mapped = {name: _mapped(column, change) for name, column in texts.items()}
    mapped = {name: column for name, column in mapped.items() if column is not texts[name]}
    return frame.assign(**mapped) if mapped else frame


def _mapped(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change the texts of a column, each distinct one once."""
    changed = {text: change(text) for text in column.unique() if isinstance(text, str)}
    if all(before == after for before, after in changed.items()):
        return column
    return column.map(lambda value: changed.get(value, value) if isinstance(value, str) else value)
