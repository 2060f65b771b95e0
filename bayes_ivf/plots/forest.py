"""Forest plot: every outcome's reported analysis above its reanalysis, one panel per scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from bayes_ivf.plots.style import BAND, INK, MUTED, PAPER, POSTERIOR, STYLE, lines, new_figure
from bayes_ivf.results import digits_for, percent
from bayes_ivf.structures import structures_of_record
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
        Or another value with ``study``, ``comparison`` and ``effects``, such as a study of a batch.

    Returns
    -------
    Figure
        One panel per scale that occurs: risk differences (percentage points), standardized mean differences, and the ratios
        of outcomes printed as a ratio alone.
        Differences of means in their own units are drawn standardized, from the rows of `effects`. Outcomes known only
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
    table, standardized = _tables(result)
    panels = [
        (title, rows)
        for title, rows in (
            (TITLES["risk_difference"], _risk_rows(table)),
            (TITLES["standardized_mean_difference"], standardized),
            (RATIO, _ratio_rows(table)),
        )
        if rows
    ]
    heights = [0.62 * len(rows) + 0.9 for _, rows in panels] or [1.0]
    with mpl.rc_context(STYLE):
        figure = new_figure(8.2, sum(heights) + 0.3)
        axes = figure.subplots(len(panels) or 1, 1, height_ratios=heights, squeeze=False)[:, 0]
        for axis, (title, rows) in zip(axes, panels, strict=False):
            _panel(axis, title, rows, percent(float(result.effects.ci_level.iloc[0])))
        if not panels:
            words = table[table.kind.isin(_WORDS) & (table.effect_scale != "")]
            known = "Known from words only: nothing to draw." if len(words) else "No outcome could be estimated."
            axes[0].text(0.5, 0.5, known, ha="center")
            axes[0].set_axis_off()
    return figure


Row = tuple[str, str, tuple[float, float, float] | None, tuple[float, float, float] | None]
"""Label, direction of benefit, frequentist and Bayesian (estimate, low, high)."""


def _tables(result: Any) -> tuple[pd.DataFrame, list[Row]]:
    comparison, effects = result.comparison, result.effects
    benefit = {item.id: item.benefit for item in result.study.items}
    # only those of models that may be of record: pooled ones are borrowed in part
    alone = effects[(effects.estimand == _STANDARDIZED) & effects.model.isin(structures_of_record())]
    alone = (alone[alone.prior == effects.prior.iloc[0]] if len(effects) else alone).reset_index(drop=True)
    # Accurate quadrature carries no chance: its rows come first.
    accurate = (alone.engine == "exact") & (alone.verdict == "pass")
    order = accurate.sort_values(ascending=False, kind="stable").index
    smd = alone.loc[order].drop_duplicates("outcome").set_index("outcome")
    rows: list[Row] = []
    # what only words tell has no estimate that holds whether or not they are believed
    drawn = comparison[(comparison.role == "outcome") & ~comparison.kind.isin(_WORDS)]
    for row in drawn.itertuples():
        if row.effect_scale == _STANDARDIZED and row.bayes_effect == row.bayes_effect:
            estimate = (row.bayes_effect, row.bayes_ci_low, row.bayes_ci_high)
            rows.append((row.label, benefit[row.outcome], None, estimate))
        elif row.outcome in smd.index:
            known = smd.loc[row.outcome]
            estimate = (known["median"], known["ci_low"], known["ci_high"])
            rows.append((row.label, benefit[row.outcome], None, estimate))
    return comparison.assign(benefit=comparison.outcome.map(benefit)), rows


def _risk_rows(table: pd.DataFrame) -> list[Row]:
    chosen = table[(table.effect_scale == "risk_difference") & table.bayes_effect.notna() & (table.role == "outcome")]
    return [
        (
            row.label,
            row.benefit,
            None
            if row.freq_effect != row.freq_effect
            else (100 * row.freq_effect, 100 * row.freq_ci_low, 100 * row.freq_ci_high),
            (100 * row.bayes_effect, 100 * row.bayes_ci_low, 100 * row.bayes_ci_high),
        )
        for row in chosen.itertuples()
    ]


def _ratio_rows(table: pd.DataFrame) -> list[Row]:
    chosen = table[table.effect_scale.isin(RATIOS) & table.bayes_effect.notna() & (table.role == "outcome")]
    return [
        (row.label, row.benefit, None, (row.bayes_effect, row.bayes_ci_low, row.bayes_ci_high))
        for row in chosen.itertuples()
    ]


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
