"""From the text of an abstract to a drafted study file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.imports.text.abstract import Reading, arms_of_abstract, read_abstract
from bayes_ivf.study.imports.text.abstract_rows import SOURCE, outcome_drafts, unread_outcomes
from bayes_ivf.study.imports.text.abstract_sizes import women
from bayes_ivf.study.imports.text.loose import unread_words
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.writing import (
    CONFIRM,
    MOST_ARMS,
    ArmDraft,
    Noted,
    Side,
    StudyDraft,
    draft_several,
    place,
    quoted,
)

_DESIGN = re.compile(
    r"\b(?:(?:quasi-)?randomi[sz]ed|placebo-controlled|(?:double|single)[ -]blind(?:ed)?|open[ -]label|prospective|retrospective"
    r"|cross-?over|pilot|dose-finding|cohort|case-control|(?:randomly|at random) (?:allocated|assigned|divided)"
    r"|(?:allocated|assigned|divided) at random)\b",
    re.IGNORECASE,
)


def draft_abstract(text: str, name: str, chosen: Sequence[str] = ()) -> StudyDraft:
    """Return the draft of a study from the text of an abstract.

    Parameters
    ----------
    text : str
    name : str
        Id of the study.
    chosen : sequence of str
        Names or numbers of the treatment and the control arm; else all arms are drafted.

    Raises
    ------
    StudyError
        If no two arms are found, or more than a draft holds and none were chosen.
    """
    arms_found, control, pooled = arms_of_abstract(text)
    told = all(arm.n for arm in arms_found) or all(min(map(len, arm.names)) < 4 for arm in arms_found if arm.names)
    if not chosen and 2 < len(arms_found) <= MOST_ARMS and told and not pooled:
        sides = [Side(place, arm.label) for place, arm in enumerate(arms_found)]

        def pair_of(pair: tuple[int, int]) -> StudyDraft:
            return draft_abstract(text, name, [str(place + 1) for place in pair])

        return draft_several(sides, control, pair_of)
    reading = read_abstract(text, chosen)
    outcomes, used = outcome_drafts(reading)
    outcomes = outcomes or unread_outcomes(reading)
    if not outcomes:
        raise StudyError(
            Fault(
                "abstract",
                "arms, and no number, effect or claim that belongs to an outcome",
                'sentences such as "The live birth rate was 35% with the drug and 27% with placebo (P = 0.2)"',
                "give the abstract with its results, or type a study file: bayes-ivf new study PATH",
            )
        )
    arms: dict[str, ArmDraft] = {}
    roles = ("treatment", "control")
    for role, arm in zip(roles, reading.pair, strict=True):
        arms[role] = _arm(reading, arm)
    keys = {
        "id": Noted(name),
        "title": Noted("Title of the paper", f"{CONFIRM} not in the text"),
        "citation": Noted("", f"{CONFIRM} not in the text"),
        "doi": Noted(""),
        "design_words": Noted(_design(reading) or ["not said"], "as they stand in the text"),
        "randomized": Noted("unclear", f"{CONFIRM} yes, no or unclear"),
        "max_embryos": Noted(3, f"{CONFIRM} the most embryos that one woman received"),
    }
    head = (
        "Drafted from the text of an abstract. Beside every number stands its place in the text (line and column from 1, "
        f'characters from 0); what a person has to decide begins with "{CONFIRM}". Nothing here was checked against the paper.',
    )
    return StudyDraft(keys, arms, {SOURCE: "Abstract of the paper"}, tuple(outcomes), head, tuple(_left(reading, used)))


def _arm(reading: Reading, arm: int) -> ArmDraft:
    if arm >= 0:
        found = reading.arms[arm]
        asks_of = [] if reading.sure_pair else ["which arm is the treatment is not said; the first one is taken"]
        ask = "; ".join(
            f"{CONFIRM} {each}" for each in (*asks_of, *(each for each in found.asks if found.n or "taken" in each))
        )
        asks = f"; {CONFIRM} the denominator of an outcome, taken as the size of the arm" if found.of_cell else ""
        n = Noted(found.n, place(reading.text, *found.at) + asks) if found.n else None
        also = [
            f"also printed: {number} {unit}s, {place(reading.text, *at)}" for unit, (number, *at) in found.units.items()
        ]
        return ArmDraft(Noted(found.label, ask), n, tuple(also))
    others = [each for place_, each in enumerate(reading.arms) if place_ != reading.pair[1]]
    label = Noted(
        f"{', '.join(each.label for each in others)}, pooled", f"{CONFIRM} arms that the text compares as one group"
    )
    sizes = " + ".join(str(each.n) for each in others)
    places = "; ".join(place(reading.text, *each.at) for each in others)
    return ArmDraft(label, Noted(women(reading, arm), f"{CONFIRM} {sizes}; {places}"))


def _design(reading: Reading) -> list[str]:
    return list(dict.fromkeys(found.group() for found in _DESIGN.finditer(reading.text)))[:12]


def _left(reading: Reading, used: set[Mark]) -> list[str]:
    """List every sentence with numbers that are not in the draft, and those numbers."""
    used = used | ({reading.alpha} if reading.alpha is not None else set())
    sizes = {arm.at for arm in reading.arms} | {unit[1:] for arm in reading.arms for unit in arm.units.values()}
    bare = [mark for mark in used if mark.parts.get("bare")]
    lines = []
    for sentence in reading.sentences:
        left = [
            mark
            for mark in reading.marks
            if sentence.start <= mark.start < sentence.end
            and mark not in used
            and (mark.start, mark.end) not in sizes
            and not any(each.start <= mark.start < each.end for each in bare)
        ]
        told = [each.start for each in reading.outcomes if sentence.start <= each.start < sentence.end]
        arms = [each.start for each in reading.mentions if sentence.start <= each.start < sentence.end]
        spelled = unread_words(reading.signs, sentence, bare, [*told, *arms]) if told and arms else []
        if left or spelled:
            words = quoted(reading.text[sentence.start : sentence.end])
            numbers = ", ".join([*(" ".join(mark.text.split()) for mark in left), *spelled])
            lines.append(f"{place(reading.text, sentence.start, sentence.end)}: {words} Not used: {numbers}")
    return lines
