"""Can whole numbers have this printed mean and sd? Rounding either way at ties, and both divisors of the sd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import ceil, floor, isqrt, sqrt
from typing import Literal, cast

from bayes_ivf.auditing.moments import (
    Budget,
    Sample,
    UndecidedError,
    build_sample,
    find_sample,
    largest_square_sum,
    smallest_square_sum,
)
from bayes_ivf.study import Printed

SLACK = Fraction(1, 10**6)
"""Share of the last printed digit by which intervals are widened: software rounds floating-point numbers."""
QUICK = 250
"""Pairs of sum and sum of squares for which the quick construction is tried."""
LARGEST = 20_000
"""Women x items beyond which nothing is searched: any printed mean is then attainable, and nearly any sd."""
SEARCH = 60_000
"""Steps of exhaustive search after that, before the answer is "not decided"."""

Rounding = Literal["nearest", "truncated"]
Reason = Literal["possible", "mean", "sd too small", "sd too large", "no sample", "not decided"]


@dataclass(frozen=True)
class Feasibility:
    """Whether a sample of whole numbers can have a printed mean and sd.

    Parameters
    ----------
    reason : str
        ``possible``; ``mean``: no sum of n whole numbers rounds to it; ``sd too small``, ``sd too large``: beyond what
        any sample with such a mean has; ``no sample``: inside these bounds, and yet none exists; ``not decided``.
    sample : tuple of (value, how often)
        An example, in items of the scale (value x items); empty unless possible.
    divisor : {"n-1", "n"}
        Divisor of the sd under which the example was found.
    sd_low, sd_high : float or None
        Smallest and largest sd (divisor n-1) of samples whose mean prints like this, or lies next to it if none does,
        on the printed scale. `sd_high` is None without a range of values.
    nearest : tuple of float
        The nearest means that can occur, if the printed one cannot.
    """

    reason: Reason
    sample: Sample = ()
    divisor: str = "n-1"
    sd_low: float = 0.0
    sd_high: float | None = None
    nearest: tuple[float, ...] = ()

    @property
    def impossible(self) -> bool:
        """Whether it is proven that no such sample exists."""
        return self.reason not in ("possible", "not decided")


def sums(mean: Printed, n: int, items: int = 1, rounding: Rounding = "nearest") -> tuple[int, ...]:
    """Return the sums of n x items whole numbers whose mean prints like this, nearest to the printed mean first.

    Parameters
    ----------
    mean : Printed
    n, items : int
        Women, and items averaged for each woman's value.
    rounding : {"nearest", "truncated"}
        How the mean was shortened; at ties both neighbors are allowed.
    """
    low, high = _interval(mean, rounding)
    size = n * items
    possible = range(ceil(low * size), floor(high * size) + 1)
    center = Fraction(mean.decimal) * size
    return tuple(sorted(possible, key=lambda total: (abs(total - center), total)))


def mean_is_reachable(mean: Printed, n: int, items: int = 1) -> bool:
    """GRIM: whether some sum of n x items whole numbers divided by n x items prints as this mean."""
    low, high = _interval(mean)
    size = n * items
    return ceil(low * size) <= floor(high * size)


def nearest_means(mean: Printed, n: int, items: int = 1) -> tuple[float, float]:
    """Return the reachable means on either side of a printed one."""
    size = n * items
    below = floor(Fraction(mean.decimal) * size)
    return below / size, (below + 1) / size


def feasibility(
    mean: Printed,
    sd: Printed,
    n: int,
    items: int = 1,
    low: int | None = None,
    high: int | None = None,
    rounding: Rounding = "nearest",
) -> Feasibility:
    """Look for a sample of whole numbers with this printed mean and sd, or a proof that there is none.

    Parameters
    ----------
    mean, sd : Printed
    n : int
        At least 2.
    items : int
        Items averaged for each woman's value; all values are whole numbers divided by this.
    low, high : int, optional
        Smallest and largest value one woman can have, on the printed scale times `items`.
    rounding : {"nearest", "truncated"}
        How mean and sd were shortened to the printed decimals; at ties both neighbors are allowed.

    Returns
    -------
    Feasibility

    References
    ----------
    Brown NJL, Heathers JAJ (2017). The GRIM test. doi 10.1177/1948550616673876.
    """
    if n * items > LARGEST:
        return Feasibility("not decided")
    totals = sums(mean, n, items, rounding)
    if low is not None or high is not None:
        inside = [t for t in totals if (low is None or t >= n * low) and (high is None or t <= n * high)]
    else:
        inside = list(totals)
    if not inside:
        nearest = nearest_means(mean, n, items)
        around = [round(value * n * items) for value in nearest]
        return Feasibility("mean", (), "", *_sd_range(around, n, items, low, high), nearest)
    sd_low, sd_high = _sd_range(inside, n, items, low, high)
    for divisor in ("n-1", "n"):
        answer, sample = _search(inside, sd, n, items, divisor, rounding, low, high)
        if answer != "no sample":
            return Feasibility(answer, sample, divisor, sd_low, sd_high)
    smallest, largest = (float(x) for x in _interval(sd, rounding))
    # With divisor n the sd is smaller, so "too small" must hold for that one.
    reason: Reason = "no sample"
    if largest < sd_low * sqrt((n - 1) / n):
        reason = "sd too small"
    elif sd_high is not None and smallest > sd_high:
        reason = "sd too large"
    return Feasibility(reason, (), "", sd_low, sd_high)


def _search(
    totals: list[int],
    sd: Printed,
    n: int,
    items: int,
    divisor: str,
    rounding: Rounding,
    low: int | None,
    high: int | None,
) -> tuple[Reason, Sample]:
    windows = _windows(totals, sd, n, items, divisor, rounding, low, high)
    for total, squares in islice(_spread(windows), QUICK):
        sample = build_sample(n, total, squares, *_range(n, total, squares, low, high))
        if sample is not None:
            return "possible", sample
    undecided, budget = False, Budget(SEARCH)
    for total, first, last in windows:
        for squares in range(first, last + 1, 2):
            try:
                sample = find_sample(n, total, squares, *_range(n, total, squares, low, high), budget)
            except UndecidedError:
                if budget.left <= 0:
                    return "not decided", ()
                undecided = True
                continue
            if sample is not None:
                return "possible", sample
    return ("not decided" if undecided else "no sample"), ()


def _windows(
    totals: list[int],
    sd: Printed,
    n: int,
    items: int,
    divisor: str,
    rounding: Rounding,
    low: int | None,
    high: int | None,
) -> list[tuple[int, int, int]]:
    """Each sum with the first and last sum of squares that give the printed sd and respect parity and bounds."""
    small, large = (max(Fraction(0), x * items) for x in _interval(sd, rounding))
    size = n - 1 if divisor == "n-1" else n
    windows = []
    for total in totals:
        base = Fraction(total * total, n)
        first = max(ceil(base + size * small**2), smallest_square_sum(n, total))
        last = floor(base + size * large**2)
        if low is not None and high is not None:
            last = min(last, largest_square_sum(n, total, low, high))
        elif low is not None or high is not None:
            # One bound: at most all but one woman at it.
            bound = low if low is not None else cast(int, high)
            last = min(last, (n - 1) * bound * bound + (total - (n - 1) * bound) ** 2)
        first += (first - total) % 2
        if first <= last:
            windows.append((total, first, last - (last - first) % 2))
    return windows


def _spread(windows: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sums with sums of squares from coarse to fine: the middle of every window, then quarters, ..."""
    seen = set()
    for level in range(1, 12):
        for part in range(1, 2**level, 2):
            for total, first, last in windows:
                squares = first + (last - first) // 2 * part // 2**level * 2
                if (total, squares) not in seen:
                    seen.add((total, squares))
                    yield total, squares


