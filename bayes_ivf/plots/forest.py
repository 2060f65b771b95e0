"""Forest plot: every outcome's reported analysis above its reanalysis, one panel per scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from bayes_ivf.plots.style import BAND, INK, MUTED, PAPER, POSTERIOR, STYLE, lines, new_figure
from bayes_ivf.results import digits_for, percent
from bayes_ivf.structures import structures_of_record
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.results import ComparisonRow, EffectRow

_STANDARDIZED = "standardized_mean_difference"
_WORDS = [name for name, kind in KINDS.items() if kind.words]
"""Kinds of outcomes that are known from words alone."""
TITLES = {
    "risk_difference": "Risk difference, percentage points",
    "standardized_mean_difference": "Standardized mean difference",
}
RATIOS = ("odds_ratio", "risk_ratio", "hazard_ratio")
"""Scales of outcomes printed as a ratio alone, which have no risk difference."""
RATIO = "Odds, risk or hazard ratio, log scale"


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
    benefit = {item.id: item.benefit for item in result.study.items}
    outcomes = [row for row in result.comparisons if row.role == "outcome"]
    # what only words tell has no estimate that holds whether or not they are believed
    drawn = [row for row in outcomes if row.kind not in _WORDS]
    panels = [
        (title, rows)
        for title, rows in (
            (TITLES["risk_difference"], _risk_rows(outcomes, benefit)),
            (TITLES["standardized_mean_difference"], _standardized_rows(result, drawn, benefit)),
            (RATIO, _ratio_rows(outcomes, benefit)),
        )
        if rows
    ]
    heights = [0.62 * len(rows) + 0.9 for _, rows in panels] or [1.0]
    with mpl.rc_context(STYLE):
        figure = new_figure(8.2, sum(heights) + 0.3)
        axes = figure.subplots(len(panels) or 1, 1, height_ratios=heights, squeeze=False)[:, 0]
        for axis, (title, rows) in zip(axes, panels, strict=False):
            _panel(axis, title, rows, percent(result.rows[0].ci_level))
        if not panels:
            words = any(row.kind in _WORDS and row.effect_scale for row in result.comparisons)
            known = "Known from words only: nothing to draw." if words else "No outcome could be estimated."
            axes[0].text(0.5, 0.5, known, ha="center")
            axes[0].set_axis_off()
    return figure


Estimate = tuple[float, float, float]
"""An estimate, the lower and the upper end of its interval."""
Row = tuple[str, str, Estimate | None, Estimate | None]
"""Label, direction of benefit, frequentist and Bayesian estimate."""


def _standardized_rows(result: Any, drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]) -> list[Row]:
    # only those of models that may be of record: pooled ones are borrowed in part
    alone = [row for row in result.rows if row.estimand == _STANDARDIZED and row.model in structures_of_record()]
    mine = [row for row in alone if row.prior == result.rows[0].prior]
    # accurate quadrature carries no chance: its rows come first
    mine.sort(key=lambda row: (row.engine, row.verdict) != ("exact", "pass"))
    known: dict[str, EffectRow] = {}
    for row in mine:
        known.setdefault(row.outcome, row)
    rows: list[Row] = []
    for told in drawn:
        if told.effect_scale == _STANDARDIZED and (estimate := _bayes(told)) is not None:
            rows.append((told.label, benefit[told.outcome], None, estimate))
        elif told.outcome in known:
            row = known[told.outcome]
            rows.append((told.label, benefit[told.outcome], None, (row.median, row.ci_low, row.ci_high)))
    return rows


def _risk_rows(drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]) -> list[Row]:
    return [
        (row.label, benefit[row.outcome], _percent(_frequentist(row)), _percent(estimate))
        for row in drawn
        if row.effect_scale == "risk_difference" and (estimate := _bayes(row)) is not None
    ]


def _ratio_rows(drawn: Sequence[ComparisonRow], benefit: Mapping[str, str]) -> list[Row]:
    return [
        (row.label, benefit[row.outcome], None, estimate)
        for row in drawn
        if row.effect_scale in RATIOS and (estimate := _bayes(row)) is not None
    ]


def _bayes(row: ComparisonRow) -> Estimate | None:
    return _whole(row.bayes_effect, row.bayes_ci_low, row.bayes_ci_high)


def _frequentist(row: ComparisonRow) -> Estimate | None:
    return _whole(row.freq_effect, row.freq_ci_low, row.freq_ci_high)


def _whole(center: float | None, low: float | None, high: float | None) -> Estimate | None:
    return None if center is None or low is None or high is None else (center, low, high)


def _percent(estimate: Estimate | None) -> Estimate | None:
    return None if estimate is None else (100 * estimate[0], 100 * estimate[1], 100 * estimate[2])


def _panel(axis: Axes, title: str, rows: Sequence[Row], level: str) -> None:
    if title == RATIO:
        axis.set_xscale("log")
    axis.axvline(1 if title == RATIO else 0, color=MUTED, linewidth=1)
    paired = any(row[2] is not None for row in rows)
    for index, (_, _, reported, bayes) in enumerate(rows):
        if index % 2 == 0:
            axis.axhspan(index - 0.5, index + 0.5, color=BAND, alpha=0.45, linewidth=0)
        offset = 0.17 if paired else 0.0
        for values, shift, color, marker, label in (
            (reported, -offset, PAPER, "s", f"recomputed, frequentist ({level} CI)"),
            (bayes, offset, POSTERIOR, "o", f"reanalysis ({level} credible interval)"),
        ):
            if values is None:
                continue
            center, low, high = values
            axis.plot([low, high], [index + shift] * 2, color=color, linewidth=2.2, solid_capstyle="round")
            axis.plot(center, index + shift, marker, color=color, markersize=6.5, label=label if index == 0 else None)
            axis.annotate(
                digits_for(low, high, least=1).beside(center, low, high),
                (1.01, index + shift),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.5,
                color=color,
                annotation_clip=False,
            )
    arrows = {"higher": " →", "lower": " ←", "none": ""}
    axis.set_yticks(range(len(rows)), [f"{lines(label)}{arrows[benefit]}" for label, benefit, _, _ in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_title(
        f"{title}  (arrow: direction of benefit)", loc="left", fontsize=10, color=INK, pad=20 if paired else 8
    )
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    if paired:
        axis.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8.5, borderaxespad=0.1)
