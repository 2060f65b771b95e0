"""Rank curves of a calibration: how far the ranks of true values stray from uniform, with simultaneous bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from bayes_ivf.plots.style import BAND, INK, MUTED, PAPER, POSTERIOR, STYLE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.calibration import Calibration, Ranks

COLUMNS = 4


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
    columns = min(COLUMNS, len(result.results))
    rows = -(-len(result.results) // columns)
    with mpl.rc_context(STYLE):
        figure = new_figure(3.2 * columns, 2.5 * rows + 0.5)
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, ranks in zip(axes, result.results, strict=False):
            _panel(axis, ranks, result)
        for axis in axes[len(result.results) :]:
            axis.set_axis_off()
        figure.supxlabel("Share of posterior draws below the true value", fontsize=9)
        figure.supylabel("Share of simulations, minus expected", fontsize=9)
    return figure


def _panel(axis: Axes, ranks: Ranks, result: Calibration) -> None:
    z, low, high = result.band(len(ranks.verdicts))
    axis.fill_between(z, low - z, high - z, step="mid", color=BAND, linewidth=0)
    axis.axhline(0, color=MUTED, linewidth=0.8)
    outside = {judgment.quantity for judgment in result.outside if judgment.design == ranks.name}
    for name, values in ranks.ranks.items():
        share = np.searchsorted(np.sort(values), np.arange(len(z)), side="right") / len(values)
        color, width = (PAPER, 1.6) if name in outside else (POSTERIOR, 0.7)
        axis.plot(z, share - z, color=color, linewidth=width, label=name if name in outside else None)
    if outside:
        axis.legend(frameon=False, fontsize=7)
    axis.set_title(f"{ranks.name}\n{len(ranks.verdicts)} simulations", loc="left", fontsize=8, color=INK)
    axis.tick_params(labelsize=7)
