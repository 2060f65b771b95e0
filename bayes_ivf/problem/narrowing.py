"""Percentages that stand for one pair of counts once everything else that is printed is taken into account."""

from __future__ import annotations

import weakref
from dataclasses import replace

from bayes_ivf.study import ARMS, Outcome, Percent, Study

_KNOWN: dict[int, tuple[weakref.ref[Study], Study, dict[str, str]]] = {}


def narrowed(study: Study) -> tuple[Study, dict[str, str]]:
    """Return a study whose ambiguous percentages have the one pair of counts that the rest of the paper leaves.

    Returns
    -------
    study : Study
        The same object where nothing was narrowed; outcomes that still fit several pairs keep all of them.
    told : dict of str to str
        By outcome: what left one pair, in one sentence.
    """
    if not any(_open(item) for item in study.items):
        return study, {}
    known = _KNOWN.get(id(study))
    if known is not None and known[0]() is study:
        return known[1], known[2]
    found, told = _narrow(study)
    key, forget = id(study), _KNOWN.pop  # names of a module are gone when the interpreter ends
    _KNOWN[key] = weakref.ref(study, lambda _: forget(key, None)), found, told
    return found, told


def narrowed_outcome(study: Study, outcome: Outcome) -> tuple[Study, Outcome]:
    """Return a narrowed study, and an outcome of it."""
    found, told = narrowed(study)
    return found, found.outcome(outcome.id) if outcome.id in told else outcome


def _open(item: Outcome) -> bool:
    return item.data is not None and any(isinstance(each, Percent) and not each.unique for each in item.data.values())


def _narrow(study: Study) -> tuple[Study, dict[str, str]]:
    from bayes_ivf.auditing import decoded_pairs, is_ambiguous

    items, told = [], {}
    for item in study.items:
        decoded = decoded_pairs(study, item) if is_ambiguous(item) else None
        if decoded is not None and decoded.size == 1 and item.data is not None:
            ((first, second),) = decoded.pairs
            data = {
                arm: replace(datum, candidates=(pair,)) if isinstance(datum, Percent) else datum
                for arm, datum, pair in (
                    (arm, item.data[arm], pair) for arm, pair in zip(ARMS, (first, second), strict=True)
                )
            }
            told[item.id] = f"{decoded.told} Taken as {first} vs {second}."
            item = replace(item, data=data)
        items.append(item)
    return (replace(study, items=tuple(items)), told) if told else (study, {})
