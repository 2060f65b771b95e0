"""All outcomes of a trial around one mean: b_k = mu + omega h_f + tau_f z_k, each turned to its own scale and direction.

Outcomes of one kind are one variable of the model, so that a trial of many outcomes compiles as fast as one of few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm

from bayes_ivf.forms import claim_only, counts, mean_sd
from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster.model import embryos_in_women
from bayes_ivf.structures.funnel.problem import StagesLayout
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register
from bayes_ivf.structures.joint.problem import EVENTS, JointLayout, part, places_of, stages_of

_PRINTED = {"count": ("events", "n"), "mean": ("mean", "variance", "n")}
_UNIT = np.array([2.0, 2.0])
"""Sizes of arms whose difference has the standard error 1: effects are handed over in standard errors."""


def build(problem: Problem) -> pm.Model:
    """Build the model of all outcomes."""
    places = places_of(problem.data)
    coords = {
        "member": list(range(len(problem.data["unit"]))),
        "family": list(range(problem.laid_out(JointLayout).families)),
        **{kind: list(range(places[kind].stop - places[kind].start)) for kind in _PRINTED},
    }
    dims: dict[str, Any] = {f"{stage}{name}": "arm" for stage in ("", *_later(problem)) for name in ("events", "n")}
    dims |= {"unit": "member", "family_of": "member"}
    dims |= {f"{kind}_{name}": (kind, "arm") for kind, names in _PRINTED.items() for name in names}
    with pm.Model(coords=COORDS | coords) as model:
        data = register(problem, dims)
        effects = _effects(problem, data)
        _stages(problem, data, effects)
        likelihoods = {"count": _counts, "mean": _means}
        for kind, place in places.items():
            if place.stop == place.start:
                continue
            if kind in EVENTS:
                _claims(EVENTS[kind], part(data, kind), effects[place])
            else:
                likelihoods[kind](problem, data, effects[place])
    return model


def _later(problem: Problem) -> list[str]:
    """Return how names of data of the stages after the first begin."""
    stages = problem.laid_out(JointLayout).stages
    return [] if stages is None else [f"{stage}_" for stage in stages.later]


def _stacked(problem: Problem, data: dict[str, Any], slots: str, number: int) -> Any:
    """Return variables that are alike, each of a slot of its own, as one vector."""
    names = [slots.format(i) for i in range(number)]
    return pm.math.stack([prior_variable(name, name, problem, data) for name in names])


def _effects(problem: Problem, data: dict[str, Any]) -> Any:
    """Return the effects in the direction and on the scale of the printed numbers, dims member."""
    mu = prior_variable("mu", "mu", problem, data)
    omega = prior_variable("omega", "omega", problem, data)
    tau = _stacked(problem, data, "tau_{}", problem.laid_out(JointLayout).families)
    between = pm.Normal("between", 0.0, 1.0, dims="family")
    common = pm.Deterministic("family_mean", mu + omega * between, dims="family")
    z = pm.Normal("z", 0.0, 1.0, dims="member")
    benefit = common[data["family_of"]] + tau[data["family_of"]] * z
    return pm.Deterministic("effects", data["unit"] * benefit, dims="member")


def _stages(problem: Problem, data: dict[str, Any], effects: Any) -> None:
    """Observe the stages of the same women, where a study has them."""
    base = stages_of(problem)
    if base is None:
        return
    layout = base.laid_out(StagesLayout)
    data["effect"] = pm.Deterministic("effect", effects[0])
    if layout.embryos is None:
        level = prior_variable("average", "average", base, data)
        counts.observe(data, logit_risk=level + pm.math.constant(HALF) * data["effect"])
    else:
        embryos_in_women(base, data, layout.embryos)
    for i, stage in enumerate(layout.later, start=1):
        effect = pm.Deterministic(f"{stage}_effect", effects[i])
        level = prior_variable(f"{stage}_average", f"{stage}_average", problem, data)
        counts.observe(data, stage=stage, logit_risk=level + pm.math.constant(HALF) * effect)


def _counts(problem: Problem, data: dict[str, Any], effects: Any) -> None:
    """Observe counts, each with a level of its own: `counts.observe` of several outcomes."""
    level = _stacked(problem, data, "count_{}_average", len(problem.data["count_n"]))
    pm.Binomial(
        "count_events_observed",
        n=data["count_n"],
        logit_p=level[:, None] + effects[:, None] * pm.math.constant([HALF]),
        observed=data["count_events"],
        dims=("count", "arm"),
    )


def _claims(event: str, data: dict[str, Any], effects: Any) -> None:
    """Observe claims of one kind, taken at their word."""
    believed = {"n": _UNIT, "doubt": np.array(0.0)}
    claim_only.observe(data | believed, effects * data["per_se"], event, name=f"claims_{event}_observed")


def _means(problem: Problem, data: dict[str, Any], effects: Any) -> None:
    """Observe means and standard deviations; what outcomes of the same women share is one factor per arm."""
    mine = part(data, "mean")
    spread, center = pm.math.sqrt(mine["variance"].sum(axis=1) / 2), mine["mean"].sum(axis=1) / 2
    levels, sigmas = [], []
    for i in range(len(problem.data["mean_n"])):
        level, sigma = f"mean_{i}_average", f"mean_{i}_sigma"
        if problem.priors[level].proper:
            levels.append(prior_variable(level, level, problem, data))
        else:
            levels.append(pm.Deterministic(level, center[i] + spread[i] * pm.Flat(f"{level}_scaled")))
        if problem.priors[sigma].proper:
            sigmas.append(prior_variable(sigma, sigma, problem, data, dims="arm"))
        else:
            scaled = pm.math.exp(pm.Flat(f"log_{sigma}_scaled", dims="arm"))
            sigmas.append(pm.Deterministic(sigma, spread[i] * scaled, dims="arm"))
    level, sigma = pm.math.stack(levels), pm.math.stack(sigmas)
    shift = effects * pm.math.sqrt((sigma**2).sum(axis=1) / 2)
    shared = pm.Normal("factor", 0.0, 1.0, dims="arm")
    mu = level[:, None] + shift[:, None] * pm.math.constant([HALF])
    mean_sd.observe(
        mine,
        mu + sigma / pm.math.sqrt(mine["n"]) * pm.math.sqrt(data["correlation"]) * shared,
        sigma,
        own=pm.math.sqrt(1 - data["correlation"]),
        dims=("mean", "arm"),
    )
