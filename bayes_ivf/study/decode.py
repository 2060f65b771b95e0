"""From a printed percentage to every pair of whole numbers that it can stand for."""

from __future__ import annotations

import math
from fractions import Fraction

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.facts import Counts, Percent
from bayes_ivf.study.printed import Printed


def decode_percent(printed: Printed, low: int, high: int, where: str) -> Percent:
    """Find every (k, n) with ``low <= n <= high`` that rounds to a printed percentage.

    Parameters
    ----------
    printed : Printed
        For example ``"41.25%"``.
    low, high : int
        First and last denominator to try.
    where : str
        Named in errors.

    Returns
    -------
    Percent
        With all candidates. Ties may have been rounded either way, so both are kept.

    Raises
    ------
    StudyError
        If the percentage lies outside 0-100, or no whole numbers fit.
    """
    if not 0 <= printed.decimal <= 100:
        raise StudyError(Fault(where, printed.text, "a percentage from 0% to 100%", "correct the percentage"))
    lower, upper = (bound / 100 for bound in printed.interval)
    found = [
        Counts(k, n)
        for n in range(max(1, low), high + 1)
        for k in range(max(0, math.ceil(lower * n)), min(n, math.floor(upper * n)) + 1)
    ]
    if not found:
        bounds = f"a denominator of {low}" if low == high else f"denominators from {low} to {high}"
        nearest = _nearest(printed, low)
        raise StudyError(
            Fault(
                where,
                f"{printed.text} with {bounds}",
                f"a percentage that some whole numbers give (nearest with {low}: {nearest})",
                "check the percentage and its denominator; give the counts if the paper prints them",
            )
        )
    return Percent(printed, tuple(found), (low, high))


def _nearest(printed: Printed, n: int) -> str:
    k = round(Fraction(printed.decimal) / 100 * n)
    return f"{k}/{n} = {100 * k / n:.{max(printed.decimals, 1)}f}%"
