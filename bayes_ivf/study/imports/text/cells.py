"""Which numbers of a sentence are the cells of which arm and outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bayes_ivf.study.imports.glossary import Mention
from bayes_ivf.study.imports.text.marks import Mark, bounded
from bayes_ivf.study.imports.text.mentions import ArmMention
from bayes_ivf.study.imports.text.sentences import Sentence

_STRONG = re.compile(r"\b(?:vs|versus|compared (?:to|with)|against|than|whereas|while|relative to)\b\.?", re.IGNORECASE)
_WEAK = re.compile(r"\b(?:and|or|but)\b|[,;]", re.IGNORECASE)
_BEHIND = bounded(r"^[\s,)\]]{0,4}(?:for|in|of|among|from|with|by)\s+(?:the\s+)?[^.;]{0,40}$", re.IGNORECASE)
_HIGHER = re.compile(r"\b(?:higher|greater|more|increas\w*|improv\w*|better|thicker|longer)\b", re.IGNORECASE)
_LOWER = re.compile(r"\b(?:lower|less|lesser|fewer|decreas\w*|reduc\w*|thinner|shorter|smaller)\b", re.IGNORECASE)
REFERENCE = re.compile(
    r"(?:than|compared (?:to|with)|comparison (?:to|with)|versus|vs\.?|relative to|(?:that|those) (?:of|in)|treated with)"
    r"[^,;()]{0,45}$",
    re.IGNORECASE,
)
"""What stands before the arm that another one is compared with."""
_NEW_TOPIC = re.compile(r"\b(?:was|were|is|had|mean|average|numbers?|levels?|rates?)\b", re.IGNORECASE)
_ENDS_CLAUSE = re.compile(r"[\s)\]]{0,4}(?:[,;:]|(?:and|but|while|whereas)\b)", re.IGNORECASE)
_IN_EACH = bounded(
    r"^[\s)\]]{0,4}(?:of (?:the )?(?:patients|women|participants)\s+)?(?:in|from|for|of)\s+(?:both|each)"
    r"(?: of the)?(?: two)?(?: study| treatment)?\s+(?:groups?|arms?)\b",
    re.IGNORECASE,
)
_ASIDE = bounded(r"\b(?:with|after|among)\s+(?:[\w-]+\s+){0,3}$", re.IGNORECASE)
_OF_WHAT = bounded(r"\s*(?:[\w-]+\s+){0,2}(?:with|after|following|of|per|among|in)\s+(?:[\w-]+\s+){0,3}", re.IGNORECASE)
_CONFIRM_ASIDE = "the outcome is named only with what the numbers are of or after: see whose numbers they are"
_CONFIRM_SUBJECT = (
    "which number belongs to which arm is not said: the first is taken for the arm that the sentence speaks of"
)
_CONFIRM_ORDER = "which number belongs to which arm is not said: taken in the order treatment, control"


@dataclass(frozen=True)
class View:
    """All that stands in one sentence, in order."""

    signs: str
    sentence: Sentence
    marks: tuple[Mark, ...]
    outcomes: tuple[Mention, ...]
    arms: tuple[ArmMention, ...]
    count: int
    """Arms of the trial."""
    pair: tuple[int, int]
    """Places of the treatment and the control arm."""

    def between(self, start: int, end: int) -> list[ArmMention]:
        """Return the arms that are named between two places."""
        return [mention for mention in self.arms if start <= mention.start and mention.end <= end]


@dataclass(frozen=True)
class Group:
    """Cells of one outcome, by arm."""

    outcome: Mention | None
    cells: dict[int, Mark]
    sentence: Sentence
    start: int
    end: int
    remarks: tuple[str, ...] = ()
    p: Mark | None = None
    effect: Mark | None = None
    loose: bool = field(default=False)


def find_groups(view: View, order: tuple[int, int] | None = None) -> list[Group]:
    """Return the cells of a sentence with their arms and outcomes.

    Parameters
    ----------
    view : View
    order : (int, int), optional
        In which order the arms stood in an earlier sentence.
    """
    groups: list[Group] = []
    done = view.sentence.start
    runs = runs_of(view)
    for place, run in enumerate(runs):
        stop = runs[place + 1][0].start if place + 1 < len(runs) else view.sentence.end
        done = behind_marks(view, done, run[0].start)
        named = [each for each in view.outcomes if done <= each.start and each.end <= run[0].start]
        aside = len({each.entry.id for each in named}) == 1 and bool(_ASIDE.search(view.signs[done : named[0].start]))
        if (
            aside
            and groups
            and groups[-1].outcome is not None
            and re.search(r"\bit\b", view.signs[named[-1].end : run[0].start])
        ):
            named = [groups[-1].outcome]
        behind = [each for each in view.outcomes if run[-1].end <= each.start and each.end <= stop]
        found = _read(view, run, named, behind if place + 1 == len(runs) else [], done, stop, order)
        if aside:
            found = [replace(group, remarks=(*group.remarks, _CONFIRM_ASIDE)) for group in found]
        for group in found:
            if len(group.cells) == 2:
                order = (next(iter(group.cells)), next(reversed(group.cells)))
        groups += found
        done = run[-1].end
    return groups


def behind_marks(view: View, start: int, at: int) -> int:
    """Return where the words about a number begin: behind the last P or effect before it that ends a clause."""
    ends = [mark.end for mark in view.marks if mark.kind in ("p", "effect") and start <= mark.start and mark.end <= at]
    return max([start, *(end for end in ends if _ENDS_CLAUSE.match(view.signs, end))])


def runs_of(view: View) -> list[list[Mark]]:
    """Part the cells of a sentence where an outcome, a P or an effect stands between them."""
    runs: list[list[Mark]] = []
    for mark in (each for each in view.marks if each.is_cell):
        last = runs[-1][-1] if runs else None
        broken = last is None or _parted(view, last, mark)
        if broken or (last is not None and last.kind != mark.kind and {last.kind, mark.kind} != {"count", "share"}):
            runs.append([mark])
        else:
            runs[-1].append(mark)
    return runs


def _parted(view: View, last: Mark, mark: Mark) -> bool:
    """Whether something else is spoken of between two numbers."""
    starts = [each.start for each in view.outcomes]
    starts += [each.start for each in view.marks if each.kind in ("p", "effect")]
    if any(last.end <= start < mark.start for start in starts):
        return True
    return bool(_NEW_TOPIC.search(view.signs[last.end : mark.start])) and not view.between(last.end, mark.start)


def _read(
    view: View, run: Sequence[Mark], named: Sequence[Mention], behind: Sequence[Mention], done: int, stop: int,
    order: tuple[int, int] | None,
) -> list[Group]:  # fmt: skip
    outcomes = list({each.entry.id: each for each in named}.values())
    first = _head(view, outcomes) if outcomes else (behind[0] if behind else None)
    arms = list(dict.fromkeys(each.arm for each in view.between(done, stop)))
    size = len(run)
    if size == 1:
        return _single(view, run[0], first, done, stop)
    versus = size > 1 and bool(_STRONG.search(view.signs[run[0].end : run[1].start]))
    if size == len(outcomes) and len(arms) <= 1 and not versus:
        return [
            group
            for mark, outcome in zip(run, outcomes, strict=True)
            for group in _single(view, mark, outcome, done, stop)
        ]
    if size == 2:
        pair = _pair(view, run, first, done, stop, order)
        others = ", ".join(each.entry.label for each in outcomes[:-1])
        asks = (f"named before the numbers, too: {others}; see whose numbers they are",) if others else ()
        return [replace(pair, remarks=(*pair.remarks, *asks))]
    if len(outcomes) > 1 and size == 2 * len(outcomes):
        half = len(outcomes)
        pairs = [(run[2 * at], run[2 * at + 1]) if versus else (run[at], run[at + half]) for at in range(half)]
        return [_pair(view, pair, outcome, done, stop, order) for pair, outcome in zip(pairs, outcomes, strict=True)]
    if size == view.count:
        listed = _listed(view, run, done, stop, size)
        remarks: tuple[str, ...] = ()
        if not listed and "respectively" in _rest(view, run[0]):
            listed, remarks = list(range(size)), ("the arms are taken in the order in which the text names them first",)
        if listed:
            return [
                Group(first, dict(zip(listed, run, strict=True)), view.sentence, run[0].start, run[-1].end, remarks)
            ]
    return [Group(first, {}, view.sentence, run[0].start, run[-1].end, loose=True)]


def _head(view: View, outcomes: Sequence[Mention]) -> Mention:
    """Return the outcome that numbers are of: the last one, unless it only says of what, as in *live birth after blastocysts*."""
    place = len(outcomes) - 1
    while place and _OF_WHAT.fullmatch(view.signs, outcomes[place - 1].end, outcomes[place].start):
        place -= 1
    return outcomes[place]


def _listed(view: View, run: Sequence[Mark], done: int, stop: int, size: int) -> list[int]:
    """Return arms in the order in which a sentence lists them, behind the numbers or before them."""
    for start, end in ((run[-1].end, stop), (done, run[0].start)):
        order = list(dict.fromkeys(each.arm for each in view.between(start, end) if each.arm >= 0))
        if len(order) == size:
            return order
    return []


def _single(view: View, mark: Mark, outcome: Mention | None, done: int, stop: int) -> list[Group]:
    remarks: tuple[str, ...] = ()
    if _IN_EACH.match(view.signs[mark.end : view.sentence.end]) and view.count == 2:
        return [Group(outcome, dict.fromkeys(view.pair, mark), view.sentence, mark.start, mark.end)]
    inside, before = view.between(mark.start, mark.end), view.between(done, mark.start)
    behind = [each for each in view.between(mark.end, stop) if _BEHIND.match(view.signs[mark.end : each.start])]
    arm = inside[0].arm if inside else before[-1].arm if before else behind[0].arm if behind else None
    if arm is None:
        earlier = {each.arm for each in view.between(view.sentence.start, mark.start)}
        if len(earlier) == 1:
            arm, remarks = earlier.pop(), ("the arm is that named earlier in the sentence",)
    cells = {} if arm is None else {arm: mark}
    return [Group(outcome, cells, view.sentence, mark.start, mark.end, remarks, loose=arm is None)]


def _pair(
    view: View, run: Sequence[Mark], outcome: Mention | None, done: int, stop: int, order: tuple[int, int] | None
) -> Group:
    one, other = run
    arms, remarks = _arms_of_pair(view, one, other, done, stop, order)
    end = max(one.end, other.end)
    return Group(outcome, {arms[0]: one, arms[1]: other}, view.sentence, one.start, end, remarks)


def _arms_of_pair(
    view: View, one: Mark, other: Mark, done: int, stop: int, order: tuple[int, int] | None
) -> tuple[tuple[int, int], tuple[str, ...]]:
    left, right = _sides(view, one, other)
    before = view.between(done, one.start)
    behind = view.between(other.end, _clause_end(view, other.end, stop))
    if "former" in view.signs[one.end : other.start].lower():
        named = list(dict.fromkeys(each.arm for each in view.between(view.sentence.start, one.start)))
        if len(named) >= 2:
            return (named[0], named[1]), ("the arms are called the former and the latter",)
    if not left and not right:
        for listed, sure in ((behind, True), (before, "respectively" in _rest(view, one))):
            distinct = list(dict.fromkeys(each.arm for each in listed))
            if len(distinct) == 2:
                return (distinct[0], distinct[1]), () if sure else (
                    "the arms are taken in the order in which they are named",
                )
    first = left[0].arm if left else before[-1].arm if before and (right or behind) else None
    second = right[-1].arm if right else behind[0].arm if behind else None
    if first is not None and second is not None and first != second:
        return (first, second), ()
    if second is not None and first is None:
        return (_other(view, second), second), ()
    if first is not None and second is None:
        return (first, _other(view, first)), ()
    return _by_direction(view, one, other, before, order)


def _sides(view: View, one: Mark, other: Mark) -> tuple[list[ArmMention], list[ArmMention]]:
    """Return the arms named in or behind the first number, and before or in the second."""
    between = view.signs[one.end : other.start]
    cut = _STRONG.search(between) or _WEAK.search(between)
    at = one.end + (cut.start() if cut else len(between))
    left = view.between(one.start, at)
    right = [*view.between(at, other.start), *view.between(other.start, other.end)]
    return left, right


def _clause_end(view: View, start: int, stop: int) -> int:
    """Return where the words that belong to a number end: at the next number of any kind, or at a semicolon."""
    marks = [mark.start for mark in view.marks if mark.start >= start and mark.kind != "number"]
    semicolon = view.signs.find(";", start, stop)
    return min([stop, *marks, *([semicolon] if semicolon >= 0 else [])])


def _rest(view: View, mark: Mark) -> str:
    return view.signs[mark.start : view.sentence.end].lower()


def _other(view: View, arm: int) -> int:
    treatment, control = view.pair
    return control if arm != control else treatment


def _by_direction(
    view: View, one: Mark, other: Mark, before: Sequence[ArmMention], order: tuple[int, int] | None
) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Order two numbers by who is said to have more; else as before in the sentence; else as they stand, to be confirmed."""
    subject = _subject(view, list(before) or view.between(view.sentence.start, one.start))
    words = view.signs[view.sentence.start : one.start]
    more, less = bool(_HIGHER.search(words)), bool(_LOWER.search(words))
    values = size_of(one), size_of(other)
    if subject is not None and more != less and None not in values and values[0] != values[1]:
        first = (values[0] > values[1]) == more  # type: ignore[operator]
        pair = (subject, _other(view, subject))
        return (pair if first else pair[::-1]), ("the arms follow from who is said to have more",)
    if order is not None:
        return order, ("which number belongs to which arm is not said here: taken in the order of the numbers before",)
    if subject is not None:
        return (subject, _other(view, subject)), (_CONFIRM_SUBJECT,)
    return view.pair, (_CONFIRM_ORDER,)


def _subject(view: View, named: Sequence[ArmMention]) -> int | None:
    """Return the arm that is spoken of: one that is no reference of a comparison, else the other of such a one."""
    for each in named:
        if not REFERENCE.search(view.signs[view.sentence.start : each.start]):
            return each.arm
    return _other(view, named[0].arm) if named else None


def size_of(mark: Mark) -> float | None:
    """Return the number by which a cell is larger or smaller than another; None where it has none."""
    if mark.kind == "count" and not mark.parts.get("percent"):
        events, n = (mark.parts.get(name, "").replace(",", "") for name in ("events", "n"))
        return int(events) / int(n) if n and int(n) else None
    text = mark.parts.get("percent") or mark.text
    found = re.search(r"-?\d+(?:[.·]\d+)?", text.replace("−", "-").replace(",", ""))
    return None if found is None else float(found.group().replace("·", "."))
