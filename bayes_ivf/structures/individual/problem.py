"""Problems of the structure `individual`: women as in `two_arm`, embryos with an intercept of their woman."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.forms import Form, counts, embryo_rows, embryo_totals, mean_sd
from bayes_ivf.priors import Prior, check_slots, read_prior
from bayes_ivf.problem import DataArray, OutcomeRef, PriorLike, Problem, coding_of, make_problem, resolve
from bayes_ivf.structures.embryo_cluster.problem import places_of_embryos
from bayes_ivf.structures.two_arm import STRUCTURE
from bayes_ivf.structures.two_arm.problem import make as two_arm
from bayes_ivf.study import ARMS, MeanSD, Outcome, Study
from bayes_ivf.study.individual import Nested

INTERCEPT_PRIOR = Prior("HalfNormal", {"sigma": 2.0})
"""Of the standard deviation of the women's intercepts (log odds): latent icc about 0.36, 95% within 0.82."""
CAVEAT = (
    "Women's intercepts are taken as normal, with one standard deviation in both arms: odds ratios compare embryos of women "
    "alike, risks are averaged over women."
)
FEW_SHARE = 0.2
FEW = (
    "Only {several} of {women} women received more than one embryo: how alike embryos of one woman are is then known from its "
    "prior more than from the rows, and the prior on the effect is narrower for risks averaged over women than in two_arm."
)


__all__ = ["applying_options", "can_be_sampled", "derived", "make", "why_not"]


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None: what rows cannot be used is said when the problem is made."""
    return None


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...]:
    """Return the options that can change the result of an outcome: those of means, where rows become means."""
    means = outcome.data is not None and isinstance(outcome.data["treatment"], MeanSD)
    return mean_sd.OPTIONS if means else embryo_rows.OPTIONS


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing: NUTS reads the rows' counts."""
    return {}


def can_be_sampled(problem: Problem) -> bool:
    """Return True."""
    return True


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make a problem of individual data.

    Rows of women carry no more about the arms than their counts, or mean and standard deviation, do: they become the
    problem of `two_arm`, with the same hash and the same numbers. So do embryos of women who received one each.

    Raises
    ------
    RequestError
        If the rows of embryos are gone.
    PriorError, CardError
        If priors or options do not fit.
    """
    data = cast(Mapping[Any, Any], outcome.data)
    if outcome.per != "embryo":
        form = mean_sd.FORM if isinstance(data["treatment"], MeanSD) else counts.FORM
        return _of_women(study, outcome, card, prior, options, form)
    where = f"{study.id}/{outcome.id}"
    if not all(isinstance(data[arm], Nested) for arm in ARMS):
        raise RequestError(
            Fault(where, "totals of embryos", "a row for each embryo", "make the study with Study.from_frame")
        )
    card.choose(options)
    tables = cast("list[Nested]", [data[arm] for arm in ARMS])
    several, women = (sum(n for each in tables for m, _, n in each.table if m > least) for least in (1, 0))
    if not several:
        # without a second embryo nothing ties embryos together: they are women
        return _of_women(study, outcome, card, prior, options, counts.FORM)
    few = FEW.format(several=several, women=women) if several < FEW_SHARE * women else ""
    name, priors = _priors(prior, outcome.sign, f"prior of {where}")
    return make_problem(
        study,
        outcome,
        card,
        likelihood=embryo_rows.FORM.name,
        coding=coding_of(priors),
        data=embryo_rows.arrays(tables, priors["sigma"]),
        priors=priors,
        prior_set=name,
        caveats=(CAVEAT, few) if few else (CAVEAT,),
        assumes=few,
        places=places_of_embryos(outcome, embryo_totals.pregnancies_of(study, outcome))
        | {
            scale: OutcomeRef(outcome.id, outcome.label, outcome.sign, None, (("icc", scale),))
            for scale in ("latent", "probability")
        },
    )


def _of_women(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None, form: Form
) -> Problem:
    """Make the problem of two arms that rows of women come to."""
    made = two_arm(study, replace(outcome, kind=form.kinds[0]), card, prior, options)
    return replace(made, structure=STRUCTURE.name)


def _priors(prior: PriorLike, sign: int, where: str) -> tuple[str, dict[str, Prior]]:
    """Return the priors of the log odds, and of the intercepts' standard deviation."""
    given = dict(prior) if isinstance(prior, Mapping) else None
    spec = None if given is None else given.pop("sigma", None)
    name, priors = resolve(prior if given is None else given, "log_odds", ("average", "effect", "control"), sign, where)
    sigma = INTERCEPT_PRIOR if spec is None else read_prior(spec, f"{where}.sigma")
    faults = check_slots({"sigma": sigma}, "means", where)
    if not sigma.proper:
        faults.append(Fault(f"{where}.sigma", str(sigma), "a proper distribution", "choose a wide proper prior"))
    if faults:
        raise PriorError(faults)
    return name, priors | {"sigma": sigma}
