"""Two arms, one outcome: the base case, and the oracle for everything else."""

from __future__ import annotations

import pymc as pm

from bayes_ivf.likelihoods import observe_claim, observe_counts, observe_mean_sd
from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import COORDS, HALF, even_effect, prior_variable, register
from bayes_ivf.structures.tilt import tilted_level


def build(problem: Problem) -> pm.Model:
    """Build the model of one outcome in two arms."""
    with pm.Model(coords=COORDS) as model:
        _BUILDERS[problem.likelihood](problem)
    return model


def _counts(problem: Problem) -> None:
    data = register(problem, {"events": "arm", "n": "arm"})
    if problem.coding == "arms":
        arms = [prior_variable(arm, arm, problem, data) for arm in COORDS["arm"]]
        observe_counts(data, risk=pm.math.stack(arms))
        return
    effect = prior_variable("effect", "effect", problem, data)
    shares = HALF if problem.coding == "average" else (1.0, 0.0)
    level = tilted_level(problem.coding, problem, data, effect, shares)
    observe_counts(data, logit_risk=level + pm.math.constant(shares) * effect)


def _mean_sd(problem: Problem) -> None:
    data = register(problem, {"mean": "arm", "variance": "arm", "n": "arm"})
    spread = pm.math.sqrt(data["variance"].mean())
    center = data["mean"].mean()
    arm = None if problem.variant == "common" else "arm"
    if problem.priors["sigma"].proper:
        sigma = prior_variable("sigma", "sigma", problem, data, dims=arm)
    else:
        # flat on log sigma; counted from the printed sd so that the sampler starts and steps on a unit scale
        sigma = pm.Deterministic("sigma", spread * pm.math.exp(pm.Flat("log_sigma_scaled", dims=arm)), dims=arm)
    standardizer = pm.math.sqrt((sigma**2).mean()) if arm else sigma

    def level(slot: str) -> object:
        if problem.priors[slot].proper:
            return prior_variable(slot, slot, problem, data)
        return pm.Deterministic(slot, center + spread * pm.Flat(f"{slot}_scaled"))

    if problem.coding == "arms":
        mu = pm.math.stack([level("treatment"), level("control")])
    else:
        shift = prior_variable("effect", "effect", problem, data) * standardizer
        if problem.coding == "average":
            mu = level("average") + pm.math.constant(HALF) * shift
        else:
            mu = level("control") + pm.math.constant((1.0, 0.0)) * shift
    observe_mean_sd(data, mu, sigma)


def _claim_only(problem: Problem) -> None:
    data = register(problem, {"n": "arm", "nodes": "node", "log_weights": "node"})
    make = even_effect if problem.variant == "differs" else prior_variable
    observe_claim(data, make("effect", "effect", problem, data), problem.variant)


_BUILDERS = {"counts": _counts, "mean_sd": _mean_sd, "claim_only": _claim_only}
