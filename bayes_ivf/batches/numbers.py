"""The number in a cell: which mark is decimal, which one parts thousands; what could be read in two ways is refused."""

from __future__ import annotations

from dataclasses import dataclass

MINUS = frozenset("-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d")
"""Signs that stand for a minus before a number, as typesetting and spreadsheets write it."""
GAPS = frozenset(" \u00a0\u2009\u202f'\u2019")
"""Marks that part thousands in every dialect."""
MIDDLE = "\u00b7"
"""A decimal mark in every dialect."""
LONGEST = 40
"""Characters of a number."""
_NAMES = {".": "point", ",": "comma"}


@dataclass(frozen=True)
class Number:
    """A number in plain digits with a decimal point.

    Parameters
    ----------
    text : str
        Sign, digits and exponent; the decimals that were written are kept.
    grouped : bool
        Whether marks were read as parting thousands.
    """

    text: str
    grouped: bool = False


@dataclass(frozen=True)
class NoNumber:
    """Why a cell is no number, and what to do about it; an empty action leaves the words to the caller."""

    found: str
    action: str = ""


def read_number(text: str, decimal: str) -> Number | NoNumber:
    """Read a cell under a declared decimal mark.

    Beside a decimal comma, points part thousands, or the cell is refused; beside a decimal point, commas are refused in words
    that name both things they can be.

    Parameters
    ----------
    text : str
    decimal : {".", ","}
    """
    if text.isascii() and text.isdigit() and len(text) <= LONGEST:
        return Number(text)
    if not text:
        return NoNumber("nothing")
    if len(text) > LONGEST:
        return NoNumber(f"{len(text)} characters, {text[:20]!r}...")
    sign, rest = ("-", text[1:]) if text[0] in MINUS else ("", text[1:] if text[0] == "+" else text)
    mantissa, exponent = _exponent(rest)
    runs, marks = _parted(mantissa)
    if exponent is None or not runs or not any(runs):
        return NoNumber(repr(text))
    other = "," if decimal == "." else "."
    ends = bool(marks) and marks[-1] in (decimal, MIDDLE)
    groups, parting = (runs[:-1], marks[:-1]) if ends else (runs, marks)
    plain = "".join(groups) or "0"
    fraction = f".{runs[-1]}" if ends and runs[-1] else ""
    value = sign + plain + fraction + exponent
    if not parting:
        return Number(value)
    if len(set(parting)) == 1 and parting[0] in GAPS | {other} and _thousands(groups):
        if parting[0] != "," or decimal == ",":
            return Number(value, grouped=True)
        if len(parting) > 1 or ends:
            return NoNumber(f"{text!r}, with commas that part thousands", f"write {value}")
        return NoNumber(
            f"{text!r}, whose comma can part thousands or be a decimal mark",
            f"write {value} for thousands; for a decimal comma {mantissa.replace(',', '.')}, or",
        )
    if other in parting and len(marks) == 1:
        return _foreign(text, mantissa, other)
    return NoNumber(repr(text))


def read_count(text: str, decimal: str) -> Number | NoNumber:
    """Read a whole number; a single zero behind the mark is what programs write of one, anything more is refused."""
    number = read_number(text, decimal)
    if isinstance(number, NoNumber):
        if decimal == "." and "," in text and number.action:
            plain = text.replace(",", "")
            parted = _thousands(text.split(","))
            words = f"{text!r}, with a comma that parts thousands" if parted else f"{text!r}, with a decimal comma"
            return NoNumber(words, f"write {plain}" if parted else "a count has no decimals: write a whole number")
        return number
    whole, mark, behind = number.text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or not (mark == "" or behind == "0"):
        if whole.isdigit() and behind.isdigit():
            thousands = f", or {whole}{behind} if the {_NAMES[decimal]} parts thousands" if len(behind) == 3 else ""
            return NoNumber(f"{text!r}, with decimals", f"a count has no decimals: write {whole}{thousands}")
        return NoNumber(repr(text))
    return Number(whole, number.grouped)


def _exponent(text: str) -> tuple[str, str | None]:
    """Split off an exponent, in plain signs; None where there is a false one."""
    mantissa, mark, power = text.replace("E", "e").partition("e")
    if not mark:
        return mantissa, ""
    sign, digits = ("-", power[1:]) if power[:1] in MINUS else ("", power[1:] if power[:1] == "+" else power)
    return mantissa, f"e{sign}{digits}" if digits.isascii() and digits.isdigit() and len(digits) <= 3 else None


def _parted(text: str) -> tuple[list[str], list[str]]:
    """Cut into runs of digits and the marks between them; nothing at all if anything else stands there."""
    runs, marks = [""], []
    for sign in text:
        if sign.isascii() and sign.isdigit():
            runs[-1] += sign
        elif sign in GAPS or sign in (".", ",", MIDDLE):
            marks.append(sign)
            runs.append("")
        else:
            return [], []
    return runs, marks


def _thousands(groups: list[str]) -> bool:
    """Whether digits stand in groups of three, as thousands do; a number does not begin with 0."""
    first, *others = groups
    return 1 <= len(first) <= 3 and first[0] != "0" and all(len(each) == 3 and each.isdigit() for each in others)


def _foreign(text: str, mantissa: str, mark: str) -> NoNumber:
    """Refuse the mark of the other dialect."""
    if mark == ",":
        return NoNumber(f"{text!r}, with a decimal comma", "write a decimal point, or")
    return NoNumber(
        f"{text!r}, with a point where the decimal mark is declared to be a comma",
        f"write {mantissa.replace('.', ',')}; a point can only part thousands here, in groups of three digits",
    )
