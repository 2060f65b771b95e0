"""Where everything of a forest stands on a page: numbers in, places in; the template `forest.html` draws them."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import Any

from bayes_ivf.effects import REPORTED
from bayes_ivf.results import ForestPanel, ForestRow, empty_forest, forest_panels, percent

WIDTH = 400.0
"""Of the picture, in its own units: text of 13 units can be read on a telephone, where it is drawn at some nine tenths."""
LEFT = 14.0
LINE = 17.0
"""From one line of text or one interval to the next."""
LETTER = 6.9
"""Width of a digit of the numbers beside the intervals."""
LABEL = 52
"""Letters of a line of a label, of which there are three at most."""
LEAST = 150.0
"""Least width of an axis, however many digits the numbers have."""
MARGIN = 0.04
"""Part of an axis that is left free on each side."""
TICKS = 5
"""Steps of an axis at most."""
STANDARDIZED = "Mean difference, in standard deviations"
"""Title of standardized differences, in one line: tables and texts give means in their own unit."""
_SMD = REPORTED["standardized_mean_difference"].label


@dataclass(frozen=True)
class Line:
    """A line of text."""

    y: float
    text: str


@dataclass(frozen=True)
class Mark:
    """An interval with its estimate and its numbers.

    Parameters
    ----------
    kind : {"freq", "bayes"}
    y, center, low, high : float
    text : str
    """

    kind: str
    y: float
    center: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class PlacedRow:
    """An outcome: the band behind it, the stretch where no effect is marked, its label, its intervals."""

    top: float
    height: float
    shaded: bool
    line: tuple[float, float]
    label: tuple[Line, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class PlacedPanel:
    """A panel: title, legend, outcomes and axis.

    Parameters
    ----------
    title : Line
    note : float
        Where the meaning of the arrows stands.
    legend : tuple of float
        Where the two lines of the legend stand, if there is one.
    rows : tuple of PlacedRow
    top, bottom, right : float
        Ends of the plane of intervals.
    null : float
        Where no effect is.
    ticks : tuple of (float, str)
    """

    title: Line
    note: float
    legend: tuple[float, ...]
    rows: tuple[PlacedRow, ...]
    top: float
    bottom: float
    right: float
    null: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class ForestPicture:
    """A forest with all places.

    Parameters
    ----------
    height : float
    level : str
        Of the intervals.
    panels : tuple of PlacedPanel
    description : tuple of str
        Every outcome in words.
    empty : str
        What stands there if there are no panels.
    """

    height: float
    level: str
    panels: tuple[PlacedPanel, ...]
    description: tuple[str, ...]
    empty: str
    width: float = WIDTH
    left: float = LEFT


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic axis.

    Parameters
    ----------
    low, high : float
        Its ends, as values.
    left, right : float
        Its ends, as places.
    log : bool
    """

    low: float
    high: float
    left: float
    right: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a value; one beyond an end stands at the end."""
        low, high, inside = self._on(self.low), self._on(self.high), self._on(min(max(value, self.low), self.high))
        return round(self.left + (self.right - self.left) * (inside - low) / (high - low), 2)

    def _on(self, value: float) -> float:
        return math.log(value) if self.log else value

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Places and labels of round values."""
        values = log_ticks(self.low, self.high) if self.log else linear_ticks(self.low, self.high)
        return tuple((self(value), f"{value:.10g}".replace("-", "−")) for value in values)


def lay_out(result: Any) -> ForestPicture:
    """Give everything of a forest its place.

    Parameters
    ----------
    result : Reanalysis
        Or another value with ``study``, ``comparisons`` and ``rows``.
    """
    panels = forest_panels(result)
    level = percent(result.rows[0].ci_level)
    placed, top = [], 0.0
    for panel in panels:
        placed.append(_panel(panel, top))
        top = placed[-1].bottom + 2 * LINE
    told = tuple(_told(row, panel.title, level) for panel in panels for row in panel.rows)
    return ForestPicture(top or 2 * LINE, level, tuple(placed), told, "" if panels else empty_forest(result))


