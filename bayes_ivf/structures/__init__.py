"""One way the effects relate per file; builds the ``pm.Model`` of a problem.

In: a `Problem`. Out: a model whose data and hyperparameters are all ``pm.Data``, so that one compile serves many.
Never: sampling, or a number that is not in the problem.
"""

from collections.abc import Callable, Mapping

import pymc as pm

from bayes_ivf.problem import Problem
from bayes_ivf.structures import embryo_cluster, funnel, individual, outcomes, two_arm
from bayes_ivf.structures.graph import updates

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


__all__ = ["BUILDERS", "build_model", "updates"]
