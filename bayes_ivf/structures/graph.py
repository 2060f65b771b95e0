"""What every structure needs to become a ``pm.Model``: data and hyperparameters as ``pm.Data``, priors as variables."""

from __future__ import annotations

from typing import Any

import pymc as pm

from bayes_ivf.problem import Problem
from bayes_ivf.study import ARMS

COORDS = {"arm": list(ARMS)}
HALF = (0.5, -0.5)
"""Treatment and control lie half an effect above and below their average."""


def updates(problem: Problem) -> dict[str, Any]:
    """Return the value of every ``pm.Data`` of a problem's model, by name."""
    hyper = {
        f"prior_{slot}_{name}": value for slot, prior in problem.priors.items() for name, value in prior.parameters.items()
    }
    return dict(problem.data) | hyper


def register(problem: Problem, dims: dict[str, str | tuple[str, ...]]) -> dict[str, Any]:
    """Register all data and hyperparameters in the model on the stack; return them by name."""
    return {name: pm.Data(name, value, dims=dims.get(name)) for name, value in updates(problem).items()}


def prior_variable(name: str, slot: str, problem: Problem, data: dict[str, Any], dims: str | None = None) -> Any:
    """Make the random variable of a slot; its hyperparameters are ``pm.Data``."""
    prior = problem.priors[slot]
    parameters = {parameter: data[f"prior_{slot}_{parameter}"] for parameter in prior.parameters}
    return getattr(pm, prior.dist)(name, **parameters, dims=dims)
