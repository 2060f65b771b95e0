"""Prior and posterior of effects: how far the data moved the belief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from bayes_ivf.plots.style import INK, MUTED, POSTERIOR, PRIOR, STYLE, lines, new_figure
from bayes_ivf.results import UNSIGNED, Curve, chance, effect_curve, posterior_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.inference import Fit

ODDS_RATIO_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
COLUMNS = 3


def prior_posterior(source: Fit | Curve | Sequence[Curve]) -> Figure:
    """Draw prior and posterior densities of effects, one panel each.

    Parameters
    ----------
    source : Fit, Curve or sequence of Curve
        A fit, or curves; quadrature is drawn where it is accurate. Without a prior on an effect, as with independent
        arms, the posterior of the quantity on which the result is told is drawn alone.

    Returns
    -------
    Figure
        Counts: odds ratio on a log axis; otherwise standardized mean difference. The posterior on the side of benefit
        is shaded.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> fit = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"), engine="exact")
    >>> figure = bi.plots.prior_posterior(fit)
    >>> figure.axes[0].get_xlabel(), [line.get_label() for line in figure.axes[0].lines][:2]
    ('Odds ratio', ['prior', 'posterior'])
    """
    curves = _curves(source)
    columns = min(COLUMNS, len(curves))
    rows = -(-len(curves) // columns)
    with mpl.rc_context(STYLE):
        figure = new_figure(3.1 * columns + 0.4, 2.35 * rows)
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, curve in zip(axes, curves, strict=False):
            _panel(axis, curve)
        for axis in axes[len(curves) :]:
            axis.set_axis_off()
    return figure


def _curves(source: Fit | Curve | Sequence[Curve]) -> Sequence[Curve]:
    if isinstance(source, Curve):
        return [source]
    if isinstance(source, Sequence):
        return source
    return [effect_curve(source.told) or posterior_curve(source.told)]


def _panel(axis: Axes, curve: Curve) -> None:
    if np.isfinite(curve.prior_density).any():
        axis.plot(curve.x, curve.prior_density, color=PRIOR, linewidth=1.8, linestyle="--", label="prior")
    axis.plot(curve.x, curve.posterior_density, color=POSTERIOR, linewidth=2, label="posterior")
    if curve.sign:
        side = (curve.sign * curve.x >= 0).tolist()
        axis.fill_between(curve.x, curve.posterior_density, where=side, color=POSTERIOR, alpha=0.22, linewidth=0)
    axis.axvline(0, color=MUTED, linewidth=1)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.set_ylim(bottom=0)
    odds = curve.scale == "log odds ratio"
    names = {
        "log odds ratio": "Odds ratio",
        "standardized mean difference": "Standardized difference",
        UNSIGNED: "Size of the standardized difference",
    }
    axis.set_xlabel(names.get(curve.scale, curve.scale.capitalize()), fontsize=9)
    if odds:
        ticks = [tick for tick in ODDS_RATIO_TICKS if curve.x[0] <= np.log(tick) <= curve.x[-1]]
        axis.set_xticks(np.log(ticks), [f"{tick:g}" for tick in ticks])
    silent = "sign unknown" if curve.scale == UNSIGNED else "no direction is benefit"
    share = silent if curve.p_benefit is None else f"P(benefit) {chance(curve.p_benefit)}"
    axis.set_title(f"{lines(curve.label, 36)}\n{share}", loc="left", fontsize=9, color=INK)
    axis.legend(frameon=False, fontsize=7.5, loc="best", borderaxespad=0)
