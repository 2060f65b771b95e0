"""What a text says of the numbers behind ±: standard errors or standard deviations, of a sentence or of all values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bayes_ivf.study.imports.text.abstract import Reading
from bayes_ivf.study.imports.text.cells import Group
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.writing import Noted, place

_NO_NUMBER = r"(?!\s{0,9}[:=,]?\s{0,9}[-+]?\.?\d)"
_SE = re.compile(
    r"(?:\b(?:SEMs?|S\.E\.M\.|S\.E\.|(?i:standard errors?))(?!\w)"
    rf"|(?:±|\+/-|\+-|[\[(]|\b[Mm]eans?(?:,? and| with)?)\s{{0,9}}SE\b){_NO_NUMBER}"
)
_SD = re.compile(rf"\b(?:SDs?|S\.D\.|(?i:standard deviations?))(?!\w){_NO_NUMBER}")
_OF_ALL = re.compile(r"\b(?:values?|data|results|variables|numbers|figures|measurements|means)\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:SD|S\.D\.|SEM?)", re.IGNORECASE)


def spread_of_means(reading: Reading, group: Group, cells: Sequence[Mark]) -> dict[str, Noted]:
    """Return the key ``spread`` as the sentence of some means says it, else as the text says it of all values.

    Parameters
    ----------
    reading : Reading
    group : Group
    cells : sequence of Mark
        Means of both arms.
    """
    found = _found(reading, group, cells)
    if len({kind for kind, _, _ in found}) != 1:
        return {}
    kind, start, end = found[0]
    return {"spread": Noted(kind, f"as the text says, {place(reading.text, start, end)}")}


def spread_unclear(reading: Reading, group: Group, cells: Sequence[Mark]) -> list[str]:
    """Return what to confirm where the text speaks of both standard errors and deviations."""
    if len({kind for kind, _, _ in _found(reading, group, cells)}) < 2:
        return []
    return ["the text speaks of standard deviations and of standard errors: which of them follows the means?"]


def _found(reading: Reading, group: Group, cells: Sequence[Mark]) -> list[tuple[str, int, int]]:
    if any(_NAMED.search(mark.text) and not mark.parts["spread"] for mark in cells):
        return []  # the cell itself says it, and its reader reads it
    sentence = group.sentence
    beside = [each for mark in cells if mark.parts["spread"] for each in _said(reading.signs, mark.start, mark.end)]
    here = beside or list(_said(reading.signs, sentence.start, sentence.end))
    return here or [
        said
        for each in reading.sentences
        if _OF_ALL.search(reading.signs, each.start, each.end) and not _has_means(reading, each.start, each.end)
        for said in _said(reading.signs, each.start, each.end)
    ]


def _said(signs: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for kind, pattern in (("se", _SE), ("sd", _SD)):
        for found in pattern.finditer(signs, start, end):
            yield kind, found.start(), found.end()


def _has_means(reading: Reading, start: int, end: int) -> bool:
    return any(mark.kind == "mean" and start <= mark.start < end for mark in reading.marks)
