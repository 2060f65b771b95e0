"""Problems of the structure `two_arm`: one outcome, two arms, any form whose likelihood speaks of risks, means or an effect."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.forms import Form, FormPart, counts, find_form, form_of
from bayes_ivf.priors import Prior, Scale
from bayes_ivf.problem import (
    DataArray,
    Plain,
    PriorLike,
    Problem,
    Variances,
    coding_of,
    make_problem,
    resolve,
    resolve_difference,
    taken_as_independent,
)
from bayes_ivf.study import KINDS, Outcome, StatedCorrelation, Study

Named = tuple[str, dict[str, Prior]]
"""Name of a set, and its priors by slot."""


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None: every outcome of a kind that the card allows can be compared in two arms."""
    return None


def _form(outcome: Outcome) -> Form:
    """Return the form in which an outcome was printed; what has none is asked for its counts."""
    return form_of(outcome) or counts.FORM


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return the options that can change the result of an outcome."""
    return _form(outcome).load_part().OPTIONS


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the options that the study file settles, whatever the card says."""
    words: dict[str, object] = getattr(_form(outcome).load_part(), "stated", lambda *_: {})(study, outcome)
    return words | {name: correlation.value for name, correlation in _correlations(outcome).items()}


def varied(study: Study, outcome: Outcome) -> list[dict[str, object]]:
    """Return the options that the study file asks to vary."""
    return [{name: end} for name, correlation in _correlations(outcome).items() for end in correlation.others]


def _correlations(outcome: Outcome) -> dict[str, StatedCorrelation]:
    """Return the correlations that the study file states, by the option of the outcome's form that takes them."""
    found = {"icc": outcome.icc, "correlation": None if outcome.baseline is None else outcome.baseline.correlation}
    offered = _form(outcome).load_part().OPTIONS
    return {name: each for name, each in found.items() if each is not None and name in offered}


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return arrays that only NUTS needs."""
    return find_form(problem).load_part().derived(problem)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the problem."""
    return find_form(problem).load_part().can_be_sampled(problem)


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make a problem of one outcome in two arms.

    Raises
    ------
    RequestError
        If what was printed is not enough, or no prior set speaks of its unit.
    PriorError
        If the priors do not fit.
    """
    form = _form(outcome)
    part = form.load_part()
    chosen = card.choose(stated(study, outcome) | dict(options or {}))
    data, word = part.arrays(study, outcome, chosen)
    name, priors = _PRIORS[form.support](study, outcome, prior, f"prior of {study.id}/{outcome.id}", part, word)
    told = getattr(part, "conditions", lambda *_: ())(study, outcome, chosen)
    alike = taken_as_independent(study, outcome) if form.support == "two_by_two" else ""
    return make_problem(
        study,
        outcome,
        card,
        likelihood=form.name,
        coding="effect" if form.support == "effect_only" else coding_of(priors),
        data=data,
        priors=priors,
        prior_set=name,
        options={
            option: chosen[option]
            for option in part.OPTIONS
            if option not in _UNSAID or chosen[option] != _UNSAID[option]
        },
        layout=Variances(chosen["variance"] == "common", word) if form.support == "location" else Plain(word),
        caveats=(*told, alike) if alike else told,
        assumes=alike,
    )


def _of_risks(study: Study, outcome: Outcome, prior: PriorLike, where: str, part: FormPart, word: str) -> Named:
    own: Scale | None = "claims_of_counts" if KINDS[outcome.kind].words else None
    return resolve(prior, "log_odds", ("average", "effect", "control", "treatment"), outcome.sign, where, own)


def _of_means(study: Study, outcome: Outcome, prior: PriorLike, where: str, part: FormPart, word: str) -> Named:
    allowed = ("average", "effect", "control", "treatment", "sigma")
    name, priors = resolve(prior, "means", allowed, outcome.sign, where)
    flat = Prior("Flat", {})
    priors = {"sigma": flat} | ({"average": flat} if coding_of(priors) == "average" else {}) | priors
    _check_means(priors, where)
    return name, priors


def _of_rates(study: Study, outcome: Outcome, prior: PriorLike, where: str, part: FormPart, word: str) -> Named:
    # a set's level is of log odds and means nothing for events per unit of time: only one that was written for it counts
    allowed = ("average", "effect", "control") if isinstance(prior, Mapping) else ("effect",)
    name, priors = resolve(prior, "log_odds", allowed, outcome.sign, where)
    if coding_of(priors) == "average" and not (isinstance(prior, Mapping) and "average" in prior):
        priors = dict(priors) | {"average": Prior("Flat", {})}
    return name, priors


def _of_effect(study: Study, outcome: Outcome, prior: PriorLike, where: str, part: FormPart, word: str) -> Named:
    table = part.prior_table(word)
    if table is None:
        _check_own_scale(prior, word, where)
        return resolve_difference(prior, part.own_unit(study, outcome), outcome.sign, where)
    return resolve(prior, table, ("effect",), outcome.sign, where)


def _check_means(priors: Mapping[str, Prior], where: str) -> None:
    arms = [priors[slot] for slot in ("control", "treatment") if slot in priors]
    if "treatment" in priors and any(prior.proper for prior in arms) and not all(prior.proper for prior in arms):
        raise PriorError(
            Fault(where, "one arm's mean flat and the other's proper", "both flat or both proper", "change one slot")
        )


def _check_own_scale(prior: PriorLike, scale: str, where: str) -> None:
    """Refuse slots without a prior that was written for this scale: the default one speaks of standardized differences."""
    if isinstance(prior, Mapping) and "effect" not in prior:
        said = scale.replace("_", " ")
        spec = 'prior={"effect": {"dist": "Normal", "mu": 0, "sigma": ...}}'
        raise RequestError(
            Fault(
                where,
                f"a {said} alone, and no prior on the {said} itself",
                f"a distribution of the {said} in its own unit",
                f"give {spec}",
            )
        )


_UNSAID = {"variance": "separate", "quartiles": "n+1"}
"""Options that rows name only where they are not these."""
_PRIORS = {"two_by_two": _of_risks, "location": _of_means, "two_rates": _of_rates, "effect_only": _of_effect}
"""By what a form's likelihood speaks of."""
