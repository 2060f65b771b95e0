"""What a sentence says of an outcome: a direction, the arm that has more or less, its P and its effect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from bayes_ivf.study.imports.glossary import Entry, Mention
from bayes_ivf.study.imports.text.cells import REFERENCE, Group, View
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.text.sentences import Sentence

Said = Literal["higher", "lower", "better", "worse", "none", "differs"]
_SURE = r"(?:(?:statistically|significant(?:ly)?|markedly|substantially|slightly|non-significant(?:ly)?)\s+)*"
_NO_DIFFERENCE = (
    r"(?:no|nor|without(?: any)?|not|neither)\s+(?:(?:any|a|statistical(?:ly)?|significant(?:ly)?|observed|overall)\s+)*"
    r"(?:differen\w+|differ\w*|chang\w+|increas\w+|improv\w+|reduc\w+|effects?|significant|higher|lower|greater|better|more)"
    r"|(?:were|was|are|is|have|had|showed?)\s+(?:\w+\s+)?(?:similar|comparable|equal|the same)|non-?significant\w*"
)
_WORDS: tuple[tuple[Said, str], ...] = (
    ("none", _NO_DIFFERENCE),
    ("differs", r"significant(?:ly)?\s+differ\w+|differed(?:\s+significantly)?|significant(?:ly)?\s+chang\w+"),
    ("higher", rf"{_SURE}(?:higher|greater|increas\w+|elevated|thicker|longer|more)"),
    ("lower", rf"{_SURE}(?:lower|reduc\w+|decreas\w+|fewer|declin\w+|shorter|thinner|lesser|smaller|less(?! than))"),
    ("better", rf"{_SURE}(?:better|improv\w+)"),
    ("worse", rf"{_SURE}(?:worse\w*|poorer|impair\w+)"),
)
_PHRASES = tuple((said, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)) for said, words in _WORDS)
_CLAUSE = re.compile(r"[;,]?\s+(?:while|whereas|but|although|however)\b|;", re.IGNORECASE)
_ASKS = re.compile(
    r"\?\s*$|\bwhether\b|\bto (?:evaluate|compare|assess|investigate|determine|explore|examine|study|test|measure)\b"
    r"|hypothesi[sz]ed?",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\b(?:all|any of the|both|each)\b[^.;]{0,40}$", re.IGNORECASE)


@dataclass(frozen=True)
class Words:
    """What is said of one outcome."""

    outcome: Mention
    said: Said
    text: str
    sentence: Sentence
    arm: int | None
    p: Mark | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class EffectFound:
    """An effect that speaks of an outcome by itself."""

    outcome: Mention
    mark: Mark
    p: Mark | None


def with_p_and_effect(view: View, groups: Sequence[Group]) -> tuple[list[Group], list[EffectFound]]:
    """Give each group of cells the P and the effect behind it; effects that name an outcome themselves come apart."""
    own = {mark: named for mark in view.marks if mark.kind == "effect" if (named := _named_in(view, mark)) is not None}
    done: list[Group] = []
    for group in groups:
        limit = _limit(view, group, groups)
        behind = [mark for mark in view.marks if group.end <= mark.start < limit and mark not in own]
        done.append(replace(group, p=_first(behind, "p"), effect=_first(behind, "effect")))
    own |= _loose(view, [*own, *(group.effect for group in done if group.effect is not None)], groups)
    effects = [EffectFound(named, mark, _p_after(view, mark.end)) for mark, named in own.items()]
    return _shared(view, done), sorted(effects, key=lambda each: each.mark.start)


def _loose(view: View, taken: Sequence[Mark], groups: Sequence[Group]) -> dict[Mark, Mention]:
    """Return effects without cells, with the outcome named before them: nothing else of the kind stands between."""
    found: dict[Mark, Mention] = {}
    for mark in (each for each in view.marks if each.kind == "effect" and each not in taken):
        ends = [each.end for each in view.marks if each.kind in ("p", "effect")] + [group.end for group in groups]
        start = max([view.sentence.start, *(end for end in ends if end <= mark.start)])
        named = [each for each in view.outcomes if start <= each.start < mark.start]
        if named:
            found[mark] = named[-1]
    return found


def _named_in(view: View, mark: Mark) -> Mention | None:
    return next((each for each in view.outcomes if mark.start <= each.start < mark.end), None)


def _limit(view: View, group: Group, groups: Sequence[Group]) -> int:
    """Return where the words about a group end: where the next outcome or number begins."""
    later = [each for each in groups if each.start >= group.end]
    starts = [
        each.outcome.start if each.outcome is not None and each.outcome.start >= group.end else each.start
        for each in later
    ]
    return min([view.sentence.end, *starts])


def _first(marks: Sequence[Mark], kind: str) -> Mark | None:
    return next((mark for mark in marks if mark.kind == kind), None)


def _p_after(view: View, at: int) -> Mark | None:
    behind = next(
        (mark for mark in view.marks if mark.start >= at and mark.kind in ("p", "share", "mean", "count")), None
    )
    return behind if behind is not None and behind.kind == "p" else None


def _shared(view: View, groups: list[Group]) -> list[Group]:
    """Give groups without a P that of the sentence's end, if it says that it is for all, or has one for each."""
    bare = [place for place, group in enumerate(groups) if group.p is None]
    if not groups or not bare:
        return groups
    tail = [mark for mark in view.marks if mark.kind == "p" and mark.start >= groups[-1].end]
    last = groups[-1].p
    if len(tail) == len(groups) > 1 and len(bare) == len(groups) - 1:
        return [replace(group, p=mark) for group, mark in zip(groups, tail, strict=True)]
    if last is not None and _EVERY.search(view.signs[view.sentence.start : last.start]):
        said = "the P at the end of the sentence is said to be for all"
        return [
            replace(group, p=last, remarks=(*group.remarks, said)) if place in bare else group
            for place, group in enumerate(groups)
        ]
    return groups


