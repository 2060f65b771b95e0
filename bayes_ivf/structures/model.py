"""The ``pm.Model`` of a problem, and the value of each of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayes_ivf.problem import DataArray, Problem
from bayes_ivf.structures.discovery import find_structure

if TYPE_CHECKING:
    import pymc as pm


def build_model(problem: Problem) -> pm.Model:
    """Build the model of a problem; loads PyMC.

    Raises
    ------
    RequestError
        If its likelihood has no form that NUTS can use.
    """
    return find_structure(problem).load_model().build(problem)


def updates(problem: Problem) -> dict[str, Any]:
    """Return the value of every ``pm.Data`` of a problem's model, by name."""
    hyper = {
        f"prior_{slot}_{name}": value
        for slot, prior in problem.priors.items()
        for name, value in prior.parameters.items()
    }
    return dict(problem.data) | _derived(problem) | hyper


def model_key(problem: Problem) -> tuple[Any, ...]:
    """Return what two problems must share to share a compiled model; may take seconds where NUTS reads a surface.

    Arrays that are made for NUTS alone may differ in shape between problems whose own data do not.
    """
    shapes = ((name, np.shape(value), np.asarray(value).dtype.str) for name, value in _derived(problem).items())
    return (*problem.compile_key, *sorted(shapes))


def _derived(problem: Problem) -> dict[str, DataArray]:
    return find_structure(problem).load_problem().derived(problem)


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for a problem; what has none is left to quadrature."""
    return find_structure(problem).load_problem().can_be_sampled(problem)
