"""A printed P: a relation and a number, or words that stand for one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bayes_ivf.study.scanner import Scanner, decimal_text, refusal

USUAL_LEVEL = Decimal("0.05")
"""The level that "not significant" is read at: papers that mean another one say so."""
SMALLEST_EXPONENT = -300

_ALLOWED = 'a P as printed, such as "P<0.05", "P = 0.03", "2.4 × 10^-19" or "NS"'
_ACTION = "copy the P from the paper; the name of a test belongs into `text`"
_NOT_SIGNIFICANT = ("ns", "nonsignificant", "notsignificant", "notstatisticallysignificant", "nosignificantdifference")


@dataclass(frozen=True)
class PValue:
    """A printed P.

    Parameters
    ----------
    relation : {"<", ">", "=", "≤", "≥"}
    number : Decimal
        With the digits that were printed.
    words : bool
        Whether only "not significant" was printed, read as P>0.05.
    """

    relation: str
    number: Decimal
    words: bool = False

    def __str__(self) -> str:
        exponent = int(self.number.as_tuple().exponent)
        return f"P{self.relation}{self.number:{'e' if exponent < -20 else 'f'}}"

    @property
    def possible(self) -> bool:
        """Whether a probability can be this."""
        return 0 <= self.number <= 1


def read_p(text: str) -> PValue:
    """Read a P as printed.

    Raises
    ------
    StudyError
        If it is no relation and number, or says nothing: P<1, P>1, P<0, P>0.
    """
    scanner = Scanner(text)
    if _spelled_out(text) in _NOT_SIGNIFICANT:
        return PValue(">", USUAL_LEVEL, words=True)
    scanner.word("p") and scanner.take("-")
    scanner.word("value", "values", "val")
    scanner.take(":")
    relation = _relation(scanner)
    number = _number(scanner, text)
    if number is None or not scanner.done:
        raise refusal(text, _ALLOWED, _ACTION)
    says_nothing = (
        (relation in "<≤" and number >= 1) or (relation == "<" and number <= 0) or (relation == "≤" and number < 0)
    )
    if says_nothing or (relation in ">≥" and (number >= 1 or number <= 0)):
        raise refusal(
            text,
            "a P between 0 and 1; every P is below 1 and above 0, so this one says nothing",
            "copy the P from the paper, or leave `p` out",
        )
    return PValue(relation, number)


def _spelled_out(text: str) -> str:
    """Return the letters alone, without a leading P and its relation."""
    letters = "".join(sign for sign in text.lower() if sign.isalpha())
    if any(sign.isdecimal() for sign in text):
        return ""
    for start in ("pvalue", "p"):
        if letters.startswith(start) and letters.removeprefix(start) in _NOT_SIGNIFICANT:
            return letters.removeprefix(start)
    return letters


def _relation(scanner: Scanner) -> str:
    sign = scanner.take("<=", "=<", "≤", ">=", "=>", "≥", "<", ">", "=")
    if sign in ("<", ">"):
        place = scanner.at
        if scanner.word("or") and scanner.take("="):
            return {"<": "≤", ">": "≥"}[sign]
        scanner.at = place
    return {"<=": "≤", "=<": "≤", ">=": "≥", "=>": "≥", "": "="}.get(sign, sign)


def _number(scanner: Scanner, text: str) -> Decimal | None:
    sign = scanner.take("-", "+")
    number = scanner.number()
    if not number:
        return None
    value = Decimal(decimal_text(number, text))
    exponent: int | None = 0
    if scanner.take("×", "·") or scanner.word("x"):
        if scanner.number() != "10":
            return None
        exponent = scanner.exponent()
    elif scanner.sees("e", "E") and scanner.word("e"):
        exponent = scanner.exponent() if scanner.sees("-", "+") else None
    elif number == "10" and not scanner.done:
        value, exponent = Decimal(1), scanner.exponent()
    elif scanner.take("%"):
        exponent = -2
    if exponent is None:
        return None
    if not SMALLEST_EXPONENT <= exponent <= 0:
        raise refusal(text, f"powers of ten from {SMALLEST_EXPONENT} to 0", "correct the P")
    value = value.scaleb(exponent)
    return -value if sign == "-" else value
