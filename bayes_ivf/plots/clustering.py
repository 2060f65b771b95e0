"""What taking embryos, or other units, as nested in women changes: one interval for every way of reading the same totals."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bayes_ivf.plots.lettering import width_of
from bayes_ivf.plots.sheet import EDGE, Sheet
from bayes_ivf.plots.style import BLUE, BODY, HEAD, INK, LINE, MUTED, RUST, bare
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import chance, digits_for
from bayes_ivf.structures import base_structure, structures_of_record
from bayes_ivf.study import Outcome, Study, plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GUTTER = 88.0
"""Width of the numbers at the left of the intervals, in points."""
MOST = "M="
"""Option of models that take units as nested in women: how many one woman may have had."""
NAMES = {
    "": "{Units} nested in women",
    "mechanism=receptivity": "... receptive or not",
    "mechanism=biochemical": "... with losses before the pregnancy",
    "weights=multinomial": "... other weights on the sharing out",
    "weights=least_spread": "... {units} shared out evenly",
}


def clustering(result: Any) -> Figure | None:
    """Draw the risk difference per embryo, or other unit, under every model of the units, primary prior.

    Parameters
    ----------
    result : Reanalysis
        Or anything with `comparison` and `effects` tables like one, and a `study` unless these are of embryos.

    Returns
    -------
    Figure or None
        None if no outcome was fitted with its units nested in women.

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
    rows = clustering_rows(result.effects, result.comparison, clustered_unit(result))
    if not rows:
        return None
    sheet = Sheet()
    sheet.paragraph(_title(result), size=HEAD, color=MUTED)
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
        Or anything with `comparison` and `effects` tables like one, and a `study` unless these are of embryos.

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
    rows = clustering_rows(result.effects, result.comparison, clustered_unit(result))
    told = [f"{label.removeprefix('... ')} {_numbers(row)}{_likely(row)}" for row in rows for label in row[:1]]
    return f"{_title(result)}: {'; '.join(told)}." if told else ""


def clustered_unit(result: Any) -> str:
    """Return of what the figure of `clustering` speaks: an embryo, a cycle, ...; an embryo where nothing says otherwise."""
    item = _clustered_outcome(result)
    return "embryo" if item is None else item.per


def _clustered_outcome(result: Any) -> Outcome | None:
    nested, study = _nested(result.effects), getattr(result, "study", None)
    return None if nested.empty or study is None else cast(Study, study).outcome(nested.iloc[0].outcome)


def _title(result: Any) -> str:
    item = _clustered_outcome(result)
    what = "Implantation per embryo"
    if item is not None and item.per != "embryo":
        per = item.per.replace("_", " ")
        what = item.label if per in item.label.lower() else f"{item.label}, per {per}"
    return f"{what}: risk difference, percentage points"


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


@cache
def _models() -> tuple[str, ...]:
    """Return the cards whose result may be of record."""
    from bayes_ivf.cards import bundled_cards, load_card

    return tuple(name for name in bundled_cards() if load_card(name).structure in structures_of_record())


def _nested(effects: pd.DataFrame) -> pd.DataFrame:
    """Return risk differences that are of record, and told with how many units a woman may have had."""
    nested = effects.model.isin(_models()) & effects.options.astype(str).str.contains(f"(?:^|;){MOST}")
    return effects[nested & (effects.estimand == "risk_difference")]


def clustering_rows(effects: pd.DataFrame, comparison: pd.DataFrame, unit: str = "embryo") -> list[Row]:
    """Return the rows of the figure; empty without a clustered fit."""
    base, clustered = base_structure(), _nested(effects)
    if clustered.empty:
        return []
    outcome, prior, default = clustered.iloc[0].outcome, clustered.iloc[0].prior, clustered.iloc[0].options
    units = plural(unit)
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
        rows.append((f"{units.capitalize()} as independent, frequentist", *interval, None, RUST))
    shown = of[of.model.isin([base, *clustered.model])].sort_values(
        "model", key=lambda model: model != base, kind="stable"
    )
    for row in shown.itertuples():
        independent = f"{units.capitalize()} as independent, Bayesian"
        stated = f"{units.capitalize()} with a stated correlation, {str(row.options).replace('=', ' ')}"
        of_base = stated if row.options else independent
        label = of_base if row.model == base else _name(row.options, default, units)
        color = MUTED if row.model == base else BLUE
        rows.append((label, 100 * row.median, 100 * row.ci_low, 100 * row.ci_high, row.p_benefit, color))
    return rows


def _name(options: str, default: str, units: str) -> str:
    """Name a variant by the option in which it differs from the default."""
    changed = [part for part in options.split(";") if part not in default.split(";")]
    if len(changed) == 1 and changed[0].startswith(MOST):
        return f"... up to {changed[0].removeprefix(MOST)} {units} a woman"
    name = NAMES.get(";".join(changed))
    return f"... {';'.join(changed)}" if name is None else name.format(Units=units.capitalize(), units=units)
