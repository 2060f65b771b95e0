"""Problems of the structure `funnel`: embryos, pregnancies, miscarriages and births of the same women, in one posterior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import embryo_totals
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.problem import (
    LEFT_OUT,
    DataArray,
    OutcomeRef,
    PriorLike,
    Problem,
    coding_of,
    make_problem,
    resolve,
)
from bayes_ivf.structures.embryo_cluster.problem import can_be_sampled, derived, embryo_priors, too_large
from bayes_ivf.study import ARMS, Outcome, Study

__all__ = ["anchor_of", "applying_options", "can_be_sampled", "derived", "make", "no_funnel", "why_not"]

ONGOING = OutcomeRef("ongoing", "Ongoing pregnancy per woman (clinical pregnancy not printed as miscarried)", 1, None)
UPPER_BOUND = (
    "Ongoing means a clinical pregnancy that was not printed as miscarried: an upper bound of what went on to birth."
)
DESCRIPTIVE = (
    "Miscarriage per clinical pregnancy is descriptive even in a perfect trial: the pregnant women of the arms differ."
)


WOMEN = "women"
"""In place of a mechanism where the first stage is the pregnancies of women, without embryos."""


@dataclass(frozen=True)
class StagesLayout:
    """What changes the graph of a model of stages.

    Parameters
    ----------
    embryos : EmbryoLayout or None
        Of the first stage, if it is embryos and not women.
    later : tuple of str
        Names of the stages after it.
    """

    embryos: EmbryoLayout | None
    later: tuple[str, ...]

    def canonical(self) -> str:
        """Return the text for hash and compile key, such as ``women|miscarriage``."""
        return "|".join([WOMEN if self.embryos is None else self.embryos.canonical(), *self.later])


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


LOSS_WORDS = ("miscarr", "loss", "abort")
"""A label can say that an undeclared outcome is no loss; it never makes a stage."""


def anchor_of(study: Study) -> Outcome | None:
    """Return the outcome that a funnel hangs on: losses among clinical pregnancies, by its declared stage.

    Where no stage is declared, the only outcome among clinical pregnancies for which lower is better is taken, if its
    label speaks of a loss.
    """
    among = [item for item in study.items if item.per == "clinical_pregnancy" and item.denominator_of is not None]
    declared = [item for item in among if item.stage == "miscarriage"]
    silent = [item for item in among if item.stage is None and item.benefit == "lower" and _speaks_of_loss(item)]
    if declared:
        return declared[0]
    return silent[0] if len(silent) == 1 else None


def _speaks_of_loss(item: Outcome) -> bool:
    return any(word in item.label.lower() for word in LOSS_WORDS)


def no_funnel(study: Study, outcome: Outcome | None = None) -> str:
    """Say why a study, or one of its outcomes, has no funnel; empty if it has one."""
    hangs_on = anchor_of(study)
    if hangs_on is None:
        return (
            'needs losses among clinical pregnancies: an outcome with stage = "miscarriage", per = "clinical_pregnancy" '
            "and the outcome whose events are its denominator."
        )
    if outcome is not None and outcome.id != hangs_on.id:
        return f"hangs on the losses among clinical pregnancies, {hangs_on.id}."
    return ""


def embryos_of(study: Study, outcome: Outcome) -> Outcome | None:
    """Return the outcome per embryo whose women are those of a funnel; None if there is none with unique counts."""
    women = study.outcome(cast(str, outcome.denominator_of))
    for item in study.items:
        if item.per != "embryo" or item.stage not in (None, "implantation"):
            continue
        pregnant = embryo_totals.pregnancies_of(study, item)
        known = all(item.counts(arm) is not None for arm in ARMS)
        if pregnant is not None and pregnant.id == women.id and known:
            return item
    return None


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return why the structure cannot take an outcome, in one sentence; None if it can."""
    reason = no_funnel(study, outcome)
    return f"The model {card.id} {reason}" if reason else too_large(outcome, card)


def stated(study: Study, outcome: Outcome) -> dict[str, object]:
    """Return the most embryos of a woman, as the study file has it."""
    return {"M": study.max_embryos}


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return the options that can change the result: all with embryos, none without; None means all."""
    return () if embryos_of(study, outcome) is None else None


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make a problem of all stages of a study.

    Raises
    ------
    RequestError
        If a stage's counts are missing or contradict the stage before.
    PriorError, CardError
        If priors or options do not fit.
    """
    return of_stages(study, outcome, card, prior, card.choose(stated(study, outcome) | dict(options or {})))


