"""Outcomes that no glossary knows: named by the words that a sentence has for its numbers, always to be confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bayes_ivf.study.imports.glossary import Entry, Mention
from bayes_ivf.study.imports.text.arms import expanded
from bayes_ivf.study.imports.text.cells import View, behind_marks, runs_of
from bayes_ivf.study.imports.text.marks import Mark

LONGEST_NAME = 90
_VERB = re.compile(
    r"\b(?:was|were|is|are|had|has|have|did|show(?:s|ed)?|required?|experienced|developed|achieved?|reported|occurred|reached"
    r"|complained of|suffered(?: from)?|gained|revealed|demonstrated|remained|received|underwent|felt|came to|resulted in)\b",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:(?:the|all|only|most|of|in|those|these|their|infertile|pregnant|more|fewer|less|either|this|between)\s+)*"
    r"(?:patients?|women|participants?|subjects?|couples?|cases?|individuals|children|neonates|infants|fetuses|adults|pts"
    r"|volunteers|recipients|study|trial|results?|group|groups|arm|arms|they|there|it|we|who|which|that|either|differences?)"
)
_NOT_NAMED = re.compile(rf"^(?:{_PEOPLE}|and|but|while|whereas|the|a|an|with|in|of|for|[\W\d_])*$", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:[\W_]+|(?:and|or|but|while|whereas|although|though|however|moreover|furthermore|also|in addition|additionally|overall"
    r"|respectively|then|there|the|a|an|only|both|with|by|for|of|in|on|to|as well as|that|who|which|patients?|women|those|not"
    r"|only|more likely to|less likely to|likely to|seen|found|noted|observed|associated with|diagnosed (?:as|with)|being|an?|at"
    r"|our|no|significant(?:ly)?|statistical(?:ly)?|markedly|slightly|higher|lower|greater|longer|shorter|reduced|increased|less|fewer"
    r"|more|better|worse|faster|earlier|similar|comparable|larger|smaller|difference in|differences in|incidence of"
    r"|the|values? of|achieve|have|require|had|was|were|is|are|did)\b)\s{0,9}",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,:;(\[=–-]|\b(?:and|or|was|were|is|are|in|of|for|with|the|a|an|by|from|to|at|than|between|among|n|group|groups|arm|arms"
    r"|significantly|statistically|higher|lower|greater|longer|shorter|similar|comparable|respectively|only|that|compared|both"
    r"|occurred|seen|observed|noted|found|women|patients|more|less|not|did|differ|reduced|increased|mean|median|prolonged"
    r"|decreased|improved|when|as|vs|versus|between)\b)$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:compared (?:to|with)|as compared|in comparison|relative to|versus|vs|than|whereas|while|respectively|when compared)\b"
    r"|[;:]|\((?!s\))|\[",
    re.IGNORECASE,
)
_STOP_WORDS = re.compile(
    r"\b(?:compared (?:to|with)|as compared|in comparison|relative to|versus|vs|than|whereas|while|against)\b",
    re.IGNORECASE,
)
_ADVERBIAL = re.compile(
    r"^\s*(?:(?:one|two|three|\d+)\s+)?(?:hours?|days?|weeks?|months?)?\s*(?:at|after|during|in|on|by|within|before|following|among|of"
    r"|with|for)\b[^,]*,\s*(?:only|a total of|respectively)?\s*$",
    re.IGNORECASE,
)
_LINKED = re.compile(r"\s{1,9}(?:(?:also|significantly|not)\s{1,9})?associated with\b", re.IGNORECASE)
_OF = re.compile(
    r"\b(?:for|of|in)\s{1,9}(?P<name>[^0-9(),:;=]{3,80}?)(?=\s{0,9}(?:\b(?:was|were|is)\b|[,:;(=]))", re.IGNORECASE
)
_ANAPHOR = re.compile(r"\b(?:this|these|the|such)\s+differences?\b(?!\s+(?:in|between|of))", re.IGNORECASE)
_NO_NAME = re.compile(
    r"^(?:relative risks?|risk ratios?|odds ratios?|hazard ratios?|RR|OR|HR|a?OR|CI|confidence intervals?|P|values?|IQR|SD|and"
    r"|mean|median|range|respectively|difference|differences|ratio|n|interval|95|total|rates?|levels?|scores?|numbers?|data|analysis"
    r"|results?|study|baseline|the two groups|groups|months?|weeks?|days?|min|hours?|years?)$",
    re.IGNORECASE,
)
_CHUNK = re.compile(r"[;:]|,(?!\d)|\)|\]|\.\s|\b(?:and|but|while|whereas|although)\s", re.IGNORECASE)


def with_unlisted(view: View, last: Entry | None = None) -> View:
    """Return a view in which numbers and P values without a known outcome have one named by the sentence.

    Parameters
    ----------
    view : View
    last : Entry, optional
        The outcome that the sentence before spoke of, which *this difference* means.
    """
    if view.sentence.section in ("aim", "methods", "conclusion"):
        return view
    if last is not None and (said := _ANAPHOR.search(view.signs, view.sentence.start, view.sentence.end)) is not None:
        view = _added(view, [Mention(last, *said.span())])
    pairs = pairwise(mark for mark in view.marks if mark.is_cell)
    view = _added(view, [name for pair in pairs if (name := _between(view, *pair)) is not None])
    found: list[Mention] = []
    for start, at, stop, run in _places(view):
        means = not run or run[0].kind in ("mean", "quartiles")
        start = _behind_listing(view, start, at)
        if any(start <= each.start < at for each in view.outcomes):
            continue
        before = _before(view, start, at)
        if before is not None:
            found += [_mention(view, *each, means) for each in _parts(view, before, len(run), start)]
        elif run and not any(at <= each.start < stop for each in view.outcomes):
            behind = _behind(view, at, stop)
            found += [] if behind is None else [replace(_mention(view, *behind, means), start=at, end=at)]
    inside = [named for mark in view.marks if mark.kind == "effect" and (named := _inside(view, mark)) is not None]
    return _added(view, [*found, *inside])


def _inside(view: View, mark: Mark) -> Mention | None:
    """Return the words of an effect that say what it is of, as in *the odds ratio for nausea was 1.2*."""
    if any(mark.start <= each.start < mark.end for each in view.outcomes):
        return None
    found = _OF.search(view.signs, mark.start, mark.end)
    name = None if found is None else _trimmed(view, *found.span("name"), _blank(view, *found.span("name")))
    return None if name is None else _mention(view, *name, False)


def _behind_listing(view: View, start: int, at: int) -> int:
    """Return where the words for numbers begin: behind the last colon, which lists what an outcome before it consists of."""
    text = view.signs[start:at]
    colon = text.rfind(":")
    inside = text[colon + 1 :]
    return (
        start + colon + 1
        if colon >= 0 and "(" not in inside and not _NOT_NAMED.match(_blank(view, start + colon + 1, at))
        else start
    )


def _parts(view: View, name: tuple[int, int], size: int, start: int) -> list[tuple[int, int]]:
    """Return a name with the one before it, where a sentence has two pairs of numbers for *one and the other*."""
    lead = re.search(r"\s+and\s+(?:(?:the|an?)\s+)?$", view.signs[start : name[0]])
    if size != 4 or lead is None:
        return [name]
    at, chunk = _last_chunk(_blank(view, start, start + lead.start()))
    one = _trimmed(view, start + at, start + lead.start(), chunk)
    return [name] if one is None else [one, name]


def _added(view: View, mentions: Sequence[Mention]) -> View:
    return replace(view, outcomes=tuple(sorted((*view.outcomes, *mentions), key=lambda each: each.start)))


def _mention(view: View, start: int, end: int, means: bool) -> Mention:
    return Mention(_entry(expanded(view.signs[start:end], view.signs), means), start, end)


def _between(view: View, one: Mark, other: Mark) -> Mention | None:
    """Return the words between two numbers that name the second one; None where they are of one outcome."""
    text = _blank(view, one.end, other.start)
    if _STOP_WORDS.search(text) or any(one.end <= each.start < other.start for each in view.outcomes):
        return None
    at, chunk = _last_chunk(text)
    if not at or _NOT_NAMED.match(chunk) or _VERB.search(chunk):
        return None
    name = _trimmed(view, one.end + at, other.start, chunk)
    return None if name is None else _mention(view, *name, other.kind in ("mean", "quartiles"))


def _places(view: View) -> Iterator[tuple[int, int, int, Sequence[Mark]]]:
    """Give where the words for some numbers may stand: from, up to, and behind them up to; and the numbers, if they are cells."""
    runs = runs_of(view)
    loose = [mark for mark in view.marks if mark.kind in ("p", "effect")]
    taken: list[tuple[int, int]] = []
    done = _without_heading(view)
    for place, run in enumerate(runs):
        stop = runs[place + 1][0].start if place + 1 < len(runs) else view.sentence.end
        start = behind_marks(view, done, run[0].start)
        yield start, run[0].start, stop, run
        taken.append((start, _with_p(loose, run[-1].end, stop)))
        done = run[-1].end
    for mark in loose:
        if any(start <= mark.start < end for start, end in taken):
            continue
        start = max([_without_heading(view), *(end for _, end in taken if end <= mark.start)])
        numbers = [each for each in view.marks if start <= each.start < mark.start]
        starts = [start, *(each.end for each in numbers)]
        for one, other in zip(starts, [*(each.start for each in numbers), mark.start], strict=True):
            if _before(view, one, other) is not None:
                yield one, other, other, ()
                break
        taken.append((start, mark.end))


def _without_heading(view: View) -> int:
    """Return where a sentence begins, behind the heading of its section."""
    found = re.match(r"[A-Z][A-Za-z()/ ]{2,40}:\s+", view.signs[view.sentence.start : view.sentence.end])
    return view.sentence.start + (0 if found is None else found.end())


def _with_p(loose: Sequence[Mark], end: int, stop: int) -> int:
    """Return where the P and the effect right behind some numbers end: further ones speak of something else."""
    own: dict[str, Mark] = {}
    for mark in loose:
        if end <= mark.start < stop and mark.kind not in own:
            own[mark.kind] = mark
    return max([end, *(mark.end for mark in own.values())])


def _before(view: View, start: int, at: int) -> tuple[int, int] | None:
    """Return the words before numbers that name them: the subject of the sentence, or what its subject had."""
    text = _blank(view, start, at)
    opened = text.rfind("(")
    if opened >= 0 and ")" not in text[opened:]:
        inside = text[opened + 1 :]
        text = text[:opened] if _NOT_NAMED.match(inside) or len(inside.strip()) < 3 else text
        if len(text) > opened:
            return _trimmed(view, start + opened + 1, start + len(text), text[opened + 1 :])
    if _ADVERBIAL.match(text) or re.match(r"\s*(?:in|for|with|among)\b[^.;]{0,60}$", text, re.IGNORECASE):
        return None
    verbs = list(_VERB.finditer(text))
    for verb in verbs:
        subject = _last_chunk(text[: verb.start()])
        if not _NOT_NAMED.match(subject[1]) and not _LINKED.match(text, verb.end()):
            return _trimmed(view, start + subject[0], start + verb.start(), subject[1])
        rest = text[verb.end() :]
        stop = _STOP.search(rest)
        rest = rest if stop is None else rest[: stop.start()]
        if not _NOT_NAMED.match(rest):
            return _trimmed(view, start + verb.end(), start + verb.end() + len(rest), rest)
    chunk = _last_chunk(text)
    return None if _NOT_NAMED.match(chunk[1]) else _trimmed(view, start + chunk[0], start + len(text), chunk[1])


def _behind(view: View, at: int, stop: int) -> tuple[int, int] | None:
    """Return the words behind the first number that say what so many had."""
    mark = next((each for each in view.marks if each.start >= at), None)
    if mark is None or mark.end >= stop:
        return None
    text = _blank(view, mark.end, stop)
    verb = _VERB.search(text)
    start = 0 if verb is None else verb.end()
    rest = text[start:]
    ends = [found.start() for found in (_STOP.search(rest), re.search(r"[,.)]|\sin\s{2,}|\s{4,}", rest)) if found]
    rest = rest[: min([len(rest), *ends])]
    return None if _NOT_NAMED.match(rest) else _trimmed(view, mark.end + start, mark.end + start + len(rest), rest)


def _last_chunk(text: str) -> tuple[int, str]:
    cuts = [found.end() for found in _CHUNK.finditer(text) if text[found.end() :].strip(" ,;:")]
    at = cuts[-1] if cuts else 0
    return at, text[at:]


def _blank(view: View, start: int, end: int) -> str:
    """Return a piece of the text in which arms' names are blank."""
    text = view.signs[start:end]
    for each in view.between(start, end):
        one, other = each.start - start, each.end - start
        text = text[:one] + " " * (other - one) + text[other:]
    return text


def _trimmed(view: View, start: int, end: int, text: str) -> tuple[int, int] | None:
    """Return a name without what leads to it or away from it; None if nothing is left that names something."""
    one = 0
    while (lead := _LEAD.match(text[one:])) is not None and lead.end():
        one += lead.end()
    other = len(text)
    while (tail := _TAIL.search(text[one:other])) is not None and tail.group():
        other = one + tail.start()
    name = text[one:other]
    blank = re.search(r"\s{4,}|\b(?:in|for|of|with|between|among)\s+(?:the\s+)?\s{2,}", name)
    if blank is not None:
        other = one + blank.start()
        name = text[one:other].rstrip()
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rsplit(" ", 1)[0]
    plain = name.strip()
    if len(re.sub(r"[\W\d_]", "", plain)) < 2 or _NO_NAME.match(plain) or _NOT_NAMED.match(plain):
        return None
    return start + one, start + one + len(name.rstrip())


def _entry(text: str, means: bool) -> Entry:
    label = " ".join(text.split()).strip(" ,;:()[]")
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40].strip("_") or "outcome"
    base = base if base[0].isalpha() else f"outcome_{base}"
    return Entry(base, label[:1].upper() + label[1:], (), "none", "mean" if means else "counts", listed=False)
