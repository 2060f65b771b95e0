"""Whether NUTS has a likelihood for a problem; what has none is left to quadrature."""

from __future__ import annotations

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem.claim_nodes import near_enough
from bayes_ivf.problem.problem import DataArray, Problem


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood for the problem."""
    from bayes_ivf.structures.embryo_cluster.problem import can_be_listed

    return can_be_listed(problem) and _without_steps(problem)


def check_claims(problem: Problem) -> dict[str, DataArray]:
    """Return nothing that NUTS needs beyond the data of claims.

    Raises
    ------
    RequestError
        If a claim's probability would have steps.
    """
    if not _without_steps(problem):
        women = problem.data["n"].sum(axis=-1).min()
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                f"a claim of P{_relation(problem)}{problem.data['alpha'].min():g} from as few as {women:g} women",
                'engine="exact" of the model two_arm, or a larger P',
                "choose one of these",
            )
        )
    return {}


def _relation(problem: Problem) -> str:
    return ">" if "no_difference" in problem.variant else "<"


def _without_steps(problem: Problem) -> bool:
    return not problem.likelihood.startswith("claim") or near_enough(problem.data["nodes"])
