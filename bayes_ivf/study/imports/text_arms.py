"""Arms of a trial in the text of an abstract: what each received, how many women it had, and where it is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from bayes_ivf.study.imports.text_marks import bounded

_WOMEN = (
    r"(?:(?:infertile |eligible |consecutive |subfertile )?"
    r"(?:patients?|women|participants?|subjects?|couples?|cases|females|individuals))"
)
_UNITS = r"cycles?|embryos?|transfers?|oocytes?"
_SIZE = bounded(r"[(\[](?P<inside>[^()\[\]]*?)\bn\s*=\s*(?P<n>\d[\d,]*)(?P<rest>[^()\[\]]*)[)\]]")
_RECEIVED = bounded(
    rf"(?<![\w.])(?P<n>\d[\d,]*)\s+{_WOMEN}(?:\s*[(\[](?P<more>\d[\d,]*)\s+(?P<unit>{_UNITS})[)\]])?\s+(?:who\s+)?"
    r"(?:were\s+)?(?:randomly\s+)?(?:received|receiving|underwent|given|treated with|(?:allocated|assigned|randomi[sz]ed) to)\s+"
    r"(?P<what>(?:[^.;]|\.(?=\d)){2,160})"
)
_IN_GROUP = bounded(
    rf"(?<![\w.])(?P<n>\d[\d,]*)(?:\s+{_WOMEN})?\s+(?:were\s+)?(?:randomly\s+)?(?:(?:assigned|allocated|randomi[sz]ed)\s+)?"
    r"(?:in|into|to)\s+(?:the\s+)?(?P<what>[A-Za-z][\w +-]{0,40}?\s(?:groups?|arms?)|(?:group|arm)\s[A-Z0-9]{1,3})"
    r"(?=\s*(?:[.;,)\]]|and\s+\d|received|were given|$))"
)
_BARE_RECEIVED = bounded(r"(?<![\w.])(?P<n>\d[\d,]*)\s+received\s+(?P<what>(?:[^.;]|\.(?=\d)){2,80})(?P<more>)")
_OF = bounded(rf"\b(?P<what>[A-Za-z][\w-]{{0,30}}\s(?:group|arm))\s+of\s+(?P<n>\d[\d,]*)\s+{_WOMEN}")
_PEOPLE_IN = bounded(rf"[(\[]\s*(?P<inside>)(?P<n>\d[\d,]*)\s+{_WOMEN}(?P<rest>)\s*[)\]]")
_NAMED_BEHIND = bounded(
    r"(?<![\w.])(?P<n>\d[\d,]*)\s+(?P<did>[^.;,()\d]{3,90})[(\[]\s*(?P<what>[A-Za-z][\w-]{0,30}\s(?:group|arm))\s*[)\]]"
)
_OF_CELL = bounded(
    rf"(?<![\w./])(?:\d[\d,]*\s*/\s*|\d[\d,]*\s+of\s+)(?P<n>\d[\d,]*)(?:\s+{_WOMEN})?(?:\s*[(\[][\d.]+\s*%?\s*[)\]]|\s*[)\]])?\s+"
    r"(?:for|in|with|among|of)\s+(?:the\s+)?(?P<what>[A-Za-z][\w +-]{1,40}?)(?=\s*(?:[.;,(\[]|\band\b|\bvs\b|\bversus\b|$))"
)
_AND_WITH = bounded(
    rf"\b(?:treated|received|given)\b[^.;]{{1,60}}?\band\s+(?P<n>\d[\d,]*)\s+(?:{_WOMEN}\s+)?(?:with|received)\s+"
    r"(?P<what>(?:[^.;]|\.(?=\d)){2,80})(?P<more>)"
)
_THEN_RECEIVED = bounded(
    r"^[)\]]?\s*(?:group|arm)?\s*(?:who\s+|which\s+|that\s+)?"
    r"(?:received|were given|was given|underwent|were treated with)\s+((?:[^.,;()]|\.(?=\d)){2,120})"
)
_NO_ARM = re.compile(r"\b(?:analys|follow|screen|random|evaluat|assess|both|either)", re.IGNORECASE)
_ABBREVIATION = re.compile(r"((?:[A-Za-z][\w-]*[ -]){1,6})[\[(]([A-Z][A-Za-z0-9-]{1,9})(?:\s+(?:group|arm))?[\])]")
_BOUNDARY = re.compile(
    r"[.;:,)\]]|\b(?:or|and|was|were|are|given|either|receive|received|receiving|to|into|versus|vs|"
    r"(?<!combined )(?<!together )(?<!along )with|in|that|who|the)\b",
    re.IGNORECASE,
)
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
_GENERIC = frozenset(
    {"treatment", "control", "study", "experimental", "intervention", "exp", "ctrl", "a", "b", "1", "2", "i", "ii"}
)
MOST_ARMS = 12
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
    """

    label: str
    n: int
    at: tuple[int, int]
    names: frozenset[str] = frozenset()
    units: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    of_cell: bool = False


