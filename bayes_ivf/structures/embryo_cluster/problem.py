"""Problems of the structure `embryo_cluster`: totals of embryos, or of other units, that are nested in women."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bayes_ivf.cards import Card
from bayes_ivf.errors import RequestError
from bayes_ivf.forms import embryo_totals
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.problem import DataArray, OutcomeRef, PriorLike, Problem, coding_of, make_problem, resolve
from bayes_ivf.study import ARMS, IN_TURN, Clusters, Outcome, Study, plural

POOLED = (("allocation", "pooled"),)
MOST_EMBRYOS = 2_500
"""Embryos of an arm up to which generating functions of its totals neither overflow nor take long."""
CAVEAT = (
    "Embryos nested in women: the intraclass correlation is identified from the totals only given that pregnant means at "
    "least one implanted embryo, at most {M} embryos a woman, {weights} weights on how they were shared out, one correlation "
    "for both arms, and a chance per embryo that does not depend on their number."
)
CAVEAT_OF_UNITS = (
    "{Units} nested in women: the intraclass correlation is identified from the totals only given that the women counted with an "
    "event had at least one, at most {M} {units} a woman, {weights} weights on how they were shared out, one correlation for "
    "both arms, and a chance per {unit} that does not depend on how many she had{stopping}."
)
STOPPING = ", which it does where women stopped after an event"
STOPPED = (
    "No woman had a second event in either arm, as it is where women stop at the first one: how many {units} they had then "
    "hangs on their events, and the correlation comes out too low."
)


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return why the structure cannot take an outcome, in one sentence; None if it can."""
    if outcome.per not in card.per:
        return None
    units, most = plural(outcome.per), max(int(each) for each in card.options["M"].allowed)
    if (outcome.most or 1) > most:
        return f"The model {card.id} takes at most {most} {units} a woman; of more, state how alike they are (icc)."
    nested = outcome.data is not None and all(isinstance(outcome.data.get(arm), Clusters) for arm in ARMS)
    if outcome.per != "embryo" and not nested and outcome.pregnancies is None:
        return (
            f"The model {card.id} needs the women with at least one event: their outcome named in women_with_event, or totals "
            f"such as 40 women, 80 {units}, 16 with events, 33 events."
        )
    return too_large(outcome, card)


def too_large(outcome: Outcome, card: Card) -> str | None:
    """Return that an arm has too many units nested in women, in one sentence; None if it has not, or other units."""
    data = [None if outcome.data is None else outcome.data.get(arm) for arm in ARMS]
    several = outcome.per == "embryo" or outcome.most is not None
    counts = [outcome.counts(arm) if several else None for arm in ARMS]
    sizes = [each.embryos for each in data if isinstance(each, Clusters)] + [each.n for each in counts if each]
    if max(sizes, default=0) > MOST_EMBRYOS:
        return f"The model {card.id} takes at most {MOST_EMBRYOS:,} {plural(outcome.per)} in an arm."
    return None


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the most units of a woman, as the study file has it; and one way to share them out where all are too many."""
    if outcome.per == "embryo":
        return {"M": study.max_embryos}
    if outcome.most is None:
        return {}
    try:
        few = embryo_totals.few_ways(study, outcome, outcome.most)
    except RequestError:  # totals that are not known are told where a problem is made
        few = True
    return {"M": outcome.most} | ({} if few else {"weights": "least_spread"})


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
        caveats=_caveats(outcome, chosen, data),
        places=places_of_embryos(outcome, woman),
    )


def _caveats(outcome: Outcome, chosen: Mapping[str, str], data: Mapping[str, DataArray]) -> tuple[str, ...]:
    if outcome.per == "embryo":
        return (CAVEAT.format(M=chosen["M"], weights=chosen["weights"]),)
    units, in_turn = plural(outcome.per), outcome.per in IN_TURN
    words = {"Units": units.capitalize(), "units": units, "unit": outcome.per.replace("_", " "), **chosen}
    told = CAVEAT_OF_UNITS.format(**words, stopping=STOPPING if in_turn else "")
    stopped = in_turn and bool((data["totals"][:, 2] == data["totals"][:, 3]).all())
    return (told, STOPPED.format(units=units)) if stopped else (told,)


def places_of_embryos(outcome: Outcome, woman: Outcome | None) -> dict[str, OutcomeRef]:
    """Return where quantities per woman, and of receptivity, belong."""
    sign, mcid = (outcome.sign, outcome.mcid) if woman is None else (woman.sign, woman.mcid)
    if woman is not None:
        identity = woman.id, woman.label
    elif outcome.per == "embryo":
        identity = "pregnancy_per_woman", "Pregnancy per woman"
    else:
        identity = f"{outcome.id}_per_woman", f"{outcome.label}: at least one per woman"
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
