"""The one door to problems: asks the structure that a card names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bayes_ivf.cards import Card
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.problem.narrowing import narrowed, narrowed_outcome
from bayes_ivf.problem.options import check_options
from bayes_ivf.problem.problem import Problem
from bayes_ivf.problem.slots import PriorLike
from bayes_ivf.study import ARMS, KINDS, MeanSD, Outcome, Study

DERIVED = ("ongoing", "mcr_per_woman")
"""Outcomes that no paper needs to print, since a funnel derives them from its stages."""

LEFT_OUT = "({}) is left out of the funnel"
"""How a caveat begins that names an outcome which is no stage of a funnel."""


def applicable(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None if a card applies to an outcome, else the reason why not, in one sentence."""
    from bayes_ivf.forms import form_of
    from bayes_ivf.structures import find_structure

    study, outcome = narrowed_outcome(study.within(outcome.id), outcome)
    if KINDS[outcome.kind].why_not:
        return KINDS[outcome.kind].why_not.format(note=outcome.note)
    if outcome.left_out:
        return f"Not estimated: {outcome.left_out}"
    form = form_of(outcome)
    spread = KINDS[outcome.kind].spread
    if spread and outcome.spread == "range" and form is not None and form.support == "location":
        return "Not estimated: the printed spread is a range without its ends; write both, as in 5.8 (3.0 to 9.1)."
    constant = constant_arms(outcome)
    if constant:
        return f"Not estimated: the standard deviation of the {' and '.join(constant)} arm is printed as 0."
    if outcome.kind not in card.kinds:
        return f"The model {card.id} is not for outcomes printed as {outcome.kind}."
    reason = find_structure(card).load_problem().why_not(study, outcome, card)
    if reason is not None:
        return reason
    if card.per and outcome.per not in card.per:
        return f"The model {card.id} is for outcomes per {' or '.join(card.per)}, not per {outcome.per}."
    return None


def constant_arms(outcome: Outcome) -> tuple[str, ...]:
    """Return the arms whose standard deviation is printed as 0: nothing can be computed with them."""
    data = outcome.data or {}
    return tuple(arm for arm in ARMS if isinstance(datum := data.get(arm), MeanSD) and float(datum.sd) == 0)


def why_not(study: Study, outcome: Outcome, cards: Sequence[Card], prior: PriorLike) -> str:
    """Return why none of some cards can fit an outcome, in one sentence; empty if one can."""
    from bayes_ivf.structures import base_structure

    base = base_structure()
    reasons = []
    for card in sorted(cards, key=lambda each: each.structure != base):
        reason = applicable(study, outcome, card)
        if reason is None:
            try:
                build_problem(study, outcome.id, card, prior)
            except BayesIvfError as error:
                return f"Not estimated: {error.faults[0].found}"
            return ""
        reasons.append(reason)
    return reasons[0] if reasons else "There is no model."


def build_problem(
    study: Study, outcome: str, card: Card, prior: PriorLike, options: Mapping[str, object] | None = None
) -> Problem:
    """Make the problem of one fit.

    Parameters
    ----------
    study : Study
    outcome : str
        Its id.
    card : Card
    prior : str, Path, PriorSet or mapping
        A prior set, or slots as written in TOML.
    options : mapping, optional
        Options of the card.

    Raises
    ------
    RequestError
        If the study has no such outcome, the card does not apply to it, or what was printed is not enough.
    PriorError
        If a prior or its slot does not fit.
    CardError
        If an option is unknown, changes nothing here, or its value is not allowed.
    """
    from bayes_ivf.structures import find_structure

    structure, whole = find_structure(card), study
    # comparisons of several arms share some of them, and never stand in one model
    study, told = narrowed(whole.within(outcome))
    item = structure.hangs_on(study, whole.printed_id(outcome) if outcome not in study.ids else outcome)
    reason = applicable(study, item, card)
    if reason is not None:
        raise RequestError(
            Fault(
                f"{study.id}/{outcome} with model {card.id}",
                reason,
                f"outcomes of kind {', '.join(card.kinds)}" + (f", per {', '.join(card.per)}" if card.per else ""),
                "choose another outcome or model",
            )
        )
    check_options(study, item, card, options)
    problem = structure.load_problem().make(study, item, card, prior, options)
    settled = structure.stated(study, item)
    changed = any(
        card.options[name].canonical(value)
        != card.options[name].canonical(settled.get(name, card.options[name].default))
        for name, value in (options or {}).items()
    )
    taken = (told[item.id],) if item.id in told else ()
    return _of_comparison(replace(problem, variation=changed, caveats=problem.caveats + taken), whole, item)


def _of_comparison(problem: Problem, study: Study, item: Outcome) -> Problem:
    """Name the comparison in what a model derives from the outcomes of one of several."""
    (each,) = (each for each in study.comparisons if each.id == item.comparison) if study.comparisons else (None,)
    if each is None:
        return problem
    places = {
        name: place
        if place.outcome in study.ids
        else replace(place, outcome=each.expanded(place.outcome), label=f"{place.label}: {each.label}")
        for name, place in problem.places.items()
    }
    return replace(problem, places=places, comparison=each.label)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for a problem; what has none is left to quadrature."""
    from bayes_ivf import structures

    return structures.can_be_sampled(problem)
