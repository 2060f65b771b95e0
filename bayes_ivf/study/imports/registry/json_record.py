"""A record in JSON, read piece by piece: every piece knows its path, and what is not of the expected kind is nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bayes_ivf.errors import Fault, StudyError

DEEPEST = 60
_BRACKETS = re.compile(r'"(?:[^"\\]|\\[\s\S]?)*+(?:"|\Z)|[\[{\]}]')
_FORM = "a record of ClinicalTrials.gov as JSON, of version 2 of its API"
_SAVE = "save the record of one study as JSON"


@dataclass(frozen=True)
class Piece:
    """A value in a record and the path that leads to it."""

    value: Any
    path: str = ""

    def __getitem__(self, key: str) -> Piece:
        """Return what stands under a key; a piece of nothing if there is none."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return Piece(found, f"{self.path}.{key}" if self.path else key)

    def __iter__(self) -> Iterator[Piece]:
        """Give the pieces of a list; none if it is no list."""
        for place, each in enumerate(self.value if isinstance(self.value, list) else ()):
            yield Piece(each, f"{self.path}[{place}]")

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def text(self) -> str:
        """The text in one line, without hidden signs; a number as its digits, anything else as nothing."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            return ""
        plain = "".join(sign if sign.isprintable() else " " for sign in str(self.value))
        return " ".join(plain.split())

    @property
    def count(self) -> int | None:
        """A whole number of at most seven digits, or None."""
        text = self.text.replace(",", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 7 else None


def read_record(text: str, where: str) -> Piece:
    """Return the record of one study.

    Raises
    ------
    StudyError
        If the text is no JSON, is nested too deep, or holds no study or several.
    """
    if _depth(text) > DEEPEST:
        raise StudyError(
            Fault(where, "lists and tables nested too deep", f"at most {DEEPEST} inside each other", _SAVE)
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as reason:
        found = f"broken JSON ({str(reason)[:120]})"
        raise StudyError(Fault(where, found, _FORM, _SAVE)) from None
    record = Piece(value)
    if record["studies"]:
        several = list(record["studies"])
        if len(several) != 1:
            raise StudyError(Fault(where, f"{len(several)} studies", "one study", _SAVE))
        record = several[0]
    if not record["protocolSection"]:
        raise StudyError(Fault(where, "no protocolSection", _FORM, _SAVE))
    if not record["resultsSection"]:
        found = "a record without resultsSection: no results were posted"
        raise StudyError(Fault(where, found, "a record with results", "draft the study from its paper instead"))
    return record


def _depth(text: str) -> int:
    """Return how deep brackets are nested, without those in texts."""
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        sign = found.group()
        if sign in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ("]", "}"):
            depth -= 1
    return deepest
