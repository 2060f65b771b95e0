"""The call of a notebook: from a study and an outcome to all its readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.cards import load_card
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.problem import PriorLike, Problem, applying_options, build_problem
from bayes_ivf.reading_choices.choices import Asked, Choice, open_choices
from bayes_ivf.reading_choices.evidence import comparable_evidence
from bayes_ivf.reading_choices.result import Reading, Readings
from bayes_ivf.reading_choices.settings import Setting, all_settings
from bayes_ivf.reading_choices.shares import shapley_shares
from bayes_ivf.reading_choices.solving import Numbers, SolvedProblems, numbers_of
from bayes_ivf.record import default_card
from bayes_ivf.settings import check_level
from bayes_ivf.structures import base_structure
from bayes_ivf.study import ARMS, Counts, Outcome, Percent, Study, load_study

if TYPE_CHECKING:
    from bayes_ivf.cards import Card

Array = npt.NDArray[np.float64]
By = Literal["stated", "evidence"]


def readings(
    study: str | Path | Study,
    outcome: str | None = None,
    weights: By = "stated",
    priors: bool = False,
    *,
    choices: Asked | None = None,
    prior: PriorLike = defaults.PRIMARY_PRIOR,
    model: str | Path | Card = "auto",
    ci_prob: float = defaults.CI_PROB,
    workers: int | None = None,
) -> Readings:
    """Mix all readings that a paper leaves open of an outcome, and say how much each choice matters.

    Choices are: the counts behind an ambiguous percentage (``decoding``), sd or standard error (``spread``, where the label is
    undeclared and the audit doubts it), and options of the model: most embryos (``M``), how unprinted allocations are weighted
    (``weights``), what ties embryos of one woman together (``mechanism``), the chance that a claim says nothing (``doubt``).
    By name alone: ``arms`` (which column is which), losses before the clinical pregnancy (level ``biochemical`` of
    ``mechanism``), embryos taken as independent (level ``independent``), four embryos and more.

    Parameters
    ----------
    study : str, Path or Study
        Id of a bundled study, path of a study file, or a study.
    outcome : str, optional
        Id of the outcome; may be left out if the study has one.
    weights : {"stated", "evidence"}
        ``stated``: the weights of the levels are the posterior weights; what could not have been printed is removed and named.
        ``evidence``: they are multiplied by the probability of what was printed, by Bayes' theorem.
    priors : bool
        Whether the named prior sets are a choice, too.
    choices : mapping of str to levels, optional
        Levels of some choices in place of those that are tried unasked, alone or as a mapping to their weights:
        ``{"M": ["2", "3"], "mechanism": {"beta_binomial": 0.7, "receptivity": 0.3}}``.
    prior : str, Path, PriorSet or mapping
        As of `fit`, where prior sets are no choice.
    model : str, Path or Card
        As of `fit`.
    ci_prob : float
        Probability of the intervals.
    workers : int, optional
        Processes that share many problems; changes no number.

    Returns
    -------
    Readings
        ``table`` (one row per reading), the mixture's numbers, ``shares``, ``beside`` (other denominators), ``sentence()``.

    Raises
    ------
    RequestError
        If nothing can be fitted, choices make no sense, or evidence has no common unit.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> found = bi.readings("lei-2026", "eir")
    >>> found
    Readings(lei-2026/eir: 4 readings, stated, P(benefit) 0.851)
    >>> {name: round(share, 2) for name, share in found.shares.items()}
    {'M': 0.0, 'weights': 0.02, 'mechanism': 0.98}

    One outcome of a single table has one reading, which is its fit:

    >>> bi.readings(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")).shares
    mappingproxy({})

    References
    ----------
    Hoeting JA, Madigan D, Raftery AE, Volinsky CT (1999). Bayesian model averaging: a tutorial. Statistical Science 14:382-417.
    doi:10.1214/ss/1009212519
    """
    if weights not in ("stated", "evidence"):
        raise RequestError(Fault("weights", repr(weights), "stated, evidence", "name one of the two"))
    loaded, level, asked = load_study(study), check_level(ci_prob), dict(choices or {})
    item = loaded.only_outcome() if outcome is None else loaded.outcome(outcome)
    loaded = loaded.within(item.id)
    card, base = card_of_readings(loaded, item, prior, model), load_card(base_structure())
    sets = _prior_sets(loaded, item, card) if priors else {}
    opened = choices_of(loaded, item, card, asked)
    if sets:
        opened.append(Choice("prior", {name: 1 / len(sets) for name in sets}, "prior set"))
    settings = all_settings(loaded, item.id, opened, card, base, prior, sets)
    solved = SolvedProblems([each.problem for each in settings if each.problem is not None], workers)
    first = next(each.problem for each in settings if each.problem is not None)
    made = [
        _result(loaded, item, opened, settings, solved, name, weights, level)
        for name in solved.quantities
        if not name.place or _is_printed(loaded, first, name)
    ]
    beside = [*made[1:], *_per_woman(loaded, item, weights, prior, level)]
    return replace(made[0], beside=tuple(beside))


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


def _prior_sets(study: Study, item: Outcome, card: Card) -> Mapping[str, PriorLike]:
    """Named prior sets under which the outcome has a problem."""
    found: dict[str, PriorLike] = {}
    for name in sorted(bundled_prior_sets(), key=lambda each: each != defaults.PRIMARY_PRIOR):
        chosen = load_prior_set(name)
        try:
            build_problem(_decoded(study), item.id, card, chosen)
        except BayesIvfError:
            continue
        found[name] = chosen
    return found


def _is_printed(study: Study, problem: Problem, name: EstimandId) -> bool:
    """Whether a quantity speaks of another outcome of the paper, in no other version of it."""
    about = problem.places.get(name.place)
    return about is not None and about.outcome in study.ids and not about.options


def _result(
    study: Study,
    item: Outcome,
    opened: Sequence[Choice],
    settings: Sequence[Setting],
    solved: SolvedProblems,
    name: EstimandId,
    weights: By,
    ci_prob: float,
) -> Readings:
    possible = [each for each in settings if each.problem is not None]
    place = np.array([solved.place[_of(each).hash] for each in possible], dtype=np.intp)
    numbers, evidence = solved.numbers(name, ci_prob), solved.evidence[place]
    stated = np.array([each.weight for each in possible])
    posterior = _weights(stated, evidence, weights, [_of(each) for each in possible])
    mixture = solved.mixture(np.bincount(place, posterior, minlength=len(solved.problems)))
    told = numbers_of([_of(possible[0])], mixture, name, ci_prob)
    each = _each(opened, settings, numbers, place, posterior, evidence)
    about = _of(possible[0]).place(name.place)
    benefit = numbers.of("p_benefit")[place]
    answer = benefit if about.sign else numbers.of("median")[place]
    shares = shapley_shares([one.levels for one in possible], answer, posterior)
    unit = study.outcome(about.outcome).per if about.outcome in study.ids else item.per
    one: dict[str, Any] = {
        field: float(told.of(field)[0]) for field in ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
    }
    return Readings(
        study=study.id,
        outcome=item.id,
        label=item.label if not name.place else f"{item.label}, by {about.label}",
        per=unit,
        estimand=name.estimand,
        sign=about.sign,
        weights=weights,
        choices={choice.name: choice.told for choice in opened},
        each=each,
        **one,
        ci_prob=ci_prob,
        shares=dict(zip([choice.name for choice in opened], shares, strict=True)) if shares else {},
        accurate=solved.accurate() and bool(mixture.accurate.all()),
        posterior=mixture,
        quantity=name.text,
    )


def _of(setting: Setting) -> Problem:
    assert setting.problem is not None
    return setting.problem


def _each(
    opened: Sequence[Choice],
    settings: Sequence[Setting],
    numbers: Numbers,
    place: npt.NDArray[np.intp],
    weight: Array,
    evidence: Array,
) -> tuple[Reading, ...]:
    fields = ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
    columns = {field: numbers.of(field)[place] for field in fields}
    found, i = [], 0
    for setting in settings:
        levels = {choice.name: level for choice, level in zip(opened, setting.levels, strict=True)}
        if setting.problem is None:
            found.append(Reading(levels, setting.weight, 0.0, log_evidence=-np.inf, impossible=setting.reason))
            continue
        told: dict[str, Any] = {field: float(columns[field][i]) for field in fields}
        known = float(evidence[i]) if setting.problem.proper else np.nan
        found.append(Reading(levels, setting.weight, float(weight[i]), **told, log_evidence=known))
        i += 1
    return tuple(found)


def _weights(stated: Array, evidence: Array, by: By, problems: Sequence[Problem]) -> Array:
    """Posterior weights of the readings that could have been printed.

    Raises
    ------
    RequestError
        If their evidence has no common unit.
    """
    if by == "stated":
        kept = np.where(np.isneginf(evidence), 0.0, stated)
        return np.asarray(kept / kept.sum())
    log = np.log(stated) + comparable_evidence(evidence, problems)
    chance = np.exp(log - log.max())
    return np.asarray(chance / chance.sum())


def _per_woman(study: Study, item: Outcome, weights: By, prior: PriorLike, ci_prob: float) -> tuple[Readings, ...]:
    """The same events per woman randomized, where they are printed of fewer or other units of which a woman has at most one."""
    counts = [item.counts(arm) for arm in ARMS]
    sizes = [study.sizes[arm] for arm in ARMS]
    alone = item.per in ("transfer", "clinical_pregnancy", "pregnancy", "retrieval", "cycle")
    if not alone or any(each is None or each.events > n or each.n > n for each, n in zip(counts, sizes, strict=True)):
        return ()
    data = {arm: Counts(each.events, n) for arm, each, n in zip(ARMS, counts, sizes, strict=True) if each is not None}
    other = replace(item, data=data, per="woman", denominator_of=None, kind="counts", claim=None, effect=None)
    alone_study = replace(study, items=(other,))
    found = readings(alone_study, other.id, weights, prior=prior, ci_prob=ci_prob, model=base_structure())
    return (replace(found, label=f"{item.label}, per woman randomized"),)
