"""Problems of the structure `two_arm`: one outcome, two arms, any form whose likelihood speaks of risks, means or an effect."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.forms import Form, counts, decoded_counts, find_form, form_of, nested_counts
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
    taken_as_independent,
)
from bayes_ivf.study import KINDS, Outcome, StatedICC, Study


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
    return {name: correlation.value for name, correlation in _correlations(outcome).items()}


def varied(study: Study, outcome: Outcome) -> list[dict[str, object]]:
    """Return the options that the study file asks to vary."""
    return [{name: end} for name, correlation in _correlations(outcome).items() for end in correlation.others]


def _correlations(outcome: Outcome) -> dict[str, StatedICC]:
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
    return _MAKERS[form.support](
        study, outcome, card, prior, card.choose(stated(study, outcome) | dict(options or {})), form
    )


def _risks(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], form: Form
) -> Problem:
    part = form.load_part()
    data, word = part.arrays(study, outcome, options)
    where = f"prior of {study.id}/{outcome.id}"
    words_alone = KINDS[outcome.kind].words
    own: Scale | None = "claims_of_counts" if words_alone else None
    name, priors = resolve(prior, "log_odds", ("average", "effect", "control", "treatment"), outcome.sign, where, own)
    nested = taken_as_independent(study, outcome)
    said = decoded_counts.conditions(study, outcome, options) if form == decoded_counts.FORM else ()
    said = part.conditions(outcome, options) if words_alone else said
    said = nested_counts.conditions(study, outcome, options) if form == nested_counts.FORM else said
    nested = "" if form == nested_counts.FORM else nested
    return make_problem(
        study,
        outcome,
        card,
        likelihood=form.name,
        coding=coding_of(priors),
        data=data,
        priors=priors,
        prior_set=name,
        options={option: options[option] for option in part.OPTIONS},
        layout=Plain(word),
        caveats=(*said, nested) if nested else said,
        assumes=nested,
    )


def _means(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], form: Form
) -> Problem:
    where = f"prior of {study.id}/{outcome.id}"
    allowed = ("average", "effect", "control", "treatment", "sigma")
    name, priors = resolve(prior, "means", allowed, outcome.sign, where)
    coding = coding_of(priors)
    flat = Prior("Flat", {})
    priors = {"sigma": flat} | ({"average": flat} if coding == "average" else {}) | priors
    _check_means(priors, where)
    part = form.load_part()
    data, word = part.arrays(study, outcome, options)
    common = options["variance"] == "common"
    return make_problem(
        study,
        outcome,
        card,
        likelihood=form.name,
        coding=coding,
        data=data,
        priors=priors,
        prior_set=name,
        options={
            option: options[option]
            for option in part.OPTIONS
            if option not in _UNSAID or options[option] != _UNSAID[option]
        },
        layout=Variances(common, word),
        caveats=conditions(outcome, options) if (conditions := getattr(part, "conditions", None)) else (),
    )


def _rates(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], form: Form
) -> Problem:
    part = form.load_part()
    data, word = part.arrays(study, outcome, options)
    where = f"prior of {study.id}/{outcome.id}"
    # a set's level is of log odds and means nothing for events per unit of time: only one that was written for it counts
    allowed = ("average", "effect", "control") if isinstance(prior, Mapping) else ("effect",)
    name, priors = resolve(prior, "log_odds", allowed, outcome.sign, where)
    coding = coding_of(priors)
    if coding == "average" and not (isinstance(prior, Mapping) and "average" in prior):
        priors = dict(priors) | {"average": Prior("Flat", {})}
    return make_problem(
        study,
        outcome,
        card,
        likelihood=form.name,
        coding=coding,
        data=data,
        priors=priors,
        prior_set=name,
        options={option: options[option] for option in part.OPTIONS},
        layout=Plain(word),
        caveats=part.conditions(outcome, options),
    )


def _check_means(priors: Mapping[str, Prior], where: str) -> None:
    arms = [priors[slot] for slot in ("control", "treatment") if slot in priors]
    if "treatment" in priors and any(prior.proper for prior in arms) and not all(prior.proper for prior in arms):
        raise PriorError(
            Fault(where, "one arm's mean flat and the other's proper", "both flat or both proper", "change one slot")
        )


def _of_effect(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], form: Form
) -> Problem:
    part = form.load_part()
    data, word = part.arrays(study, outcome, options)
    where = f"prior of {study.id}/{outcome.id}"
    table = part.prior_table(word)
    if table is None:
        _check_own_scale(prior, word, where)
    name, priors = resolve(prior, table or "means", ("effect",), outcome.sign, where)
    return make_problem(
        study,
        outcome,
        card,
        likelihood=form.name,
        coding="effect",
        data=data,
        priors=priors,
        prior_set=name,
        options={option: options[option] for option in part.OPTIONS},
        layout=Plain(word),
        caveats=part.conditions(outcome, options),
    )


def _check_own_scale(prior: PriorLike, scale: str, where: str) -> None:
    """Refuse all but a prior that was written for this scale: named sets speak of log odds and of standard deviations."""
    if not isinstance(prior, Mapping) or "effect" not in prior:
        said = scale.replace("_", " ")
        spec = 'prior={"effect": {"dist": "Normal", "mu": 0, "sigma": ...}}'
        raise RequestError(
            Fault(
                where,
                f"a {said} alone, in a unit that no prior set speaks of; fit estimates it with a prior on the {said} itself",
                f"a distribution of the {said} in its own unit",
                f"give {spec}, or the numbers of the arms",
            )
        )


_UNSAID = {"variance": "separate", "quartiles": "n+1"}
"""Options of means that rows name only where they are not these."""
_MAKERS = {"two_by_two": _risks, "location": _means, "two_rates": _rates, "effect_only": _of_effect}
"""By what a form's likelihood speaks of."""
