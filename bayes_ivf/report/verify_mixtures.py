"""Mixtures over readings that a page embeds, made anew from its study, model cards and primary prior set."""

from __future__ import annotations

from dataclasses import fields
from math import isclose

from bayes_ivf.reading_choices import mixed_readings
from bayes_ivf.report.rebuilt import Rebuilt
from bayes_ivf.report.verify_text import Difference
from bayes_ivf.results import MixedReading

_CLOSE = 1e-6
"""Of probabilities, shares and medians, between machines."""


def mixture_differences(rebuilt: Rebuilt) -> list[Difference]:
    """Return what of the embedded mixtures is otherwise than readings made anew."""
    context = rebuilt.context
    if not context.mixed or rebuilt.women:
        return []
    anew = {
        _name(each): each for each in mixed_readings(context.study, rebuilt.cards, rebuilt.sets[0], context.ci_prob)
    }
    shown = {_name(each): each for each in context.mixed}
    return [
        Difference(f"readings of {name}", _told(shown.get(name)), _told(anew.get(name)))
        for name in dict.fromkeys((*shown, *anew))
        if not _same(shown.get(name), anew.get(name))
    ]


def _name(each: MixedReading) -> str:
    return f"{each.outcome} per {each.per}, {each.choice}"


def _told(each: MixedReading | None) -> str:
    return "nothing" if each is None else str(tuple(getattr(each, field.name) for field in fields(each)))[:300]


def _same(one: MixedReading | None, other: MixedReading | None) -> bool:
    if one is None or other is None:
        return one is other
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        both = isinstance(left, float) and isinstance(right, float)
        if not (isclose(left, right, rel_tol=_CLOSE, abs_tol=_CLOSE) if both else left == right):
            return False
    return True
