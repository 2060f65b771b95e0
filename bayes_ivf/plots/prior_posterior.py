"""Prior, likelihood and posterior of effects: how far the data moved the belief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, COLUMN, HEAD, INK, MUTED, RUST, SMALL, bare
from bayes_ivf.plots.ticks import number_axis
from bayes_ivf.results import UNSIGNED, Curve, chance, effect_curve, posterior_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.inference import Fit

Array = npt.NDArray[np.float64]

NAMES = {
    "log odds ratio": "Odds ratio",
    "standardized mean difference": "Standardized difference",
    UNSIGNED: "Size of the standardized difference",
}
COLUMNS = 2
GAP = 10.0
"""Between two panels, in points."""
INSET = 5.0
"""Room at the sides of a panel for half a number of its axis."""
ONE, FEW = 110.0, 66.0
"""Height of a panel that stands alone, and of one among others."""
THIN = 1e-6
"""Parts of the highest density below which a quotient of densities is not drawn: it would show rounding alone."""
STYLES: dict[str, dict[str, Any]] = {
    "prior": {"color": MUTED, "linewidth": 1.3, "linestyle": (0, (4, 2))},
    "likelihood": {"color": RUST, "linewidth": 1.1, "linestyle": (0, (1, 1.2))},
    "posterior": {"color": BLUE, "linewidth": 1.6},
}
TOLD = {
    "prior": "prior: before the data",
    "likelihood": "likelihood: the data alone, scaled to the posterior",
    "posterior": "posterior: both together; shaded: benefit",
}


def prior_posterior(source: Fit | Curve | Sequence[Curve]) -> Figure:
    """Draw prior, likelihood and posterior of effects, one panel each.

    Parameters
    ----------
    source : Fit, Curve or sequence of Curve
        A fit, or curves; quadrature is drawn where it is accurate. Without a prior on an effect, as with independent
        arms, the posterior of the quantity on which the result is told is drawn alone.

    Returns
    -------
    Figure
        Counts: odds ratio on a log axis; otherwise standardized mean difference. The posterior on the side of benefit
        is shaded. The likelihood, averaged over all other parameters, is the quotient of posterior and prior, which
        is drawn where both come from quadrature.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> fit = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"), engine="exact")
    >>> figure = bi.plots.prior_posterior(fit)
    >>> figure.axes[0].get_xlabel(), [line.get_label() for line in figure.axes[0].lines][:3]
    ('Odds ratio', ['prior', 'likelihood', 'posterior'])
    """
    curves = curves_of(source)
    columns = min(COLUMNS, len(curves))
    sheet = Sheet()
    _key(sheet, curves)
    width = (sheet.inner - GAP * (columns - 1)) / columns
    height = ONE if columns == 1 else FEW
    for first in range(0, len(curves), columns):
        row = curves[first : first + columns]
        titles = [wrap(curve.label, width, HEAD if columns == 1 else BODY, most=3, bold=True) for curve in row]
        deep = max(map(len, titles))
        for place, (curve, title) in enumerate(zip(row, titles, strict=True)):
            _panel(sheet, curve, title, deep, (EDGE + place * (width + GAP), width, height))
        sheet.space(9.5 * (deep + 1) + height + 28)
    return sheet.finish()


def describe_prior_posterior(source: Fit | Curve | Sequence[Curve]) -> str:
    """Return what the figure of `prior_posterior` says, for who cannot see it.

    Parameters
    ----------
    source : Fit, Curve or sequence of Curve

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> fit = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher"), engine="exact")
    >>> bi.plots.describe_prior_posterior(fit)
    'cpr: the posterior of the odds ratio is highest near 1.4; P(benefit) 0.80.'
    """
    return " ".join(_said(curve) for curve in curves_of(source))


def curves_of(source: Fit | Curve | Sequence[Curve]) -> Sequence[Curve]:
    """Return the curves that are drawn of a fit, or those given."""
    if isinstance(source, Curve):
        return [source]
    if isinstance(source, Sequence):
        return source
    return [effect_curve(source.told) or posterior_curve(source.told)]


def likelihood_of(curve: Curve) -> Array | None:
    """Return the likelihood of an effect up to a constant, as high as the posterior; None where it cannot be told.

    It is the quotient of posterior and prior, and NaN where either is so thin that a quotient would show rounding. Draws
    have no density that could be divided.
    """
    before, after = curve.prior_density, curve.posterior_density
    if curve.engine != "exact" or not np.isfinite(before).all():
        return None
    thick = (before > THIN * before.max()) & (after > THIN * after.max())
    if thick.sum() < 3:
        return None
    quotient = np.full(len(curve.x), np.nan)
    quotient[thick] = after[thick] / before[thick]
    return np.asarray(quotient * (after.max() / np.nanmax(quotient)))


def _key(sheet: Sheet, curves: Sequence[Curve]) -> None:
    """Explain the lines that any panel has."""
    shown = {
        "prior": any(np.isfinite(curve.prior_density).any() for curve in curves),
        "likelihood": any(likelihood_of(curve) is not None for curve in curves),
        "posterior": True,
    }
    for name in (name for name, there in shown.items() if there):
        sheet.line([EDGE, EDGE + 16], [sheet.y + BODY - 2.4] * 2, **STYLES[name])
        words = TOLD[name] if any(curve.sign for curve in curves) else TOLD[name].partition(";")[0]
        sheet.text(words, EDGE + 21, sheet.y + BODY)
        sheet.space(9.2)
    sheet.space(3)


def _panel(sheet: Sheet, curve: Curve, title: Sequence[str], deep: int, box: tuple[float, float, float]) -> None:
    left, width, height = box
    size = HEAD if width > 0.6 * sheet.width else BODY
    for number, line in enumerate(title):
        sheet.text(line, left, sheet.y + size + 9.5 * number, size=size, fontweight="bold")
    told = wrap(_benefit(curve), width, BODY, most=1)[0]
    sheet.text(told, left, sheet.y + size + 9.5 * len(title), color=BLUE if curve.p_benefit is not None else MUTED)
    top = sheet.y + 9.5 * (deep + 1) + 3
    axes = sheet.axes(height, left=left + INSET, right=sheet.width - left - width + INSET, top=top)
    with styled():
        _curves(axes, curve)
        _axis(axes, curve, width)


def _curves(axes: Axes, curve: Curve) -> None:
    if np.isfinite(curve.prior_density).any():
        axes.plot(curve.x, curve.prior_density, label="prior", **STYLES["prior"])
    likelihood = likelihood_of(curve)
    if likelihood is not None:
        axes.plot(curve.x, likelihood, label="likelihood", **STYLES["likelihood"])
    axes.plot(curve.x, curve.posterior_density, label="posterior", **STYLES["posterior"])
    if curve.sign:
        side = (curve.sign * curve.x >= 0).tolist()
        axes.fill_between(curve.x, curve.posterior_density, where=side, color=BLUE, alpha=0.2, linewidth=0)
    axes.axvline(0, color=MUTED, linewidth=0.8)


def _axis(axes: Axes, curve: Curve, width: float) -> None:
    bare(axes)
    axes.set_xlim(curve.x[0], curve.x[-1])
    axes.set_ylim(bottom=0)
    # an axis may stand in a narrow panel, where its name must fit
    name = NAMES.get(curve.scale, curve.scale.capitalize())
    axes.set_xlabel(wrap(name, width, SMALL, most=1)[0], fontsize=SMALL, labelpad=1.5, color=INK)
    wide = width > 0.6 * COLUMN
    number_axis(axes, width - 2 * INSET, most=6 if wide else 4, room=INSET, logs=curve.scale == "log odds ratio")


def _benefit(curve: Curve) -> str:
    if curve.p_benefit is not None:
        return f"P(benefit) {chance(curve.p_benefit)}"
    return "sign unknown" if curve.scale == UNSIGNED else "no direction is benefit"


def _said(curve: Curve) -> str:
    at = int(np.nanargmax(curve.posterior_density))
    peak = np.exp(curve.x[at]) if curve.scale == "log odds ratio" else curve.x[at]
    name = NAMES.get(curve.scale, curve.scale).lower()
    return f"{curve.label}: the posterior of the {name} is highest near {peak:.2g}; {_benefit(curve)}."
