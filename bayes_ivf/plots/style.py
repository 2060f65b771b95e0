"""One look for all figures: colors that survive grayscale and color blindness, and type that can be read."""

from __future__ import annotations

import io
import textwrap

from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#7b8794"
PAPER = "#c2410c"
"""What the paper's own kind of analysis gives."""
POSTERIOR = "#1d4ed8"
"""What the Bayesian reanalysis gives."""
PRIOR = "#9aa5b1"
BAND = "#e4e7eb"

STYLE = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "bayes_ivf",
}


class ShownFigure(Figure):
    """A figure that shows itself in a notebook, whether or not pyplot was ever imported."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in inches; it belongs to no window and is saved by the caller."""
    return ShownFigure(figsize=(width, height), layout="constrained")


def lines(label: str, width: int = 44) -> str:
    """Return a label from a study file in at most three lines that fit beside an axis; its dollars are no formulas."""
    wrapped = textwrap.wrap(label, width, max_lines=3, placeholder=" …")
    return "\n".join(wrapped).replace("$", r"\$")
