"""What pooling does: every effect alone, drawn toward those of its family, and as one with them."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from bayes_ivf.effects import REPORTED
from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, GREEN, HEAD, LINE, MUTED, bare
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import PooledEffect, pooled_effects
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEGREES = {
    "separate": ("alone", MUTED, "o"),
    "partial": ("drawn toward the others of its family", BLUE, "o"),
    "complete": ("as one with them", GREEN, "D"),
}
STEP = 6.5
"""From one interval to the next, in points."""
ODDS = "log_odds_ratio"


def shrinkage(source: Any, outcomes: Collection[str] | None = None) -> Figure | None:
    """Draw effects without, with partial and with complete pooling, one panel for each scale.

    Parameters
    ----------
    source : Reanalysis, Context or sequence of PooledEffect
    outcomes : collection of str, optional
        Ids of the outcomes of a result that are shown; by default all but those known only from words.

    Returns
    -------
    Figure or None
        Medians and intervals under the primary prior, odds ratios on a log axis. None if nothing was pooled.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> bi.plots.shrinkage(bi.reanalyze(study, priors=["weakly_informative"], engine="exact")) is None
    True
    """
    effects = pooled_of(source, outcomes)
    if not effects:
        return None
    sheet = Sheet()
    for words, color, marker in DEGREES.values():
        y = sheet.y + BODY
        sheet.line([EDGE, EDGE + 16], [y - 2.4] * 2, color=color, linewidth=1.3)
        sheet.line([EDGE + 8], [y - 2.4], color=color, marker=marker, markersize=3.8, markeredgewidth=0)
        sheet.text(words, EDGE + 21, y)
        sheet.space(9.2)
    for scale in dict.fromkeys(effect.scale for effect in effects):
        _panel(sheet, scale, [effect for effect in effects if effect.scale == scale], _labels(source))
    return sheet.finish()


def describe_shrinkage(source: Any, outcomes: Collection[str] | None = None) -> str:
    """Return what the figure of `shrinkage` says, for who cannot see it; empty if there is none.

    Parameters
    ----------
    source, outcomes
        As of `shrinkage`.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.plots.describe_shrinkage([])
    ''
    """
    labels, effects = _labels(source), pooled_of(source, outcomes)
    far = [effect for effect in effects if effect.shrinkage is not None]
    close = [labels.get(effect.outcome, effect.outcome) for effect in effects if effect.shrinkage is None]
    told = [
        f"{labels.get(each.outcome, each.outcome)}: partial pooling goes {100 * (each.shrinkage or 0):.0f}% of the way to "
        "complete pooling."
        for each in far
    ]
    return " ".join((*told, *([f"Alone and pooled hardly differ: {', '.join(close)}."] if close else ())))


def pooled_of(source: Any, outcomes: Collection[str] | None = None) -> Sequence[PooledEffect]:
    """Return the effects of a result under its primary prior, or those given."""
    if isinstance(source, Sequence):
        return source
    found = pooled_effects(source.rows)
    shown = [item.id for item in source.study.items if not KINDS[item.kind].words] if outcomes is None else outcomes
    return [effect for effect in found if effect.prior == found[0].prior and effect.outcome in shown]


def _labels(source: Any) -> dict[str, str]:
    return {} if isinstance(source, Sequence) else {item.id: item.title for item in source.study.items}


def _panel(sheet: Sheet, scale: str, effects: Sequence[PooledEffect], labels: dict[str, str]) -> None:
    odds = scale == ODDS
    sheet.space(4)
    known = REPORTED["odds_ratio" if odds else scale].label if scale in REPORTED else scale
    sheet.paragraph(f"{known}, log scale" if odds else known, size=HEAD, color=MUTED)
    sheet.space(2)
    start = sheet.y
    axes = sheet.axes(0, left=EDGE + 6, right=EDGE + 6)
    with styled():
        if odds:
            axes.set_xscale("log")
        for number, effect in enumerate(effects):
            if number:
                sheet.line([EDGE, sheet.width - EDGE], [sheet.y] * 2, color=LINE, linewidth=0.6)
            lines = wrap(labels.get(effect.outcome, effect.outcome), sheet.inner, BODY, most=2, bold=True)
            for line in lines:
                sheet.text(line, EDGE, sheet.y + BODY + 1.5, size=BODY, fontweight="bold")
                sheet.space(9.2)
            _effect(axes, effect, sheet.y + 5 - start, odds=odds)
            sheet.space(3 * STEP + 2)
        _axis(axes, sheet, start)


def _effect(axes: Axes, effect: PooledEffect, top: float, *, odds: bool) -> None:
    turn = math.exp if odds else float
    null = turn(0.0)
    axes.plot([null, null], [top - 4, top + 2 * STEP + 4], color=MUTED, linewidth=0.8, zorder=1)
    for number, (name, (_, color, marker)) in enumerate(DEGREES.items()):
        center, low, high = (turn(getattr(effect, part)) for part in (name, f"{name}_low", f"{name}_high"))
        y = top + STEP * number
        axes.plot([low, high], [y, y], color=color, linewidth=1.3, zorder=2, gid=name)
        axes.plot([center], [y], marker, color=color, markersize=3.8, markeredgewidth=0, zorder=3)


def _axis(axes: Axes, sheet: Sheet, start: float) -> None:
    height = sheet.y - start
    sheet.place(axes, height)
    axes.set_ylim(height, 0)
    bare(axes)
    number_axis(axes, sheet.inner - 12, most=6, room=6)
    sheet.space(16)
