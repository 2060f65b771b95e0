"""The ``pm.Model`` of a problem, and the value of each of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayes_ivf.problem import Problem
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
    return find_structure(problem.structure).load_model().build(problem)


def updates(problem: Problem) -> dict[str, Any]:
    """Return the value of every ``pm.Data`` of a problem's model, by name."""
    hyper = {
        f"prior_{slot}_{name}": value
        for slot, prior in problem.priors.items()
        for name, value in prior.parameters.items()
    }
    return dict(problem.data) | find_structure(problem.structure).load_problem().derived(problem) | hyper


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for a problem; what has none is left to quadrature."""
    return find_structure(problem.structure).load_problem().can_be_sampled(problem)
