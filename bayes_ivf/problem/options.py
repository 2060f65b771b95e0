"""Which options of a card apply to an outcome: one that changes nothing is refused by name, and never run."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.cards import Card
from bayes_ivf.errors import CardError, Fault
from bayes_ivf.problem.funnel import embryos_of
from bayes_ivf.study import MeanSD, Outcome, Study

MEANS, CLAIMS = ("variance",), ("doubt",)


def applying_options(study: Study, outcome: Outcome, card: Card) -> tuple[str, ...]:
    """Return the options of a card that can change the result of an outcome, in the card's order."""
    apply = _applying(study, outcome, card.structure)
    return tuple(name for name in card.options if apply is None or name in apply)


def _applying(study: Study, outcome: Outcome, structure: str) -> tuple[str, ...] | None:
    if structure in ("two_arm", "individual"):
        means = outcome.data is not None and isinstance(outcome.data["treatment"], MeanSD)
        return MEANS if means else CLAIMS if outcome.kind == "claim_only" else ()
    if structure == "outcomes" and outcome.family == "pregnancy":
        return ("pooling",)
    if structure == "funnel" and embryos_of(study, outcome) is None:
        return ()
    return None


def check_options(study: Study, outcome: Outcome, card: Card, options: Mapping[str, object] | None) -> None:
    """Refuse options that do not apply to an outcome; those that the card does not have are refused by the card.

    Raises
    ------
    CardError
        With every option that would change nothing.
    """
    apply = applying_options(study, outcome, card)
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
    if faults:
        raise CardError(faults)
