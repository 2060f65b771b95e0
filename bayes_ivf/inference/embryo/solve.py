"""From a problem to its exact posterior."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.inference.embryo.kernel import kernel_maker
from bayes_ivf.inference.embryo.posterior import EmbryoPosterior, Integrand, name_quantities
from bayes_ivf.inference.embryo.problem import embryo_problem
from bayes_ivf.inference.embryo.shared import place_shared
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.likelihoods.embryo_totals import ArmLikelihood
from bayes_ivf.priors import Prior


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
    shared = place_shared(kernel_maker(problem))
    names, by_scale = name_quantities(problem.mechanism)
    return EmbryoPosterior(ExactPosterior(Integrand(shared, by_scale), workers=1), names, shared.error)
