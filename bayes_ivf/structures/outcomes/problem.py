"""Problems of the structure `outcomes`: the effects of one stated family, partially or completely pooled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import claim_only, embryo_totals, form_of, mean_sd
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.priors import Prior
from bayes_ivf.problem import DataArray, OutcomeRef, PriorLike, Problem, constant_arms, make_problem, resolve
from bayes_ivf.structures.funnel.problem import StagesLayout, anchor_of, no_funnel, of_stages
from bayes_ivf.study import Outcome, Study

BORROWED = "magnitude borrowed"
POOLED_CLAIM = (
    "The words of a claim put no upper bound on its effect, so a pooled magnitude is borrowed from the other outcomes; the "
    "result of record is the one without pooling."
)
DEVICE = "The common mean is a device for shrinkage, not an effect, and feeds no decision."
TWO_READINGS = "Implantation per embryo and pregnancy per woman are two readings of one event, not two outcomes."


MEANS, CLAIMS = "mean_sd_family", "claim_family"
"""Likelihoods of families of means and of claims; stages have that of their funnel."""
BELIEVED = {"doubt": "0"}
"""Claims of a family are taken at their word."""
WHOLE = "family"
"""Place of what all members have in common."""
STAGES = "pregnancy"
"""Family whose members are stages of the same women, not outcomes side by side."""


@dataclass(frozen=True)
class Members:
    """What changes the graph of a family: how many means, or the event that each claim says.

    Parameters
    ----------
    said : tuple of str
    """

    said: tuple[str, ...]

    def canonical(self) -> str:
        """Return the text for hash and compile key, such as ``lower|differs``, or ``3`` for three means."""
        return "|".join(self.said)


@dataclass(frozen=True)
class PooledStages:
    """Stages whose effects are pooled.

    Parameters
    ----------
    stages : StagesLayout
    """

    stages: StagesLayout

    @property
    def embryos(self) -> EmbryoLayout | None:
        """Of the first stage, if it is embryos and not women."""
        return self.stages.embryos

    def canonical(self) -> str:
        """Return the text for hash and compile key, such as ``women|miscarriage|pooled``."""
        return f"{self.stages.canonical()}|pooled"


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return why the structure cannot take an outcome, in one sentence; None if it can."""
    if outcome.family == STAGES:
        reason = no_funnel(study)
        return f"The model {card.id} {reason}" if reason else None
    if len(members_of(study, outcome)) < 2:
        return f"The model {card.id} needs a family of at least two outcomes printed alike."
    return None


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return the options that can change the result: pooling alone for stages, else all of them."""
    return ("pooling",) if outcome.family == STAGES else None


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return arrays that only NUTS needs."""
    return _DERIVED[problem.likelihood](problem)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the problem."""
    return _SAMPLED[problem.likelihood](problem)


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make a problem of the family that an outcome belongs to.

    Raises
    ------
    RequestError
        If the outcome has no family, or the family has a single member that can be used.
    """
    chosen = card.choose(options)
    if outcome.family == STAGES:
        return _stages(study, card, prior, chosen)
    members = members_of(study, outcome)
    if len(members) < 2:
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                f"family {outcome.family or 'none'!r} with {len(members)} outcome(s) printed alike",
                "a family of at least two outcomes",
                "set `family` in the study file, or use the model two_arm",
            )
        )
    first = members[0]
    where = f"prior of {study.id}/{first.id}"
    # turned so that positive is benefit; where no direction is benefit, only the difference is pooled
    sign = np.array([member.sign or 1 for member in members], dtype=np.float64)
    name, hierarchy = resolve(prior, "hierarchy_means", ("mu", "tau"), 0, where)
    data: dict[str, DataArray] = {
        "sign": sign,
        "spread": np.array(float(chosen["pooling"] == "partial")),
        "correlation": np.array(float(chosen["correlation"])),
    }
    if form_of(first) == mean_sd.FORM:
        stacked = [mean_sd.arrays(study, member, chosen)[0] for member in members]
        priors = hierarchy | {"sigma": Prior("Flat", {}), "average": Prior("Flat", {})}
        likelihood, layout = MEANS, Members((str(len(members)),))
        warnings: tuple[str, ...] = ()
        caveats: tuple[str, ...] = (DEVICE,)
    else:
        made = [claim_only.arrays(study, member, BELIEVED) for member in members]
        most = max(len(each["nodes"]) for each, _ in made)
        made = [claim_only.arrays(study, member, BELIEVED, most) for member in members]
        stacked = [each for each, _ in made]
        priors, likelihood = hierarchy, CLAIMS
        layout = Members(tuple(event for _, event in made))
        warnings, caveats = (BORROWED,), (DEVICE, POOLED_CLAIM)
    data |= {key: np.stack([each[key] for each in stacked]) for key in stacked[0]}
    return make_problem(
        study,
        first,
        card,
        likelihood=likelihood,
        coding="average",
        data=data,
        priors=priors,
        prior_set=name,
        options=chosen,
        layout=layout,
        caveats=caveats,
        warnings=warnings,
        places=_places(members),
    )


