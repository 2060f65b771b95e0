"""Embryos in two arms, each woman with an intercept of her own; rows of women belong to `two_arm`."""

from __future__ import annotations

import pymc as pm

from bayes_ivf.likelihoods import observe_embryo_rows
from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register


def build(problem: Problem) -> pm.Model:
    """Build the model of embryo rows."""
    dims = {"received": "cell", "implanted": "cell", "women": ("arm", "cell"), "nodes": "node", "log_weights": "node"}
    with pm.Model(coords=COORDS) as model:
        data = register(problem, dict(dims))
        effect = prior_variable("effect", "effect", problem, data)
        level = prior_variable(problem.coding, problem.coding, problem, data)
        shares = pm.math.constant(HALF if problem.coding == "average" else (1.0, 0.0))
        sigma = prior_variable("sigma", "sigma", problem, data)
        observe_embryo_rows(data, level + shares * effect, sigma)
    return model
