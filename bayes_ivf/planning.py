"""What will be fitted of a study: every outcome under every card and prior set that make sense together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bayes_ivf import defaults
from bayes_ivf.cards import Card, bundled_cards, load_card
from bayes_ivf.errors import BayesIvfError, RequestError
from bayes_ivf.priors import PriorSet, bundled_prior_sets, load_prior_set
from bayes_ivf.problem import Problem, applicable, applying_options, build_problem, can_be_sampled
from bayes_ivf.structures import find_structure
from bayes_ivf.study import Outcome, Study


@dataclass(frozen=True)
class Plan:
    """What will be fitted, and what cannot be and why."""

    problems: tuple[Problem, ...]
    reasons: Mapping[str, str]


def plan(study: Study, cards: Sequence[Card], sets: Sequence[PriorSet]) -> Plan:
    """List every problem of a study under cards and prior sets; a combination that makes no sense is left out.

    Raises
    ------
    RequestError
        If nothing at all is left.
    """
    problems: dict[tuple[str, ...], Problem] = {}
    reasons: dict[str, str] = {}
    for item in study.items:
        before = len(problems)
        for card in cards:
            reason = applicable(study, item, card)
            if reason is not None:
                reasons.setdefault(item.id, reason)
                continue
            for prior in sets[:1] if card.run_priors != "all" or item.role == "baseline" else sets:
                for options in _options(study, item, card, primary=prior is sets[0]):
                    try:
                        problem = build_problem(study, item.id, card, prior, options)
                    except RequestError as error:
                        reasons[item.id] = f"Not estimated: {error.faults[0].found}"
                    except BayesIvfError as error:
                        reasons.setdefault(item.id, f"Not estimated: {error.faults[0].found}")
                    else:
                        # a variant that only quadrature can solve takes minutes: it is for those who ask; doubts are none
                        if not set(options) - {"doubt"} or can_be_sampled(problem):
                            problems.setdefault(problem.key, problem)  # members of a family share one problem
        if len(problems) > before:
            reasons.pop(item.id, None)
    return Plan(tuple(problems.values()), reasons)


def _options(study: Study, item: Outcome, card: Card, *, primary: bool) -> list[dict[str, object]]:
    """Settings of a card's options to fit: the default, and under the primary prior its variants; claims at every doubt.

    A variant in an option that changes nothing for this outcome is left out.
    """
    apply = applying_options(study, item, card)
    if "doubt" in apply:
        return [{"doubt": doubt} for doubt in defaults.CLAIM_DOUBTS]
    variants: list[dict[str, object]] = [dict(each) for each in card.variants if primary and set(each) <= set(apply)]
    variants += find_structure(card).varied(study, item) if primary else []
    return [{}, *variants]


def load_cards(sources: Sequence[str | Path | Card] | None = None) -> list[Card]:
    """Load the model cards of a run or batch; by default all bundled ones that run unasked.

    A card that runs only where it is named is a sensitivity: alone, it stands beside those that run unasked.
    """
    named = [each if isinstance(each, Card) else load_card(each) for each in sources or ()]
    if any(card.run_priors != "none" for card in named):
        return named
    return [card for card in map(load_card, bundled_cards()) if card.run_priors != "none"] + named


def load_prior_sets(sources: Sequence[str | Path | PriorSet] | None = None) -> list[PriorSet]:
    """Load the prior sets of a run or batch, the primary one first; all bundled ones by default."""
    ids = sorted(bundled_prior_sets(), key=lambda name: name != defaults.PRIMARY_PRIOR)
    return [each if isinstance(each, PriorSet) else load_prior_set(each) for each in sources or ids]