@dataclass(frozen=True)
class ArmMention:
    """An arm's name where it stands; `arm` is its place in the list of arms, and -1 all but the control arm."""

    arm: int
    start: int
    end: int


def find_arms(text: str, signs: str, ends: Sequence[int]) -> list[Arm]:
    """Return the arms whose sizes a text tells, in the order in which they are named.

    Parameters
    ----------
    text, signs : str
        As printed, and in plain signs.
    ends : sequence of int
        Where its sentences end.
    """
    arms: list[Arm] = []
    for found in sorted(_candidates(text, signs, ends), key=lambda arm: arm.at):
        same = next((place for place, arm in enumerate(arms) if arm.at == found.at or _same(arm, found)), None)
        if same is None:
            arms.append(found)
        else:
            arms[same] = _joined(arms[same], found)
    arms = [arm for arm in arms if arm.n > 0]
    if len(arms) < 2:
        arms = _of_cells(text, signs) or arms
    total = sum(arm.n for arm in arms)
    arms = [arm for arm in arms if len(arms) < 3 or 2 * arm.n != total][:MOST_ARMS]  # not all women together
    arms = [replace(arm, names=arm.names | _abbreviated(arm.names, signs)) for arm in arms]
    return _with_what_they_received(arms, text, signs)


def _with_what_they_received(arms: list[Arm], text: str, signs: str) -> list[Arm]:
    """Add what a sentence further on says that a group received."""
    for mention in find_mentions(signs, arms, control_of(arms)):
        received = _THEN_RECEIVED.match(signs[mention.end : mention.end + 250]) if mention.arm >= 0 else None
        if received is None:
            continue
        what = _cut(received.group(1))
        start, arm = mention.end + received.start(1), arms[mention.arm]
        label = _clean(text[start : start + len(what)]) if _names(arm.label) <= arm.names & _GENERIC else arm.label
        arms[mention.arm] = replace(arm, label=label, names=arm.names | _names(what))
    return arms


def _of_cells(text: str, signs: str) -> list[Arm]:
    """Return two arms whose sizes stand only in the cells of an outcome, such as ``9/62 for A and 7/51 for B``."""
    found = list(islice(_OF_CELL.finditer(signs), 2))
    arms = [
        Arm(_clean(text[slice(*each.span("what"))]), _int(each["n"]), each.span("n"), _names(each["what"]), {}, True)
        for each in found
    ]
    return arms if len(arms) == 2 and not _same(arms[0], arms[1]) and all(arm.n for arm in arms) else []


def _candidates(text: str, signs: str, ends: Sequence[int]) -> Iterator[Arm]:
    for found in (*_SIZE.finditer(signs), *_PEOPLE_IN.finditer(signs)):
        yield from _bracketed(found, text, signs, ends)
    for found in (*_RECEIVED.finditer(signs), *_BARE_RECEIVED.finditer(signs), *_AND_WITH.finditer(signs)):
        what = _cut(found["what"])
        if _NO_ARM.search(what):
            continue
        label = text[found.start("what") : found.start("what") + len(what)]
        units = {}
        if found["more"]:
            units[found["unit"].rstrip("s").lower()] = (_int(found["more"]), *found.span("more"))
        yield Arm(_clean(label), _int(found["n"]), found.span("n"), _names(what), units)
    for found in (*_IN_GROUP.finditer(signs), *_OF.finditer(signs), *_NAMED_BEHIND.finditer(signs)):
        yield Arm(_clean(text[slice(*found.span("what"))]), _int(found["n"]), found.span("n"), _names(found["what"]))


