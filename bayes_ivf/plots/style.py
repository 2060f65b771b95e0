"""One look for all figures: named colors that survive grayscale and color blindness, and type that can be read in a column."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1f2933"
MUTED = "#616e7c"
LINE = "#d9dee4"
"""Separators, and grids: seen, but nothing is read from them."""
SOFT = "#e9edf2"
"""Areas behind data."""
BLUE = "#1d4ed8"
"""What the Bayesian reanalysis gives."""
RUST = "#c2410c"
"""What the paper's own kind of analysis gives."""
GREEN = "#0f766e"
AMBER = "#8a5a00"
PAGE = "#ffffff"
"""The page itself, where something is cut out of a color."""

PALETTE = {
    "ink": INK,
    "muted": MUTED,
    "line": LINE,
    "soft": SOFT,
    "blue": BLUE,
    "rust": RUST,
    "green": GREEN,
    "amber": AMBER,
    "page": PAGE,
}
"""Every color that a figure may have, by the name of its custom property in a page."""
DARK = {
    "ink": "#e6eaf0",
    "muted": "#a3b0bf",
    "line": "#3a4653",
    "soft": "#25313e",
    "blue": "#8ab0ff",
    "rust": "#ff9566",
    "green": "#4cc2b0",
    "amber": "#e0b04a",
    "page": "#12181f",
}
"""The same colors on a dark page."""

POINTS = 72.0
COLUMN = 85.0 / 25.4 * POINTS
"""Width of a journal's column of 85 mm, in points; on a page it is 321 pixels wide."""
PAGE_WIDE = 174.0 / 25.4 * POINTS
"""Width of two columns."""
BODY = 7.0
"""Size of type, in points."""
HEAD = 8.0
SMALL = 6.5
LETTERING = ["DejaVu Sans"]
"""Comes with Matplotlib and is as wide as any usual one, so that what fits in it fits on a page."""

STYLE = {
    "font.family": LETTERING,
    "font.size": BODY,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.labelsize": BODY,
    "axes.linewidth": 0.7,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": PAGE,
    "lines.solid_capstyle": "butt",
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.7,
    "xtick.major.pad": 2.0,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.7,
    "ytick.major.pad": 2.0,
    "svg.hashsalt": "bayes_ivf",
}


class ShownFigure(Figure):
    """A figure that shows itself in a notebook, whether or not pyplot was ever imported."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=160)
        return buffer.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in points; it belongs to no window and is saved by the caller."""
    return ShownFigure(figsize=(width / POINTS, height / POINTS))


def bare(axes: Axes) -> None:
    """Leave of an axes the horizontal axis alone, in the style of all figures."""
    axes.set_yticks([])
    axes.patch.set_visible(False)
