"""The exact posterior of two arms with embryos nested in women: from a problem to answers by name.

`solve_embryo` scans the posterior, integrates the shared parameters, and returns a value that computes nothing before it is
asked. Every quantity of `estimands_of` can be asked for its probability below any threshold and its summary.

Examples
--------
Ten women with two embryos each in both arms; six against three are pregnant.

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> treatment = prepare_arm(ArmTotals(women=10, embryos=20, pregnant=6, implanted=9), max_embryos=2)
>>> control = prepare_arm(ArmTotals(women=10, embryos=20, pregnant=3, implanted=4), max_embryos=2)
>>> priors = {"average": Prior("Normal", {"mu": 0.0, "sigma": 1.5}), "effect": Prior("Normal", {"mu": 0.0, "sigma": 1.0})}
>>> posterior = solve_embryo(treatment, control, priors)
>>> print(1 - posterior.cdf("risk_difference", 0.0).round(4), posterior.summarize("icc").median.round(3))
[0.8718] [0.401]
>>> bool(posterior.accurate[0])
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.embryo.coarse_scan import scan_posterior
from bayes_ivf.embryo.estimands import EmbryoEstimand, estimands_of
from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.embryo.problem import embryo_problem
from bayes_ivf.embryo.shared_parameters import integrate_shared_parameters
from bayes_ivf.embryo.solution import EmbryoBatch
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact import transform_of
from bayes_ivf.priors import Prior
from bayes_ivf.quadrature import ExactPosterior, Summary

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EmbryoPosterior:
    """Posterior of one problem by deterministic quadrature; its arrays have length B = 1.

    Answers as `ExactPosterior` does. The log Bayes factor is that of equal pi (or r) in both arms against the model.

    Parameters
    ----------
    exact : ExactPosterior
        Asked by the names of the scales.
    names : mapping of str to EmbryoEstimand
        Transform of each quantity.
    shared_error : float
        Bound on the error of a probability by the nodes over the shared parameters.
    """

    exact: ExactPosterior
    names: Mapping[str, EmbryoEstimand]
    shared_error: float

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names of all quantities that can be asked for; see `estimands_of`."""
        return tuple(self.names)

    def cdf(self, estimand: str, t: npt.ArrayLike) -> Array:
        """Posterior probability that the estimand is at most t.

        Parameters
        ----------
        estimand : str
            One of `estimands`.
        t : array (1,), (1, K) or a number
            On the estimand's own scale.

        Returns
        -------
        array (1,) or (1, K)

        Raises
        ------
        RequestError
            If the estimand is unknown.
        """
        scale = self._scale(estimand)
        below = self.exact.cdf(scale, t)
        limits = transform_of(scale)
        value = np.broadcast_to(np.asarray(t, dtype=float), below.shape)
        return np.where(value <= limits.lower, 0.0, np.where(value >= limits.upper, 1.0, below))

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Mean, median, sd, equal-tailed and highest-density interval, each an array (1,); NaN where none exists.

        Raises
        ------
        RequestError
            If the estimand is unknown or `ci_prob` is outside (0, 1).
        """
        return self.exact.summarize(self._scale(estimand), ci_prob)

    @property
    def log_marginal_likelihood(self) -> Array:
        """Log probability (1,) of both arms' P and S under the model, given W and E."""
        return self.exact.log_marginal_likelihood

    @property
    def log_bayes_factor_null(self) -> Array:
        """Log Bayes factor (1,) of equal pi (or r) against the model: negative values speak for an effect."""
        return self.exact.log_bayes_factor_null

    @property
    def log_bayes_factor_other(self) -> Array:
        """No other null (1,): NaN."""
        return self.exact.log_bayes_factor_other

    @property
    def error_probability(self) -> Array:
        """Estimated error (1,) of any probability asked so far."""
        return np.maximum(self.exact.error_probability, self.shared_error)

    @property
    def error_quantile(self) -> Array:
        """Estimated error (1,) of any moment or interval end asked so far, in posterior sds."""
        return np.maximum(self.exact.error_quantile, self.shared_error)

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (1,) both errors are within the tolerances of `bayes_ivf.defaults`."""
        return (self.error_probability <= EXACT_PROBABILITY_TOLERANCE) & (
            self.error_quantile <= EXACT_QUANTILE_TOLERANCE
        )

    def _scale(self, estimand: str) -> str:
        if estimand not in self.names:
            raise RequestError(
                Fault("estimand", repr(estimand), ", ".join(self.names), "ask for one of these quantities")
            )
        return self.names[estimand].scale


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
    shared = integrate_shared_parameters(scan_posterior(problem))
    names = estimands_of(problem.mechanism)
    by_scale = {estimand.scale: estimand for estimand in names.values()}
    return EmbryoPosterior(ExactPosterior(EmbryoBatch(shared, by_scale), workers=1), names, shared.error)
