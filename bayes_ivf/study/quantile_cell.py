"""A median with quartiles or a range, as papers print it, read sign by sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bayes_ivf.study.printed import Printed
from bayes_ivf.study.scanner import Scanner, decimal_text, refusal

QUANTILES = 'a median with two quartiles or a range, such as "5.8 (4.9-6.7)", "5.8 [4.9; 6.7], range 2 to 11"'
_BOTH = "both quartiles as two numbers, since their distance alone does not say where they lie"
_WIDTH = "write the two quartiles if the paper shows them, else use kind = unavailable and say so in note"
_CLOSING = {"(": ")", "[": "]"}
_SEPARATORS = ("-", ";", ",", "/", "|")
_Pair = Literal["quartiles", "range"]
_PAIRS: tuple[tuple[str, _Pair], ...] = (
    ("interquartile range", "quartiles"),
    ("inter-quartile range", "quartiles"),
    ("interquartile", "quartiles"),
    ("iqr", "quartiles"),
    ("i.q.r.", "quartiles"),
    ("lower-upper quartile", "quartiles"),
    ("quartiles", "quartiles"),
    ("q1, q3", "quartiles"),
    ("q1-q3", "quartiles"),
    ("q1;q3", "quartiles"),
    ("25th-75th percentiles", "quartiles"),
    ("25th-75th percentile", "quartiles"),
    ("25th, 75th percentiles", "quartiles"),
    ("25th and 75th percentiles", "quartiles"),
    ("25%-75%", "quartiles"),
    ("p25-p75", "quartiles"),
    ("p25, p75", "quartiles"),
    ("minimum-maximum", "range"),
    ("minimum to maximum", "range"),
    ("min-max", "range"),
    ("min, max", "range"),
    ("min to max", "range"),
    ("range", "range"),
)
"""What a pair of numbers is, in lower case; longer words stand before those that they begin with."""
_FIVE: tuple[tuple[str, str], ...] = (
    ("minimum", "low"),
    ("min", "low"),
    ("lower quartile", "q1"),
    ("q1", "q1"),
    ("p25", "q1"),
    ("median", "median"),
    ("q2", "median"),
    ("p50", "median"),
    ("upper quartile", "q3"),
    ("q3", "q3"),
    ("p75", "q3"),
    ("maximum", "high"),
    ("max", "high"),
)
QUANTILE_WORDS = {
    "low": "minimum", "q1": "lower quartile", "median": "median", "q3": "upper quartile", "high": "maximum",
}  # fmt: skip
ORDER = ("low", "q1", "median", "q3", "high")
_OTHER = tuple(
    (word, word)
    for word in (
        "95% confidence interval",
        "95% ci",
        "90% ci",
        "99% ci",
        "ci",
        "mean",
        "sd",
        "se",
        "sem",
        "mad",
        "±",
        "+/-",
    )
)
_ELSE = "use kind = mean_sd for a mean with its spread, or kind = unavailable for a median with an interval or another spread"


@dataclass(frozen=True)
class QuantileCell:
    """Numbers of one arm, by what they are."""

    numbers: dict[str, Printed]
    bare: bool = False
    """Whether the cell leaves open what the pair in brackets is."""


def read_quantiles(text: str, declared: str | None = None) -> QuantileCell:
    """Read a median and what stands beside it.

    Parameters
    ----------
    text : str
        As printed.
    declared : str or None
        What the brackets hold, as the study file says: ``quartiles``, ``range`` or ``quartiles+range``.

    Raises
    ------
    StudyError
        If the text has no single meaning, or contradicts what was declared.
    """
    summary = _five(text)
    if summary is not None:
        return QuantileCell(summary)
    scanner = Scanner(text)
    if _label(scanner, (("median", "median"), ("med", "median"))):
        scanner.take(":", "=")
    median = _number(scanner)
    if median is None:
        raise refusal(text, QUANTILES, "write the median first, then what stands in brackets")
    pairs = _pairs(scanner, text)
    return _meant(median, pairs, declared, text)


def _pairs(scanner: Scanner, text: str) -> list[tuple[str, Printed, Printed]]:
    """Read one or two pairs of numbers, each with the word that says what it is, or none."""
    pairs: list[tuple[str, Printed, Printed]] = []
    open_ = ""
    while not scanner.done:
        if open_ and scanner.take(_CLOSING[open_]):
            open_ = ""
            continue
        scanner.take(",", ";")
        if not open_:
            open_ = scanner.take("(", "[")
        pairs.append(_pair(scanner, text))
        if not (open_ or pairs[0][0] or len(pairs) > 1):
            raise refusal(text, QUANTILES, "put the two quartiles or the range in brackets, or say what they are")
        if len(pairs) > 2:
            raise refusal(text, QUANTILES, "write at most the two quartiles and the range")
    if open_:
        raise refusal(text, "a closing bracket", "copy the cell as it is printed")
    if not pairs:
        raise refusal(text, QUANTILES, "add the quartiles or the range; a median alone says nothing of the spread")
    return pairs


def _pair(scanner: Scanner, text: str) -> tuple[str, Printed, Printed]:
    word = _label(scanner, _PAIRS)
    scanner.take(":", "=", ",")
    inner = scanner.take("(", "[") if word else ""
    if _label(scanner, _OTHER):
        raise refusal(text, QUANTILES, _ELSE)
    low = _number(scanner)
    if low is None:
        raise refusal(text, QUANTILES, f"write two numbers where {scanner.rest or 'nothing'!r} stands")
    if not (scanner.take(*_SEPARATORS) or scanner.word("to", "and")):
        raise refusal(text, _BOTH, _WIDTH)
    high = _number(scanner)
    if high is None:
        raise refusal(text, QUANTILES, f"write two numbers where {scanner.rest or 'nothing'!r} stands")
    word = word or _label(scanner, _PAIRS)
    if inner and not scanner.take(_CLOSING[inner]):
        raise refusal(text, "a closing bracket", "copy the cell as it is printed")
    return word, low, high


def _meant(
    median: Printed, pairs: Sequence[tuple[str, Printed, Printed]], declared: str | None, text: str
) -> QuantileCell:
    """Give every pair its meaning: said in the cell, declared in the file, or else quartiles first."""
    usual = (declared or "").split("+") if declared else ["quartiles", "range"]
    words = [word for word, *_ in pairs]
    free = [name for name in usual if name not in words]
    for i, word in enumerate(words):
        if not word and free:
            words[i] = free.pop(0)
    if declared is not None and set(words) != set(declared.split("+")):
        raise refusal(text, f"what spread = {declared!r} says", "correct `spread`, or the cell")
    if len(set(words)) != len(words) or "" in words:
        raise refusal(text, QUANTILES, "say of each pair whether it is quartiles or a range")
    numbers = {"median": median}
    for word, (_, low, high) in zip(words, pairs, strict=True):
        ends = ("q1", "q3") if word == "quartiles" else ("low", "high")
        numbers |= dict(zip(ends, (low, high), strict=True))
    bare = declared is None and any(not word for word, *_ in pairs)
    return QuantileCell({name: numbers[name] for name in ORDER if name in numbers}, bare)


def _five(text: str) -> dict[str, Printed] | None:
    """Read a five-number summary, with or without its names; None if the text is none."""
    scanner = Scanner(text)
    numbers: dict[str, Printed] = {}
    named = 0
    while len(numbers) < len(ORDER):
        name = _label(scanner, _FIVE)
        named += bool(name)
        scanner.take(":", "=")
        number = _number(scanner)
        if number is None or name in numbers:
            return None
        numbers[name or f"number {len(numbers)}"] = number
        if scanner.done:
            break
        if not scanner.take(",", ";", "/", "|"):
            return None
    if not scanner.done:
        return None
    whole = {"q1", "q3"} <= set(numbers) or {"low", "high"} <= set(numbers)
    if named == len(numbers) and "median" in numbers and whole and len(numbers) % 2:
        return {name: numbers[name] for name in ORDER if name in numbers}
    if not named and len(numbers) == len(ORDER):
        return dict(zip(ORDER, numbers.values(), strict=True))
    return None


def _label(scanner: Scanner, labels: Sequence[tuple[str, str]]) -> str:
    """Take the first of some words, whatever their case and the spaces around dashes; return what it means."""
    scanner.skip()
    for word, meaning in labels:
        end = _end(scanner, word)
        if end is not None:
            scanner.at = end
            return meaning
    return ""


def _end(scanner: Scanner, word: str) -> int | None:
    """Where a word ends that begins here, spaces left aside; None if it does not stand here."""
    at = scanner.at
    for sign in word:
        while sign != " " and at < len(scanner.signs) and scanner.signs[at] in " \u2009":
            at += 1
        if sign == " ":
            if at >= len(scanner.signs) or scanner.signs[at] not in " \u2009":
                return None
            continue
        if scanner.signs[at : at + 1].lower() != sign:
            return None
        at += 1
    return None if scanner.signs[at : at + 1].isalpha() else at


def _number(scanner: Scanner) -> Printed | None:
    """Take a number with its sign; None if none stands here."""
    scanner.skip()
    start = scanner.at
    scanner.take("-", "+")
    found = scanner.number()
    if not found:
        scanner.at = start
        return None
    decimal_text(found, scanner.text)
    return Printed(scanner.text[start : scanner.at].strip())
