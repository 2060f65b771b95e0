"""Problems of the structure `joint`: all outcomes of a trial in one hierarchy.

With outcome k of family f, turned so that positive is benefit and on the scale of standardized mean differences,

    b_k = mu + omega h_f + tau_f z_k,    h_f, z_k ~ N(0, 1).

A log odds ratio is b_k times pi / sqrt(3), as if a logistic latent response were cut in two.

References
----------
Hasselblad and Hedges 1995, doi 10.1037/0033-2909.117.1.167; Gelman 2006, doi 10.1214/06-BA117A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.forms import claim_only, counts, embryo_totals, mean_sd
from bayes_ivf.forms.embryo_layout import EmbryoLayout
from bayes_ivf.priors import Prior, check_slots, read_prior
from bayes_ivf.problem import DataArray, OutcomeRef, Plain, PriorLike, Problem, make_problem, resolve
from bayes_ivf.structures.funnel.problem import StagesLayout, of_stages
from bayes_ivf.structures.funnel.problem import why_not as no_stages
from bayes_ivf.structures.joint.members import PREGNANCY, Members, members_of, points_up
from bayes_ivf.study import Outcome, Study

OMEGA = Prior("HalfNormal", {"sigma": 0.25})
"""Spread of the families around the common mean: most families within half a standard deviation of it."""
TAU = Prior("HalfNormal", {"sigma": 0.3})
"""Spread of the effects of one family."""
LATENT = float(np.pi / np.sqrt(3))
"""Standard deviation of a logistic variable: a log odds ratio in a unit of standardized mean difference."""
STAGE_PLACES = ("ongoing", "woman", "miscarriage_woman", "embryo", "live_birth")
WHOLE = "joint"
"""Place of what all effects have in common."""
BORROWED = "magnitude borrowed"
STRONG = (
    "Exchangeability across families is a strong assumption: all outcomes of the trial share one mean here. A sensitivity "
    "beside the result of record, never instead of it."
)
SCALE = (
    "Log odds ratios count as standardized mean differences times pi/sqrt(3), which assumes a logistic latent response."
)
POOLED_CLAIM = (
    "The words of a claim put no upper bound on its effect, so its magnitude is borrowed from the other outcomes."
)
UNDIRECTED = "Outcomes without a beneficial direction take part as if higher were better."
KINDS = ("count", "mean", "directed", "silent")
"""Outcomes with a likelihood of their own, in the order of the effects: counts, means, claims that one arm is higher, and
claims of no difference. Arrays of a kind are stacked under its name, and are one variable of the model."""
EVENTS = {"directed": "lower", "silent": "no_difference"}
"""What claims of a kind say; "higher" is "lower" of the effect turned around."""
BELIEVED = {"doubt": "0"}
"""Claims are taken at their word."""


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return why the structure cannot take an outcome, in one sentence; None if it can."""
    members = members_of(study)
    if outcome.id in members.left_out:
        return f"The model {card.id} leaves it out: {members.left_out[outcome.id]}."
    if members.stages is not None:
        reason = no_stages(study, members.stages, card)
        if reason is not None:
            return reason
    if members.number < 2:
        return f"The model {card.id} needs at least two outcomes that can be thought exchangeable."
    return None


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return the options that can change the result of the study."""
    every = members_of(study, "in")
    more = every.number > members_of(study).number
    return ("correlation",) * (len(every.means) > 1) + ("undirected",) * more


@dataclass(frozen=True)
class JointLayout:
    """What changes the graph of a model of all outcomes, beside the shapes of their arrays.

    Parameters
    ----------
    stages : StagesLayout or None
        Of the stages of the same women, where a study has them.
    families : int
        How many there are.
    """

    stages: StagesLayout | None
    families: int

    @property
    def embryos(self) -> EmbryoLayout | None:
        """Of the first stage, if it is embryos and not women."""
        return None if self.stages is None else self.stages.embryos

    def canonical(self) -> str:
        """Return the text for hash and compile key, such as ``women|miscarriage/3``."""
        return f"{'' if self.stages is None else self.stages.canonical()}/{self.families}"


def stages_of(problem: Problem) -> Problem | None:
    """Return the part of a problem that the stages of the same women are; None if it has none."""
    layout = problem.laid_out(JointLayout).stages
    if layout is None:
        return None
    embryos = layout.embryos
    chosen = {"mechanism": embryos.mechanism, "M": embryos.most, "weights": embryos.weights} if embryos else {}
    places = {name: place for name, place in problem.places.items() if name in STAGE_PLACES}
    return replace(problem, layout=layout, options=chosen, places=places)


def part(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the arrays of all outcomes of a kind, under the names of their form."""
    return {name.removeprefix(f"{kind}_"): value for name, value in data.items() if name.startswith(f"{kind}_")}


