"""Arms of a trial in the text of an abstract: what each received, how many women it had, and where it is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from bayes_ivf.study.imports.text.marks import bounded
from bayes_ivf.study.imports.text.mentions import Arm, control_of, find_mentions, names_of

_WOMEN = (
    r"(?:(?:infertile |eligible |consecutive |subfertile )?"
    r"(?:patients?|pts|women|participants?|subjects?|couples?|cases|females|individuals|children|infants|neonates|adults))"
)
_UNITS = r"cycles?|embryos?|transfers?|oocytes?"
_SIZE = bounded(
    r"[(\[](?P<inside>(?:(?!\bvs\b|\bversus\b)[^()\[\]])*?)\bn\s*=\s*(?P<n>\d[\d,]*)(?P<rest>[^()\[\]]*)[)\]]"
)
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
_IN_BOTH = bounded(
    rf"(?<![\w.])(?P<n>\d[\d,]*)(?:\s+{_WOMEN})?\s+(?:were\s+)?(?:in|to)\s+(?:the\s+)?"
    rf"(?P<what>[A-Za-z][\w +-]{{0,40}}?)\s+and\s+"
    rf"(?P<m>\d[\d,]*)(?:\s+{_WOMEN})?\s+(?:were\s+)?(?:in|to)\s+(?:the\s+)?"
    rf"(?P<other>[A-Za-z][\w +-]{{0,40}}?)\s(?:groups?|arms?)\b"
)
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
_HAD = re.compile(
    r"^\s*(?:[\[(][^()\[\]]{1,30}[\])])?\s+had\s+((?:an? )?(?:[^.,;()\d\s]+ ?){1,4}?)"
    r"(?=\s?(?:[.,;(]|$|\b(?:on|for|in|after|before|during)\b))"
)
_COMPARES = re.compile(
    r"\b(?:higher|lower|better|worse|more|fewer|less|longer|shorter|significant\w*|similar|rates?|no|not)\b",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"(?:group|arm) \w{1,3}", re.IGNORECASE)
_NO_ARM = re.compile(
    r"\b(?:both groups|two groups|each group|analys|follow|screen|random|evaluat|assess|both|either)", re.IGNORECASE
)
_NO_SIZE = re.compile(r"\b(?:days?|weeks?|months?|hours?|minutes?|grades?|in|among|by|[,<>≤≥=+])\s?$", re.IGNORECASE)
_EVENTS = re.compile(
    r"\b(?:occurred|seen|observed|noted|found|had|has|experienced|developed|became|achieved|conceived|reported|suffered|delivered"
    r"|miscarr\w+|pregnan\w+|births?|died|showed|recorded|diagnosed)\b",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"((?:[A-Za-z][\w-]*[ -]){1,6})[\[(]([A-Z][A-Za-z0-9-]{1,9})(?:\s+(?:group|arm))?[\])]")
_BOUNDARY = re.compile(
    r"[.;:,)\]]|\b(?:or|and|was|were|are|includ(?:ed|es|ing)|compris(?:ed|es|ing)|contained|given|either|receive|received|receiving|to|into|versus|vs|"
    r"(?<!combined )(?<!together )(?<!along )with|in|that|who|the)\b",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    {"treatment", "control", "study", "experimental", "intervention", "exp", "ctrl", "a", "b", "1", "2", "i", "ii"}
)
MOST_ARMS = 12


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
    arms = [arm for arm in arms if arm.n > 0 and re.search(r"[^\W\d_]", arm.label)]
    if len(arms) < 2:
        arms = _of_cells(text, signs) or arms
    total = sum(arm.n for arm in arms)
    arms = [arm for arm in arms if len(arms) < 3 or 2 * arm.n != total][:MOST_ARMS]  # not all women together
    return with_what_they_received(with_abbreviations(arms, signs), text, signs)


def with_abbreviations(arms: Sequence[Arm], signs: str) -> list[Arm]:
    """Return arms with the abbreviations of their names that a text explains."""
    return [replace(arm, names=arm.names | _abbreviated(arm.names, signs)) for arm in arms]


def with_what_they_received(arms: list[Arm], text: str, signs: str) -> list[Arm]:
    """Add what a sentence further on says that a group received."""
    for mention in find_mentions(signs, arms, control_of(arms)):
        received = _THEN_RECEIVED.match(signs[mention.end : mention.end + 250]) if mention.arm >= 0 else None
        if received is None and mention.arm >= 0 and _LETTERED.fullmatch(arms[mention.arm].label):
            arms[mention.arm] = _with_what_it_had(arms[mention.arm], mention.start, mention.end, text, signs)
        if received is None:
            continue
        what = cut_label(received.group(1))
        start, arm = mention.end + received.start(1), arms[mention.arm]
        label = (
            clean_label(text[start : start + len(what)])
            if names_of(arm.label) <= arm.names & _GENERIC or _LETTERED.fullmatch(arm.label)
            else arm.label
        )
        arms[mention.arm] = replace(arm, label=label, names=arm.names | names_of(what))
    return arms


def _with_what_it_had(arm: Arm, start: int, end: int, text: str, signs: str) -> Arm:
    """Return an arm labeled by what it had, as in *group 1 received the drug and group 2 had surgery*, to be confirmed."""
    had = _HAD.match(signs[end : end + 120])
    stop = max(signs.rfind(".", 0, start), 0)
    if (
        had is None
        or _EVENTS.search(had.group(1))
        or _COMPARES.search(had.group(1))
        or not re.search(r"\b(?:received|underwent|given)\b", signs[stop:start])
    ):
        return arm
    at = end + had.start(1)
    label = clean_label(text[at : at + len(had.group(1))])
    return replace(arm, label=f"{label} ({arm.label})", asks=(*arm.asks, "what the arm had is taken for its name"))


def _of_cells(text: str, signs: str) -> list[Arm]:
    """Return two arms whose sizes stand only in the cells of an outcome, such as ``9/62 for A and 7/51 for B``."""
    found = list(islice(_OF_CELL.finditer(signs), 2))
    arms = [
        Arm(
            clean_label(text[slice(*each.span("what"))]),
            _int(each["n"]),
            each.span("n"),
            names_of(each["what"]),
            {},
            True,
        )
        for each in found
    ]
    return arms if len(arms) == 2 and not _same(arms[0], arms[1]) and all(arm.n for arm in arms) else []


def _candidates(text: str, signs: str, ends: Sequence[int]) -> Iterator[Arm]:
    for found in (*_SIZE.finditer(signs), *_PEOPLE_IN.finditer(signs)):
        yield from _bracketed(found, text, signs, ends)
    for found in (*_RECEIVED.finditer(signs), *_BARE_RECEIVED.finditer(signs), *_AND_WITH.finditer(signs)):
        what = cut_label(found["what"])
        if _NO_ARM.search(what):
            continue
        label = text[found.start("what") : found.start("what") + len(what)]
        units = {}
        if found["more"]:
            units[found["unit"].rstrip("s").lower()] = (_int(found["more"]), *found.span("more"))
        yield Arm(clean_label(label), _int(found["n"]), found.span("n"), names_of(what), units)
    for found in (each for each in _IN_BOTH.finditer(signs) if not _of_events(each, signs, ends)):
        for size, what in (("n", "what"), ("m", "other")):
            label = text[slice(*found.span(what))]
            yield Arm(clean_label(label), _int(found[size]), found.span(size), names_of(label))
    for found in (*_IN_GROUP.finditer(signs), *_OF.finditer(signs), *_NAMED_BEHIND.finditer(signs)):
        before = signs[max(0, found.start() - 12) : found.start()]
        no_arm = _NO_ARM.search(found["what"]) or re.search(r"\band\b", found["what"])
        if no_arm or _NO_SIZE.search(before) or _of_events(found, signs, ends):
            continue
        yield Arm(
            clean_label(text[slice(*found.span("what"))]), _int(found["n"]), found.span("n"), names_of(found["what"])
        )


def _of_events(found: re.Match[str], signs: str, ends: Sequence[int]) -> bool:
    """Whether a sentence speaks of women who had an event before it comes to a number of women in a group."""
    start = max((end for end in ends if end <= found.start()), default=0)
    return bool(_EVENTS.search(signs, start, found.start()))


def _bracketed(found: re.Match[str], text: str, signs: str, ends: Sequence[int]) -> Iterator[Arm]:
    """Read ``NAME (ABBREVIATION; n = 40)`` and what it received, if that stands behind it."""
    if (
        "each" in found["rest"].lower()
        or found["rest"].lstrip()[:1] == "/"
        or "%" in found["rest"]
        or re.search(r"\b(?:vs|versus)\b", found["rest"])
    ):
        return
    before = signs[max(0, found.start() - 200) : found.start()].rstrip()
    alias = re.search(r"[(\[]\s*([^()\[\]]{1,30}?)\s*[)\]]\s*((?:group|arm)s?)?$", before)
    names = set() if alias is None else {alias.group(1)}
    before = before if alias is None else before[: alias.start()].rstrip()
    name = name_before(before)
    inside = found["inside"].strip(" ;,:")
    names |= {name, inside} - {""}
    stop = next((end for end in ends if end > found.end()), len(signs))
    received = _THEN_RECEIVED.match(signs[found.end() : stop])
    label = name
    if received is not None:
        what = cut_label(received.group(1))
        start = found.end() + received.start(1)
        label = text[start : start + len(what)]
        names.add(what)
    if name or received:
        yield Arm(
            clean_label(label or inside),
            _int(found["n"]),
            found.span("n"),
            frozenset().union(*(names_of(each) for each in names)),
        )


def name_before(text: str) -> str:
    """Return the words at the end of a text that can be the name of an arm."""
    cuts = [cut.end() for cut in _BOUNDARY.finditer(text) if cut.end() < len(text)]
    return text[cuts[-1] if cuts else 0 :].strip()


def cut_label(what: str) -> str:
    """Return what an arm received up to the first words of something else."""
    return re.split(
        r"[(\[;]|\.(?!\d)|,| \b(?:by|from|for|on|during|until|in addition|after|before|and \d+|while|whereas|both)\b"
        r"| and (?:the )?(?:(?:group|arm) [A-Z0-9]{1,3}\b|[\w-]+ (?:group|arm)\b)",
        what,
    )[0].strip()


def clean_label(text: str) -> str:
    """Return a name for a study file: one line of at most 200 signs, without hidden ones."""
    return (
        " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()).strip(" ,;:-")[:200]
        or "not said"
    )


def _int(text: str) -> int:
    digits = text.replace(",", "")
    return int(digits) if len(digits) <= 7 else 0


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


def expanded(label: str, signs: str) -> str:
    """Return a label in which abbreviations that the text explains stand in full."""
    for short, full in _explained(signs):
        if full not in label.lower():
            label = re.sub(rf"(?<![\w-]){re.escape(short)}(?![\w-])", full, label)
    return label


@lru_cache(maxsize=2)
def _explained(signs: str) -> tuple[tuple[str, str], ...]:
    found = (
        (match.group(2), _full_form(match.group(1).split(), match.group(2))) for match in _ABBREVIATION.finditer(signs)
    )
    return tuple((short, full) for short, full in found if full)
