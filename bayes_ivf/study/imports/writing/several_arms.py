"""Drafts of trials of more than two arms: the drafts of each arm against the control arm, as one file with ids for the arms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bayes_ivf.study.imports.writing.draft import CONFIRM, ArmDraft, Noted, OutcomeDraft, StudyDraft
from bayes_ivf.study.schema import MOST_OUTCOMES
from bayes_ivf.study.toml_writer import toml_value

MOST_ARMS = 12
"""Of a draft; of more, two are chosen by ``--arms``."""
LONGEST_ID = 12
LONGEST_OUTCOME_ID = 64
_ROLES = ("treatment", "control")
_NO_CONTROL = "the source does not say which arm is the control: every other one is compared with the last one"
_EVERY = "every other arm is compared with the control arm; which comparisons are meant is for a person to say"
_UNUSED = "not used:"
_NUMBERS = " Not used: "


@dataclass(frozen=True)
class Side:
    """An arm as a source lists it: its place from 0, its label, and whether the source says that it is the control arm."""

    place: int
    label: str


def draft_several(
    sides: Sequence[Side], control: int | None, draft_pair: Callable[[tuple[int, int]], StudyDraft]
) -> StudyDraft:
    """Return the draft of a trial of several arms.

    Parameters
    ----------
    sides : sequence of Side
    control : int or None
        Place of the arm that the others are compared with; None if the source does not say, then it is the last one.
    draft_pair : callable
        Drafts the treatment and the control arm at two places.
    """
    last = sides[-1].place if control is None else control
    others = [side.place for side in sides if side.place != last]
    ids = _ids(sides)
    drafts = {place: draft_pair((place, last)) for place in others}
    first = drafts[others[0]]
    arms = {ids[place]: _without_question(draft.arms["treatment"]) for place, draft in drafts.items()}
    arms = _told_apart(arms | {ids[last]: _without_question(first.arms["control"])})
    compared = [[ids[place], ids[last]] for place in others]
    asked = f"{CONFIRM} {_NO_CONTROL if control is None else _EVERY}"
    keys = {**first.keys, "compare": Noted(compared, asked)}
    outcomes, lost = _outcomes(drafts, ids, last)
    most = MOST_OUTCOMES // len(others)
    left = [
        *_left_in_all([draft.left for draft in drafts.values()]),
        *lost,
        *(f"not carried, beyond {most} outcomes: {each.keys['label'].value}" for each in outcomes[most:]),
    ]
    return StudyDraft(keys, arms, first.sources, tuple(outcomes[:most]), first.head, tuple(dict.fromkeys(left)))


def _told_apart(arms: Mapping[str, ArmDraft]) -> dict[str, ArmDraft]:
    """Return arms of which no two have the same label: their ids stand behind labels that would be the same."""
    labels = [arm.label.value for arm in arms.values()]
    asked = f"{CONFIRM} the source calls several arms so"
    return {
        name: arm
        if labels.count(arm.label.value) == 1
        else ArmDraft(Noted(f"{arm.label.value} ({name})", asked), arm.n, arm.also)
        for name, arm in arms.items()
    }


def _left_in_all(lists: Sequence[Sequence[str]]) -> list[str]:
    """Return what no draft used: whole lines, and of a sentence the numbers that none of them holds."""
    numbers = [dict(line.rpartition(_NUMBERS)[::2] for line in lines if _NUMBERS in line) for lines in lists]
    left = [line for line in lists[0] if _NUMBERS not in line and all(line in other for other in lists)]
    for before, listed in numbers[0].items():
        each = [other.get(before, "").split(", ") for other in numbers[1:]]
        rest = [number for number in listed.split(", ") if all(number in other for other in each)]
        left += [f"{before}{_NUMBERS}{', '.join(rest)}"] if rest else []
    return left


def _without_question(arm: ArmDraft) -> ArmDraft:
    """Return an arm without the question which of two is the treatment, which `compare` asks for all."""
    return (
        arm
        if "which arm is the treatment" not in arm.label.comment
        else ArmDraft(Noted(arm.label.value), arm.n, arm.also)
    )


def _ids(sides: Sequence[Side]) -> dict[int, str]:
    """Return a short id for each arm, made of its label."""
    ids: dict[int, str] = {}
    for side in sides:
        named = re.sub(r"\b(?:the|groups?|arms?)\b", " ", side.label.lower())
        plain = re.sub(r"[^a-z0-9]+", "_", named).strip("_") or "arm"
        base = plain if len(plain) <= LONGEST_ID else plain[:LONGEST_ID].rstrip("_")
        base = base if base[:1].isalpha() else f"arm_{base}".rstrip("_")[:LONGEST_ID]
        base = "control_arm" if base == "control" else "arm" if base in ("treatment", "all", "pooled") else base
        name, number = base, 1
        while name in ids.values():
            number += 1
            name = f"{base[: LONGEST_ID - 3].rstrip('_')}_{number}"
        ids[side.place] = name
    return ids


def _outcomes(
    drafts: Mapping[int, StudyDraft], ids: Mapping[int, str], control: int
) -> tuple[list[OutcomeDraft], list[str]]:
    """Join the outcomes that the drafts have in common; those of some comparisons only stand as comments."""
    rows = {place: {_same(each): each for each in draft.outcomes} for place, draft in drafts.items()}
    every = list(dict.fromkeys(same for by_place in rows.values() for same in by_place))
    longest = LONGEST_OUTCOME_ID - 3 - len(ids[control]) - max(len(ids[place]) for place in drafts)
    names = _named(every, [draft.outcomes for draft in drafts.values()], longest)
    short = {each.id: names[_same(each)] for each in drafts[next(iter(drafts))].outcomes}
    joined: list[OutcomeDraft] = []
    lost: list[str] = []
    for same in every:
        parts = {place: by_place[same] for place, by_place in rows.items() if same in by_place}
        kinds = {part.keys["kind"].value for part in parts.values()}
        if len(parts) == len(drafts) and len(kinds) == 1 and _same_control(parts.values()):
            joined.append(_joined(names[same], parts, ids, control, short))
        else:
            joined.append(_partly(names[same], parts, ids, control))
    return joined, lost


def _same(outcome: OutcomeDraft) -> tuple[str, str, str]:
    """Return by what an outcome is known in the drafts of other arms: its label, and where its control cell stands."""
    control = outcome.keys.get("control")
    at = outcome.id if control is None or not control.comment else control.comment
    source = outcome.keys.get("source")
    return str(outcome.keys["label"].value), at, "" if source is None else str(source.value)


def _named(
    every: Sequence[tuple[str, str, str]], drafts: Sequence[Sequence[OutcomeDraft]], longest: int
) -> dict[tuple[str, str, str], str]:
    """Return an id for each outcome that leaves room for the ids of two arms behind it."""
    wished = {_same(each): each.id for outcomes in reversed(drafts) for each in outcomes}
    names: dict[tuple[str, str, str], str] = {}
    taken: set[str] = set()
    for same in every:
        base = wished[same][:longest].rstrip("_-")
        found, number = base, 1
        while found in taken:
            number += 1
            found = f"{base[: longest - 5].rstrip('_-')}_{number}"
        taken.add(found)
        names[same] = found
    return names


def _same_control(parts: Any) -> bool:
    cells = [part.keys["control"].value for part in parts if "control" in part.keys]
    return len(set(map(str, cells))) <= 1


def _joined(
    name: str, parts: Mapping[int, OutcomeDraft], ids: Mapping[int, str], control: int, short: Mapping[str, str]
) -> OutcomeDraft:
    first = next(iter(parts.values()))
    keys: dict[str, Noted] = {}
    for key, noted in first.keys.items():
        if key == "treatment":
            keys["cells"] = _cells(parts, ids, control)
        elif key == "n":
            keys["n"] = _sizes(parts, ids, control)
        elif key in ("claim", "effect"):
            continue
        elif key == "denominator":
            keys[key] = Noted(short.get(noted.value, noted.value), noted.comment)
        elif key != "control":
            keys[key] = noted
    source = {key: keys.pop(key) for key in ("source", "note") if key in keys}
    for key in ("claim", "effect"):
        found = {place: part.keys[key] for place, part in parts.items() if key in part.keys}
        if found:
            values = {f"{ids[place]}-{ids[control]}": noted.value for place, noted in found.items()}
            comments = [f"{ids[place]}: {noted.comment}" for place, noted in found.items() if noted.comment]
            keys[f"{key}s"] = Noted(values, "; ".join(comments))
    remarks = dict.fromkeys(remark for part in parts.values() for remark in part.remarks)
    aside = dict.fromkeys(
        line
        for part in parts.values()
        for line in part.aside
        if not line.startswith(_UNUSED) or all(line in other.aside for other in parts.values())
    )
    return OutcomeDraft(name, keys | source, tuple(remarks), tuple(aside), first.gone)


def _cells(parts: Mapping[int, OutcomeDraft], ids: Mapping[int, str], control: int) -> Noted:
    first = next(iter(parts.values()))
    found = {ids[place]: part.keys["treatment"] for place, part in parts.items()}
    found[ids[control]] = first.keys["control"]
    comments = "; ".join(f"{arm}: {noted.comment}" for arm, noted in found.items() if noted.comment)
    return Noted({arm: noted.value for arm, noted in found.items()}, comments)


def _sizes(parts: Mapping[int, OutcomeDraft], ids: Mapping[int, str], control: int) -> Noted:
    first = next(iter(parts.values())).keys["n"]
    sizes = {ids[place]: part.keys["n"].value["treatment"] for place, part in parts.items() if "n" in part.keys}
    return Noted(sizes | {ids[control]: first.value["control"]}, first.comment)


def _partly(name: str, parts: Mapping[int, OutcomeDraft], ids: Mapping[int, str], control: int) -> OutcomeDraft:
    """Return an outcome that was not read alike for every arm: what was read stands as comments."""
    first = next(iter(parts.values()))
    kept = ("label", "benefit", "role", "family", "source")
    keys = {key: first.keys[key] for key in kept if key in first.keys}
    note = (
        "Read for some of the comparisons only, or in different forms; see the comments in this file. A draft of two arms "
        "(--arms) carries what was read for these two."
    )
    aside: list[str] = []
    for place, part in parts.items():
        aside.append(f"{CONFIRM} {ids[place]} v {ids[control]}, kind {part.keys['kind'].value}:")
        aside += [
            f"{key} = {toml_value(part.keys[key].value)}  {part.keys[key].comment}".rstrip()
            for key in (*_ROLES, "n", "claim", "effect", "note")
            if key in part.keys
        ]
        aside += part.aside
    ordered = {"label": keys.pop("label"), "kind": Noted("unavailable"), **keys, "note": Noted(note)}
    remarks = dict.fromkeys(remark for part in parts.values() for remark in part.remarks)
    return OutcomeDraft(name, ordered, tuple(remarks), tuple(dict.fromkeys(aside)), gone=True)
