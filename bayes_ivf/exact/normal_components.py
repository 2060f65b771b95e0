"""A posterior of two means as a mixture of normal distributions, as `means_mixture` makes it.

With N components, the distribution function of an estimand that is normal in each is ``sum_i share_i Phi((s - m_i) / sd_i)``.

Examples
--------
One component, an effect of N(0.5, 0.04) standardized by a sigma of 2, is a mean difference of N(1, 0.16):

>>> one, zero = np.ones(1), np.zeros(1)
>>> posterior = NormalComponents(one, 0.5 * one, 0.04 * one, 2 * one, 5 * one, 0.09 * one, one, -one, 0.0, 0.0)
>>> mean, variance = posterior.normal("mean_difference")
>>> round(float(mean[0]), 6), round(float(variance[0]), 6)
(1.0, 0.16)
>>> mean, variance = posterior.normal("control_mean")
>>> round(float(mean[0]), 6), round(float(variance[0]), 6)
(4.5, 0.13)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NormalComponents:
    """The posterior of one problem as a mixture of normal distributions; every array has the shape (N,).

    Parameters
    ----------
    share : array
        Probability of each component.
    mean, variance : array
        Of the standardized mean difference.
    pooled : array
        Sigma by which it is standardized.
    anchor, anchor_variance : array
        Of a normal variable independent of the effect; an arm's mean is ``anchor + lean * effect``.
    lean_t, lean_c : array
    log_total : float
        Log integral of likelihood times prior.
    edge : float
        Probability of the outermost nodes.
    """

    share: Array
    mean: Array
    variance: Array
    pooled: Array
    anchor: Array
    anchor_variance: Array
    lean_t: Array
    lean_c: Array
    log_total: float
    edge: float

    def normal(self, estimand: str) -> tuple[Array, Array]:
        """Mean and variance of an estimand in each component."""
        if estimand == "standardized_mean_difference":
            return self.mean, self.variance
        if estimand == "mean_difference":
            return self.mean * self.pooled, self.variance * self.pooled**2
        lean = self.lean_c if estimand == "control_mean" else self.lean_t
        return self.anchor + lean * self.mean, self.anchor_variance + lean * lean * self.variance
