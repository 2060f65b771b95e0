"""Problems of the structure `embryo_cluster`: embryo totals, with embryos nested in women."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.likelihoods.embryo_totals import ArmLikelihood, ArmTotals, count_allocations, prepare_arm
from bayes_ivf.likelihoods.embryo_totals.padding import ROWS_LIMIT, row_arrays
from bayes_ivf.likelihoods.embryo_totals.surface import Surface, fit_surface
from bayes_ivf.problem import DataArray, Place, PriorLike, Problem, coding_of, make_problem, resolve
from bayes_ivf.study import ARMS, Clusters, Outcome, Study

POOLED = (("allocation", "pooled"),)
MOST_WAYS = 200_000
"""Ways of sharing out an arm's embryos up to which a list of them, and of what follows from each, fits in memory."""
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


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return None: every option changes the result."""
    return None


def build(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
) -> Problem:
    """Make a problem of embryo totals.

    Raises
    ------
    RequestError
        If totals are missing, or no distribution of embryos over women can give them.
    PriorError, CardError
        If priors or options do not fit.
    """
    given = dict(options or {})
    given.setdefault("M", study.max_embryos)
    chosen = card.choose(given)
    arms = chosen_arms(study, outcome, chosen)
    mechanism = chosen["mechanism"]
    where = f"prior of {study.id}/{outcome.id}"
    name, priors = embryo_priors(prior, mechanism, outcome.sign, where)
    data, variant = arm_data(arms)
    woman = pregnancies_of(study, outcome)
    return make_problem(
        study,
        outcome,
        card,
        likelihood="embryo_totals",
        coding=coding_of(priors),
        data=data,
        priors=priors,
        prior_set=name,
        options=chosen,
        variant=f"{mechanism}|{chosen['M']}|{variant}|{chosen['weights']}",
        caveats=(CAVEAT.format(M=chosen["M"], weights=chosen["weights"]),),
        places=places(outcome, woman),
    )


def places(outcome: Outcome, woman: Outcome | None) -> dict[str, Place]:
    """Return where quantities per woman, and of receptivity, belong."""
    sign, mcid = (outcome.sign, outcome.mcid) if woman is None else (woman.sign, woman.mcid)
    identity = ("pregnancy_per_woman", "Pregnancy per woman") if woman is None else (woman.id, woman.label)
    return {
        "woman": Place(*identity, sign, mcid),
        "woman_standardized": Place(*identity, sign, mcid, POOLED),
        "receptivity": Place("receptivity", "Receptivity", outcome.sign, None),
    }


def embryo_totals(study: Study, outcome: Outcome) -> tuple[ArmTotals, ArmTotals]:
    """Return women, embryos, pregnant women and implanted embryos of both arms.

    Raises
    ------
    RequestError
        If a total cannot be known from what was printed.
    """
    woman = pregnancies_of(study, outcome)
    totals = []
    faults = []
    for arm in ARMS:
        datum = None if outcome.data is None else outcome.data[arm]
        if isinstance(datum, Clusters):
            totals.append(ArmTotals(datum.women, datum.embryos, datum.pregnant, datum.implanted))
            continue
        embryos = outcome.counts(arm)
        pregnant = None if woman is None else woman.counts(arm)
        if embryos is None or pregnant is None:
            found = "no unique embryo counts" if embryos is None else "no unique counts of pregnant women"
            faults.append(
                Fault(
                    f"{study.id}/{outcome.id}, {arm}",
                    found,
                    "implanted/embryos, and pregnant/women of the outcome named in `pregnancies`",
                    "give the counts in the study file",
                )
            )
        else:
            totals.append(ArmTotals(pregnant.n, embryos.n, pregnant.events, embryos.events))
    if faults:
        raise RequestError(faults)
    return totals[0], totals[1]


def chosen_arms(study: Study, outcome: Outcome, chosen: Mapping[str, Any]) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Prepare the likelihoods of an outcome's arms under options of the card.

    Raises
    ------
    RequestError
        If a total cannot be known, no distribution of embryos over women can give the totals, or too many can.
    """
    totals, most, weights = embryo_totals(study, outcome), int(chosen["M"]), chosen["weights"]
    ways = [count_allocations(each.women, each.embryos, most, weights) for each in totals]
    faults = [
        Fault(
            f"{study.id}/{outcome.id}, {arm}",
            f"{number:,.0f} ways of sharing out {each.embryos} embryos among {each.women} women, at most {most} each",
            f"at most {MOST_WAYS:,} ways",
            "give a smaller M or the weights least_spread; or analyze women by the model two_arm",
        )
        for arm, each, number in zip(ARMS, totals, ways, strict=True)
        if number > MOST_WAYS
    ]
    if faults:
        raise RequestError(faults)
    return prepare_arms(totals, chosen["M"], weights, chosen["mechanism"])


