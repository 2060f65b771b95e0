"""What stands in a sentence without cells: counts in words of both arms, and a P or a test statistic of an outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bayes_ivf.study.imports.glossary import Mention
from bayes_ivf.study.imports.text.cells import Group, View
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.text.sentences import Sentence

_NAMES = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBER_WORDS = {name: number for number, name in enumerate(_NAMES)} | {"none": 0, "zero": 0}
_TOKEN = re.compile(rf"(?<![\w.,/-])(?P<word>{'|'.join(NUMBER_WORDS)}|\d{{1,3}})(?![\w/%-]|[.,]\d)", re.IGNORECASE)
_PLAIN = re.compile(
    r"(?:\s|,|\b(?:cases?|women|patients|participants|subjects|couples|events?|episodes?|of|with|in|for|among|on|under|from|the|a|an"
    r"|occurred|happened|were|was|seen|noted|observed|had|such|those|who|received|taking|treated|given|group|arm)\b){0,40}",
    re.IGNORECASE,
)
_TO_ARM = re.compile(r"\b(?:with|in|for|among|on|under|from|received|taking|given)\s+(?:the\s+)?$", re.IGNORECASE)
_NEAR = 30
"""Characters between a count in words and what it is a count of."""
_READ = "the counts stand without a denominator, some perhaps in words: read as women with the event"


@dataclass(frozen=True)
class TestFound:
    """A P of an outcome of which nothing else was read, with the test statistic before it."""

    outcome: Mention
    p: Mark
    statistic: Mark | None
    sentence: Sentence


def word_groups(view: View) -> list[Group]:
    """Return the counts of a sentence such as *there were no miscarriages with the drug and three with placebo*.

    Only where nothing else can be meant: two arms, each named once behind one number, and one outcome.
    """
    named = {each.entry.id: each for each in view.outcomes}
    apart = view.count == 2 and len(view.arms) == 2 and {each.arm for each in view.arms} == set(view.pair)
    told = any(mark.is_cell for mark in view.marks) or view.sentence.section in ("aim", "methods", "conclusion")
    if told or not apart or len(named) != 1:
        return []
    (outcome,) = named.values()
    if outcome.entry.of == "mean" or outcome.entry.role != "outcome" or outcome.entry.umbrella:
        return []
    starts = (view.sentence.start, view.arms[0].end)
    marks = [_counted(view, start, arm.start) for start, arm in zip(starts, view.arms, strict=True)]
    if None in marks:
        return []
    cells = {arm.arm: mark for arm, mark in zip(view.arms, marks, strict=True) if mark is not None}
    first = next(iter(cells.values())).start
    return [Group(outcome, cells, view.sentence, first, view.arms[1].end, (_READ,))]


def _counted(view: View, start: int, end: int) -> Mark | None:
    """Return the only number between two places, if nothing but its outcome and plain words stand behind it."""
    found = list(_TOKEN.finditer(view.signs, start, end))
    if len(found) != 1 or not _TO_ARM.search(view.signs, start, end):
        return None
    behind = view.signs[found[0].end() : end]
    for each in view.outcomes:
        if found[0].end() <= each.start and each.end <= end:
            behind = view.signs[found[0].end() : each.start] + view.signs[each.end : end]
    if not _PLAIN.fullmatch(behind):
        return None
    word = found[0]["word"].lower()
    events = str(NUMBER_WORDS.get(word, word))
    text = view.signs[slice(*found[0].span())]
    return Mark("count", *found[0].span(), text, {"events": events, "n": "", "percent": "", "bare": "yes"})


def tests_of(view: View, told: Sequence[Mention | None]) -> Iterator[TestFound]:
    """Give each P of a sentence with the outcome named before it, where nothing else was read of that outcome.

    Parameters
    ----------
    view : View
    told : sequence of Mention or None
        Outcomes of which the sentence tells more.
    """
    if view.sentence.section in ("aim", "methods", "conclusion"):
        return
    known = {each.entry.id for each in told if each is not None}
    done = view.sentence.start
    for mark in (each for each in view.marks if each.kind == "p"):
        named = [each for each in view.outcomes if done <= each.start < mark.start and not each.entry.umbrella]
        ids = {each.entry.id for each in named}
        if len(ids) == 1 and not ids & known:
            tests = [each for each in view.marks if each.kind == "statistic" and done <= each.start < mark.start]
            yield TestFound(named[-1], mark, tests[0] if len(tests) == 1 else None, view.sentence)
        done = mark.end


def unread_words(signs: str, sentence: Sentence, used: Sequence[Mark], near: Sequence[int]) -> list[str]:
    """Return the number words of a sentence that are in no cell and may be counts.

    Parameters
    ----------
    signs : str
    sentence : Sentence
    used : sequence of Mark
        Those of cells.
    near : sequence of int
        Where arms and outcomes are named: a count stands not far before one.
    """
    if sentence.section in ("aim", "methods", "conclusion"):
        return []
    return [
        found["word"]
        for found in _TOKEN.finditer(signs, sentence.start, sentence.end)
        if not found["word"].isdigit()
        and any(found.end() <= at <= found.end() + _NEAR for at in near)
        and not any(each.start <= found.start() < each.end for each in used)
    ]
