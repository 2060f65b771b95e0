"""The one door to problems: finds the maker that a card's structure needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bayes_ivf.cards import Card
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.problem.embryo_cluster import embryo_cluster
from bayes_ivf.problem.funnel import anchor, funnel, no_funnel
from bayes_ivf.problem.individual import individual
from bayes_ivf.problem.options import check_options
from bayes_ivf.problem.outcomes import constant_arms, members_of, outcomes
from bayes_ivf.problem.problem import Problem
from bayes_ivf.problem.slots import PriorLike
from bayes_ivf.problem.two_arm import two_arm
from bayes_ivf.study import ARMS, Clusters, Outcome, Study

Maker = Callable[[Study, Outcome, Card, PriorLike, Mapping[str, object] | None], Problem]

_MAKERS: Mapping[str, Maker] = {
    "two_arm": two_arm,
    "embryo_cluster": embryo_cluster,
    "funnel": funnel,
    "outcomes": outcomes,
    "individual": individual,
}

MOST_EMBRYOS = 2_500
"""Embryos of an arm up to which generating functions of its totals neither overflow nor take long."""

DERIVED = ("ongoing", "mcr_per_woman")
"""Outcomes that no paper needs to print, since a funnel derives them from its stages."""


def applicable(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None if a card applies to an outcome, else the reason why not, in one sentence."""
    if outcome.kind == "unavailable":
        return f"Not estimable from what was visible: {outcome.note}"
    if outcome.left_out:
        return f"Not estimated: {outcome.left_out}"
    if outcome.kind == "categories":
        return "Not estimated: categories are compared by a test only, since no single effect sums them up."
    if outcome.spread == "range" and outcome.kind == "mean_sd":
        return "Not estimated: the printed spread is a range, from which no standard deviation follows."
    constant = constant_arms(outcome)
    if constant:
        return f"Not estimated: the standard deviation of the {' and '.join(constant)} arm is printed as 0."
    if outcome.kind not in card.kinds:
        return f"The model {card.id} is not for outcomes printed as {outcome.kind}."
    if card.structure == "outcomes" and outcome.family != "pregnancy" and len(members_of(study, outcome)) < 2:
        return f"The model {card.id} needs a family of at least two outcomes printed alike."
    if card.structure == "funnel" or (card.structure == "outcomes" and outcome.family == "pregnancy"):
        reason = no_funnel(study, outcome if card.structure == "funnel" else None)
        if reason:
            return f"The model {card.id} {reason}"
    if card.per and outcome.per not in card.per:
        return f"The model {card.id} is for outcomes per {' or '.join(card.per)}, not per {outcome.per}."
    if card.structure in ("embryo_cluster", "funnel") and _embryos(outcome) > MOST_EMBRYOS:
        return f"The model {card.id} takes at most {MOST_EMBRYOS:,} embryos in an arm."
    return None


def _embryos(outcome: Outcome) -> int:
    """Embryos of the larger arm; 0 for an outcome of something else."""
    data = [None if outcome.data is None else outcome.data[arm] for arm in ARMS]
    counts = [outcome.counts(arm) if outcome.per == "embryo" else None for arm in ARMS]
    sizes = [each.embryos for each in data if isinstance(each, Clusters)] + [each.n for each in counts if each]
    return max(sizes, default=0)


def why_not(study: Study, outcome: Outcome, cards: Sequence[Card], prior: PriorLike) -> str:
    """Return why none of some cards can fit an outcome, in one sentence; empty if one can."""
    reasons = []
    for card in sorted(cards, key=lambda each: each.structure != "two_arm"):
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
    hangs_on = anchor(study) if card.structure == "funnel" and outcome in DERIVED else None
    item = hangs_on or study.outcome(outcome)
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
    problem = _MAKERS[card.structure](study, item, card, prior, options)
    changed = any(
        card.options[name].canonical(value) != card.options[name].default for name, value in (options or {}).items()
    )
    return replace(problem, variation=changed)
