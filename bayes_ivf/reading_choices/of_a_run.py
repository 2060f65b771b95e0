"""What a run tells of readings: outcomes of which a paper leaves more than one open, under the primary prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bayes_ivf.cards import Card, load_card
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.priors import PriorSet
from bayes_ivf.reading_choices.call import readings
from bayes_ivf.reading_choices.opened import card_of_readings, choices_of
from bayes_ivf.reading_choices.result import Readings
from bayes_ivf.results import MixedReading
from bayes_ivf.structures import base_structure
from bayes_ivf.study import KINDS, Outcome, Study

if TYPE_CHECKING:
    from bayes_ivf.reading_choices.choices import Choice

MOST_SLOW, MOST_QUICK = 12, 500
"""Combinations of choices up to which a run asks: of models that are solved one by one, and of those solved together."""


def mixed_readings(study: Study, cards: Sequence[Card], prior: PriorSet, ci_prob: float) -> tuple[MixedReading, ...]:
    """Return the mixtures of all outcomes that have several readings; what words alone tell is told at every doubt already.

    Parameters
    ----------
    study : Study
    cards : sequence of Card
        Of the run: readings of a model that it does not have are left out.
    prior : PriorSet
    ci_prob : float
    """
    found: list[MixedReading] = []
    names = {card.id for card in cards}
    for item in study.items:
        if item.role != "outcome" or KINDS[item.kind].words or KINDS[item.kind].why_not or item.left_out:
            continue
        try:
            # of a model that would take too long, the readings of plain counts are told
            tried = (card_of_readings(study, item, prior), load_card(base_structure()))
            card = next(
                (each for each in tried if each.id in names and _few(choices_of(study, item, each), each)), None
            )
            if card is None:
                continue
            made = readings(study, item.id, prior=prior, model=card, ci_prob=ci_prob, workers=1)
        except BayesIvfError:  # what cannot be fitted says so elsewhere
            continue
        if len(made.possible) > 1:
            found += [row for each in (made, *made.beside) for row in _rows(item, each, card, prior)]
    return tuple(found)


def _few(choices: Sequence[Choice], card: Card) -> bool:
    number = 1
    for choice in choices:
        number *= len(choice.levels)
    alone = any(choice.name in card.options and choice.name in ("M", "mechanism") for choice in choices)
    return 1 < number <= (MOST_SLOW if alone else MOST_QUICK)


def _rows(item: Outcome, made: Readings, card: Card, prior: PriorSet) -> list[MixedReading]:
    if len(made.possible) < 2:
        return []
    low, high = made.range_of_benefit
    return [
        MixedReading(
            study=made.study,
            outcome=item.id,
            model=card.id,
            prior=prior.id,
            per=made.per,
            choice=name,
            about=about,
            levels=len({each.levels[name] for each in made.possible}),
            share=made.shares.get(name),
            estimand=made.estimand,
            weights=made.weights,
            readings=len(made.possible),
            impossible=len(made.removed),
            median=made.median,
            ci_low=made.ci_low,
            ci_high=made.ci_high,
            ci_level=made.ci_prob,
            p_benefit=_known(made.p_benefit),
            p_benefit_min=_known(low),
            p_benefit_max=_known(high),
            verdict="pass" if made.accurate else "warn",
        )
        for name, about in made.choices.items()
    ]


def _known(value: float) -> float | None:
    return None if value != value else value
