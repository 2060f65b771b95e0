"""Forest plot: every outcome's reported analysis above its reanalysis, one panel per scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from bayes_ivf.plots.style import BAND, INK, MUTED, PAPER, POSTERIOR, STYLE, lines, new_figure
from bayes_ivf.results import empty_forest, forest_panels, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.results import ForestPanel


def forest(result: Any) -> Figure:
    """Draw effects with the intervals of the result: the recomputed frequentist analysis and the reanalysis.

    Parameters
    ----------
    result : Reanalysis
        Or another value with ``study``, ``comparisons`` and ``rows``, such as a study of a batch.

    Returns
    -------
    Figure
        One panel per scale that occurs: risk differences (percentage points), standardized mean differences, and the ratios
        of outcomes printed as a ratio alone.
        Differences of means in their own units are drawn standardized, from the rows of effects. Outcomes known only
        from words are left out: a place on the axis would hold at full belief in the words alone.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> figure = bi.plots.forest(result)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['cpr →']
    """
    panels = forest_panels(result)
    heights = [0.62 * len(panel.rows) + 0.9 for panel in panels] or [1.0]
    with mpl.rc_context(STYLE):
        figure = new_figure(8.2, sum(heights) + 0.3)
        axes = figure.subplots(len(panels) or 1, 1, height_ratios=heights, squeeze=False)[:, 0]
        for axis, panel in zip(axes, panels, strict=False):
            _panel(axis, panel, percent(result.rows[0].ci_level))
        if not panels:
            axes[0].text(0.5, 0.5, empty_forest(result), ha="center")
            axes[0].set_axis_off()
    return figure


def _panel(axis: Axes, panel: ForestPanel, level: str) -> None:
    if panel.ratio:
        axis.set_xscale("log")
    axis.axvline(panel.null, color=MUTED, linewidth=1)
    for index, row in enumerate(panel.rows):
        if index % 2 == 0:
            axis.axhspan(index - 0.5, index + 0.5, color=BAND, alpha=0.45, linewidth=0)
        offset = 0.17 if panel.paired else 0.0
        for estimate, shift, color, marker, label in (
            (row.frequentist, -offset, PAPER, "s", f"recomputed, frequentist ({level} CI)"),
            (row.bayes, offset, POSTERIOR, "o", f"reanalysis ({level} credible interval)"),
        ):
            if estimate is None:
                continue
            axis.plot(
                [estimate.low, estimate.high], [index + shift] * 2, color=color, linewidth=2.2, solid_capstyle="round"
            )
            axis.plot(
                estimate.center, index + shift, marker, color=color, markersize=6.5, label=label if index == 0 else None
            )
            axis.annotate(
                estimate.text,
                (1.01, index + shift),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.5,
                color=color,
                annotation_clip=False,
            )
    axis.set_yticks(range(len(panel.rows)), [f"{lines(row.label)}{row.arrow}" for row in panel.rows])
    axis.set_ylim(len(panel.rows) - 0.5, -0.5)
    axis.set_title(
        f"{panel.title}  (arrow: direction of benefit)",
        loc="left",
        fontsize=10,
        color=INK,
        pad=20 if panel.paired else 8,
    )
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    if panel.paired:
        axis.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8.5, borderaxespad=0.1)
