"""How many digits an effect is told with: enough to see its interval's signs and width, never a zero with a sign."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

MOST = 8
"""Decimals at most; smaller effects are told with an exponent."""
LARGE = 1e7
"""Size from which an exponent is used."""
COARSE = 100
"""Width of a difference's interval from which no decimals are told: they would say more than the printed numbers carry."""
RARE = 0.01
"""Risks below this one are told per 1,000."""


@dataclass(frozen=True)
class Digits:
    """How the numbers of one effect are written.

    Parameters
    ----------
    factor : float
        100 for percentage points.
    decimals : int
    signed : bool
        Whether a plus is written.
    exponent : bool
        Whether decimals do not do.
    """

    factor: float
    decimals: int
    signed: bool
    exponent: bool = False

    def __call__(self, value: float) -> str:
        """Write one number."""
        sign = "+" if self.signed else ""
        scaled = self.factor * value
        if isinf(scaled):
            return "infinity" if scaled > 0 else "-infinity"
        if self.exponent:
            return f"{scaled:{sign}.2g}"
        text = f"{scaled:{sign}.{self.decimals}f}"
        # a zero has no sign
        return text if text.strip("+-0.") else text.lstrip("+-")

    def beside(self, center: float, low: float, high: float) -> str:
        """Write an effect with its interval, for a picture."""
        return f"{self(center)} ({self(low)}, {self(high)})"

    def between(self, low: float, high: float) -> str:
        """Write an interval."""
        return f"{self(low)} to {self(high)}"


def digits_for(
    low: float,
    high: float,
    *,
    factor: float = 1.0,
    least: int = 2,
    null: float | None = 0.0,
    signed: bool | None = None,
) -> Digits:
    """Choose the digits of an effect by its interval.

    As few decimals as show on which side of no effect both ends lie, and the width in two digits; never less than `least`, but
    of a difference in its own unit whose interval is wide, none.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    factor : float
        By which numbers are multiplied when they are written.
    least : int
        Decimals that the scale has anyway.
    null : float, optional
        No effect.
    signed : bool, optional
        Whether a plus is written; where no effect is 0 unless given.
    """
    signed = null == 0 if signed is None else signed
    a, b = sorted((factor * low, factor * high))
    middle = 0.0 if null is None else factor * null
    fewest = 0 if factor == 1 and null == 0 and b - a >= COARSE else least
    for decimals in range(fewest, MOST + 1):
        unit = 10.0**-decimals
        clear = all(end == middle or abs(round(end, decimals) - middle) > unit / 2 for end in (a, b))
        if clear and (b == a or b - a >= 10 * unit) and max(abs(a), abs(b)) < LARGE:
            return Digits(factor, decimals, signed)
    return Digits(factor, least, signed, exponent=True)


def digits_of_count(least: float) -> Digits:
    """Choose the digits of a number needed to treat: one decimal below ten, else none."""
    return Digits(1.0, int(least < 10), signed=False, exponent=LARGE < least < float("inf"))


def difference_digits(low: float, high: float, risk: float | None = None) -> tuple[Digits, str]:
    """Choose digits and unit of a risk difference.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    risk : float, optional
        The larger of the arms' risks.
    """
    rare = risk is not None and risk < RARE
    return digits_for(low, high, factor=1000 if rare else 100, least=1), "per 1,000" if rare else "percentage points"


def percent(probability: float) -> str:
    """Return a probability as a percentage with the digits that it was given.

    Examples
    --------
    >>> percent(0.95), percent(0.995), percent(0.875), percent(0.29)
    ('95%', '99.5%', '87.5%', '29%')
    """
    return f"{100 * probability:.10g}%"
