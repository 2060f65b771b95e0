"""How wide a text is, and how it is broken into lines that fit."""

from __future__ import annotations

import unicodedata
import warnings
from functools import lru_cache

from bayes_ivf.plots.style import LETTERING

CUT = "…"
SLACK = 1.02
"""Letters that are fitted to pixels are a little wider than their outlines."""


def clean(text: str) -> str:
    """Return a text from a study file in one line, without control characters, which no picture can hold."""
    kept = "".join(" " if each.isspace() else each for each in text if each.isspace() or not _control(each))
    return " ".join(kept.split())


def _control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs", "Cn", "Co") or letter in "\u202a\u202b\u202c\u202d\u202e"


@lru_cache(maxsize=8192)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    properties = FontProperties(family=LETTERING, size=size, weight="bold" if bold else "normal")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return SLACK * float(width)


def wrap(text: str, width: float, size: float, *, most: int = 3, bold: bool = False) -> list[str]:
    """Break a text into at most so many lines, each of which fits; what is left over is cut with an ellipsis.

    Parameters
    ----------
    text : str
    width : float
        In points.
    size : float
        Of the type.
    most : int
    bold : bool

    Examples
    --------
    >>> wrap("Miscarriage per clinical pregnancy", 90, 8)
    ['Miscarriage per', 'clinical pregnancy']
    >>> wrap("Antidisestablishmentarianism", 60, 8, most=1)
    ['Antidisestab…']
    """
    lines: list[str] = [""]
    for word in _pieces(clean(text), width, size, bold=bold):
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [line for line in lines if line]
    if len(lines) <= most:
        return lines or [""]
    last = lines[most - 1]
    while last and width_of(last + CUT, size, bold=bold) > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + CUT]


def _pieces(text: str, width: float, size: float, *, bold: bool) -> list[str]:
    """Return words, those that are wider than a line in parts."""
    found = []
    for word in text.split():
        rest = word
        while width_of(rest, size, bold=bold) > width and len(rest) > 1:
            end = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or width_of(rest[:n], size, bold=bold) <= width)
            found.append(rest[:end])
            rest = rest[end:]
        found.append(rest)
    return found
