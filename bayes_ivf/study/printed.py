"""A printed number: the text as it stood, with the decimals that text promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bayes_ivf.errors import Fault, StudyError

UNAVAILABLE = "unavailable"

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?P<percent>\s*%)?")


@dataclass(frozen=True)
class Printed:
    """A number exactly as printed.

    Parameters
    ----------
    text : str
        For example ``"1.69"`` or ``"41.25%"``: trailing zeros are information and are kept.
    """

    text: str

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.text.strip()):
            raise StudyError(
                Fault(
                    "printed number",
                    repr(self.text),
                    'a decimal number with a point, as printed, such as "1.69" or "41.25%"',
                    'copy the number from the paper; write "unavailable" if it cannot be read',
                )
            )

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> float:
        return float(self.decimal)

    @property
    def percent(self) -> bool:
        """Whether a percent sign was printed."""
        return self.text.strip().endswith("%")

    @property
    def decimal(self) -> Decimal:
        """The number itself; of ``"41.25%"`` it is 41.25."""
        return Decimal(self.text.strip().rstrip("%").strip())

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
