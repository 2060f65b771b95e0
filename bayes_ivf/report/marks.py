"""Which digits of a page are what: every number of ours stands under its key, every other one in words that are quoted."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bayes_ivf.results import Said, Value, percent, say

TRIAL = "(trial)"
"""Stands for the outcome in keys of numbers about the whole trial."""
PAGE = "(page)"
"""Stands for the outcome in keys of what a page counts of itself."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = re.compile(r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?")


def level_of(ci_prob: float) -> Value:
    """Return the probability of every interval as a page shows it."""
    return Value(PAGE, "ci_prob", "none", "none", "none", "level", ci_prob, percent(ci_prob))


def setting(name: str, value: float) -> Value:
    """Return a setting of a run as a page shows it."""
    return Value(PAGE, "setting", "none", "none", "none", name, value, f"{value:g}" if value < 1e6 else f"{value:.0f}")


def marked(words: str, outcome: str, about: str, statistic: str) -> Said:
    """Take words of the audit apart, so that each number in them stands under a key.

    Parameters
    ----------
    words : str
    outcome, about : str
        What the words speak of, and which check says them.
    statistic : str
        Which words these are; numbers in them are counted from there.
    """
    parts: list[str | Value] = []
    end = 0
    for place, found in enumerate(_NUMBER.finditer(words), start=1):
        key = (outcome or TRIAL, about, "none", "audit", "closed form", f"{statistic}_{place}")
        parts += [words[end : found.start()], Value(*key, float(found[0].replace(",", "")), found[0])]
        end = found.end()
    return say(*parts, words[end:])


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
    return Markup('<span class="quoted">{}</span>').format(shown) if re.search(r"\d", str(text)) else shown
