"""Calibration of one design by ArviZ: the ECDF of ranks, minus what is expected, one panel per quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet, styled
from bayes_ivf.plots.style import BLUE, BODY, INK, MUTED, RUST, SOFT
from bayes_ivf.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.calibration import Calibration

COLUMNS, LEFT, GAP, HIGH = 2, 26.0, 32.0, 62.0
"""Panels side by side; room for the numbers of an axis, between panels, and of a panel, in points."""
ACROSS = "Across: share of posterior draws below the true value"


def sbc_ecdf(result: Calibration, design: str | None = None) -> Figure:
    """Draw the ranks of one design with `arviz_plots.plot_ecdf_pit`, over the band that the calibration is judged by.

    Parameters
    ----------
    result : Calibration
    design : str, optional
        Its name; by default the first.

    Returns
    -------
    Figure
        A panel for each quantity. The band is exact for discrete ranks and shared by all curves that are judged together;
        a curve that leaves it is drawn in another color.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> import numpy as np
    >>> from bayes_ivf.calibration import Ranks, judge
    >>> result = judge([Ranks("counts", "Counts", {"effect": np.arange(200)}, ("pass",) * 200)], band_prob=0.99)
    >>> figure = bi.plots.sbc_ecdf(result)
    >>> [text.get_text() for text in figure.texts][:2]
    ['Counts', '200 simulations']
    """
    ranks = next(each for each in result.results if design in (None, each.name))
    sheet, names = Sheet(), list(ranks.ranks)
    sheet.paragraph(ranks.label, bold=True)
    sheet.paragraph(counted(len(ranks.verdicts), "simulation"), color=MUTED)
    sheet.paragraph("Shaded: where all curves together stay if the computation is right", color=MUTED)
    sheet.space(3)
    outside = {each.quantity for each in result.outside if each.design == ranks.name}
    width, axes = (sheet.inner - LEFT - GAP) / COLUMNS, []
    for first in range(0, len(names), COLUMNS):
        titles = [wrap(name.replace("_", " "), width + LEFT, BODY, most=2) for name in names[first : first + COLUMNS]]
        deep = 9.0 * max(map(len, titles))
        for place, title in enumerate(titles):
            left = EDGE + LEFT + place * (width + GAP)
            for number, line in enumerate(title):
                sheet.text(line, left - LEFT, sheet.y + BODY + 9 * number)
            right = sheet.width - left - width
            axes.append(sheet.axes(HIGH, left=left, right=right, top=sheet.y + deep + 3))
        sheet.space(deep + HIGH + 20)
    _draw(result, ranks.name, dict(zip(names, axes, strict=True)), outside)
    sheet.paragraph(ACROSS, color=INK)
    return sheet.finish()


def describe_sbc_ecdf(result: Calibration, design: str | None = None) -> str:
    """Return what the figure of `sbc_ecdf` says, for who cannot see it.

    Parameters
    ----------
    result, design
        As of `sbc_ecdf`.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> import numpy as np
    >>> from bayes_ivf.calibration import Ranks, judge
    >>> result = judge([Ranks("counts", "Counts", {"effect": np.arange(200)}, ("pass",) * 200)], band_prob=0.99)
    >>> bi.plots.describe_sbc_ecdf(result)
    'Counts, 200 simulations: the curves of 1 quantity stay within the band.'
    """
    ranks = next(each for each in result.results if design in (None, each.name))
    out = [each.quantity for each in result.outside if each.design == ranks.name]
    told = counted(len(ranks.ranks), "quantity")
    verdict = (
        f"of {told}, {len(out)} outside the band ({', '.join(out)})"
        if out
        else f"the curves of {told} stay within the band"
    )
    return f"{ranks.label}, {counted(len(ranks.verdicts), 'simulation')}: {verdict}."


def _draw(result: Calibration, design: str, places: dict[str, Axes], outside: set[str]) -> None:
    """Let ArviZ draw into the axes of a sheet."""
    import arviz_plots
    import xarray as xr

    tree = result.tree(design)
    values = tree["prior_sbc"].dataset
    z, low, high = result.band(values.sizes["draw"])
    figure = next(iter(places.values())).figure
    collection = arviz_plots.PlotCollection(
        values,
        xr.DataTree.from_dict(
            {
                "/": xr.Dataset({"figure": ((), _held(figure))}),
                "plot": xr.Dataset({name: ((), _held(axes)) for name, axes in places.items()}),
            }
        ),
        backend="matplotlib",
    )
    with styled():
        arviz_plots.plot_ecdf_pit(
            tree,
            plot_collection=collection,
            visuals={
                "ecdf_lines": {"color": BLUE, "width": 1.0},
                "suspicious_points": False,
                "p_value_text": False,
                "title": False,
                "xlabel": False,
                "ylabel": False,
                "remove_axis": False,
            },
        )
    for name, axes in places.items():
        axes.fill_between(z, low - z, high - z, step="mid", facecolor=SOFT, edgecolor=MUTED, linewidth=0.5, zorder=0)
        _finish(axes, high=float(np.max(high - z)), color=RUST if name in outside else BLUE)


def _held(artist: object) -> npt.NDArray[np.object_]:
    """Return an array that holds one artist, as a collection of plots keeps them."""
    held = np.empty((), dtype=object)
    held[()] = artist
    return held


def _finish(axes: Axes, *, high: float, color: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for line in axes.lines:
        if len(np.asarray(line.get_xdata())) == 2:  # where a curve is expected
            line.set(color=MUTED, linewidth=0.7, linestyle="-")
        else:
            line.set_color(color)
            high = max(high, float(np.max(np.abs(np.asarray(line.get_ydata())))))
    axes.set_xlim(0, 1)
    axes.set_ylim(-1.1 * high, 1.1 * high)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.yaxis.set_major_locator(MaxNLocator(4))