def of_stages(study: Study, outcome: Outcome, card: Card, prior: PriorLike, chosen: Mapping[str, str]) -> Problem:
    """Make the problem of all stages under options that are already chosen; see `make`."""
    women, embryos = _first_stage(study, outcome)
    later, left_out = _later_stages(study, outcome, women)
    labels = {item.id: item.label for item in study.items}
    told = [f"{labels[name]} {LEFT_OUT.format(name)}: {reason}." for name, reason in left_out.items()]
    mechanism = chosen["mechanism"]
    where = f"prior of {study.id}/{outcome.id}"
    if embryos is not None:
        arms = embryo_totals.chosen_arms(study, embryos, chosen)
        data, listed = embryo_totals.arrays(arms)
        first = EmbryoLayout(mechanism, chosen["M"], listed, chosen["weights"])
    else:
        data, first, mechanism, chosen = _women_data(women), None, WOMEN, {}
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
        layout=StagesLayout(first, tuple(stage.name for stage in later)),
        caveats=(DESCRIPTIVE, UPPER_BOUND, *told),
        assumes=" ".join(told),
        places=_places(women, embryos, later),
    )


def _first_stage(study: Study, outcome: Outcome) -> tuple[Outcome, Outcome | None]:
    women = study.outcome(cast(str, outcome.denominator_of))
    if any(women.counts(arm) is None for arm in ARMS):
        raise RequestError(
            Fault(f"{study.id}/{women.id}", "no unique counts", "pregnant women of both arms", "give the counts")
        )
    return women, embryos_of(study, outcome)


def _later_stages(study: Study, outcome: Outcome, women: Outcome) -> tuple[list[Stage], dict[str, str]]:
    """Return losses and, where one fits, births; and why other outcomes that count births are left out, by id."""
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
    left = (pregnant[0] - losses[0], pregnant[1] - losses[1])
    reasons: dict[str, str] = {}
    for item in study.items:
        if item.role != "outcome" or not (
            item.stage == "live_birth" or (item.stage is None and _speaks_of_birth(item))
        ):
            continue
        reason = _no_birth(item, women, left) or ("another outcome is taken" if len(stages) > 1 else "")
        if reason:
            reasons[item.id] = reason
        else:
            born = [cast(Any, item.counts(arm)).events for arm in ARMS]
            stages.append(Stage("live_birth", item, (born[0], born[1]), left, 1))
    return stages, reasons


def _speaks_of_birth(item: Outcome) -> bool:
    return "live birth" in item.label.lower().replace("-", " ")


def _no_birth(item: Outcome, women: Outcome, left: tuple[int, int]) -> str:
    """Say why an outcome that counts births is no stage of a funnel; empty if it is one."""
    if item.stage is None:
        return 'its stage is not declared (stage = "live_birth")'
    if item.cumulative:
        return f"it counts births of several transfers, {women.id} the pregnancies of one"
    of_pregnancies = item.per == "clinical_pregnancy" and item.denominator_of == women.id
    if not of_pregnancies and item.per not in ("woman", women.per):
        return f"it is counted per {item.per}, {women.id} per {women.per}"
    counts = [item.counts(arm) for arm in ARMS]
    if any(found is None for found in counts):
        return "its counts are not known"
    for arm, found, most in zip(ARMS, counts, left, strict=True):
        if cast(Any, found).events > most:
            return f"{cast(Any, found).events} births of {most} pregnancies not printed as miscarried ({arm})"
    return ""


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
    if mechanism == WOMEN:
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


def _places(women: Outcome, embryos: Outcome | None, later: list[Stage]) -> dict[str, OutcomeRef]:
    loss = later[0].outcome
    places = {
        "ongoing": OutcomeRef(ONGOING.outcome, ONGOING.label, 1, women.mcid),
        "woman": OutcomeRef(women.id, women.label, women.sign, women.mcid),
        "miscarriage_woman": OutcomeRef("mcr_per_woman", "Miscarriage per woman", later[0].sign, loss.mcid),
    }
    if embryos is not None:
        places["embryo"] = OutcomeRef(embryos.id, embryos.label, embryos.sign, embryos.mcid)
    if len(later) > 1:
        born = later[1].outcome
        places["live_birth"] = OutcomeRef(born.id, born.label, born.sign, born.mcid)
    return places
