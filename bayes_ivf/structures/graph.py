"""What every structure needs to become a ``pm.Model``: data and hyperparameters as ``pm.Data``, priors as variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform

from bayes_ivf.problem import Problem
from bayes_ivf.structures.model import updates
from bayes_ivf.study import ARMS

COORDS: dict[str, list[Any]] = {"arm": list(ARMS), "total": ["pregnant", "implanted"]}
HALF = (0.5, -0.5)
"""Treatment and control lie half an effect above and below their average."""


def register(problem: Problem, dims: Mapping[str, Any]) -> dict[str, Any]:
    """Register all data and hyperparameters in the model on the stack; return them by name."""
    return {name: pm.Data(name, value, dims=dims.get(name)) for name, value in updates(problem).items()}


class AsinhTransform(Transform):
    """Sample heavy tails on the scale asinh((x - location) / scale), where they are exponential.

    On their own scale NUTS hardly returns from a tail that the data do not bound.
    """

    name = "asinh"

    def __init__(self, location: Any, scale: Any) -> None:
        self.location, self.scale = location, scale

    def forward(self, value: Any, *inputs: Any) -> Any:
        """Return the sampled value of `value`."""
        return pt.arcsinh((value - self.location) / self.scale)

    def backward(self, value: Any, *inputs: Any) -> Any:
        """Return the value of what is sampled."""
        return self.location + self.scale * pt.sinh(value)

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:
        """Return the log derivative of `backward`."""
        size = pt.abs(value)
        return pt.log(self.scale) + size + pt.log1p(pt.exp(-2 * size)) - np.log(2)


HEAVY_TAILED = {"StudentT": ("mu", "sigma"), "Cauchy": ("alpha", "beta")}
"""Families with polynomial tails: their location and scale."""


def prior_variable(name: str, slot: str, problem: Problem, data: dict[str, Any], dims: str | None = None) -> Any:
    """Make the random variable of a slot; its hyperparameters are ``pm.Data``."""
    prior = problem.priors[slot]
    parameters = {parameter: data[f"prior_{slot}_{parameter}"] for parameter in prior.parameters}
    extra = {}
    if prior.dist in HEAVY_TAILED:
        extra["transform"] = AsinhTransform(*(parameters[parameter] for parameter in HEAVY_TAILED[prior.dist]))
    return getattr(pm, prior.dist)(name, **parameters, dims=dims, **extra)


def even_effect(name: str, slot: str, problem: Problem, data: dict[str, Any]) -> Any:
    """Make an effect whose likelihood is the same for both signs: its size is sampled, its sign follows from the prior.

    NUTS would have to jump between two humps; the size has one, and given the size the sign depends on the prior alone.
    """
    size, density = sized(name, slot, problem, data)
    parameters = [data[f"prior_{slot}_{parameter}"] for parameter in problem.priors[slot].parameters]
    chance = pm.Uniform(f"{name}_sign_chance", 0.0, 1.0)
    positive = pm.math.invlogit(density(size, *parameters) - density(-size, *parameters))
    return pm.Deterministic(name, pt.where(chance < positive, size, -size))


def sized(name: str, slot: str, problem: Problem, data: dict[str, Any]) -> tuple[Any, Callable[..., Any]]:
    """Make the size of an effect, and return the log density of its prior, of a value and the hyperparameters."""
    prior = problem.priors[slot]
    parameters = [data[f"prior_{slot}_{parameter}"] for parameter in prior.parameters]
    family = getattr(pm, prior.dist)

    def density(value: Any, *given: Any) -> Any:
        return pm.logp(family.dist(**dict(zip(prior.parameters, given, strict=True))), value)

    def logp(size: Any, *given: Any) -> Any:
        both = pt.logaddexp(density(size, *given), density(-size, *given))
        return pt.where(size >= 0, both, -np.inf)

    def random(*given: Any, rng: Any = None, size: Any = None) -> Any:
        chances = rng.uniform(size=size)
        return np.abs(prior.family.ppf(chances, **dict(zip(prior.parameters, given, strict=True))))

    size = pm.CustomDist(
        f"{name}_size",
        *parameters,
        logp=logp,
        random=random,
        support_point=lambda rv, *_: pt.ones_like(rv),
        transform=pm.distributions.transforms.log,
        dtype="float64",
    )
    return size, density
