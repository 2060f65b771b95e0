"""A printed number: the text as it stood, with the decimals that text promises."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bayes_ivf.study.scanner import Scanner, decimal_text, refusal

UNAVAILABLE = "unavailable"
LARGEST = Decimal(10) ** 25
MOST_DECIMALS = 27


@dataclass(frozen=True)
class Printed:
    """A number exactly as printed.

    Parameters
    ----------
    text : str
        For example ``"1.69"``, ``"−0,5"`` or ``"41.25%"``: trailing zeros are information and are kept. ``"38+4"`` is weeks
        and days, and counts as days.
    """

    text: str

    def __post_init__(self) -> None:
        value, percent, weeks = _read(self.text)
        for name, each in (("_decimal", value), ("_percent", percent), ("_weeks", weeks)):
            object.__setattr__(self, name, each)

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> float:
        return float(self.decimal)

    @property
    def percent(self) -> bool:
        """Whether a percent sign was printed."""
        return bool(self.__dict__["_percent"])

    @property
    def weeks_days(self) -> bool:
        """Whether weeks + days were printed; the number itself is in days."""
        return bool(self.__dict__["_weeks"])

    @property
    def decimal(self) -> Decimal:
        """The number itself; of ``"41.25%"`` it is 41.25."""
        value: Decimal = self.__dict__["_decimal"]
        return value

    @property
    def decimals(self) -> int:
        """Digits after the decimal point."""
        return max(0, -int(self.decimal.as_tuple().exponent))

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """Closed interval of exact values that some rounding convention prints like this, in printed units."""
        half = Fraction(1, 2 * 10**self.decimals)
        value = Fraction(self.decimal)
        return value - half, value + half


def _read(text: str) -> tuple[Decimal, bool, bool]:
    scanner = Scanner(text)
    sign = scanner.take("-", "+")
    number = scanner.number()
    value = Decimal(0)
    percent = weeks = False
    if number:
        value = Decimal(decimal_text(number, text))
        weeks = value == value.to_integral_value() and not sign and bool(scanner.take("+"))
        if weeks:
            days = scanner.number()
            if days not in tuple("0123456"):
                raise refusal(text, "weeks + days, with 0 to 6 days", "write the number in one unit")
            value = 7 * value + int(days)
        else:
            percent = bool(scanner.take("%"))
    if not number or not scanner.done:
        raise refusal(
            text,
            'a number as printed, such as "1.69", "−0.5" or "41.25%"',
            'copy the number from the paper; write "unavailable" if it cannot be read',
        )
    if value >= LARGEST or -int(value.as_tuple().exponent) > MOST_DECIMALS:
        raise refusal(text, f"numbers below 10^25 with at most {MOST_DECIMALS} decimals", "use a suitable unit")
    return (-value if sign == "-" else value), percent, weeks
