"""Readings of several outcomes together, from what is open about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import applying_options
from bayes_ivf.reading_choices.choices import Asked, known_choices, related
from bayes_ivf.reading_choices.joint_design import joint_design
from bayes_ivf.reading_choices.joint_result import JointReadings
from bayes_ivf.reading_choices.opened import Opened, Wanted, card_of_readings, prior_sets
from bayes_ivf.study import Outcome, Study


def joint_readings(study: Study, ids: Sequence[str], asked: Asked, priors: bool, wanted: Wanted) -> JointReadings:
    """Return readings of several outcomes together; arguments as of `readings`.

    Raises
    ------
    RequestError
        If there is no outcome, a choice is known to none of them, or evidence would count data twice.
    """
    if not ids:
        raise RequestError(Fault("outcome", "an empty list", ", ".join(study.ids), "name outcomes"))
    items = [study.outcome(each) for each in ids]
    of_each = _asked_of_each(study, items, asked, wanted)
    sets = _shared_sets(study, items, wanted) if priors else []
    if wanted.weights == "evidence":
        _check_apart(study, items)
    opened = [Opened.of(study, item, of_each[item.id], sets, wanted) for item in items]
    own = {(item.id, name) for item in items for name in _own(item, asked)}
    design = joint_design(dict(zip(ids, [each.settings for each in opened], strict=True)), own)
    solved = [each.solve(("",), wanted) for each in opened]
    log = [each.log_chances(one, wanted.weights) for each, one in zip(opened, solved, strict=True)]
    weight = design.weights(dict(zip(ids, log, strict=True)))
    made = {
        item.id: each.result(one, one.quantities[0], wanted, design.of_outcome(item.id, weight))
        for item, each, one in zip(items, opened, solved, strict=True)
    }
    return JointReadings.of(study.id, wanted.weights, made, design, weight)


def _shared_sets(study: Study, items: Sequence[Outcome], wanted: Wanted) -> list[str]:
    """Names of prior sets under which every outcome has a problem."""
    known = []
    for item in items:
        within = study.within(item.id)
        known.append(prior_sets(within, item, card_of_readings(within, item, wanted.prior, wanted.model)))
    return [name for name in known[0] if all(name in other for other in known)]


def _own(item: Outcome, asked: Asked) -> dict[str, Any]:
    """Choices that are asked of one outcome alone, without its name."""
    end = f" of {item.id}"
    return {name.removesuffix(end): levels for name, levels in asked.items() if name.endswith(end)}


def _asked_of_each(study: Study, items: Sequence[Outcome], asked: Asked, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Choices that are asked of each outcome, by its own names.

    Raises
    ------
    RequestError
        If none of them knows a name.
    """
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        within = study.within(item.id)
        card = card_of_readings(within, item, wanted.prior, wanted.model)
        known = known_choices(within, item, applying_options(within, item, card))
        own = _own(item, asked)
        found[item.id] = {name: levels for name, levels in {**asked, **own}.items() if name in known}
        unknown = [name for name in own if name not in known]
        if unknown:
            allowed = ", ".join(known) or "none: the paper leaves nothing open here"
            where = f"choices of {study.id}/{item.id}"
            raise RequestError(Fault(where, ", ".join(unknown), allowed, "leave it out, or name one of these"))
    ends = tuple(f" of {item.id}" for item in items)
    nobody = [name for name in asked if not any(name in each for each in found.values()) and not name.endswith(ends)]
    if nobody:
        raise RequestError(
            Fault(f"choices of {study.id}", ", ".join(nobody), "what one of the outcomes leaves open", "leave it out")
        )
    return found


def _check_apart(study: Study, items: Sequence[Outcome]) -> None:
    """Refuse to multiply the evidence of outcomes of which one is part of another's data."""
    ids = {item.id for item in items}
    for item in items:
        for other in related(study, item)[1:]:
            if other.id in ids:
                found = f'"evidence" of {item.id} and {other.id}: what is printed of {other.id} would count twice'
                raise RequestError(Fault("weights", found, "outcomes that share no data", 'use weights="stated"'))
