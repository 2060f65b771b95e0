"""What taking embryos as nested in women changes: one interval for every way of reading the same totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from bayes_ivf.plots.style import BAND, INK, MUTED, PAPER, POSTERIOR, STYLE, new_figure
from bayes_ivf.results import chance, digits_for
from bayes_ivf.structures import base_structure, structures_of_record

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

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
    with mpl.rc_context(STYLE):
        figure = new_figure(8.2, 0.5 * len(rows) + 0.9)
        axis = figure.subplots()
        axis.axvline(0, color=MUTED, linewidth=1)
        for index, (_, center, low, high, likely, color) in enumerate(rows):
            if index % 2 == 0:
                axis.axhspan(index - 0.5, index + 0.5, color=BAND, alpha=0.45, linewidth=0)
            axis.plot([low, high], [index, index], color=color, linewidth=2.4, solid_capstyle="round")
            axis.plot(center, index, "o", color=color, markersize=6.5)
            words = digits_for(low, high, least=1).beside(center, low, high) + (
                "" if likely is None else f"   P(benefit) {chance(likely)}"
            )
            axis.annotate(
                words,
                (1.01, index),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.5,
                color=color,
                annotation_clip=False,
            )
        axis.set_yticks(range(len(rows)), [row[0] for row in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.set_title(
            "Implantation per embryo: risk difference, percentage points", loc="left", fontsize=10, color=INK
        )
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
    return figure


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
    if len(reported) and reported.iloc[0].freq_test == "Fisher":
        first = reported.iloc[0]
        interval = (100 * first.freq_effect, 100 * first.freq_ci_low, 100 * first.freq_ci_high)
        rows.append(("Embryos as independent, frequentist", *interval, None, PAPER))
    for row in of[of.model.isin([base, *clustered.model])].sort_values("model", ascending=False).itertuples():
        label = "Embryos as independent, Bayesian" if row.model == base else _name(row.options, default)
        color = MUTED if row.model == base else POSTERIOR
        rows.append((label, 100 * row.median, 100 * row.ci_low, 100 * row.ci_high, row.p_benefit, color))
    return rows


def _name(options: str, default: str) -> str:
    """Name a variant by the option in which it differs from the default."""
    changed = [part for part in options.split(";") if part not in default.split(";")]
    if len(changed) == 1 and changed[0].startswith(MOST):
        return f"... up to {changed[0].removeprefix(MOST)} embryos a woman"
    return NAMES.get(";".join(changed), f"... {';'.join(changed)}")
