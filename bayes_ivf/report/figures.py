"""The pictures of a page: drawn at the width of a column, told in words for who cannot see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from bayes_ivf.report.context import Context
from bayes_ivf.report.summary import nested_units

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = (
    "strip",
    "forest",
    "clustering",
    "flow",
    "curves",
    "exceedance",
    "marker_forest",
    "marker_curves",
    "shrinkage",
)
"""Every picture that a page may have, in its order."""


def page_figures(context: Context, main: Sequence[str]) -> dict[str, Markup]:
    """Return the pictures of a page by name; empty where there is nothing to draw.

    Parameters
    ----------
    context : Context
    main : sequence of str
        Outcomes that are answered first; others have pictures of their own.
    """
    from bayes_ivf import plots

    drawn = dict.fromkeys(row.outcome for row in context.comparisons if row.bayes_effect is not None)
    others = [row.outcome for row in context.comparisons if row.role == "outcome" and row.outcome not in main]
    others = [outcome for outcome in others if outcome in drawn]
    of_main, of_others = ([curve for curve in context.curves if curve.outcome in part] for part in (main, others))
    asked: dict[str, tuple[Callable[..., Figure | None], Callable[..., str], tuple[Any, ...]]] = {
        "strip": (plots.ledger_strip, plots.describe_ledger_strip, (context,)),
        "clustering": (plots.clustering, plots.describe_clustering, (context,)),
        "flow": (plots.funnel_flow, plots.describe_funnel_flow, (context,)),
        "shrinkage": (plots.shrinkage, plots.describe_shrinkage, (context,)),
    }
    if main:
        asked["forest"] = (plots.forest, plots.describe_forest, (context, list(main)))
        asked["exceedance"] = (plots.exceedance, plots.describe_exceedance, (context, list(main)))
    if others:
        asked["marker_forest"] = (plots.forest, plots.describe_forest, (context, others))
    if of_main:
        asked["curves"] = (plots.prior_posterior, plots.describe_prior_posterior, (of_main,))
    if of_others:
        asked["marker_curves"] = (plots.prior_posterior, plots.describe_prior_posterior, (of_others,))
    found, units = dict.fromkeys(NAMES, Markup("")), nested_units(context)
    for name in NAMES:
        if name in asked:
            draw, describe, given = asked[name]
            figure = draw(*given)
            if figure is not None:
                told = describe(*given)
                found[name] = Markup(plots.themed_svg(figure, TITLES[name].format(units=units), told, name=name))  # noqa: S704
    return found


TITLES = {
    "strip": "Every printed claim, and whether it holds",
    "forest": "Effects with their intervals, by analysis, model and prior",
    "clustering": "What taking {units} as nested in women changes",
    "flow": "From women to ongoing pregnancies, by arm",
    "curves": "What was plausible before the data, and after",
    "exceedance": "Probability that the benefit is at least so large",
    "marker_forest": "Effects on markers with their intervals",
    "marker_curves": "Effects on markers before and after the data",
    "shrinkage": "Each effect alone, and pooled with others of its kind",
}