def axis_of(panel: ForestPanel, left: float, right: float) -> Axis:
    """Return an axis on which all intervals of a panel and no effect lie."""
    estimates = [each for row in panel.rows for each in (row.frequentist, row.bayes) if each is not None]
    values = [value for each in estimates for value in (each.low, each.center, each.high)]
    shown = [panel.null, *(value for value in values if math.isfinite(value) and (value > 0 or not panel.ratio))]
    low, high = min(shown), max(shown)
    if panel.ratio:
        factor = max(high / low, 1.1) ** MARGIN
        return Axis(low / factor, high * factor, left, right, log=True)
    space = MARGIN * ((high - low) or 1.0)
    return Axis(low - space, high + space, left, right)


def linear_ticks(low: float, high: float) -> list[float]:
    """Return round values between two ends: steps of 1, 2 or 5, or of ten times as much and so on.

    Examples
    --------
    >>> linear_ticks(-13.0, 32.0)
    [-10, 0, 10, 20, 30]
    >>> linear_ticks(-0.12, 0.31)
    [-0.1, 0.0, 0.1, 0.2, 0.3]
    """
    rough = (high - low) / TICKS
    power = math.floor(math.log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * 10.0**power >= rough * (1 - 1e-9))
    size = step * 10.0**power
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [round(number * step * 10**power, max(-power, 0)) for number in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return round values between two positive ends: 1, 2 and 5 of every power of ten, or only powers, or linear ones.

    Examples
    --------
    >>> log_ticks(0.4, 6.0)
    [0.5, 1.0, 2.0, 5.0]
    >>> log_ticks(0.002, 300.0)
    [0.01, 0.1, 1.0, 10.0, 100.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = -(-max(len(powers) - 2, 1) // (TICKS + 1))
    few = [10.0**power for power in powers if power % every == 0 and low <= 10.0**power <= high]
    many = [step * 10.0**power for power in powers for step in (1, 2, 5) if low <= step * 10.0**power <= high]
    if len(many) <= TICKS + 2:
        return many if len(many) > 2 else [value for value in linear_ticks(low, high) if value > 0]
    return few


def _panel(panel: ForestPanel, top: float) -> PlacedPanel:
    estimates = [each for row in panel.rows for each in (row.frequentist, row.bayes) if each is not None]
    right = round(max(WIDTH - 12 - LETTER * max(len(each.text) for each in estimates), LEFT + LEAST), 2)
    axis = axis_of(panel, LEFT, right)
    legend = (3, 4) if panel.paired else ()
    plane = y = _lines_below(top, 4.5 if panel.paired else 2.5)
    rows = []
    for index, row in enumerate(panel.rows):
        rows.append(_row(row, axis, y, shaded=index % 2 == 0))
        y = round(y + rows[-1].height, 2)
    return PlacedPanel(
        Line(_lines_below(top, 1), STANDARDIZED if panel.title == _SMD else panel.title),
        _lines_below(top, 2),
        tuple(_lines_below(top, number) for number in legend),
        tuple(rows),
        plane,
        y,
        right,
        axis(panel.null),
        axis.ticks,
    )


def _row(row: ForestRow, axis: Axis, top: float, *, shaded: bool) -> PlacedRow:
    words = textwrap.wrap(row.label, LABEL, max_lines=3, placeholder=" …") or [""]
    words[-1] += row.arrow
    label = tuple(Line(round(top + LINE * (number + 1), 2), text) for number, text in enumerate(words))
    y = round(label[-1].y + LINE, 2)
    start, marks = y - 0.6 * LINE, []
    for kind, each in (("freq", row.frequentist), ("bayes", row.bayes)):
        if each is not None:
            marks.append(Mark(kind, y, axis(each.center), axis(each.low), axis(each.high), each.text))
            y = round(y + LINE, 2)
    bottom = round(y - 0.35 * LINE, 2)
    return PlacedRow(top, round(bottom - top, 2), shaded, (round(start, 2), bottom), label, tuple(marks))


def _lines_below(top: float, number: float) -> float:
    return round(top + number * LINE, 2)


def _told(row: ForestRow, scale: str, level: str) -> str:
    recomputed = "" if row.frequentist is None else f" recomputed {row.frequentist.text};"
    return f"{row.label}{row.arrow} ({scale}, {level} intervals):{recomputed} reanalysis {row.bayes.text}."