def members_of(study: Study, outcome: Outcome) -> list[Outcome]:
    """Return the outcomes of the same family that were printed in the same way."""
    return [
        item
        for item in study.items
        if item.family
        and item.family == outcome.family
        and form_of(item) == form_of(outcome)
        and form_of(item) in (mean_sd.FORM, claim_only.FORM)
        and not constant_arms(item)
        and not item.left_out
        and item.spread not in ("range", "unknown")
    ]


def _places(members: list[Outcome]) -> dict[str, OutcomeRef]:
    places = {member.id: OutcomeRef(member.id, member.label, member.sign, member.mcid) for member in members[1:]}
    family = members[0].family
    return places | {WHOLE: OutcomeRef(f"family_{family}", f"Family: {family.replace('_', ' ')}", 0, None)}


def _stages(study: Study, card: Card, prior: PriorLike, chosen: Mapping[str, str]) -> Problem:
    """Make the problem of the stages of pregnancy: implantation and miscarriage, their two effects pooled."""
    hangs_on = anchor_of(study)
    if hangs_on is None:
        raise RequestError(
            Fault(study.id, "no losses among clinical pregnancies", "both stages of pregnancy", "use the model two_arm")
        )
    where = f"prior of {study.id}/{hangs_on.id}"
    name, hierarchy = resolve(prior, "hierarchy", ("mu", "tau"), 0, where)
    rest: Any = prior
    if isinstance(prior, Mapping):
        rest = {slot: spec for slot, spec in prior.items() if slot not in ("mu", "tau")}
    options = {"M": str(study.max_embryos), "weights": "equal", "mechanism": "beta_binomial"}
    base = of_stages(study, hangs_on, card, rest, options)
    if base.coding != "average":
        raise RequestError(Fault(where, f"coding {base.coding}", "a prior on the average of the arms", "drop control"))
    priors = {slot: value for slot, value in base.priors.items() if not slot.endswith("effect")} | hierarchy
    women = base.places["woman"].sign or 1
    data: dict[str, DataArray] = dict(base.data) | {
        "sign": np.array([women, base.sign or -1], dtype=np.float64),
        "spread": np.array(float(chosen["pooling"] == "partial")),
    }
    return replace(
        base,
        data=data,
        priors=priors,
        prior_set=name,
        options=dict(base.options) | {"pooling": chosen["pooling"]},
        layout=PooledStages(base.laid_out(StagesLayout)),
        caveats=(DEVICE, TWO_READINGS, *base.caveats),
    )


_DERIVED = {"mean_sd_family": mean_sd.derived, "claim_family": claim_only.derived, "funnel": embryo_totals.derived}
_SAMPLED = {
    "mean_sd_family": mean_sd.can_be_sampled,
    "claim_family": claim_only.can_be_sampled,
    "funnel": embryo_totals.can_be_sampled,
}
"""By likelihood."""
