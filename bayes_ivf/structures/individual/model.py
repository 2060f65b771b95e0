"""Embryos in two arms, each woman with an intercept of her own; rows of women belong to `two_arm`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.dist_math import normal_lcdf
from pymc.logprob.transforms import Transform

from bayes_ivf.forms import embryo_rows
from bayes_ivf.problem import Problem
from bayes_ivf.structures.graph import COORDS, HALF, prior_variable, register


class HazardTransform(Transform):  # type: ignore[misc]
    """Sample a positive value as z, where the value is -log Pr(Z > z) of a standard normal Z.

    A standard deviation that the data cannot tell from zero has a flat density there: on the log scale that is a long
    exponential tail, from which NUTS is slow to return; on this one it is a normal tail.
    """

    name = "hazard"

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Return the sampled value of `value`."""
        return np.sqrt(2) * pt.erfinv(1 - 2 * pt.exp(-value))

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Return the value of what is sampled."""
        return -normal_lcdf(0.0, 1.0, -value)

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return the log derivative of `backward`."""
        return -(value**2) / 2 - np.log(2 * np.pi) / 2 - normal_lcdf(0.0, 1.0, -value)


def build(problem: Problem) -> pm.Model:
    """Build the model of embryo rows."""
    with pm.Model(coords=COORDS) as model:
        data = register(problem, embryo_rows.DIMS)
        effect = prior_variable("effect", "effect", problem, data)
        level = prior_variable(problem.coding, problem.coding, problem, data)
        shares = pm.math.constant(HALF if problem.coding == "average" else (1.0, 0.0))
        embryo_rows.observe(data, level + shares * effect, _sigma(problem, data))
    return model


def _sigma(problem: Problem, data: dict[str, Any]) -> Any:
    prior = problem.priors["sigma"]
    if prior.family.support != "positive":
        return prior_variable("sigma", "sigma", problem, data)
    parameters = {name: data[f"prior_sigma_{name}"] for name in prior.parameters}
    return getattr(pm, prior.dist)("sigma", **parameters, default_transform=HazardTransform())