def places_of(data: Mapping[str, Any]) -> dict[str, slice]:
    """Return where the effects of each kind stand; those of stages come first."""
    number = {kind: len(data.get(f"{kind}_n", ())) for kind in KINDS}
    start = len(data["unit"]) - sum(number.values())
    found = {}
    for kind, many in number.items():
        found[kind] = slice(start, start + many)
        start += many
    return found


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return arrays that only NUTS needs; see the forms.

    Raises
    ------
    RequestError
        If a likelihood has no form that NUTS can use.
    """
    stages = stages_of(problem)
    for claims in _claims(problem):
        claim_only.derived(claims)
    return {} if stages is None else embryo_totals.derived(stages)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for every outcome."""
    stages = stages_of(problem)
    listed = stages is None or embryo_totals.can_be_sampled(stages)
    return listed and all(map(claim_only.can_be_sampled, _claims(problem)))


def _claims(problem: Problem) -> list[Problem]:
    """Return the parts of a problem that claims are."""
    parts = ((part(problem.data, kind), EVENTS[kind]) for kind in EVENTS)
    return [replace(problem, data=data, layout=Plain(event)) for data, event in parts if data]


def make(study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None) -> Problem:
    """Make the problem of all outcomes of a study.

    Raises
    ------
    RequestError
        If fewer than two effects can be used.
    PriorError, CardError
        If priors or options do not fit.
    """
    chosen = card.choose(options)
    members = members_of(study, chosen["undirected"])
    if members.number < 2:
        raise RequestError(Fault(study.id, "fewer than two effects", "two effects or more", "use the model two_arm"))
    given = _Slots(prior, f"prior of {study.id}/{outcome.id}")
    stages = None if members.stages is None else _stages(study, members.stages, card, given)
    families = _families(members, 0 if stages is None else len(_stage_signs(stages)))
    names = list(dict.fromkeys(families))
    sign = ([] if stages is None else _stage_signs(stages)) + [item.sign or 1 for item in members.alone]
    odds = len(families) - len(members.means) - len(members.claims)
    data: dict[str, DataArray] = {} if stages is None else dict(stages.data)
    data |= {
        "unit": np.array(sign) * np.array([LATENT] * odds + [1.0] * (len(families) - odds)),
        "family_of": np.array([names.index(name) for name in families], dtype=np.int64),
    }
    first = members.stages or members.alone[0]
    return make_problem(
        study,
        first,
        card,
        likelihood=card.structure,
        coding="average",
        data=data | _printed(study, members, chosen),
        priors=given.priors(members, {} if stages is None else stages.priors, len(names)),
        prior_set=given.name,
        options={name: value for name, value in chosen.items() if value != card.options[name].default},
        layout=JointLayout(None if stages is None else stages.laid_out(StagesLayout), len(names)),
        caveats=_caveats(members, stages, chosen),
        warnings=(BORROWED,) if members.claims else (),
        assumes="" if stages is None else stages.assumes,
        places=_places(members, stages, names),
    )


def _printed(study: Study, members: Members, chosen: Mapping[str, str]) -> dict[str, DataArray]:
    """Return the arrays of all outcomes with a likelihood of their own, stacked by kind; see `KINDS`."""
    made: dict[str, list[dict[str, DataArray]]] = {
        "count": [counts.arrays(study, item, chosen)[0] for item in members.counts],
        "mean": [mean_sd.arrays(study, item, chosen)[0] for item in members.means],
        "directed": _claimed(study, members.directed),
        "silent": _claimed(study, members.silent),
    }
    data = {
        f"{kind}_{name}": np.stack([each[name] for each in arrays])
        for kind, arrays in made.items()
        for name in (arrays[0] if arrays else ())
    }
    correlation = {"correlation": np.array(float(chosen["correlation"]))}
    return data | (correlation if members.means else {})


def _claimed(study: Study, claims: Sequence[Outcome]) -> list[dict[str, DataArray]]:
    """Return the arrays of claims, with as many nodes for each; `per_se`: standard errors in a unit of effect."""
    most = max((len(claim_only.arrays(study, item, BELIEVED)[0]["nodes"]) for item in claims), default=0)
    made = [claim_only.arrays(study, item, BELIEVED, most)[0] for item in claims]
    turns = [-1.0 if points_up(item) else 1.0 for item in claims]
    return [
        data | {"per_se": np.array(turn / np.sqrt((1 / data["n"]).sum()))}
        for turn, data in zip(turns, made, strict=True)
    ]


