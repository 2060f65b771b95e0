"""Sentences of an abstract and the section that each stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Section = Literal["", "aim", "methods", "results", "conclusion"]
_HEADS: tuple[tuple[Section, str], ...] = (
    (
        "aim",
        r"backgrounds?|introduction|objectives?|aims?|purpose|study question|summary answer|what is known already|context",
    ),
    (
        "methods",
        r"(?:materials?|patients?|subjects|participants)(?:,? (?:and|/|&) methods?)|methods?|design|study design|settings?"
        r"|interventions?|main outcome measures?|study design, size, duration|participants/materials, setting, methods",
    ),
    ("results", r"results?|findings|main results(?: and the role of chance)?"),
    (
        "conclusion",
        r"conclusions?|interpretation|discussion|significance|limitations|trial registration|funding"
        r"|wider implications[a-z ]*",
    ),
)
_HEAD = re.compile(
    "|".join(rf"(?P<h{place}>(?<![\w-])(?:{words}))\s?:" for place, (_, words) in enumerate(_HEADS)), re.IGNORECASE
)
_STOP = re.compile(r"[.!?](?=\s+[\"'(\[]?[A-Z0-9βα]|\s*$|\s*\n)|\n\s*\n")
_NO_STOP = re.compile(
    r"(?:\b(?:vs|e\.g|i\.e|al|fig|no|resp|approx|st|dr|wk|p|n|s\.c|i\.m|i\.v|cf|ref)|\b[A-Z])\.$", re.IGNORECASE
)

_GROUP = re.compile(r"\b(?:group|arm|cohort) [A-Z]\.$", re.IGNORECASE)


@dataclass(frozen=True)
class Sentence:
    """Characters of a sentence, and the section of the abstract; empty where there are no headings."""

    start: int
    end: int
    section: Section


def find_sentences(signs: str) -> list[Sentence]:
    """Return the sentences of a text; a stop within brackets ends none, unless the bracket is never closed."""
    heads = [(found.start(), _HEADS[int((found.lastgroup or "h0")[1:])][0]) for found in _HEAD.finditer(signs)]
    return [
        Sentence(start, end, next((section for at, section in reversed(heads) if at < end - 1), ""))
        for start, end in _spans(signs, [at for at, _ in heads])
        if signs[start:end].strip()
    ]


def _spans(signs: str, heads: Sequence[int]) -> Iterator[tuple[int, int]]:
    inside = _bracketed(signs)
    stops = {found.end() for found in _STOP.finditer(signs) if not _goes_on(signs, found, inside)}
    start = 0
    for end in sorted(stops | set(heads) | {len(signs)}):
        if end > start:
            lead = len(signs[start:end]) - len(signs[start:end].lstrip())
            yield start + lead, end
            start = end


def _goes_on(signs: str, found: re.Match[str], inside: bytearray) -> bool:
    before = signs[max(0, found.start() - 12) : found.end()]
    if "\n" in found.group() or (_GROUP.search(before) and not inside[found.start()]):
        return False
    return bool(inside[found.start()]) or bool(_NO_STOP.search(before))


def _bracketed(signs: str) -> bytearray:
    """Return for each character whether it stands in brackets that are closed within 300 characters."""
    inside = bytearray(len(signs))
    opened: list[int] = []
    for at, sign in enumerate(signs):
        if sign in "([":
            opened = [*opened[-20:], at]
        elif sign in ")]" and opened:
            first = opened.pop()
            if at - first <= 300:
                inside[first:at] = b"\x01" * (at - first)
    return inside
