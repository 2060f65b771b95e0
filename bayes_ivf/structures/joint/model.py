"""All outcomes of a trial around one mean: b_k = mu + omega h_f + tau_f z_k, each turned to its own scale and direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm

from bayes_ivf.forms import claim, counts, mean_sd
from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster.model import embryos_in_women
from bayes_ivf.structures.funnel.problem import StagesLayout
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register
from bayes_ivf.structures.joint.problem import claims_of, counted, part, stages_of

_PRINTED = ("printed", "arm")
_UNIT = np.array([2.0, 2.0])
"""Sizes of arms whose difference has the standard error 1: effects are handed over in standard errors."""


def build(problem: Problem) -> pm.Model:
    """Build the model of all outcomes."""
    means = len(problem.data.get("mean_n", ()))
    families = sum(slot.startswith("tau_") for slot in problem.priors)
    coords = {
        "member": list(range(len(problem.data["sign"]))),
        "family": list(range(families)),
        "printed": list(range(means)),
    }
    dims: dict[str, Any] = {name: "arm" for name in problem.data if name.endswith(("events", "_n")) or name == "n"}
    dims.pop("claim_n", None)
    dims |= {"sign": "member", "scale": "member", "family_of": "member"}
    dims |= {f"mean_{name}": _PRINTED for name in ("mean", "variance", "n")}
    with pm.Model(coords=COORDS | coords) as model:
        data = register(problem, dims)
        effects = _effects(problem, data, families)
        index = _stages(problem, data, effects)
        for i in range(counted(problem.data)):
            level = prior_variable(f"count_{i}_average", f"count_{i}_average", problem, data)
            logit_risk = level + pm.math.constant(HALF) * effects[index + i]
            counts.observe(data, stage=f"count_{i}", logit_risk=logit_risk)
        index += counted(problem.data)
        if means:
            _means(problem, data, effects[index : index + means], means)
        _claims(claims_of(problem), part(data, "claim_"), effects[index + means :])
    return model


def _effects(problem: Problem, data: dict[str, Any], families: int) -> Any:
    """Return the effects in the direction and on the scale of the printed numbers, dims member."""
    mu = prior_variable("mu", "mu", problem, data)
    omega = prior_variable("omega", "omega", problem, data)
    tau = pm.math.stack([prior_variable(f"tau_{i}", f"tau_{i}", problem, data) for i in range(families)])
    between = pm.Normal("between", 0.0, 1.0, dims="family")
    common = pm.Deterministic("family_mean", mu + omega * between, dims="family")
    z = pm.Normal("z", 0.0, 1.0, dims="member")
    benefit = common[data["family_of"]] + tau[data["family_of"]] * z
    return pm.Deterministic("effects", data["sign"] * data["scale"] * benefit, dims="member")


def _stages(problem: Problem, data: dict[str, Any], effects: Any) -> int:
    """Observe the stages of the same women, where a study has them; return how many effects they take."""
    base = stages_of(problem)
    if base is None:
        return 0
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
    return 1 + len(layout.later)


def _claims(events: tuple[str, ...], data: dict[str, Any], effects: Any) -> None:
    """Observe claims, all of one kind at once, in standard errors; "higher" is "lower" of the effect turned around."""
    for kind, members in (("lower", ("lower", "higher")), ("no_difference", ("no_difference",))):
        chosen = [i for i, event in enumerate(events) if event in members]
        if not chosen:
            continue
        turn = np.array([-1.0 if events[i] == "higher" else 1.0 for i in chosen])
        mine = {name: data[name][chosen] for name in ("nodes", "log_weights", "doubt", "claimed")}
        shift = turn * effects[chosen] / pm.math.sqrt((1.0 / data["n"][chosen]).sum(axis=1))
        claim.observe(mine | {"n": _UNIT}, shift, kind, name=f"claims_{kind}_observed")


def _means(problem: Problem, data: dict[str, Any], effects: Any, number: int) -> None:
    """Observe means and standard deviations; what outcomes of the same women share is one factor per arm."""
    mine = part(data, "mean_")
    spread = pm.math.sqrt(mine["variance"].mean(axis=1))
    center = mine["mean"].mean(axis=1)
    levels, sigmas = [], []
    for i in range(number):
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
    sigma = pm.math.stack(sigmas)
    shift = effects * pm.math.sqrt((sigma**2).mean(axis=1))
    shared = pm.Normal("factor", 0.0, 1.0, dims="arm")
    mu = pm.math.stack(levels)[:, None] + shift[:, None] * pm.math.constant([HALF])
    mean_sd.observe(
        mine,
        mu + sigma / pm.math.sqrt(mine["n"]) * pm.math.sqrt(data["correlation"]) * shared,
        sigma,
        own=pm.math.sqrt(1 - data["correlation"]),
        dims=_PRINTED,
    )