def _range(n: int, total: int, squares: int, low: int | None, high: int | None) -> tuple[int, int]:
    """Give finite ends of the range: the given ones, or how far one value can lie from the mean."""
    reach = isqrt(max(0, (n * squares - total * total) * (n - 1))) // n + 1
    first, last = total // n - reach, -(-total // n) + reach
    return (max(first, low) if low is not None else first), (min(last, high) if high is not None else last)


def _sd_range(totals: list[int], n: int, items: int, low: int | None, high: int | None) -> tuple[float, float | None]:
    def sd(total: int, squares: int) -> float:
        return sqrt(max(0, n * squares - total * total) / (n * (n - 1))) / items

    smallest = min(sd(total, smallest_square_sum(n, total)) for total in totals)
    if low is None or high is None:
        return smallest, None
    reachable = [total for total in totals if n * low <= total <= n * high]
    largest = max((sd(total, largest_square_sum(n, total, low, high)) for total in reachable), default=None)
    return smallest, largest


def _interval(printed: Printed, rounding: Rounding = "nearest") -> tuple[Fraction, Fraction]:
    """Return the values that print like this, a little widened."""
    unit = Fraction(1, 10**printed.decimals)
    if rounding == "nearest":
        low, high = printed.interval
        return low - SLACK * unit, high + SLACK * unit
    value = Fraction(printed.decimal)
    low = value if value > 0 else value - unit * (1 - 2 * SLACK)
    high = value if value < 0 else value + unit * (1 - 2 * SLACK)
    return low - SLACK * unit, high + SLACK * unit
