"""From a problem to its exact posterior."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.embryo.kernel import posterior_2d_factory
from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.embryo.posterior import EmbryoBatch, EmbryoPosterior, name_quantities
from bayes_ivf.embryo.problem import embryo_problem
from bayes_ivf.embryo.shared_parameters import place_shared
from bayes_ivf.priors import Prior
from bayes_ivf.quadrature import ExactPosterior


def solve_embryo(treatment: ArmLikelihood, control: ArmLikelihood, priors: Mapping[str, Prior]) -> EmbryoPosterior:
    """Integrate the posterior of two arms' embryo totals.

    Parameters
    ----------
    treatment, control : ArmLikelihood
        From `prepare_arm`, with the same M, weights and mechanism.
    priors : mapping of str to Prior
        See `embryo_problem`.

    Returns
    -------
    EmbryoPosterior

    Raises
    ------
    RequestError
        If the priors do not fit the model.
    """
    problem = embryo_problem(treatment, control, priors)
    shared = place_shared(posterior_2d_factory(problem))
    names, by_scale = name_quantities(problem.mechanism)
    return EmbryoPosterior(ExactPosterior(EmbryoBatch(shared, by_scale), workers=1), names, shared.error)
