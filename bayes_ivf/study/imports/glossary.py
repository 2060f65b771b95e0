"""What papers on fertility call their outcomes: a small list, whose entries a draft always marks for confirmation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Benefit = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Entry:
    """An outcome that papers name.

    Parameters
    ----------
    id, label : str
    names : tuple of str
        Patterns of its names.
    benefit : {"higher", "lower", "none"}
        The usual direction of benefit.
    of : {"counts", "mean"}
        What a claim in words alone is usually about.
    family, stage : str
        As in study files; empty if neither applies.
    per : str
        The usual unit of the denominator.
    role : {"outcome", "baseline"}
    umbrella : bool
        Whether it names a group of outcomes, which a sentence may go on to list.
    listed : bool
        Whether it stands in the glossary; else it is named by the words of a text.
    """

    id: str
    label: str
    names: tuple[str, ...]
    benefit: Benefit
    of: Literal["counts", "mean"] = "counts"
    family: str = ""
    stage: str = ""
    per: str = "woman"
    role: Literal["outcome", "baseline"] = "outcome"
    umbrella: bool = False
    listed: bool = True


@cache
def entries() -> tuple[Entry, ...]:
    """Return the outcomes of ``glossary.toml``, in the order in which their names are tried."""
    text = resources.files("bayes_ivf.study.imports").joinpath("glossary.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["outcome"]
    return tuple(
        Entry(**{**row, "names": tuple(name.replace("{rate}", r"(?:\s+rates?)?") for name in row["names"])})
        for row in rows
    )


@cache
def _pattern() -> re.Pattern[str]:
    among = [rf"(?P<o{place}>(?<!\w)(?:{'|'.join(entry.names)})(?!\w))" for place, entry in enumerate(entries())]
    return re.compile("|".join(among), re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """An outcome's name where it stands."""

    entry: Entry
    start: int
    end: int


def find_outcomes(signs: str) -> list[Mention]:
    """Return the outcomes that a text names, in order; an abbreviation right behind the name is part of it.

    Parameters
    ----------
    signs : str
        The text in plain signs.
    """
    mentions: list[Mention] = []
    for found in _pattern().finditer(signs):
        entry = entries()[int((found.lastgroup or "o0")[1:])]
        last = mentions[-1] if mentions else None
        if last is not None and last.entry is entry and signs[last.end : found.start()].strip() in ("(", "["):
            mentions[-1] = Mention(entry, last.start, found.end())
        else:
            mentions.append(Mention(entry, found.start(), found.end()))
    return mentions


def entry_of(label: str) -> Entry | None:
    """Return the only outcome that a label names; None if it names none, or several."""
    named = {mention.entry.id: mention.entry for mention in find_outcomes(label)}
    return next(iter(named.values())) if len(named) == 1 else None
