"""Problems of the structure `funnel`: embryos, pregnancies, miscarriages and births of the same women, in one posterior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem.embryo_cluster import arm_data, embryo_priors, embryo_totals, prepare_arms
from bayes_ivf.problem.problem import DataArray, Place, Problem, make_problem
from bayes_ivf.problem.slots import PriorLike, coding_of, resolve
from bayes_ivf.study import ARMS, Outcome, Study

ONGOING = Place("ongoing", "Ongoing pregnancy per woman (clinical pregnancy not printed as miscarried)", 1, None)
UPPER_BOUND = (
    "Ongoing means a clinical pregnancy that was not printed as miscarried: an upper bound of what went on to birth."
)
DESCRIPTIVE = (
    "Miscarriage per clinical pregnancy is descriptive even in a perfect trial: the pregnant women of the arms differ."
)


@dataclass(frozen=True)
class Stage:
    """A later stage: how many of those who reached the stage before had the event.

    Parameters
    ----------
    name : str
    outcome : Outcome
    events, n : (int, int)
        Treatment, control.
    sign : {1, -1}
        Of benefit.
    """

    name: str
    outcome: Outcome
    events: tuple[int, int]
    n: tuple[int, int]
    sign: int


def anchor(study: Study) -> Outcome | None:
    """Return the outcome that a funnel hangs on: losses among clinical pregnancies."""
    return next((item for item in study.items if item.per == "clinical_pregnancy" and item.denominator_of), None)


def funnel(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
) -> Problem:
    """Make a problem of all stages of a study.

    Raises
    ------
    RequestError
        If a stage's counts are missing or contradict the stage before.
    PriorError, CardError
        If priors or options do not fit.
    """
    given = dict(options or {})
    given.setdefault("M", study.max_embryos)
    chosen = card.choose(given)
    women, embryos = _first_stage(study, outcome)
    later = _later_stages(study, outcome, women)
    mechanism = chosen["mechanism"]
    where = f"prior of {study.id}/{outcome.id}"
    if embryos is not None:
        arms = prepare_arms(embryo_totals(study, embryos), chosen["M"], chosen["weights"], mechanism)
        data, form = arm_data(arms)
        variant = f"{mechanism}|{chosen['M']}|{form}|{chosen['weights']}"
    else:
        data, variant, mechanism, chosen = _women_data(women), "women", "women", {}
    name, priors = _priors(prior, mechanism, women.sign or 1, later, where)
    for stage in later:
        data[f"{stage.name}_events"] = np.array(stage.events, dtype=np.int64)
        data[f"{stage.name}_n"] = np.array(stage.n, dtype=np.int64)
    return make_problem(
        study,
        outcome,
        card,
        likelihood="funnel",
        coding=coding_of(priors),
        data=data,
        priors=priors,
        prior_set=name,
        options=chosen,
        variant="|".join([variant, *(stage.name for stage in later)]),
        caveats=(DESCRIPTIVE, UPPER_BOUND),
        places=_places(women, embryos, later),
    )


def _first_stage(study: Study, outcome: Outcome) -> tuple[Outcome, Outcome | None]:
    women = study.outcome(cast(str, outcome.denominator_of))
    if any(women.counts(arm) is None for arm in ARMS):
        raise RequestError(
            Fault(f"{study.id}/{women.id}", "no unique counts", "pregnant women of both arms", "give the counts")
        )
    embryos = next(
        (
            item
            for item in study.items
            if item.per == "embryo"
            and (item.pregnancies or "cpr") == women.id
            and all(item.counts(arm) is not None for arm in ARMS)
        ),
        None,
    )
    return women, embryos


def _later_stages(study: Study, outcome: Outcome, women: Outcome) -> list[Stage]:
    pregnant = [cast(Any, women.counts(arm)).events for arm in ARMS]
    lost = [outcome.counts(arm) for arm in ARMS]
    # a percentage of no pregnancies cannot be printed: such an arm has no losses and leaves the stage at its prior
    losses = [
        0 if found is None and n == 0 else -1 if found is None else found.events
        for found, n in zip(lost, pregnant, strict=True)
    ]
    if any(not 0 <= loss <= n for loss, n in zip(losses, pregnant, strict=True)):
        found = ", ".join("unknown" if loss < 0 else str(loss) for loss in losses)
        raise RequestError(
            Fault(f"{study.id}/{outcome.id}", found, f"counts of at most {pregnant}", "give the counts of losses")
        )
    stages = [Stage("miscarriage", outcome, (losses[0], losses[1]), (pregnant[0], pregnant[1]), outcome.sign or -1)]
    births = next((item for item in study.items if item.id == "live_birth" and item.per == "woman"), None)
    if births is not None and all(births.counts(arm) is not None for arm in ARMS):
        left = (pregnant[0] - losses[0], pregnant[1] - losses[1])
        born = tuple(cast(Any, births.counts(arm)).events for arm in ARMS)
        if all(b <= n for b, n in zip(born, left, strict=True)):
            stages.append(Stage("live_birth", births, (born[0], born[1]), left, 1))
    return stages


def _women_data(women: Outcome) -> dict[str, DataArray]:
    counts = [cast(Any, women.counts(arm)) for arm in ARMS]
    return {
        "events": np.array([each.events for each in counts], dtype=np.int64),
        "n": np.array([each.n for each in counts], dtype=np.int64),
    }


def _priors(prior: PriorLike, mechanism: str, sign: int, later: list[Stage], where: str) -> tuple[str, dict[str, Any]]:
    """Return the priors of all stages; a set gives every stage the same, turned toward that stage's benefit."""
    named = {f"{stage.name}_{slot}": (stage, slot) for stage in later for slot in ("average", "effect")}
    if isinstance(prior, Mapping):
        first: Any = {slot: spec for slot, spec in prior.items() if slot not in named}
    else:
        first = prior
    if mechanism == "women":
        name, priors = resolve(first, "log_odds", ("average", "effect", "control"), sign, where)
    else:
        name, priors = embryo_priors(first, mechanism, sign, where)
    for stage in later:
        if isinstance(prior, Mapping):
            own: Any = {slot: prior[key] for key, (each, slot) in named.items() if each is stage and key in prior}
        else:
            own = prior
        found = resolve(own, "log_odds", ("average", "effect"), stage.sign, where)[1]
        priors |= {f"{stage.name}_{slot}": value for slot, value in found.items()}
    return name, priors


def _places(women: Outcome, embryos: Outcome | None, later: list[Stage]) -> dict[str, Place]:
    loss = later[0].outcome
    places = {
        "ongoing": Place(ONGOING.outcome, ONGOING.label, 1, women.mcid),
        "woman": Place(women.id, women.label, women.sign, women.mcid),
        "miscarriage_woman": Place("mcr_per_woman", "Miscarriage per woman", later[0].sign, loss.mcid),
    }
    if embryos is not None:
        places["embryo"] = Place(embryos.id, embryos.label, embryos.sign, embryos.mcid)
    if len(later) > 1:
        born = later[1].outcome
        places["live_birth"] = Place(born.id, born.label, born.sign, born.mcid)
    return places
