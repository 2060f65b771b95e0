"""Answers of a human to items of checklists: which lists and items there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bayes_ivf.checklists import checklists
from bayes_ivf.errors import Fault


def answer_faults(answers: Any, source: str) -> list[Fault]:
    """Return a fault for each list and each item that no checklist has; what is no table is a fault already.

    Parameters
    ----------
    answers : object
        What stands under ``answers`` in a study file.
    source : str
        Named in the faults.
    """
    if not isinstance(answers, Mapping):
        return []
    faults = []
    known = checklists()
    for name, items in answers.items():
        if name not in known:
            faults.append(_fault(f"{source}: answers", str(name), "a checklist", tuple(known)))
        elif isinstance(items, Mapping):
            there = known[name]
            strange = [str(item) for item in items if item not in there.numbers]
            about = f"an item of {there.title}"
            faults += [_fault(f"{source}: answers.{name}", item, about, there.numbers) for item in strange]
    return faults


def _fault(where: str, found: str, about: str, allowed: Sequence[str]) -> Fault:
    near = get_close_matches(found.strip().lower(), [name.lower() for name in allowed], 1, 0.6)
    meant = next((name for name in allowed if near and name.lower() == near[0]), None)
    action = f"did you mean {meant!r}? Else correct or remove it" if meant else "correct or remove it"
    shown = repr(found if len(found) <= 60 else f"{found[:57]}...")
    return Fault(where, shown, f"{about}: {', '.join(allowed)}", action)
