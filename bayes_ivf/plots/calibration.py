"""Rank curves of a calibration: how far the ranks of true values stray from uniform, with simultaneous bands.

`arviz_plots.plot_ecdf_pit` draws the trees of a calibration, too, with a band for each curve by itself; here the band is
exact for discrete ranks, and shared by all curves that are judged together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, COLUMN, INK, MUTED, PAGE_WIDE, RUST, SMALL, SOFT
from bayes_ivf.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.calibration import Calibration, Ranks

FEW = 4
"""Designs that fit in one column of a journal."""
LEFT, GAP, HIGH = 24.0, 30.0, 70.0
"""Room for the numbers of an axis, between panels, and of a panel, in points."""


def rank_curves(result: Calibration) -> Figure:
    """Draw the difference between the empirical and the expected distribution of ranks, one panel per design.

    Parameters
    ----------
    result : Calibration

    Returns
    -------
    Figure
        A curve per quantity; one that leaves the band is drawn in another color and named.
    """
    few = len(result.results) <= FEW
    sheet = Sheet(COLUMN if few else PAGE_WIDE)
    columns = min(2 if few else 4, len(result.results))
    sheet.paragraph("Share of simulations whose true value has a rank below, minus what is expected", color=INK)
    sheet.paragraph("Shaded: where all curves together stay if the computation is right", color=MUTED)
    sheet.space(3)
    width = (sheet.inner - LEFT - GAP * (columns - 1)) / columns
    for first in range(0, len(result.results), columns):
        row = result.results[first : first + columns]
        deep = max(len(_title(ranks, width).split("\n")) for ranks in row)
        for place, ranks in enumerate(row):
            left = EDGE + LEFT + place * (width + GAP)
            right = sheet.width - left - width
            axes = sheet.axes(HIGH, left=left, right=right, top=sheet.y + 9 * deep + 4)
            with styled():
                _panel(axes, ranks, result, width)
        sheet.space(9 * deep + 4 + HIGH + 18)
    sheet.paragraph("Across: share of posterior draws below the true value", color=INK)
    return sheet.finish()


def describe_rank_curves(result: Calibration) -> str:
    """Return what the figure of `rank_curves` says, for who cannot see it.

    Parameters
    ----------
    result : Calibration

    Returns
    -------
    str
    """
    return result.sentence()


def _title(ranks: Ranks, width: float) -> str:
    return "\n".join((*wrap(ranks.name, width, BODY, most=3), counted(len(ranks.verdicts), "simulation")))


def _panel(axes: Axes, ranks: Ranks, result: Calibration, width: float) -> None:
    z, low, high = result.band(len(ranks.verdicts))
    axes.fill_between(z, low - z, high - z, step="mid", facecolor=SOFT, edgecolor=MUTED, linewidth=0.5)
    axes.axhline(0, color=MUTED, linewidth=0.7)
    outside = {judgment.quantity for judgment in result.outside if judgment.design == ranks.name}
    for name, values in ranks.ranks.items():
        share = np.searchsorted(np.sort(values), np.arange(len(z)), side="right") / len(values)
        color, wide = (RUST, 1.3) if name in outside else (BLUE, 0.5)
        label = wrap(name, width - 24, SMALL, most=1)[0] if name in outside else None
        axes.plot(z, share - z, color=color, linewidth=wide, label=label)
    if outside:
        axes.legend(frameon=False, fontsize=SMALL, handlelength=1.0, borderaxespad=0.0, loc="best")
    axes.set_title(_title(ranks, width), loc="left", fontsize=BODY, color=INK, pad=3)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(4))
