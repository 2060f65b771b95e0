"""The chance that the benefit is at least so large, for every size of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from bayes_ivf.plots.blocks import row_of_record
from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, HEAD, INK, LINE, MUTED, SMALL
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import Exceedance, Mark, exceedance_of_fit, exceedance_of_row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP, LEFT, INSET = 8.0, 17.0, 6.0
"""Between panels, for the numbers of an axis, and at the right of a panel, in points."""
ONE, FEW = 110.0, 70.0
UNITS = {
    "risk_difference": (100.0, "points"),
    "standardized_mean_difference": (1.0, "SD"),
    "mean_difference": (1.0, ""),
}
KEY = "Chance that the benefit is at least this large"
SMOOTH = "Dots: as in the tables; the line between them is drawn smoothly"


def exceedance(source: Any, outcomes: Collection[str] | None = None) -> Figure | None:
    """Draw the probability that treatment helps by at least x, for every x, one panel for each outcome.

    Parameters
    ----------
    source : Fit, Reanalysis, Context, Exceedance or sequence of Exceedance
        Of a fit the curve is its distribution function; of a result it goes through what its rows know.
    outcomes : collection of str, optional
        Ids of the outcomes that are shown of a result.

    Returns
    -------
    Figure or None
        More benefit is at the right, whether it is a higher or a lower risk. Dots stand at any benefit and at the least
        that matters, with the probabilities of the tables. None if no outcome has a direction of benefit.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    >>> figure = bi.plots.exceedance(bi.fit(study, engine="exact"))
    >>> [text.get_text() for text in figure.texts][1:]
    ['cpr', 'any benefit: 0.80']
    """
    curves = exceedances_of(source, outcomes)
    if not curves:
        return None
    sheet = Sheet()
    sheet.paragraph(KEY, size=BODY)
    if any(curve.interpolated for curve in curves):
        sheet.paragraph(SMOOTH, size=BODY, color=MUTED)
    sheet.space(4)
    columns = min(2, len(curves))
    width = (sheet.inner - GAP * (columns - 1)) / columns
    height, size = (ONE, HEAD) if columns == 1 else (FEW, BODY)
    for first in range(0, len(curves), columns):
        row = curves[first : first + columns]
        titles = [wrap(curve.label, width - 2, size, most=3, bold=True) for curve in row]
        deep = 9.5 * max(len(title) + len(curve.marks) for title, curve in zip(titles, row, strict=True))
        for place, (curve, title) in enumerate(zip(row, titles, strict=True)):
            left = EDGE + place * (width + GAP)
            for number, line in enumerate(title):
                sheet.text(line, left, sheet.y + size + 9.5 * number, size=size, fontweight="bold")
            for number, mark in enumerate(curve.marks, len(title)):
                told = wrap(_said(curve, mark), width - 2, BODY, most=1)[0]
                sheet.text(told, left, sheet.y + size + 9.5 * number, color=BLUE)
            right = sheet.width - left - width + INSET
            axes = sheet.axes(height, left=left + LEFT, right=right, top=sheet.y + deep + 7)
            with styled():
                _curve(axes, curve)
                _axis(axes, curve, width - LEFT)
        sheet.space(deep + height + 29)
    return sheet.finish()


def describe_exceedance(source: Any, outcomes: Collection[str] | None = None) -> str:
    """Return what the figure of `exceedance` says, for who cannot see it; empty if there is none.

    Parameters
    ----------
    source, outcomes
        As of `exceedance`.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    >>> bi.plots.describe_exceedance(bi.fit(study, engine="exact"))
    'Probability of benefit. cpr: any benefit: 0.80.'
    """
    told = [
        f"{curve.label}: {'; '.join(_said(curve, mark) for mark in curve.marks)}."
        for curve in exceedances_of(source, outcomes)
    ]
    return " ".join(("Probability of benefit.", *told)) if told else ""


def exceedances_of(source: Any, outcomes: Collection[str] | None = None) -> Sequence[Exceedance]:
    """Return the curves of a fit or of the results of record, or those given."""
    if isinstance(source, Exceedance):
        return [source]
    if isinstance(source, Sequence):
        return source
    if not hasattr(source, "comparisons"):
        made = exceedance_of_fit(source.told)
        return [] if made is None else [made]
    items = {item.id: item for item in source.study.items}
    found = []
    for told in source.comparisons:
        if told.role != "outcome" if outcomes is None else told.outcome not in outcomes:
            continue
        row = row_of_record(source.rows, told)
        curve = None if row is None else exceedance_of_row(row, told.label, items[told.outcome].sign)
        if curve is not None:
            found.append(curve)
    return found


def _said(curve: Exceedance, mark: Mark) -> str:
    factor, unit = UNITS.get(curve.estimand, (1.0, ""))
    size = f"{factor * mark.x:g} {unit}".strip()
    return f"{size} or more: {mark.text}" if mark.x else f"any benefit: {mark.text}"


def _curve(axes: Axes, curve: Exceedance) -> None:
    factor, _ = UNITS.get(curve.estimand, (1.0, ""))
    axes.axhline(0.5, color=LINE, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.plot(factor * curve.x, curve.probability, color=BLUE, linewidth=1.6)
    for mark in curve.marks:
        axes.plot(
            [factor * mark.x], [mark.probability], "o", color=BLUE, markersize=4.4, markeredgewidth=0, clip_on=False
        )


def _axis(axes: Axes, curve: Exceedance, width: float) -> None:
    factor, unit = UNITS.get(curve.estimand, (1.0, ""))
    shown = [*(factor * curve.x), *(factor * mark.x for mark in curve.marks)]
    space = 0.03 * (max(shown) - min(shown))
    axes.set_xlim(min(shown) - space, max(shown) + space)
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.spines["left"].set_visible(True)
    number_axis(axes, width - INSET, most=6 if width > 120 else 4, room=INSET)
    way = "lower" if curve.sign < 0 else "higher"
    name = f"{unit} {way}, at least" if unit else f"{way} by at least"
    axes.set_xlabel(wrap(name, width, SMALL, most=1)[0], fontsize=SMALL, labelpad=1.5, color=INK)
