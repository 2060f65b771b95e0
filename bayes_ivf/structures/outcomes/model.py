"""Effects of one family around a common mean: b_k = mu + tau z_k, turned so that positive is benefit.

Complete pooling is the same model with the spread switched off, so both share a compile. Outcomes of the same women are
correlated through one factor per arm (means) or of the difference (claims); the correlation is given, not estimated.
"""

from __future__ import annotations

from typing import Any

import pymc as pm

from bayes_ivf.forms import claim_only, counts, mean_sd
from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster.model import embryos_in_women
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register
from bayes_ivf.structures.outcomes.problem import Members, PooledStages


def build(problem: Problem) -> pm.Model:
    """Build the model of a family."""
    members = len(problem.data["sign"])
    with pm.Model(coords=COORDS | {"member": list(range(members))}) as model:
        _BUILDERS[problem.likelihood](problem)
    return model


def _effects(problem: Problem, data: dict[str, Any]) -> Any:
    """Return the effects in the direction of the printed numbers, dims member."""
    mu = prior_variable("mu", "mu", problem, data)
    tau = prior_variable("tau", "tau", problem, data)
    z = pm.Normal("z", 0.0, 1.0, dims="member")
    return pm.Deterministic("effects", data["sign"] * (mu + data["spread"] * tau * z), dims="member")


def _means(problem: Problem) -> None:
    dims = {"mean": ("member", "arm"), "variance": ("member", "arm"), "n": ("member", "arm"), "sign": "member"}
    data = register(problem, dims)
    effects = _effects(problem, data)
    spread = pm.math.sqrt(data["variance"].mean(axis=1))
    scaled = pm.Flat("log_sigma_scaled", dims=("member", "arm"))
    sigma = pm.Deterministic("sigma", spread[:, None] * pm.math.exp(scaled), dims=("member", "arm"))
    level = data["mean"].mean(axis=1) + spread * pm.Flat("average_scaled", dims="member")
    average = pm.Deterministic("average", level, dims="member")
    shift = effects * pm.math.sqrt((sigma**2).mean(axis=1))
    shared = pm.Normal("factor", 0.0, 1.0, dims="arm")
    error = sigma / pm.math.sqrt(data["n"])
    mu = average[:, None] + shift[:, None] * pm.math.constant([HALF])
    mean_sd.observe(
        data,
        mu + error * pm.math.sqrt(data["correlation"]) * shared,
        sigma,
        own=pm.math.sqrt(1 - data["correlation"]),
        dims=("member", "arm"),
    )


def _claims(problem: Problem) -> None:
    data = register(problem, {"n": ("member", "arm"), "sign": "member"})
    effects = _effects(problem, data)
    shared = pm.Normal("factor", 0.0, 1.0)
    own = pm.math.sqrt(1 - data["correlation"])
    for index, direction in enumerate(problem.laid_out(Members).said):
        mine = {name: data[name][index] for name in ("n", "nodes", "log_weights", "doubt", "claimed")}
        mine["nodes"] = mine["nodes"] / own
        pulled = pm.math.sqrt(data["correlation"]) * shared
        claim_only.observe(mine, effects[index], direction, pulled=pulled, own=own, name=f"claim_{index}_observed")


def _stages(problem: Problem) -> None:
    dims: dict[str, Any] = {name: "arm" for name in problem.data if name.endswith(("events", "_n")) or name == "n"}
    data = register(problem, dims | {"sign": "member"})
    effects = _effects(problem, data)
    data["effect"], data["miscarriage_effect"] = (
        pm.Deterministic("effect", effects[0]),
        pm.Deterministic("miscarriage_effect", effects[1]),
    )
    embryos = problem.laid_out(PooledStages).embryos
    if embryos is None:
        level = prior_variable("average", "average", problem, data)
        counts.observe(data, logit_risk=level + pm.math.constant(HALF) * data["effect"])
    else:
        embryos_in_women(problem, data, embryos)
    level = prior_variable("miscarriage_average", "miscarriage_average", problem, data)
    counts.observe(data, stage="miscarriage", logit_risk=level + pm.math.constant(HALF) * data["miscarriage_effect"])


_BUILDERS = {"mean_sd_family": _means, "claim_family": _claims, "funnel": _stages}
"""By likelihood."""
