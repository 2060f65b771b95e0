"""Forest plot: every outcome's recomputed analysis, its reanalysis, and the same under other priors and other models."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from bayes_ivf.plots.blocks import (
    FREQUENTIST,
    MODELS,
    PRIORS,
    REANALYSIS,
    Block,
    Interval,
    Line,
    Panel,
    nothing_drawn,
    panels_of,
    said,
)
from bayes_ivf.plots.lettering import width_of, wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, HEAD, INK, LINE, MUTED, RUST, SMALL, SOFT, bare
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import chance, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GUTTER = (86.0, 120.0)
"""Least and largest width of names and numbers at the left of the intervals, in points."""
MAIN = 20.0
"""Height of a line that the eye should meet first."""
OTHER = 9.0
STEP = 7.6
"""Between the intervals of a family of priors, each of which has its name."""
COLORS = {FREQUENTIST: RUST, REANALYSIS: BLUE, PRIORS: BLUE, MODELS: MUTED}
GROUPS = {PRIORS: "Other priors", MODELS: "Other models"}
"""Heads of thin lines, where they begin."""
MARKERS = {FREQUENTIST: "s", REANALYSIS: "o", PRIORS: "o", MODELS: "D"}
DOTS = (0, (1.5, 1.5))
WIDER = 2.0
"""An axis is at most so many times as wide as the intervals of the main lines ask; what goes on ends in an arrow."""


def forest(result: Any, outcomes: Collection[str] | None = None, *, priors: bool = True, models: bool = True) -> Figure:
    """Draw effects with the intervals of the result: recomputed, reanalyzed, under other priors and by other models.

    Parameters
    ----------
    result : Reanalysis
        Or another value with ``study``, ``comparisons`` and ``rows``, such as a study of a batch.
    outcomes : collection of str, optional
        Ids of the outcomes that are shown; by default all but those at baseline.
    priors, models : bool
        Whether other prior sets, and other models under the primary one, are shown.

    Returns
    -------
    Figure
        Risk differences (percentage points) share an axis, and so do standardized differences and the ratios of outcomes
        printed as a ratio alone; each difference of means has its own. Prior sets of one family are thin lines below
        each other, each with its name, the widest on top. Outcomes known only from words are left out: a place on the
        axis would hold at full belief in the words alone.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> figure = bi.plots.forest(result)
    >>> [text.get_text() for text in figure.texts if "(" in text.get_text()][-2:]
    ['+10.0 (-10.6, +29.5)', '+8.2 (-10.6, +26.7)']
    """
    panels = panels_of(result, outcomes, priors=priors, models=models)
    sheet = Sheet()
    if not panels:
        sheet.paragraph(nothing_drawn(result), color=MUTED)
        return sheet.finish()
    _key(sheet, panels, percent(result.rows[0].ci_level))
    gutter = _gutter(panels)
    for panel in panels:
        _panel(sheet, panel, gutter)
    return sheet.finish()


def describe_forest(
    result: Any, outcomes: Collection[str] | None = None, *, priors: bool = True, models: bool = True
) -> str:
    """Return what a forest says, for who cannot see it.

    Parameters
    ----------
    result, outcomes, priors, models
        As of `forest`.

    Returns
    -------
    str
        Of every outcome what is recomputed, and the reanalysis under the primary prior.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> bi.plots.describe_forest(result).partition("; ")[2]
    'reanalysis +8.2 (-10.6, +26.7), probability of benefit 0.80 (95% intervals).'
    """
    panels = panels_of(result, outcomes, priors=priors, models=models)
    if not panels:
        return nothing_drawn(result)
    level = percent(result.rows[0].ci_level)
    return " ".join(f"{panel.title}: {' '.join(said(block, level) for block in panel.blocks)}" for panel in panels)


def _key(sheet: Sheet, panels: tuple[Panel, ...], level: str) -> None:
    blocks = [block for panel in panels for block in panel.blocks]
    kinds = {line.kind for block in blocks for line in block.lines}
    words = {
        FREQUENTIST: f"recomputed, frequentist ({level} CI)",
        REANALYSIS: f"reanalysis ({level} credible interval)",
        PRIORS: "reanalysis under other priors",
        MODELS: "reanalysis by other models",
    }
    for kind, told in words.items():
        if kind in kinds:
            y = sheet.y + BODY
            thick = kind in (FREQUENTIST, REANALYSIS)
            sheet.line([EDGE, EDGE + 16], [y - 2.4] * 2, color=COLORS[kind], linewidth=1.8 if thick else 0.8)
            sheet.line(
                [EDGE + 8], [y - 2.4], color=COLORS[kind], marker=MARKERS[kind], markersize=4.6 if thick else 2.4,
                linestyle="none", markeredgewidth=0,
            )  # fmt: skip
            sheet.text(told, EDGE + 21, y, color=INK)
            sheet.space(9.2)
    if any(block.mcid for block in blocks):
        y = sheet.y + BODY
        sheet.line([EDGE, EDGE + 16], [y - 2.4] * 2, color=SOFT, linewidth=6.0)
        for x in (EDGE, EDGE + 16):
            sheet.line([x, x], [y - 5.4, y + 0.6], color=MUTED, linewidth=0.5, linestyle=DOTS)
        sheet.text("smaller than the least difference that matters", EDGE + 21, y, color=INK)
        sheet.space(9.2)
    sheet.space(3)


def _gutter(panels: tuple[Panel, ...]) -> float:
    """Return the room that all numbers need; where it would leave too little for the intervals, they are broken."""
    texts = [line.text for panel in panels for block in panel.blocks for line in block.lines]
    return min(max(GUTTER[0], *(width_of(text, BODY) + 4 for text in texts)), GUTTER[1])


def _panel(sheet: Sheet, panel: Panel, gutter: float) -> None:
    sheet.space(3)
    sheet.paragraph(panel.title, size=HEAD, color=MUTED, most=2)
    sheet.space(1)
    start = sheet.y
    axes = sheet.axes(0, left=EDGE + gutter, right=EDGE + 2, top=start)
    low, high = limits(panel)
    with styled():
        if panel.ratio:
            axes.set_xscale("log")
        axes.set_xlim(low, high)
    for block in panel.blocks:
        _block(sheet, axes, panel, block, start, gutter)
    height = sheet.y - start + 1
    sheet.place(axes, height)
    axes.set_ylim(height, 0)
    bare(axes)
    number_axis(axes, sheet.inner - gutter - 2, room=3)
    sheet.space(15)


def _block(sheet: Sheet, axes: Axes, panel: Panel, block: Block, start: float, gutter: float) -> None:
    if block is not panel.blocks[0]:
        sheet.space(2)
        sheet.line([EDGE, sheet.width - EDGE], [sheet.y] * 2, color=LINE, linewidth=0.6)
        sheet.space(1)
    _head(sheet, block)
    top = sheet.y - start
    before = ""
    for line in block.lines:
        if line.kind != before and line.kind in GROUPS:
            sheet.text(GROUPS[line.kind], EDGE, sheet.y + 6.6, color=COLORS[line.kind])
            sheet.space(OTHER)
        before = line.kind
        _line(sheet, axes, line, start, gutter)
    bottom = sheet.y - start
    axes.plot([panel.null] * 2, [top, bottom], color=MUTED, linewidth=0.8, zorder=1)
    if block.mcid and not panel.ratio:
        axes.fill_betweenx([top, bottom], -block.mcid, block.mcid, color=SOFT, linewidth=0, zorder=0)
        for edge in (-block.mcid, block.mcid):
            axes.plot([edge, edge], [top, bottom], color=MUTED, linewidth=0.5, linestyle=DOTS, zorder=1)


def _head(sheet: Sheet, block: Block) -> None:
    """Write the outcome, and at the right on which side benefit lies and how likely it is."""
    likely = "" if block.likely is None else f"P(benefit) {chance(block.likely)}"
    beside = " · ".join(part for part in (likely, block.toward) if part)
    room = sheet.inner - (width_of(beside, BODY) + 8 if beside else 0)
    lines = wrap(block.label, room, HEAD, bold=True)
    y = sheet.y + HEAD
    if beside:
        sheet.text(beside, sheet.width - EDGE - 2, y, size=BODY, color=BLUE, ha="right")
    for line in lines:
        sheet.text(line, EDGE, sheet.y + HEAD, size=HEAD, fontweight="bold")
        sheet.space(1.25 * HEAD)
    sheet.space(1.5)


def _line(sheet: Sheet, axes: Axes, line: Line, start: float, gutter: float) -> None:
    main = line.kind in (FREQUENTIST, REANALYSIS)
    color = COLORS[line.kind]
    if main:
        sheet.text(
            line.name, EDGE, sheet.y + 7, color=color, fontweight="bold" if line.kind == REANALYSIS else "normal"
        )
        numbers = wrap(line.text, gutter - 3, BODY, most=3)
        for number, told in enumerate(numbers):
            sheet.text(told, EDGE, sheet.y + 15.5 + 8.5 * number, color=color)
        _interval(axes, line.intervals[0], sheet.y + 0.45 * MAIN - start, line.kind)
        sheet.space(MAIN + 8.5 * (len(numbers) - 1))
        return
    several = len(line.intervals) > 1
    room = gutter - 9
    if several:
        room -= min(max(width_of(each.name, SMALL) for each in line.intervals), 0.55 * room) + 4
    names = wrap(line.name, room, SMALL, most=2)
    for number, name in enumerate(names):
        sheet.text(name, EDGE + 5, sheet.y + 6.6 + 8 * number, size=SMALL, color=MUTED)
    height = max(OTHER + 8 * (len(names) - 1), OTHER + STEP * (len(line.intervals) - 1) + 2 * several)
    first = sheet.y + (OTHER / 2 if several else height / 2)
    for number, each in enumerate(line.intervals):
        y = first + STEP * number
        if each.name:
            told = wrap(each.name, gutter - 11 - room, SMALL, most=1)[0]
            sheet.text(told, EDGE + gutter - 4, y + 2.1, size=SMALL, color=MUTED, ha="right")
        _interval(axes, each, y - start, line.kind)
    sheet.space(height)


def _interval(axes: Axes, interval: Interval, y: float, kind: str) -> None:
    main, color = kind in (FREQUENTIST, REANALYSIS), COLORS[kind]
    low, high = axes.get_xlim()
    ends = [max(interval.low, low), min(interval.high, high)]
    axes.plot(ends, [y, y], color=color, linewidth=2.0 if main else 0.8, zorder=2, gid=kind)
    axes.plot(
        [interval.center], [y], MARKERS[kind], color=color, markersize=5.2 if main else 2.5, markeredgewidth=0, zorder=3
    )  # fmt: skip
    for beyond, end, marker in ((interval.low < low, low, "<"), (interval.high > high, high, ">")):
        if beyond:
            axes.plot(
                [end], [y], marker, color=color, markersize=4.0 if main else 2.6, markeredgewidth=0, clip_on=False
            )


def limits(panel: Panel) -> tuple[float, float]:
    """Return the ends of an axis: all main intervals lie on it, and no effect; thin ones unless they are far wider."""
    turn, back = (math.log, math.exp) if panel.ratio else (float, float)
    main = [each for block in panel.blocks for line in block.lines if line.text for each in line.intervals]
    every = [each for block in panel.blocks for each in block.intervals]
    low, high = _ends(main, turn, panel)
    low_all, high_all = _ends(every, turn, panel)
    more = (WIDER - 1) * ((high - low) or 1.0)
    low, high = max(low_all, low - more), min(high_all, high + more)
    space = 0.03 * ((high - low) or 1.0)
    return back(low - space), back(high + space)


def _ends(intervals: list[Interval], turn: Any, panel: Panel) -> tuple[float, float]:
    values = [value for each in intervals for value in (each.center, each.low, each.high)]
    shown = [panel.null, *(each for each in values if math.isfinite(each) and (each > 0 or not panel.ratio))]
    return turn(min(shown)), turn(max(shown))
