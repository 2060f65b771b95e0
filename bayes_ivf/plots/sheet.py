"""A figure that is written from top to bottom: texts and axes where a cursor stands, in points; its height follows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.transforms import Affine2D

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.style import BODY, COLUMN, INK, POINTS, STYLE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

EDGE = 2.0
"""Free space at every edge, in points."""
LEADING = 1.28
"""From one line of text to the next, in sizes of the type."""


def styled() -> AbstractContextManager[None]:
    """Return the settings of all figures, for a while."""
    return mpl.rc_context(STYLE)


class Sheet:
    """A figure in the making, and how far down it is filled.

    Parameters
    ----------
    width : float
        In points.

    Examples
    --------
    >>> sheet = Sheet()
    >>> sheet.paragraph("Known from words only: nothing to draw.")
    >>> figure = sheet.finish()
    >>> [text.get_text() for text in figure.texts]
    ['Known from words only: nothing to draw.']
    """

    def __init__(self, width: float = COLUMN) -> None:
        self.width = width
        self.y = EDGE
        with styled():
            self.figure = new_figure(width, width)
        self._placed: list[tuple[Axes, tuple[float, float, float, float]]] = []
        self._flip = Affine2D()
        self._transform = self._flip + self.figure.dpi_scale_trans

    @property
    def inner(self) -> float:
        """Width between the edges."""
        return self.width - 2 * EDGE

    def text(self, words: str, x: float, y: float, *, size: float = BODY, color: str = INK, **how: Any) -> None:
        """Write one line with its baseline at y, in points from the top."""
        self.figure.text(x, y, words, fontsize=size, color=color, transform=self._transform, parse_math=False, **how)

    def line(self, xs: list[float], ys: list[float], **how: Any) -> Line2D:
        """Draw a line or markers outside of axes, in points from the top left."""
        from matplotlib.lines import Line2D

        drawn = Line2D(xs, ys, transform=self._transform, **how)
        self.figure.add_artist(drawn)
        return drawn

    def paragraph(
        self,
        words: str,
        *,
        left: float = EDGE,
        width: float | None = None,
        size: float = BODY,
        color: str = INK,
        most: int = 3,
        bold: bool = False,
    ) -> None:
        """Write lines below the cursor, broken to fit, and move it below them."""
        room = self.width - EDGE - left if width is None else width
        weight = "bold" if bold else "normal"
        for line in wrap(words, room, size, most=most, bold=bold):
            self.text(line, left, self.y + size, size=size, color=color, fontweight=weight)
            self.y += LEADING * size

    def space(self, points: float) -> None:
        """Leave room."""
        self.y += points

    def axes(self, height: float, *, left: float = EDGE, right: float = EDGE, top: float | None = None) -> Axes:
        """Add axes below the cursor, so many points from the edges; the cursor stays."""
        with styled():
            made = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        made.patch.set_visible(False)
        start = self.y if top is None else top
        self._placed.append((made, (left, start, self.width - left - right, height)))
        return made

    def place(self, axes: Axes, height: float) -> None:
        """Give axes another height, which is known once they are filled."""
        for number, (each, (left, top, width, _)) in enumerate(self._placed):
            if each is axes:
                self._placed[number] = (each, (left, top, width, height))

    def finish(self) -> Figure:
        """Give the figure the height that it has come to, and everything its place."""
        height = self.y + EDGE
        self.figure.set_size_inches(self.width / POINTS, height / POINTS)
        self._flip.clear().scale(1 / POINTS, -1 / POINTS).translate(0, height / POINTS)
        for axes, (left, top, wide, high) in self._placed:
            axes.set_position((left / self.width, 1 - (top + high) / height, wide / self.width, high / height))
        return self.figure
