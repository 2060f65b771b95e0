"""What taking embryos as nested in women changes: one interval for every way of reading the same totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayes_ivf.plots.lettering import width_of
from bayes_ivf.plots.sheet import EDGE, Sheet
from bayes_ivf.plots.style import BLUE, BODY, HEAD, INK, LINE, MUTED, RUST, bare
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import chance, digits_for
from bayes_ivf.structures import base_structure, structures_of_record

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Implantation per embryo: risk difference, percentage points"
GUTTER = 88.0
"""Width of the numbers at the left of the intervals, in points."""
MOST = "M="
"""Option of models that take embryos as nested in women: how many one woman may have had."""
NAMES = {
    "": "Embryos nested in women",
    "mechanism=receptivity": "... receptive or not",
    "mechanism=biochemical": "... with losses before the pregnancy",
    "weights=multinomial": "... other weights on the sharing out",
    "weights=least_spread": "... embryos shared out evenly",
}


def clustering(result: Any) -> Figure | None:
    """Draw the risk difference per embryo under every model of the embryos, primary prior.

    Parameters
    ----------
    result : Reanalysis
        Or anything with `comparison` and `effects` tables like one.

    Returns
    -------
    Figure or None
        None if no outcome per embryo was fitted with embryos nested in women.

    Examples
    --------
    Every variant of the model of embryos is fitted, which takes a minute; without them there is nothing to compare:

    >>> import bayes_ivf as bi
    >>> totals = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}
    >>> study = bi.Study.from_clusters(totals, {**totals, "pregnant": 12, "implanted": 25})
    >>> bi.plots.clustering(bi.reanalyze(study, priors=["weakly_informative"], engine="exact"))  # doctest: +SKIP
    >>> alone = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> bi.plots.clustering(alone) is None
    True
    """
    rows = clustering_rows(result.effects, result.comparison)
    if not rows:
        return None
    sheet = Sheet()
    sheet.paragraph(TITLE, size=HEAD, color=MUTED)
    sheet.space(2)
    start = sheet.y
    axes = sheet.axes(0, left=EDGE + GUTTER, right=EDGE + 2, top=start)
    for index, row in enumerate(rows):
        _row(sheet, axes, row, start, first=index == 0)
    height = sheet.y - start
    sheet.place(axes, height)
    axes.set_ylim(height, 0)
    bare(axes)
    number_axis(axes, sheet.inner - GUTTER - 2, room=3)
    sheet.space(15)
    return sheet.finish()


def describe_clustering(result: Any) -> str:
    """Return what the figure of `clustering` says; empty if there is none.

    Parameters
    ----------
    result : Reanalysis
        Or anything with `comparison` and `effects` tables like one.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> bi.plots.describe_clustering(bi.reanalyze(study, priors=["weakly_informative"], engine="exact"))
    ''
    """
    rows = clustering_rows(result.effects, result.comparison)
    told = [f"{label.removeprefix('... ')} {_numbers(row)}{_likely(row)}" for row in rows for label in row[:1]]
    return f"{TITLE}: {'; '.join(told)}." if told else ""


def _row(sheet: Sheet, axes: Axes, row: Row, start: float, *, first: bool) -> None:
    label, center, low, high, _, color = row
    if not first:
        sheet.line([EDGE, sheet.width - EDGE], [sheet.y] * 2, color=LINE, linewidth=0.6)
    beside = _likely(row).removeprefix(", ")
    sheet.text(beside, sheet.width - EDGE, sheet.y + 9, color=color, ha="right")
    room = sheet.inner - width_of(beside, BODY) - 6
    sheet.space(2)
    sheet.paragraph(label.replace("...", "…"), width=room, color=INK, most=2)
    sheet.text(_numbers(row), EDGE, sheet.y + 7, color=color)
    y = sheet.y + 4.5 - start
    axes.plot([0, 0], [y - 5, y + 5], color=MUTED, linewidth=0.8, zorder=1)
    axes.plot([low, high], [y, y], color=color, linewidth=2.0)
    axes.plot([center], [y], "s" if color == RUST else "o", color=color, markersize=5.2, markeredgewidth=0)
    sheet.space(11)


def _numbers(row: Row) -> str:
    _, center, low, high, _, _ = row
    return digits_for(low, high, least=1).beside(center, low, high)


def _likely(row: Row) -> str:
    return "" if row[4] is None else f", P(benefit) {chance(row[4])}"


Row = tuple[str, float, float, float, float | None, str]
"""Label, estimate, low, high (percentage points), P(benefit), color."""


def clustering_rows(effects: pd.DataFrame, comparison: pd.DataFrame) -> list[Row]:
    """Return the rows of the figure; empty without a clustered fit."""
    models, base = structures_of_record(), base_structure()
    # of record, and told with how many embryos a woman may have had
    nested = effects.model.isin(models) & effects.options.astype(str).str.contains(f"(?:^|;){MOST}")
    clustered = effects[nested & (effects.estimand == "risk_difference")]
    if clustered.empty:
        return []
    outcome, prior, default = clustered.iloc[0].outcome, clustered.iloc[0].prior, clustered.iloc[0].options
    of = effects[(effects.outcome == outcome) & (effects.prior == prior) & (effects.estimand == "risk_difference")]
    # where quadrature is accurate, it is what the comparison tells, too
    accurate = (of.engine == "exact") & (of.verdict == "pass")
    order = accurate.sort_values(ascending=False, kind="stable").index
    of = of.loc[order].drop_duplicates(["model", "options"]).sort_index()
    rows: list[Row] = []
    reported = comparison[comparison.outcome == outcome]
    # a percentage that fits several pairs of counts has tests, and no effect of its own
    if len(reported) and reported.iloc[0].freq_test == "Fisher" and reported.freq_effect.notna().iloc[0]:
        first = reported.iloc[0]
        interval = (100 * first.freq_effect, 100 * first.freq_ci_low, 100 * first.freq_ci_high)
        rows.append(("Embryos as independent, frequentist", *interval, None, RUST))
    for row in of[of.model.isin([base, *clustered.model])].sort_values("model", ascending=False).itertuples():
        label = "Embryos as independent, Bayesian" if row.model == base else _name(row.options, default)
        color = MUTED if row.model == base else BLUE
        rows.append((label, 100 * row.median, 100 * row.ci_low, 100 * row.ci_high, row.p_benefit, color))
    return rows


def _name(options: str, default: str) -> str:
    """Name a variant by the option in which it differs from the default."""
    changed = [part for part in options.split(";") if part not in default.split(";")]
    if len(changed) == 1 and changed[0].startswith(MOST):
        return f"... up to {changed[0].removeprefix(MOST)} embryos a woman"
    return NAMES.get(";".join(changed), f"... {';'.join(changed)}")
