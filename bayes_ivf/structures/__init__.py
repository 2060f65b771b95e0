"""One way the effects relate per file; builds the ``pm.Model`` of a problem.

In: a `Problem`. Out: a model whose data and hyperparameters are all ``pm.Data``, so that one compile serves many.
Never: sampling, or a number that is not in the problem.
"""

from collections.abc import Callable, Mapping

import pymc as pm

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import Problem, can_be_sampled
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
    if not can_be_sampled(problem):
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                "losses before the clinical pregnancy, and more ways to share out the embryos than can be listed",
                'engine="exact" of the model embryo_cluster, or the mechanism beta_binomial',
                "choose one of these",
            )
        )
    return BUILDERS[problem.structure](problem)


__all__ = ["BUILDERS", "build_model", "updates"]
