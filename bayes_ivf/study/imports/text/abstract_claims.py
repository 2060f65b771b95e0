"""Claims and effects of an outcome as a study file holds them, from the words and numbers of a text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bayes_ivf.errors import StudyError
from bayes_ivf.study.imports.text.abstract import Reading
from bayes_ivf.study.imports.text.cells import Group, size_of
from bayes_ivf.study.imports.text.claims import Words, resolved
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.imports.writing import CONFIRM, Noted, place, quoted
from bayes_ivf.study.p_value import PValue, read_p

DIRECTION = {"higher": "higher", "lower": "lower", "none": "no difference", "differs": "different"}
"""A direction in words."""
_TURNED = {"higher": "lower", "lower": "higher"}


def where(reading: Reading, mark: Mark) -> str:
    """Return where a number stands in the text."""
    return place(reading.text, mark.start, mark.end)


def p_of(mark: Mark | None) -> PValue | None:
    """Return a P as the study reader reads it; None if it says nothing."""
    try:
        return None if mark is None else read_p(mark.parts["p"])
    except StudyError:
        return None


def is_small(p: PValue | None) -> bool | None:
    """Whether a P speaks of a difference at 0.05; None if it says nothing of that."""
    if p is None or (p.relation in "<≤" and p.number > Decimal("0.05")):
        return None
    return p.relation not in ">≥" and p.number <= Decimal("0.05")


def of_all_arms(reading: Reading, words: Words) -> bool:
    """Whether words may be about more arms than the two of the file."""
    return len(reading.arms) > 2 and words.arm is None


def direction_of(reading: Reading, words: Words) -> str:
    """Return what the words say of treatment against control; empty where better or worse is not known."""
    said = resolved(words.said, words.outcome.entry)
    if said in ("better", "worse"):
        return ""
    return _TURNED.get(said, said) if words.arm == reading.pair[1] else said


def claim_of(reading: Reading, group: Group, words: Sequence[Words], used: set[Mark]) -> dict[str, Noted]:
    """Return the claim of an outcome with numbers: by its words, else by its numbers if P is small."""
    here = [each for each in words if each.sentence == group.sentence]
    here = here or [each for each in words if not of_all_arms(reading, each)]
    said = next((each for each in here if direction_of(reading, each)), None)
    own = said.p if said is not None and group.p is None else group.p
    p, small = p_of(own), is_small(p_of(own))
    treatment, control = (size_of(group.cells[arm]) for arm in reading.pair)
    differ = treatment is not None and control is not None and treatment != control
    shown = ("higher" if treatment > control else "lower") if differ else ""  # type: ignore[operator]
    told = "" if said is None else direction_of(reading, said)
    comments = [] if own is None else [where(reading, own)]
    if said is not None and not (told == "none" and small) and not (told in _TURNED and small is False):
        comments.append(f"words: {quoted(said.text)}, {place(reading.text, said.sentence.start, said.sentence.end)}")
        comments += [f"{CONFIRM} {remark}" for remark in said.remarks]
        if said.sentence != group.sentence:
            comments.append(f"{CONFIRM} the words stand in another sentence than the numbers")
        if told in _TURNED and shown not in ("", told):
            comments.append(f"{CONFIRM} the numbers show the other direction")
        direction = shown if told == "differs" and shown and small else told
        text = said.text
    elif small is not None:
        direction = (shown or "differs") if small else "none"
        text = DIRECTION[direction]
        comments.append(
            f"{CONFIRM} "
            + ("the direction is that of the numbers" if small else "P is above 0.05, no words were found")
        )
    else:
        return {}
    if own is not None:
        used.add(own)
    return {"claim": claim_table(reading, direction, text, own if p is not None else None, said, comments)}


def claim_table(
    reading: Reading, direction: str, text: str, p: Mark | None, said: Words | None, comments: list[str]
) -> Noted:
    """Return a claim with its P; the level that the text gives stands for "significant" without a P, to be confirmed."""
    printed = "" if p is None else p.parts["p"]
    if p is None and said is not None and "significant" in said.text.lower() and reading.alpha is not None:
        sign = ">" if direction == "none" else "<"
        printed = f"P{sign}{reading.alpha.parts['alpha']}"
        comments.append(
            f"{CONFIRM} no P is printed, and the text calls P below {reading.alpha.parts['alpha']} significant"
        )
    table: dict[str, Any] = {"text": f"{text}, {printed}" if printed else text, "direction": direction}
    return Noted(table | ({"p": printed} if printed else {}), "; ".join(comments))


def effect_beside(reading: Reading, group: Group, used: set[Mark]) -> tuple[dict[str, Noted], list[str]]:
    """Return the effect printed beside the numbers of the arms, or a comment where it may be control over treatment."""
    mark = group.effect
    if mark is None:
        return {}, []
    used.add(mark)
    noted = effect_table(reading, mark)
    values = [size_of(group.cells[arm]) for arm in reading.pair]
    estimate = float(mark.parts["estimate"].rstrip("%").replace("·", ".").replace(",", ""))
    center = 1.0 if "ratio" in mark.parts["scale"] else 0.0
    agrees = None not in values and (values[0] - values[1]) * (estimate - center) >= 0  # type: ignore[operator]
    if agrees and not mark.parts["adjusted"]:
        return {"effect": noted}, []
    why = (
        "it is adjusted"
        if mark.parts["adjusted"]
        else "the numbers show the other direction: it may be control over treatment"
    )
    return {}, [f"{CONFIRM} effect, {why}: {quoted(mark.text)} ({where(reading, mark)})"]


def effect_table(reading: Reading, mark: Mark) -> Noted:
    """Return the table of a printed effect."""
    parts = mark.parts
    table: dict[str, Any] = {name: parts[name] for name in ("scale", "estimate", "low", "high")}
    comment = where(reading, mark)
    if 0 < sum("%" in table[name] for name in ("estimate", "low", "high")) < 3:
        table |= {name: f"{table[name].rstrip('%')}%" for name in ("estimate", "low", "high")}
        comment += f"; {CONFIRM} the percent sign is printed behind some of the three numbers only"
    if parts["level"] and Decimal(parts["level"]) != 95:
        table["level"] = float(Decimal(parts["level"]) / 100)
    elif not parts["level"]:
        comment += f"; {CONFIRM} the level is not printed, 0.95 is taken"
    if parts["adjusted"]:
        table["adjusted"] = "adjusted; for what is not said here"
    return Noted(table, comment)
