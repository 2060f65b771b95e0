"""The forms in which papers print the cell of a table, read sign by sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bayes_ivf.study.printed import Printed
from bayes_ivf.study.scanner import Scanner, decimal_text, refusal, whole_number
from bayes_ivf.study.totals_cell import read_totals

COUNTS = 'events/n such as "16/40", "16/40 (40%)", "16 (40%)", or "40 women, 80 embryos, 16 pregnant, 33 implanted"'
MEAN_SD = 'mean ± sd such as "5.81 ± 0.76" or "9.8 (SD 1.6)"'
_PLUS_MINUS = ("±", "+/-", "+-")
_SPREADS: dict[str, Literal["sd", "se"]] = {
    "sd": "sd",
    "s.d.": "sd",
    "sem": "se",
    "s.e.m.": "se",
    "se": "se",
    "s.e.": "se",
}
_UNIT_SIGNS = "/.^-·²³⁻¹°%µμ "
LONGEST_UNIT = 30


@dataclass(frozen=True)
class CountCell:
    """Events, denominator and percentage, as far as they are printed; or embryo totals."""

    events: int | None = None
    n: int | None = None
    percent: Printed | None = None
    totals: tuple[int, int, int, int] | None = None
    unit: str = ""
    """Of totals: what women had several of, by its canonical name."""


@dataclass(frozen=True)
class MeanCell:
    """A mean and a spread, with the unit and the kind of spread, if they are printed too."""

    mean: Printed
    sd: Printed
    unit: str = ""
    spread: Literal["sd", "se", "ci95", "half_range"] | None = None
    bare: bool = False
    """Whether the spread stands in brackets with no sign or word that says what it is."""
    limits: tuple[Printed, Printed] | None = None
    """Two ends that are printed instead of the spread, which is half their distance."""
    alone: bool = False
    """Whether no spread is printed."""


def read_counts(text: str) -> CountCell:
    """Read counts.

    Raises
    ------
    StudyError
        If the text has no single meaning; found is the text.
    """
    scanner = Scanner(text)
    first = scanner.number()
    if first and scanner.word("women"):
        return CountCell(*(None,) * 3, *read_totals(scanner, first, text))
    if first and scanner.sees("%"):
        cell = _after_percent(scanner, Printed(f"{first}%"), text)
    elif first:
        cell = _after_events(scanner, first, text)
    else:
        cell = None
    if cell is None or not scanner.done:
        raise refusal(text, COUNTS, "write the counts in one of these ways")
    return cell


def _after_events(scanner: Scanner, first: str, text: str) -> CountCell | None:
    if scanner.take("/") or scanner.word("of") or (scanner.word("out") and scanner.word("of")):
        second = scanner.number()
        if not second:
            return None
        events, n = whole_number(first, text), whole_number(second, text)
        bracket = scanner.take("(", "[", ",", ";")
        if not bracket and scanner.done:
            return CountCell(events, n)
        percent = _percent(scanner)
        _close(scanner, bracket, text)
        return None if percent is None else CountCell(events, n, percent)
    bracket = scanner.take("(", "[")
    if not bracket:
        return None
    events = whole_number(first, text)
    percent = _percent(scanner)
    _close(scanner, bracket, text)
    if percent is not None and not percent.percent:
        raise refusal(text, COUNTS, f"write {first} ({percent}%) if the second number is a percentage")
    return None if percent is None else CountCell(events, None, percent)


def _after_percent(scanner: Scanner, percent: Printed, text: str) -> CountCell | None:
    scanner.take("%")
    bracket = scanner.take("(", "[", ",")
    if not bracket and scanner.done:
        raise refusal(text, COUNTS, 'use kind = "percent" if only percentages are printed')
    events = scanner.number()
    if not events:
        return None
    n = scanner.number() if scanner.take("/") or scanner.word("of") else ""
    _close(scanner, bracket, text)
    return CountCell(whole_number(events, text), whole_number(n, text) if n else None, percent)


def _percent(scanner: Scanner) -> Printed | None:
    number = scanner.number()
    return Printed(number + scanner.take("%")) if number else None


def _close(scanner: Scanner, bracket: str, text: str) -> None:
    closing = {"(": ")", "[": "]"}.get(bracket, "")
    if closing and not scanner.take(closing):
        raise refusal(text, "a closing bracket", "copy the cell as it is printed")


def read_percent(text: str) -> CountCell:
    """Read a percentage, with or without its counts.

    Raises
    ------
    StudyError
        If the text has no single meaning.
    """
    scanner = Scanner(text)
    scanner.take("-", "+")
    if scanner.number() and (scanner.take("%") or scanner.done) and scanner.done:
        return CountCell(percent=Printed(text))
    if any(sign in text for sign in "(/%[") or " of " in text:
        return read_counts(text)
    raise refusal(
        text, 'a percentage such as "41.25%", or counts such as "16/40 (40%)"', "copy the cell as it is printed"
    )


def read_mean(text: str) -> MeanCell:
    """Read a mean and its spread.

    Raises
    ------
    StudyError
        If the text has no single meaning.
    """
    scanner = Scanner(text)
    scanner.word("mean")
    mean, unit = _value(scanner, text)
    if scanner.take(*_PLUS_MINUS):
        spread = scanner.word("sd", "se", "sem")
        sd, other = _value(scanner, text)
        bracket = scanner.take("(", "[")
        named = _spread_name(scanner)
        _close(scanner, bracket, text)
        kind, bare = _SPREADS.get(spread) or named, False
    else:
        bracket = scanner.take("(", "[", ",", ";")
        if not bracket:
            raise refusal(text, MEAN_SD, "write mean ± sd (or +/-)")
        kind = _spread_name(scanner)
        signed = bool(scanner.take(*_PLUS_MINUS)) or kind is not None
        sd, other = _value(scanner, text)
        if scanner.sees("-", ",", ";") or scanner.word("to", "and"):
            raise refusal(
                text,
                MEAN_SD,
                'a range or quartiles are no standard deviation: use kind = "quantiles" for a median with quartiles or range',
            )
        kind = kind or _spread_name(scanner)
        _close(scanner, bracket, text)
        if scanner.at < len(scanner.text):
            unit = unit or _unit(scanner, text)
        bare = not signed and kind is None
    if not scanner.done:
        raise refusal(text, MEAN_SD, f"nothing may stand behind the spread but a unit; here stands {scanner.rest!r}")
    if unit and other and unit != other:
        raise refusal(text, "one unit", "give mean and spread in the same unit")
    return MeanCell(mean, sd, unit or other, kind, bare)


def _spread_name(scanner: Scanner) -> Literal["sd", "se"] | None:
    scanner.skip()
    for name, kind in _SPREADS.items():
        end = scanner.at + len(name)
        if scanner.signs[scanner.at : end].lower() == name and not scanner.signs[end : end + 1].isalpha():
            scanner.at = end
            scanner.take(":", "=")
            return kind
    return None


def _value(scanner: Scanner, text: str) -> tuple[Printed, str]:
    """Take a number, or weeks + days, and a unit behind it."""
    scanner.skip()
    start = scanner.at
    sign = scanner.take("-", "+")
    found = scanner.number()
    if not found:
        raise refusal(text, MEAN_SD, "write mean ± sd (or +/-)")
    if not sign and scanner.sees("+") and not scanner.sees(*_PLUS_MINUS):
        scanner.take("+")
        days = scanner.number()
        if not days:
            raise refusal(text, MEAN_SD, "write mean ± sd (or +/-)")
        return Printed(f"{found}+{days}"), "days"
    if scanner.sees("×") or scanner.sees("e-", "E-"):
        raise refusal(text, "numbers without powers of ten", 'put the power into the unit, such as unit = "10^6/mL"')
    number = scanner.text[start : scanner.at].strip()
    decimal_text(found, text)
    return Printed(number), _unit(scanner, text)


def _unit(scanner: Scanner, text: str) -> str:
    """Take what stands behind a number and looks like a unit."""
    scanner.skip()
    start = end = scanner.at
    if _spread_at(scanner) or not (scanner.signs[start : start + 1].isalpha() or scanner.sees("µ", "μ", "°", "%")):
        return ""
    while end < len(scanner.signs) and (scanner.signs[end].isalnum() or scanner.signs[end] in _UNIT_SIGNS):
        end += 1
    unit = scanner.text[start:end].strip()
    if unit.startswith("%"):
        raise refusal(text, "numbers without a percent sign", "remove the percent sign; a share is kind = percent")
    if len(unit) > LONGEST_UNIT:
        raise refusal(text, f"a unit of at most {LONGEST_UNIT} characters", "write mean ± sd (or +/-)")
    for word in ("to", "and", "of", "range", "median", "iqr"):
        if word in unit.lower().split():
            raise refusal(
                text, MEAN_SD, f"{unit!r} is no unit: a range, an interval or quartiles are no standard deviation"
            )
    scanner.at = end
    return unit


def _spread_at(scanner: Scanner) -> bool:
    place = scanner.at
    named = _spread_name(scanner) is not None
    scanner.at = place
    return named


def read_size(text: str) -> tuple[int, int]:
    """Read a denominator, or a range of them such as ``"100-140"``.

    Raises
    ------
    StudyError
        If it is neither.
    """
    scanner = Scanner(text)
    first = scanner.number()
    low = whole_number(first, text) if first else 0
    high = low
    if first and (scanner.take("-") or scanner.word("to")):
        second = scanner.number()
        high = whole_number(second, text) if second else 0
    if not first or not scanner.done or not 1 <= low <= high:
        raise refusal(text, 'a whole number of at least 1, or a range such as "100-140"', "correct n")
    return low, high


def read_categories(text: str, labels: tuple[str, ...]) -> tuple[int, ...]:
    """Read one count for each category.

    Raises
    ------
    StudyError
        If there are more or fewer, or one is no count.
    """
    parts = text.translate(str.maketrans("∕⁄／", "///")).split("/")
    if len(labels) < 2 or len(parts) != len(labels):
        raise refusal(text, f"one count for each of {len(labels)} categories", 'write "7 / 15 / 18" and categories')
    categories = []
    for part in parts:
        scanner = Scanner(part)
        number = scanner.number()
        if not number or not scanner.done:
            raise refusal(text, f"one count for each of {len(labels)} categories", 'write "7 / 15 / 18" and categories')
        categories.append(whole_number(number, text))
    return tuple(categories)