def find_words(view: View) -> list[Words]:
    """Return what a sentence says in words of each outcome that it names; nothing of a sentence that only asks."""
    text = view.signs[view.sentence.start : view.sentence.end]
    if view.sentence.section == "aim" or _ASKS.search(text):
        return []
    found: list[Words] = []
    for start, end in _clauses(text, view.sentence.start):
        phrases = _phrases(view.signs, start, end)
        outcomes = [each for each in view.outcomes if start <= each.start < end]
        listed = [each for each in outcomes if not each.entry.umbrella]
        named = {each.entry.id: each for each in listed or outcomes}
        found += [_of_outcome(view, outcome, phrases, start) for outcome in named.values() if phrases]
    return found


def _clauses(text: str, start: int) -> list[tuple[int, int]]:
    cuts = [0, *(found.start() for found in _CLAUSE.finditer(text) if found.start()), len(text)]
    return [(start + one, start + other) for one, other in pairwise(cuts)]


def _phrases(signs: str, start: int, end: int) -> list[tuple[int, int, Said]]:
    found: list[tuple[int, int, Said]] = []
    for said, pattern in _PHRASES:
        for match in pattern.finditer(signs, start, end):
            if not any(one < match.end() and match.start() < other for one, other, _ in found):
                found.append((*match.span(), said))
    return sorted(found)


def _of_outcome(view: View, outcome: Mention, phrases: Sequence[tuple[int, int, Said]], start: int) -> Words:
    nearest = min(phrases, key=lambda each: max(each[0] - outcome.end, outcome.start - each[1], 0))
    several = len({resolved(said, outcome.entry) for _, _, said in phrases}) > 1
    remarks: tuple[str, ...] = ()
    if several:
        remarks = ("the sentence says more than one thing: see whether this one is meant here",)
    arm = _subject(view, start, nearest[0])
    if arm is None and nearest[2] not in ("none", "differs"):
        remarks += ("the words name no arm that has it: read as the treatment arm",)
    text = " ".join(view.signs[nearest[0] : nearest[1]].split())
    p = _p_after(view, max(nearest[1], outcome.end)) or _last_p(view)
    return Words(outcome, nearest[2], text, view.sentence, arm, p, remarks)


def resolved(said: Said, entry: Entry) -> Said:
    """Return more or less for better or worse, where the glossary knows which direction is better."""
    if said not in ("better", "worse") or entry.benefit not in ("higher", "lower"):
        return said
    more = (said == "better") == (entry.benefit == "higher")
    return "higher" if more else "lower"


def _last_p(view: View) -> Mark | None:
    """Return the P of a sentence that has one only."""
    marks = [mark for mark in view.marks if mark.kind == "p"]
    return marks[0] if len(marks) == 1 else None


def _subject(view: View, start: int, phrase: int) -> int | None:
    """Return the arm of which the words speak: one that is no reference of a comparison."""
    ahead = [each for each in view.arms if not REFERENCE.search(view.signs[view.sentence.start : each.start])]
    behind = [
        each
        for each in ahead
        if each.start > phrase and re.search(r"\b(?:in|for|among|with)\s+(?:the\s+)?$", view.signs[phrase : each.start])
    ]
    among = [each for each in ahead if start <= each.start < phrase] or behind or ahead
    arms = list(dict.fromkeys(each.arm for each in among))
    return arms[0] if arms else None