def _bracketed(found: re.Match[str], text: str, signs: str, ends: Sequence[int]) -> Iterator[Arm]:
    """Read ``NAME (ABBREVIATION; n = 40)`` and what it received, if that stands behind it."""
    if "each" in found["rest"].lower() or "%" in found["rest"]:
        return
    before = signs[max(0, found.start() - 200) : found.start()].rstrip()
    alias = re.search(r"[(\[]\s*([^()\[\]]{1,30}?)\s*[)\]]\s*((?:group|arm)s?)?$", before)
    names = set() if alias is None else {alias.group(1)}
    before = before if alias is None else before[: alias.start()].rstrip()
    cuts = [cut.end() for cut in _BOUNDARY.finditer(before) if cut.end() < len(before)]
    name = before[cuts[-1] if cuts else 0 :].strip()
    inside = found["inside"].strip(" ;,:")
    names |= {name, inside} - {""}
    stop = next((end for end in ends if end > found.end()), len(signs))
    received = _THEN_RECEIVED.match(signs[found.end() : stop])
    label = name
    if received is not None:
        what = _cut(received.group(1))
        start = found.end() + received.start(1)
        label = text[start : start + len(what)]
        names.add(what)
    if name or received:
        yield Arm(
            _clean(label or inside),
            _int(found["n"]),
            found.span("n"),
            frozenset().union(*(_names(each) for each in names)),
        )


def _cut(what: str) -> str:
    """Return what an arm received up to the first words of something else."""
    return re.split(
        r"[(\[;]|\.(?!\d)|,| \b(?:by|from|for|on|during|until|in addition|after|before|and \d+|while|whereas|both)\b",
        what,
    )[0].strip()


def _clean(text: str) -> str:
    return (
        " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()).strip(" ,;:-")[:200]
        or "not said"
    )


def _int(text: str) -> int:
    digits = text.replace(",", "")
    return int(digits) if len(digits) <= 7 else 0


def _names(text: str) -> frozenset[str]:
    """Return the name itself, without its article and the word group."""
    plain = re.sub(r"\b(?:the|groups?|arms?|women|patients|in|of)\b", " ", text.lower())
    plain = " ".join(plain.split()).strip(" ,;:")
    plain = re.sub(r"^an?\s+", "", plain)
    return frozenset({plain} - {""})


def _words(arm: Arm) -> set[str]:
    return {word for name in arm.names for word in re.findall(r"[^\W\d_][\w-]*", name)}


def _same(one: Arm, other: Arm) -> bool:
    if one.n and other.n and one.n != other.n:
        return False
    return bool(one.names & other.names)


def _joined(one: Arm, other: Arm) -> Arm:
    return replace(one, names=one.names | other.names, units={**other.units, **one.units})


def _abbreviated(names: Iterable[str], signs: str) -> frozenset[str]:
    """Return abbreviations of what the names hold, and what the abbreviations in them stand for."""
    found = set()
    for match in _ABBREVIATION.finditer(signs):
        words, short = match.group(1).split(), match.group(2)
        full = _full_form(words, short)
        for name in names if full else ():
            held = set(name.split())
            if full in name:
                found.add(short.lower())
            elif short.lower() in held:
                found.add(full)
    return frozenset(found)


def _full_form(words: Sequence[str], short: str) -> str:
    """Return the words before an abbreviation whose first letters it is made of."""
    letters = [sign.lower() for sign in short if sign.isalpha()]
    parts = [part for word in words for part in word.split("-") if part]
    tail = parts[-len(letters) :]
    if len(tail) == len(letters) >= 2 and [part[0].lower() for part in tail] == letters:
        return " ".join(words).lower().replace("-", " ")[-len(" ".join(tail)) :]
    return ""


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
    words = [_words(arm) for arm in arms]
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
