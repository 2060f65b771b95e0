"""Problems of the structure `embryo_cluster`: embryo totals, with embryos nested in women."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bayes_ivf.cards import Card
from bayes_ivf.forms import embryo_totals
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.problem import DataArray, OutcomeRef, PriorLike, Problem, coding_of, make_problem, resolve
from bayes_ivf.study import ARMS, Clusters, Outcome, Study

POOLED = (("allocation", "pooled"),)
MOST_EMBRYOS = 2_500
"""Embryos of an arm up to which generating functions of its totals neither overflow nor take long."""
CAVEAT = (
    "Embryos nested in women: the intraclass correlation is identified from the totals only given that pregnant means at "
    "least one implanted embryo, at most {M} embryos a woman, {weights} weights on how they were shared out, one correlation "
    "for both arms, and a chance per embryo that does not depend on their number."
)


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return why the structure cannot take an outcome, in one sentence; None if it can."""
    if _embryos(outcome) > MOST_EMBRYOS:
        return f"The model {card.id} takes at most {MOST_EMBRYOS:,} embryos in an arm."
    return None


def _embryos(outcome: Outcome) -> int:
    """Embryos of the larger arm; 0 for an outcome of something else."""
    data = [None if outcome.data is None else outcome.data[arm] for arm in ARMS]
    counts = [outcome.counts(arm) if outcome.per == "embryo" else None for arm in ARMS]
    sizes = [each.embryos for each in data if isinstance(each, Clusters)] + [each.n for each in counts if each]
    return max(sizes, default=0)


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the most embryos of a woman, as the study file has it."""
    return {"M": study.max_embryos}


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return None: every option changes the result."""
    return None


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return what NUTS reads the likelihood of large arms from; see `bayes_ivf.forms.embryo_totals.derived`."""
    return embryo_totals.derived(problem)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the problem."""
    return embryo_totals.can_be_listed(problem)


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make a problem of embryo totals.

    Raises
    ------
    RequestError
        If totals are missing, or no distribution of embryos over women can give them.
    PriorError, CardError
        If priors or options do not fit.
    """
    chosen = card.choose(stated(study, outcome) | dict(options or {}))
    arms = embryo_totals.chosen_arms(study, outcome, chosen)
    mechanism = chosen["mechanism"]
    where = f"prior of {study.id}/{outcome.id}"
    name, priors = embryo_priors(prior, mechanism, outcome.sign, where)
    data, listed = embryo_totals.arrays(arms)
    woman = embryo_totals.pregnancies_of(study, outcome)
    return make_problem(
        study,
        outcome,
        card,
        likelihood=embryo_totals.FORM.name,
        coding=coding_of(priors),
        data=data,
        priors=priors,
        prior_set=name,
        options=chosen,
        layout=EmbryoLayout(mechanism, chosen["M"], listed, chosen["weights"]),
        caveats=(CAVEAT.format(M=chosen["M"], weights=chosen["weights"]),),
        places=places_of_embryos(outcome, woman),
    )


def places_of_embryos(outcome: Outcome, woman: Outcome | None) -> dict[str, OutcomeRef]:
    """Return where quantities per woman, and of receptivity, belong."""
    sign, mcid = (outcome.sign, outcome.mcid) if woman is None else (woman.sign, woman.mcid)
    identity = ("pregnancy_per_woman", "Pregnancy per woman") if woman is None else (woman.id, woman.label)
    return {
        "woman": OutcomeRef(*identity, sign, mcid),
        "woman_standardized": OutcomeRef(*identity, sign, mcid, POOLED),
        "receptivity": OutcomeRef("receptivity", "Receptivity", outcome.sign, None),
    }


def embryo_priors(prior: PriorLike, mechanism: str, sign: int, where: str) -> tuple[str, dict[str, Any]]:
    """Return the name of the set and the priors that a mechanism uses: those of log odds, and the shared ones."""
    shared = {"beta_binomial": ("icc",), "receptivity": ("q",), "biochemical": ("icc", "lambda")}[mechanism]
    log_odds = ("average", "effect", "control")
    if isinstance(prior, Mapping):
        first = {slot: spec for slot, spec in prior.items() if slot not in shared}
        second = {slot: spec for slot, spec in prior.items() if slot in shared}
    else:
        first = second = cast(Any, prior)
    name, priors = resolve(first, "log_odds", log_odds, sign, where)
    return name, priors | resolve(second, "embryos", shared, sign, where)[1]
