"""From a printed percentage to every pair of whole numbers that it can stand for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.data import Counts, Percent
from bayes_ivf.study.printed import Printed

MOST_PAIRS = 50_000
"""Pairs of whole numbers of one percentage beyond which nothing is to be learned from them."""
FEWEST_SHARE = 0.8
"""Share of the stated units down to which smaller denominators are tried: the others may have no value."""
FEWER = 6
MOST_TRIED = 100_000


def decode_percent(
    printed: Printed, low: int, high: int, where: str, among: Iterable[int] | None = None
) -> Percent | None:
    """Find every (k, n) with ``low <= n <= high`` that rounds to a printed percentage.

    Parameters
    ----------
    printed : Printed
        For example ``"41.25%"``.
    low, high : int
        First and last denominator to try.
    where : str
        Named in errors.
    among : iterable of int, optional
        Only these denominators.

    Returns
    -------
    Percent or None
        With all candidates. Ties may have been rounded either way, so both are kept. None if no whole numbers fit.

    Raises
    ------
    StudyError
        If so many pairs fit that the range says nothing.
    """
    tried = range(max(1, low), high + 1) if among is None else sorted(n for n in among if n > 0)
    total = sum(last - first + 1 for first, last in (_events(printed, n) for n in islice(tried, MOST_TRIED)))
    if total > MOST_PAIRS or len(tried) > MOST_TRIED:
        raise StudyError(
            Fault(
                where,
                f"{printed.text} with denominators from {low} to {high}",
                f"a range in which at most {MOST_PAIRS} pairs of whole numbers fit",
                "give a narrower range as n, or the counts if the paper prints them",
            )
        )
    fits = _fits(printed, tried)
    return Percent(printed, tuple(fits), (low, high)) if fits else None


def cut_off(printed: Printed, n: int) -> Counts | None:
    """Return the counts of a percentage that was cut off after its last digit instead of rounded; None if none fits."""
    first, last = _events(printed, n, truncated=True)
    return Counts(first, n) if first <= last else None


def fewer(printed: Printed, n: int) -> list[Counts]:
    """Return counts with a somewhat smaller denominator that a percentage fits, the nearest denominators first."""
    least = max(1, -(-int(n * 100 * FEWEST_SHARE) // 100), n - MOST_TRIED)
    return list(islice((pair for m in range(n - 1, least - 1, -1) for pair in _fits(printed, [m])), FEWER))


def nearest(printed: Printed, n: int) -> str:
    """Return the counts whose percentage is nearest, with that percentage."""
    k = min(max(round(printed.decimal * n / 100), 0), n)
    return f"{k}/{n} = {100 * k / n:.{max(printed.decimals, 1)}f}%"


def _fits(printed: Printed, denominators: Iterable[int]) -> list[Counts]:
    return [
        Counts(k, n)
        for n in denominators
        for first, last in [_events(printed, n)]
        for k in range(max(0, first), min(n, last) + 1)
    ]


def _events(printed: Printed, n: int, *, truncated: bool = False) -> tuple[int, int]:
    """Return the first and last number of events out of n that print like this; empty if the last is below the first."""
    scale = 10**printed.decimals
    value = int(printed.decimal * scale)
    if truncated:
        return max(0, -(-value * n // (100 * scale))), min(n, -(-(value + 1) * n // (100 * scale)) - 1)
    # in units of half a last digit, so that all is whole
    return max(0, -(-(2 * value - 1) * n // (200 * scale))), min(n, (2 * value + 1) * n // (200 * scale))