class _Slots:
    """Priors that were given: of a set, or slot by slot; what is not given is the default of its slot."""

    def __init__(self, prior: PriorLike, where: str) -> None:
        self.where = where
        self.given = dict(prior) if isinstance(prior, Mapping) else None
        own = ("omega", "tau", "mean_average", "mean_sigma")
        written = self.given or {}
        mu: Any = prior if self.given is None else {slot: written[slot] for slot in written if slot == "mu"}
        self.name, found = resolve(mu, "hierarchy_means", ("mu",), 0, where)
        read = {slot: read_prior(written[slot], f"{where}.{slot}") for slot in own if slot in written}
        flat = Prior("Flat", {})
        self.own = {"omega": OMEGA, "tau": TAU, "mean_average": flat, "mean_sigma": flat} | found | read
        faults = [fault for slot in own[:2] for fault in check_slots({"tau": self.own[slot]}, "hierarchy_means", where)]
        if faults:
            raise PriorError(faults)
        self.levels: Any = prior if self.given is None else {k: v for k, v in written.items() if k not in (*own, "mu")}

    def priors(self, members: Members, stages: Mapping[str, Prior], families: int) -> dict[str, Prior]:
        """Return the priors by slot; every family has its own spread, every outcome its own level."""
        self._check(members)
        found = {slot: self.own[slot] for slot in ("mu", "omega")}
        found |= {f"tau_{family}": self.own["tau"] for family in range(families)}
        found |= {slot: value for slot, value in stages.items() if not slot.endswith("effect")}
        if members.counts:
            only = self.levels
            if self.given is not None:
                only = {slot: spec for slot, spec in self.given.items() if slot == "average"}
            level = resolve(only, "log_odds", ("average",), 0, self.where)[1]["average"]
            found |= {f"count_{i}_average": level for i in range(len(members.counts))}
        for i in range(len(members.means)):
            found |= {f"mean_{i}_{slot}": self.own[f"mean_{slot}"] for slot in ("average", "sigma")}
        return found

    def _check(self, members: Members) -> None:
        """Refuse slots that nothing uses; those of stages are checked where stages are made."""
        if self.given is None:
            return
        levels = ("average",) * bool(members.counts)
        unused = [slot for slot in self.levels if slot.endswith("effect") or not (members.stages or slot in levels)]
        unused += [slot for slot in ("mean_average", "mean_sigma") if slot in self.given and not members.means]
        allowed = ", ".join(("mu", "omega", "tau", *levels, *("mean_average", "mean_sigma") * bool(members.means)))
        if unused:
            faults = [
                Fault(f"{self.where}.{slot}", "a slot that this model does not use", allowed, "remove it")
                for slot in unused
            ]
            raise PriorError(faults)


def _stages(study: Study, anchor: Outcome, card: Card, given: _Slots) -> Problem:
    """Make the problem of the stages of the same women."""
    options = {"M": str(study.max_embryos), "weights": "equal", "mechanism": "beta_binomial"}
    base = of_stages(study, anchor, card, given.levels, options)
    if base.coding != "average":
        found = f"coding {base.coding}"
        raise RequestError(Fault(given.where, found, "a prior on the average of the arms", "drop control"))
    return base


def _stage_signs(stages: Problem) -> list[int]:
    """Signs of benefit of the effects of stages, first to last."""
    born = [1] if "live_birth" in stages.places else []
    return [stages.places["woman"].sign or 1, stages.sign or -1, *born]


def _families(members: Members, stages: int) -> list[str]:
    """Return the family of every effect; an outcome without a stated family is one by itself."""
    of_stages = [members.stages.family or PREGNANCY] * stages if members.stages else []
    return of_stages + [item.family or item.id for item in members.alone]


def _places(members: Members, stages: Problem | None, families: list[str]) -> dict[str, OutcomeRef]:
    """Return the places of stages, of outcomes by their ids, of families, and of the whole."""
    places = {} if stages is None else dict(stages.places)
    for item in members.alone if members.stages else members.alone[1:]:
        places[place_name(item.id)] = OutcomeRef(item.id, item.label, item.sign, item.mcid)
    for family in families:
        name = f"family_{family}"
        places[place_name(name)] = OutcomeRef(name, f"Family: {family.replace('_', ' ')}", 0, None)
    return places | {WHOLE: OutcomeRef("all_outcomes", "All outcomes of the trial", 0, None)}


def place_name(outcome: str) -> str:
    """Return the place of an outcome: its id, unless a stage is called so."""
    return f"{outcome}_" if outcome in (*STAGE_PLACES, WHOLE) else outcome


def _caveats(members: Members, stages: Problem | None, chosen: Mapping[str, str]) -> tuple[str, ...]:
    told = [STRONG, SCALE]
    if members.claims:
        told.append(POOLED_CLAIM)
    if chosen["undirected"] == "in":
        told.append(UNDIRECTED)
    return (*told, *(() if stages is None else stages.caveats))
