"""The numbers of an axis: round, few, none that leaves the picture or touches its neighbor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bayes_ivf.plots.lettering import width_of
from bayes_ivf.plots.style import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BETWEEN = 4.0
"""Free space between two numbers, in points."""


def number_axis(axes: Axes, width: float, *, most: int = 5, room: float = 2.0, logs: bool = False) -> None:
    """Write round numbers at a horizontal axis whose limits are set.

    Parameters
    ----------
    axes : Axes
    width : float
        Of the axes, in points.
    most : int
        Steps, about.
    room : float
        By which a number may stand out at the sides, in points.
    logs : bool
        Whether values are logarithms of what is written.
    """
    from matplotlib.ticker import NullFormatter, NullLocator

    low, high = sorted(axes.get_xlim())
    log = axes.get_xscale() == "log"
    if logs:
        found = [(math.log(value), value) for value in ratios(math.exp(low), math.exp(high), most)]
    else:
        found = [(value, value) for value in (ratios(low, high, most) if log else _linear(low, high, most))]
    turn = math.log if log else float
    start, end = turn(low), turn(high)
    places, texts, free = [], [], -math.inf
    for place, value in found:
        text = f"{value:.10g}".replace("-", "−")
        middle, half = width * (turn(place) - start) / ((end - start) or 1.0), width_of(text, SMALL) / 2
        if middle - half >= max(-room, free) and middle + half <= width + room:
            places.append(place)
            texts.append(text)
            free = middle + half + BETWEEN
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(places, texts)


def ratios(low: float, high: float, most: int) -> Sequence[float]:
    """Return round values of an axis of logarithms: 1, 2 and 5 of every power of ten, or powers alone; 1 if it is there.

    Examples
    --------
    >>> ratios(0.4, 6.0, 5)
    [0.5, 1.0, 2.0, 5.0]
    >>> ratios(0.002, 300.0, 5)
    [0.01, 0.1, 1.0, 10.0, 100.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    many = [step * 10.0**power for power in powers for step in (1, 2, 5) if low <= step * 10.0**power <= high]
    if len(many) > most + 2:
        every = -(-len(powers) // (most + 1))
        return [10.0**power for power in powers if power % every == 0 and low <= 10.0**power <= high]
    return many if len(many) > 1 else [value for value in _linear(low, high, most) if value > 0]


def _linear(low: float, high: float, most: int) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(most, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(value) + 0.0 for value in values if low <= value <= high]
