"""One outcome with everything that is open about it: solved, weighed and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.cards import Card, load_card
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.problem import PriorLike, Problem, applying_options, build_problem
from bayes_ivf.reading_choices.choices import Asked, Choice, open_choices
from bayes_ivf.reading_choices.evidence import comparable_evidence
from bayes_ivf.reading_choices.mixing import TOLD, ReadingNumbers
from bayes_ivf.reading_choices.result import Reading, Readings
from bayes_ivf.reading_choices.settings import Setting, Settings, all_settings
from bayes_ivf.reading_choices.shares import shapley_shares
from bayes_ivf.reading_choices.solving import SolvedProblems
from bayes_ivf.record import default_card
from bayes_ivf.structures import base_structure
from bayes_ivf.study import Outcome, Percent, Study

Array = npt.NDArray[np.float64]
By = Literal["stated", "evidence"]


@dataclass(frozen=True)
class Wanted:
    """What a call asks of every outcome.

    Parameters
    ----------
    weights : {"stated", "evidence"}
    prior : str, Path, PriorSet or mapping
    model : str, Path or Card
    ci_prob : float
    workers : int or None
    """

    weights: By
    prior: PriorLike
    model: str | Path | Card
    ci_prob: float
    workers: int | None


@dataclass(frozen=True)
class Opened:
    """An outcome with everything that is open about it."""

    study: Study
    item: Outcome
    settings: Settings

    @classmethod
    def of(cls, study: Study, item: Outcome, asked: Asked, priors: bool | Sequence[str], wanted: Wanted) -> Opened:
        """Open an outcome; prior sets are a choice where `priors` is true, or those that it names."""
        study = study.within(item.id)
        card, base = card_of_readings(study, item, wanted.prior, wanted.model), load_card(base_structure())
        sets = prior_sets(study, item, card) if priors else {}
        if priors is not True and priors:
            sets = {name: sets[name] for name in priors}
        opened = choices_of(study, item, card, asked)
        if sets:
            opened.append(Choice("prior", {name: 1 / len(sets) for name in sets}, "prior set"))
        return cls(study, item, all_settings(study, item.id, opened, card, base, wanted.prior, sets))

    @property
    def possible(self) -> tuple[Setting, ...]:
        """Readings that could have been printed."""
        return self.settings.possible

    @property
    def problems(self) -> list[Problem]:
        """Their problems."""
        return [_of(each) for each in self.possible]

    @property
    def is_plain(self) -> bool:
        """Whether readings are problems as they are."""
        return not any(each.turned or each.doubt for each in self.possible)

    @property
    def places(self) -> tuple[str, ...]:
        """Places at which quantities speak of an outcome of the paper, in no other version of it."""
        known = self.problems[0].places.items()
        return ("", *(place for place, about in known if about.outcome in self.study.ids and not about.options))

    def solve(self, places: Sequence[str], wanted: Wanted) -> SolvedProblems:
        """Solve every distinct problem."""
        return SolvedProblems(self.problems, places, wanted.ci_prob, wanted.workers)

    def weights(self, solved: SolvedProblems, by: By) -> Array:
        """Posterior weights of possible readings."""
        stated = np.array([each.weight for each in self.possible])
        log = self.log_chances(solved, by)
        chance = stated * np.exp(log - log.max())
        return np.asarray(chance / chance.sum())

    def log_chances(self, solved: SolvedProblems, by: By) -> Array:
        """What is added to the log of stated weights (reading,): 0, or minus infinity where nothing such could be printed.

        Raises
        ------
        RequestError
            If evidence has no common unit, or numbers are doubted.
        """
        evidence = self.evidence(solved)
        if by == "stated":
            return np.where(np.isneginf(evidence), -np.inf, 0.0)
        if any(each.doubt for each in self.possible):
            allowed = (
                "stated, where numbers are doubted: that the prior is left with a stated probability is no likelihood"
            )
            raise RequestError(Fault("weights", repr(by), allowed, 'use weights="stated"'))
        return comparable_evidence(evidence, self.problems)

    def evidence(self, solved: SolvedProblems) -> Array:
        """Log marginal likelihood (reading,)."""
        return solved.evidence[[solved.place[each.hash] for each in self.problems]]

    def result(self, solved: SolvedProblems, name: EstimandId, wanted: Wanted, weight: Array | None = None) -> Readings:
        """Readings of one quantity, by given posterior weights of possible readings or their own."""
        posterior = self.weights(solved, wanted.weights) if weight is None else weight
        numbers = ReadingNumbers.of(solved, name, self.possible)
        mixture = numbers.mixture(posterior)
        about = self.problems[0].place(name.place)
        answer = numbers.columns["p_benefit" if about.sign else "median"]
        shares = shapley_shares([one.levels for one in self.possible], answer, posterior)
        item, opened = self.item, self.settings.choices
        told: dict[str, Any] = dict(numbers.told(mixture, posterior, wanted.ci_prob))
        return Readings(
            study=self.study.id,
            outcome=item.id,
            label=item.label if not name.place else f"{item.label}, by {about.label}",
            per=self.study.outcome(about.outcome).per if about.outcome in self.study.ids else item.per,
            estimand=name.estimand,
            sign=about.sign,
            weights=wanted.weights,
            choices={choice.name: choice.told for choice in opened},
            each=_each(self.settings, numbers.columns, posterior, self.evidence(solved)),
            **told,
            ci_prob=wanted.ci_prob,
            shares=dict(zip([choice.name for choice in opened], shares, strict=True)) if shares else {},
            accurate=solved.accurate() and bool(mixture.accurate.all()),
            posterior=mixture,
            quantity=name.text,
        )


def choices_of(study: Study, item: Outcome, card: Card, asked: Asked | None = None) -> list[Choice]:
    """Return what is open about an outcome under a card."""
    return open_choices(study, item, applying_options(study, item, card), asked or {})


def card_of_readings(study: Study, item: Outcome, prior: PriorLike, model: str | Path | Card = "auto") -> Card:
    """Return the card of record: of an ambiguous outcome, that of its decodings."""
    if model != "auto":
        return model if not isinstance(model, str | Path) else load_card(model)
    return default_card(_decoded(study), item.id, prior)


def _decoded(study: Study) -> Study:
    """A study with the first decoding of each ambiguous percentage: what is known once counts are."""
    items = []
    for item in study.items:
        data = dict(item.data or {})
        for arm, datum in data.items():
            if isinstance(datum, Percent):
                data[arm] = datum.candidates[len(datum.candidates) // 2]
        items.append(replace(item, data=data) if data else item)
    return replace(study, items=tuple(items))


def prior_sets(study: Study, item: Outcome, card: Card) -> Mapping[str, PriorLike]:
    """Return named prior sets under which the outcome has a problem."""
    found: dict[str, PriorLike] = {}
    for name in sorted(bundled_prior_sets(), key=lambda each: each != defaults.PRIMARY_PRIOR):
        chosen = load_prior_set(name)
        try:
            build_problem(_decoded(study), item.id, card, chosen)
        except BayesIvfError:
            continue
        found[name] = chosen
    return found


def _of(setting: Setting) -> Problem:
    assert setting.problem is not None
    return setting.problem


def _each(settings: Settings, columns: Mapping[str, Array], weight: Array, evidence: Array) -> tuple[Reading, ...]:
    found, i = [], 0
    names = [choice.name for choice in settings.choices]
    for setting in settings.each:
        levels = dict(zip(names, setting.levels, strict=True))
        if setting.problem is None:
            found.append(Reading(levels, setting.weight, 0.0, log_evidence=-np.inf, impossible=setting.reason))
            continue
        told: dict[str, Any] = {field: float(columns[field][i]) for field in TOLD}
        known = float(evidence[i]) if setting.problem.proper and not setting.doubt else np.nan
        found.append(Reading(levels, setting.weight, float(weight[i]), **told, log_evidence=known))
        i += 1
    return tuple(found)
