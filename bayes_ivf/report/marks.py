"""Which digits of a page are what: every number of ours stands under its key, every other one in words that are quoted."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bayes_ivf.results import Printed, Said, Value, percent, say

TRIAL = "(trial)"
"""Stands for the outcome in keys of numbers about the whole trial."""
PAGE = "(page)"
"""Stands for the outcome in keys of what a page counts of itself."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_STATISTIC = r"\b(?:t|F|r|Q|chi-square)\([\d., N=]+\)(?: [<>=] [+-]?[\d.]*\d)?|\b[tzr] [<>=] [+-]?[\d.]*\d"
_PRINTED = rf"\bP ?[<>=≤≥] ?[\d.]*\d|{_STATISTIC}|\b[A-Za-z][\w-]*\d[\w-]*"
"""A printed P, a test statistic, and names such as CA-125: digits that are no number of ours."""
_WORDS = re.compile(_PRINTED)
_NUMBER = re.compile(rf"({_PRINTED})|[+-]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:[eE][+-]?\d+)?")


def level_of(ci_prob: float) -> Value:
    """Return the probability of every interval as a page shows it."""
    return Value(PAGE, "ci_prob", "none", "none", "none", "level", ci_prob, percent(ci_prob))


def setting(name: str, value: float) -> Value:
    """Return a setting of a run as a page shows it."""
    return Value(PAGE, "setting", "none", "none", "none", name, value, f"{value:g}" if value < 1e6 else f"{value:.0f}")


def marked(words: str, outcome: str, about: str, statistic: str, first: int = 1) -> Said:
    """Take words of the audit apart, so that each number in them stands under a key.

    Parameters
    ----------
    words : str
    outcome, about : str
        What the words speak of, and which check says them.
    statistic : str
        Which words these are; numbers in them are counted.
    first : int
        Where counting begins.
    """
    parts: list[str | Value] = []
    end = 0
    numbers = (found for found in _NUMBER.finditer(words) if not found[1])
    for place, found in enumerate(numbers, start=first):
        key = (outcome or TRIAL, about, "none", "audit", "closed form", f"{statistic}_{place}")
        parts += [words[end : found.start()], Value(*key, float(found[0].replace(",", "")), found[0])]
        end = found.end()
    return say(*parts, words[end:])


def marked_reading(said: Said, outcome: str) -> Said:
    """Mark the numbers in the words of a reading, beside those that are results already: assumptions and conditions."""
    parts: list[Said] = []
    place = 1
    for part in said:
        found = marked(part, outcome, "reading", "condition", place) if isinstance(part, str) else (part,)
        place += sum(isinstance(each, Value) for each in found) if isinstance(part, str) else 0
        parts.append(found)
    return say(*parts)


def in_html(words: str) -> Markup:
    """Return words of ours as HTML; a printed P in them, and names with digits, are quoted."""
    if isinstance(words, Printed):
        return Markup(words.__html__())  # noqa: S704  escaped there
    parts: list[str] = []
    end = 0
    for found in _WORDS.finditer(words):
        parts += [escape(words[end : found.start()]), '<span class="quoted">', escape(found[0]), "</span>"]
        end = found.end()
    return Markup("".join([*parts, escape(words[end:])]))  # noqa: S704  every part is escaped


def in_words(number: int) -> str:
    """Write a small number as a word; larger ones in digits.

    Examples
    --------
    >>> in_words(3), in_words(0), in_words(40)
    ('three', 'no', '40')
    """
    return WORDS[number] if number < len(WORDS) else str(number)


def quoted(text: object) -> Markup:
    """Return words of the study file, of a card or of a prior set as HTML; their digits are theirs."""
    shown = escape(str(text))
    # escaped above
    return Markup(f'<span class="quoted">{shown}</span>') if re.search(r"\d", str(text)) else shown  # noqa: S704
