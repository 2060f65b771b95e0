"""Arms that a text names without saying how many women each had: their names, never a size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bayes_ivf.study.imports.text.arms import (
    clean_label,
    cut_label,
    with_abbreviations,
    with_what_they_received,
)
from bayes_ivf.study.imports.text.marks import bounded
from bayes_ivf.study.imports.text.mentions import CONTROL_WORDS, OTHER_WORDS, Arm, names_of

_LETTER = bounded(
    r"\b(?:groups?|arms?)\s+[(\[]?(?P<one>(?-i:[A-Z]{1,6}|[A-Z]\d|\d)(?![\w'%]|\.\d))[)\]]?"
    r"(?:\s*(?:and|or|vs\.?|versus|&)\s*(?:groups?\s+)?[(\[]?(?P<two>(?-i:[A-Z]{1,6}|[A-Z]\d|\d)(?![\w'%]|\.\d)))?",
    re.IGNORECASE,
)
_ALIAS = bounded(
    r"(?P<what>[A-Za-z][^.;:(){}\[\]]{2,160}?)\s*[(\[]\s*(?:the\s+)?"
    r"(?P<name>(?:group|arm)\s+[A-Z0-9]{1,4}|[A-Z0-9]{1,8}\s+(?:group|arm)|[a-z][a-z-]{2,20} group)\s*[)\]]",
    re.IGNORECASE,
)
_COLON = bounded(r"\b(?P<name>(?:group|arm)\s+[A-Z0-9]{1,3})\s*[:=]\s*(?P<what>[^.;:]{3,120})", re.IGNORECASE)
_BOTH = bounded(
    r"\b(?:the\s+)?(?P<one>[A-Za-z][\w+-]{1,24})\s+(?:and|or|vs\.?|versus)\s+(?:the\s+)?(?P<two>[A-Za-z][\w+-]{1,24})\s+"
    r"(?:groups|arms)\b",
    re.IGNORECASE,
)
_GROUP = bounded(
    r"(?<![\w-])(?P<name>(?:[A-Za-z][\w+-]*\s)?[A-Za-z][\w+-]*)[ -](?:group|arm|recipients|treated patients)\b"
    r"(?!\s+[(\[]?(?:[A-H]|[1-6]|I{1,3}|IV|[A-Z]{2,6})\b)"
)
_EITHER = bounded(
    r"\b(?:randomi[sz]ed|randomly|allocated|assigned)\s[^.;:]{0,60}?\b(?:to|into)\s+(?:receive\s+|undergo\s+|have\s+|get\s+|be\s+)?"
    r"(?:either\s+|one of\s+)?(?P<one>[^.;:]{3,110}?),?\s+(?:or|versus|vs\.?)\s+(?:to\s+)?(?:receive\s+|undergo\s+)?"
    r"(?P<two>[^.;:]{3,110}?)(?=[.;:,]|\s(?:for|during|until|twice|once|daily|in a|with a|at a|after|before)\b|$)",
    re.IGNORECASE,
)
_WITHOUT = bounded(r"\bwith\s+(?P<one>[a-z][\w-]{2,24})\b[^.;]{0,60}?\b(?:without|no)\s+(?P=one)\b", re.IGNORECASE)
_COMPARED = bounded(
    r"\b(?:effects?|efficacy|effectiveness|safety|comparison|compar(?:e|ed|ing))\b[^.;:]{0,60}?(?:\bof\s+|\s)"
    r"(?P<one>[A-Za-z][\w+-]*(?:\s[\w+-]+){0,3}?)\s+(?:versus|vs\.?|compared (?:with|to)|with that of)\s+"
    r"(?P<two>[A-Za-z][\w+-]*(?:\s[\w+-]+){0,2}?)(?=\s(?:for|in|on|as|during|to|and|among|before|after|at|by)\b|[.,;:()]|$)",
    re.IGNORECASE,
)
_NO_NAMES = frozenset({
    "each", "two", "both", "this", "that", "other", "same", "the", "one", "either", "age", "per", "of", "in", "to", "than",
    "with", "for", "three", "four", "equal", "first", "second", "third", "all", "these", "those", "between", "among", "within",
    "younger", "older", "every", "parallel", "a", "an", "whole", "support", "focus", "and", "another", "any", "by", "from",
    "latter", "former", "respective", "on", "muscle", "blood", "pilot", "subject", "patient", "different", "comparison",
    "working", "risk", "no", "food", "age-matched", "into", "is", "was", "were", "had", "or",
})  # fmt: skip
_LISTED = re.compile(r"\b(?:or|and|to|into|either|receive|versus|vs)\b|[,;]", re.IGNORECASE)
_RECEIVED = re.compile(
    r"^(?:(?:women|patients|participants|subjects|couples|those|who|one|group)\s+)*(?:had|received|underwent|got|given|took)\s+",
    re.IGNORECASE,
)
_NAMES_LIKE_VERBS = frozenset(
    {"fixed", "delayed", "untreated", "modified", "combined", "enriched", "extended", "heparinized"}
)
_WOMEN = r"(?:women|patients|participants|subjects|couples|cases)"
_EACH = bounded(
    rf"\btwo\s+(?:equal\s+)?groups\s+(?:of|with)\s+(?P<a>\d[\d,]*)\s+{_WOMEN}\b"
    rf"|(?<![\w./])(?P<b>\d[\d,]*)\s+(?:{_WOMEN}\s+)?in\s+each\s+(?:group|arm)\b|\bn\s*=\s*(?P<c>\d[\d,]*)\s*(?:,\s*)?(?:in|for)?\s*each\b",
    re.IGNORECASE,
)
_EACH_ASK = "the size, which the text gives for each of two groups, is taken for this one"
_ASK = "how many women this arm had: the text does not say"
_SAME = "the text calls it {names}: taken for one arm"


def find_unsized(text: str, signs: str, sized: Sequence[Arm]) -> list[Arm]:
    """Return the arms of a text that does not tell the sizes of two, in the order in which they are named.

    Parameters
    ----------
    text, signs : str
        As printed, and in plain signs.
    sized : sequence of Arm
        Those whose size is known.

    Returns
    -------
    list of Arm
        Empty if no two arms are named. Where a text has a name for both and for each, such as *placebo* and *control group*,
        names of one kind are one arm, with a remark.
    """
    for finder in (_named_groups, _lettered, _contrasts):
        arms = _together([*sized, *(arm for arm in finder(text, signs))])
        if len(arms) >= 2:
            done = with_what_they_received(with_abbreviations(arms, signs), text, signs)
            return _with_size_of_each(done, signs)
    return list(sized)


def _with_size_of_each(arms: Sequence[Arm], signs: str) -> list[Arm]:
    """Return arms with the size that a text gives for each of two; else what to ask."""
    found = list(_EACH.finditer(signs)) if len(arms) == 2 and not any(arm.n for arm in arms) else []
    sizes = {
        int(match[part].replace(",", "")[:7]): match.span(part)
        for match in found
        for part in ("a", "b", "c")
        if match[part]
    }
    if len(sizes) != 1:
        return [arm if arm.n else replace(arm, asks=(*arm.asks, _ASK)) for arm in arms]
    ((n, at),) = sizes.items()
    return [replace(arm, n=n, at=at, asks=(*arm.asks, _EACH_ASK)) for arm in arms]


def _lettered(text: str, signs: str) -> Iterator[Arm]:
    """Give groups with a letter or a number, and what stands before or behind it."""
    found = [
        (match.start(part), match[part]) for match in _LETTER.finditer(signs) for part in ("one", "two") if match[part]
    ]
    told: dict[str, str] = {}
    for pattern in (_ALIAS, _COLON):
        for match in pattern.finditer(signs):
            name = next(iter(names_of(match["name"])), "")
            what = match["what"] if pattern is _COLON else _LISTED.split(match["what"])[-1]
            told.setdefault(name, _RECEIVED.sub("", cut_label(what).strip()))
    letters = list(dict.fromkeys(each.lower() for _, each in found))
    for letter in letters:
        at = next(place for place, each in found if each.lower() == letter)
        what = told.get(letter, "")
        own = what if len(re.findall(r"[^\W\d_]", what)) > 3 and list(told.values()).count(what) == 1 else ""
        label = clean_label(own or f"group {text[at : at + len(letter)]}")
        yield Arm(label, 0, (at, at + len(letter)), frozenset({letter}) | (names_of(own) if own else frozenset()))


def _named_groups(text: str, signs: str) -> Iterator[Arm]:
    """Give every name before the word group: the word before it, or two where that word stands behind several."""
    spans = [match.span(part) for match in _BOTH.finditer(signs) for part in ("one", "two")]
    pairs = [match.span("name") for match in _GROUP.finditer(signs)]
    heads: dict[str, set[str]] = {}
    for start, end in pairs:
        first, _, last = signs[start:end].lower().rpartition(" ")
        if first and not _is_no_name(first):
            heads.setdefault(last, set()).add(first)
    for start, end in pairs:
        first, _, last = signs[start:end].rpartition(" ")
        both = len(heads.get(last.lower(), ())) > 1 and first.lower() in heads[last.lower()]
        spans.append((start if both else end - len(last), end))
    for start, end in sorted(set(spans)):
        name = signs[start:end]
        plain = names_of(name)
        letter = name.isupper() and len(name) < 4
        if plain and (letter or not (_is_no_name(name.lower().split()[-1]) or _is_no_name(name.lower()))):
            yield Arm(clean_label(f"{text[start:end]} group"), 0, (start, end), plain)


def _is_no_name(word: str) -> bool:
    return word in _NO_NAMES or (bool(re.search(r"(?:ed|er|ly)$", word)) and word not in _NAMES_LIKE_VERBS)


def _contrasts(text: str, signs: str) -> Iterator[Arm]:
    """Give the two sides of *randomized to one or the other*, *with and without it*, *one compared with the other*."""
    for pattern in (_EITHER, _WITHOUT, _COMPARED):
        for match in pattern.finditer(signs):
            sides = [(cut_label(match["one"]), match.start("one"))]
            if pattern is _WITHOUT:
                name = match["one"]
                yield Arm(clean_label(f"with {name}"), 0, match.span("one"), frozenset({f"with {name.lower()}"}))
                names = frozenset({f"without {name.lower()}", f"no {name.lower()}"})
                yield Arm(clean_label(f"without {name}"), 0, match.span(), names)
                return
            sides.append((cut_label(match["two"]), match.start("two")))
            plain = [names_of(what) for what, _ in sides]
            if (
                all(plain)
                and plain[0] != plain[1]
                and not any(re.search(r"\d+ (?:group|arm)|groups?$", what) for what, _ in sides)
            ):
                for what, at in sides:
                    yield Arm(clean_label(text[at : at + len(what)]), 0, (at, at + len(what)), names_of(what))
                return


def _together(found: Sequence[Arm]) -> list[Arm]:
    """Join arms of the same name; then, where more than two are left, names for the control arm, and those for the other one."""
    arms: list[Arm] = []
    for arm in found:
        same = next((place for place, each in enumerate(arms) if each.names & arm.names), None)
        if same is None:
            arms.append(arm)
        else:
            arms[same] = replace(arms[same], names=arms[same].names | arm.names)
    for words in (CONTROL_WORDS, OTHER_WORDS) if len(arms) > 2 else ():
        alike = [arm for arm in arms if any(re.fullmatch(rf"(?:{words})", name) for name in arm.names)]
        if len(alike) > 1 and len(arms) > 2:
            names = ", ".join(arm.label for arm in alike)
            joined = replace(
                alike[0],
                names=frozenset().union(*(arm.names for arm in alike)),
                asks=(_SAME.format(names=names),),
            )
            arms = [joined if arm is alike[0] else arm for arm in arms if arm not in alike[1:]]
    generic = [arm for arm in arms if any(re.fullmatch(OTHER_WORDS, name) for name in arm.names)]
    controls = [arm for arm in arms if any(re.fullmatch(CONTROL_WORDS, name) for name in arm.names)]
    rest = [arm for arm in arms if arm not in (*generic, *controls)]
    if len(generic) == len(controls) == len(rest) == 1:
        names = f"{generic[0].label}, {rest[0].label}"
        joined = replace(generic[0], names=generic[0].names | rest[0].names, asks=(_SAME.format(names=names),))
        arms = [joined if arm is generic[0] else arm for arm in arms if arm is not rest[0]]
    return arms
