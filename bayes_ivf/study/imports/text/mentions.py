"""Arms of a trial as a text names them, and every place where it does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_EMPTY = frozenset({
    "a", "an", "and", "all", "alone", "both", "by", "for", "from", "in", "of", "on", "only", "or", "the", "to",
    "was", "were", "with", "who", "these", "those", "each", "either", "per", "two", "twice", "arm", "arms", "group",
    "groups", "case", "cases", "patients", "participants", "subjects", "women", "infertile", "control", "treatment",
    "study", "placebo", "given", "received", "receiving", "treated", "combined", "placed", "administration",
    "addition", "additional", "plus", "therapy", "support", "daily", "day", "days", "weekly", "dose", "doses", "mg",
    "ml", "kg", "iu", "drug", "high", "low", "injection", "injections", "intravenous", "oral", "orally",
    "subcutaneous", "vaginal", "tablet", "tablets", "routine", "standard",
})  # fmt: skip
"""Words of an arm's name that do not tell it from another arm."""
_CONTROL = (r"control|ctrl|ctl", r"placebo", r"sham", r"no (?:treatment|intervention|medication)|untreated|without|not receiv\w+",
            r"alone|only", r"standard|conventional|routine|usual", r"saline")  # fmt: skip
CONTROL_WORDS = r"(?:controls?|ctrl|ctl|placebo|sham|control placebo|placebo control)"
OTHER_WORDS = r"(?:treatment|treated|study|experimental|exp|intervention|test|active|drug)"
_OTHER = r"(?:treatment|treated|study|experimental|exp|intervention|test|active)"


@dataclass(frozen=True)
class Arm:
    """One arm as the text names it.

    Parameters
    ----------
    label : str
        What it received, else its name.
    n : int
        0 if it is not said.
    at : (int, int)
        Characters of `n`.
    names : frozenset of str
        What the text calls it, in small letters.
    units : mapping of str to (int, int, int)
        Other denominators, such as cycles: number, and characters.
    of_cell : bool
        Whether `n` is the denominator of an outcome, and said nowhere else.
    asks : tuple of str
        What to confirm.
    """

    label: str
    n: int
    at: tuple[int, int]
    names: frozenset[str] = frozenset()
    units: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    of_cell: bool = False
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArmMention:
    """An arm's name where it stands; `arm` is its place in the list of arms, and -1 all but the control arm."""

    arm: int
    start: int
    end: int


def names_of(text: str) -> frozenset[str]:
    """Return the name itself, without its article and the word group."""
    plain = re.sub(r"\b(?:the|groups?|arms?|women|patients|in|of)\b", " ", text.lower())
    plain = " ".join(plain.split()).strip(" ,;:")
    plain = re.sub(r"^an?\s+", "", plain)
    return frozenset({plain} - {""})


def _words_of(arm: Arm) -> set[str]:
    return {word for name in arm.names for word in re.findall(r"[^\W\d_][\w-]*", name)}


def control_of(arms: Sequence[Arm]) -> int | None:
    """Return the place of the only arm that is called a control, by the clearest word for it; None if no arm is, or several."""
    for words in _CONTROL:
        named = [
            place for place, arm in enumerate(arms) if any(re.search(rf"\b(?:{words})\b", name) for name in arm.names)
        ]
        if len(named) == 1:
            return named[0]
        if named:
            return None
    return None


def find_mentions(signs: str, arms: Sequence[Arm], control: int | None) -> list[ArmMention]:
    """Return where arms are named; longer names are found first.

    Parameters
    ----------
    signs : str
        The text in plain signs.
    arms : sequence of Arm
    control : int or None
        From `control_of`.
    """
    owners: dict[str, int] = {}
    for pattern, arm in _patterns(arms, control):
        owners[pattern] = arm if owners.get(pattern, arm) == arm else -2
    found: list[ArmMention] = []
    taken = bytearray(len(signs))
    for pattern in sorted((name for name, arm in owners.items() if arm != -2), key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w]){pattern}(?![\w])(?:[ -](?:groups?|arms?)\b)?", signs, re.IGNORECASE):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                found.append(ArmMention(owners[pattern], match.start(), match.end()))
    return sorted(found, key=lambda mention: mention.start)


def _patterns(arms: Sequence[Arm], control: int | None) -> Iterator[tuple[str, int]]:
    words = [_words_of(arm) for arm in arms]
    for place, arm in enumerate(arms):
        others = set().union(*(each for other, each in enumerate(words) if other != place))
        for name in arm.names:
            if name not in _EMPTY:
                yield re.escape(name), place
        for word in words[place] - others - _EMPTY:
            if len(word) > 3 or word in arm.names or (word.isalnum() and len(word) > 1):
                yield re.escape(word), place
        for letter in {name for name in arm.names if len(name) == 1 and name.isalnum()}:
            yield rf"(?:group|arm) {letter}", place
    if control is not None:
        yield r"(?:controls?|ctrl|placebo)", control
        rest = [place for place in range(len(arms)) if place != control]
        yield rf"{_OTHER}[ -](?:groups?|arms?)", rest[0] if len(rest) == 1 else -1
        yield r"(?:exp|experimental)", rest[0] if len(rest) == 1 else -1
        if len(rest) > 1:
            shared = set.intersection(*(words[place] for place in rest)) - words[control] - _EMPTY
            yield from ((re.escape(word), -1) for word in shared if len(word) > 3)