def pregnancies_of(study: Study, outcome: Outcome) -> Outcome | None:
    """Return the outcome that counts pregnant women: the one named, else the only clinical pregnancy per woman.

    A clinical pregnancy is one by its declared stage; only where no outcome declares it, `cpr` of the index trial's ids is.
    """
    if outcome.pregnancies is not None:
        return study.outcome(outcome.pregnancies)
    women = [item for item in study.items if item.per == "woman" and not item.cumulative]
    declared = [item for item in women if item.stage == "clinical_pregnancy"]
    found = declared or [item for item in women if item.id == "cpr" and item.stage is None]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=256)
def _arm(totals: ArmTotals, max_embryos: int, weights: str, mechanism: str, where: str) -> ArmLikelihood:
    return prepare_arm(totals, max_embryos, weights, mechanism, where)


def prepare_arms(
    totals: tuple[ArmTotals, ArmTotals], max_embryos: str, weights: str, mechanism: str
) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Prepare both arms' likelihoods, once for each set of totals and options.

    Raises
    ------
    RequestError
        If no distribution of embryos over women can give the totals.
    """
    found = []
    faults: list[Fault] = []
    for each, where in zip(totals, ARMS, strict=True):
        try:
            found.append(_arm(each, int(max_embryos), weights, mechanism, where))
        except RequestError as error:
            faults.extend(error.faults)
    if faults:
        raise RequestError(faults)
    return found[0], found[1]


def arms_of(problem: Problem) -> tuple[ArmLikelihood, ArmLikelihood]:
    """Return the prepared arms of a problem again."""
    totals = tuple(ArmTotals(*(int(value) for value in row)) for row in problem.data["totals"])
    weights, mechanism, most = (problem.options[name] for name in ("weights", "mechanism", "M"))
    return prepare_arms(cast(Any, totals), most, weights, mechanism)


def arm_data(arms: tuple[ArmLikelihood, ArmLikelihood]) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of both arms, and whether they are rows of tables or a surface."""
    totals = [[each.totals.women, each.totals.embryos, each.totals.pregnant, each.totals.implanted] for each in arms]
    data: dict[str, DataArray] = {"totals": np.array(totals, dtype=np.int64)}
    if all(each.rows is not None and len(each.rows.constants) <= ROWS_LIMIT for each in arms):
        for each, arm in zip(arms, ARMS, strict=True):
            data[f"constants_{arm}"], data[f"exponents_{arm}"] = row_arrays(each)
        return data, "rows"
    return data, "surface"


@lru_cache(maxsize=64)
def _surface(totals: ArmTotals, max_embryos: int, weights: str, mechanism: str) -> Surface:
    return fit_surface(_arm(totals, max_embryos, weights, mechanism, "arm"))


def surfaces(problem: Problem) -> dict[str, DataArray]:
    """Return what NUTS reads the likelihood of large arms from; nothing for problems that list their tables.

    Made when a model is built and not with the problem, since only NUTS needs it and it takes seconds.

    Raises
    ------
    RequestError
        If the likelihood has no form that NUTS can use.
    """
    if "|surface" not in problem.variant:
        return {}
    if not can_be_listed(problem):
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                "losses before the clinical pregnancy, and more ways to share out the embryos than can be listed",
                'engine="exact" of the model embryo_cluster, or the mechanism beta_binomial',
                "choose one of these",
            )
        )
    found: dict[str, DataArray] = {}
    for each, arm in zip(arms_of(problem), ARMS, strict=True):
        surface = _surface(each.totals, each.max_embryos, each.weights, each.mechanism)
        found |= {f"{name}_{arm}": getattr(surface, name) for name in ("coefficients", "frame", "lost")}
    return found


def can_be_listed(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the embryos of a problem.

    A surface for each possible number of losses is made from a list of tables; where there are too many to list, the
    mechanism ``biochemical`` is left to quadrature.
    """
    if not {"biochemical", "surface"} <= set(problem.variant.split("|")):
        return True
    return all(each.rows is not None for each in arms_of(problem))


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
