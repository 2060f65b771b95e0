"""The ``pm.Model`` of a problem; loads PyMC."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pymc as pm

from bayes_ivf.problem import Problem
from bayes_ivf.structures.embryo_cluster import model as embryo_cluster
from bayes_ivf.structures.family import model as outcomes
from bayes_ivf.structures.funnel import model as funnel
from bayes_ivf.structures.graph import updates
from bayes_ivf.structures.individual import model as individual
from bayes_ivf.structures.two_arm import model as two_arm

__all__ = ["BUILDERS", "build_model", "updates"]

BUILDERS: Mapping[str, Callable[[Problem], pm.Model]] = {
    "two_arm": two_arm.build,
    "embryo_cluster": embryo_cluster.build,
    "funnel": funnel.build,
    "outcomes": outcomes.build,
    "individual": individual.build,
}


def build_model(problem: Problem) -> pm.Model:
    """Build the model of a problem.

    Raises
    ------
    RequestError
        If its likelihood has no form that NUTS can use.
    """
    return BUILDERS[problem.structure](problem)
