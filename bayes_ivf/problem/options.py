"""Which options of a card apply to an outcome: one that changes nothing is refused by name, and never run."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.cards import Card
from bayes_ivf.errors import CardError, Fault
from bayes_ivf.problem.narrowing import narrowed_outcome
from bayes_ivf.study import Outcome, Study


def applying_options(study: Study, outcome: Outcome, card: Card) -> tuple[str, ...]:
    """Return the options of a card that can change the result of an outcome, in the card's order."""
    return _offered(card, _asked(*narrowed_outcome(study, outcome), card))


def _offered(card: Card, apply: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(name for name in card.options if apply is None or name in apply)


def _asked(study: Study, outcome: Outcome, card: Card) -> tuple[str, ...] | None:
    from bayes_ivf.structures import find_structure

    return find_structure(card).load_problem().applying_options(study.within(outcome.id), outcome)


def check_options(study: Study, outcome: Outcome, card: Card, options: Mapping[str, object] | None) -> None:
    """Refuse options that do not apply to an outcome; those that the card does not have are refused by the card.

    Raises
    ------
    CardError
        With every option that would change nothing, and every one that the card would have to offer.
    """
    asked = _asked(study, outcome, card)
    apply = _offered(card, asked)
    faults = [
        Fault(
            f"option {name}",
            f"{value!r}, which changes nothing for {outcome.id} ({outcome.kind})",
            f"options of {card.id} that apply here: {', '.join(apply) or 'none'}",
            "remove it",
        )
        for name, value in (options or {}).items()
        if name in card.options and name not in apply
    ]
    faults += [
        Fault(
            f"model {card.id}",
            f"no option {name}, which {outcome.id} ({outcome.kind}) needs",
            "a card with every option of the outcomes that it takes",
            f"add a table [options.{name}] to the card, or take {outcome.kind} out of its kinds",
        )
        for name in asked or ()
        if name not in card.options
    ]
    if faults:
        raise CardError(faults)
