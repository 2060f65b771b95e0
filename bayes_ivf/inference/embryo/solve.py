"""From a problem to its exact posterior."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bayes_ivf.inference.embryo.kernel import kernel_maker
from bayes_ivf.inference.embryo.marginal import shared_marginals
from bayes_ivf.inference.embryo.mixture import Nodes
from bayes_ivf.inference.embryo.plane import Planes
from bayes_ivf.inference.embryo.posterior import EmbryoPosterior, Integrand, name_quantities
from bayes_ivf.inference.embryo.problem import embryo_problem
from bayes_ivf.inference.embryo.shared import place_shared
from bayes_ivf.inference.exact.posterior import ExactPosterior
from bayes_ivf.inference.exact.quadrature import Rule
from bayes_ivf.likelihoods.embryo_totals import ArmLikelihood
from bayes_ivf.priors import Prior

_SCOUT = Rule(6, 7)
_NEGLIGIBLE = np.log(1e-11)


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
    maker = kernel_maker(problem)
    nodes, error = place_shared(maker)
    kernel = maker.at(nodes.within, nodes.loss)
    within = np.repeat(nodes.within, len(nodes.loss))
    loss = np.tile(nodes.loss, len(nodes.within))
    log_weight = nodes.log_weight.ravel()
    log_mass = Planes(kernel).tabulate("average", _SCOUT).log_total + log_weight
    marginals = shared_marginals(nodes, log_mass.reshape(nodes.log_weight.shape))
    # nodes without posterior mass cost as much as the others
    kept = np.flatnonzero(log_mass > log_mass.max() + _NEGLIGIBLE)
    names, by_scale = name_quantities(problem.mechanism)
    planes = Planes(kernel.take(kept))
    integrand = Integrand(Nodes(maker, planes, within[kept], loss[kept], log_weight[kept]), marginals, by_scale)
    return EmbryoPosterior(ExactPosterior(integrand, workers=1), names, error)
