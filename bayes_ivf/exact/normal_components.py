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

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_SPREADS, _MEANS = 0.03, 0.07
# Steps in the log of a spread, and in means by their spread, within which components are merged: the ends of a shortest interval
# remember the table they are searched from, 1e-7 sd with steps three times as wide.
_LABELS = 2**20
# Of one unit; those further apart than so many steps are not merged, or seldom.
_UNSEEN = 1e-10
# Probability of a component that is left out when components are merged.


@dataclass(frozen=True)
class Components:
    """Mixtures of normal distributions; every array has the shape (N,), or (N, B) of B problems.

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
    """

    share: Array
    mean: Array
    variance: Array
    pooled: Array
    anchor: Array
    anchor_variance: Array
    lean_t: Array
    lean_c: Array

    def normal(self, estimand: str) -> tuple[Array, Array]:
        """Mean and variance of an estimand in each component."""
        if estimand == "standardized_mean_difference":
            return self.mean, self.variance
        if estimand == "mean_difference":
            return self.mean * self.pooled, self.variance * self.pooled**2
        lean = self.lean_c if estimand == "control_mean" else self.lean_t
        return self.anchor + lean * self.mean, self.anchor_variance + lean * lean * self.variance


@dataclass(frozen=True)
class NormalComponents(Components):
    """The posterior of one problem: `Components` of shape (N,), and what they add up to.

    Parameters
    ----------
    log_total : float
        Log integral of likelihood times prior.
    edge : float
        Probability of the outermost nodes.
    """

    log_total: float
    edge: float

    def merged(self) -> NormalComponents:
        """Return fewer components: neighbors become one with their mean and variance of the effect. Good to six digits."""
        if self.share.min() < _UNSEEN:
            return self._take(self.share >= _UNSEEN).merged()
        log_sd, log_pooled = 0.5 * np.log(self.variance), np.log(self.pooled)
        # in units of each component's own spread, so that what is narrow stays apart
        by_sd = np.round(self.mean / np.exp(_SPREADS * np.round(log_sd / _SPREADS)) / _MEANS)
        units = (
            log_sd / _SPREADS,
            by_sd,
            (log_pooled - log_pooled.mean()) * (1 / _SPREADS + np.abs(by_sd)),
            (self.anchor - self.anchor.mean()) / np.sqrt(self.anchor_variance.max()) / _MEANS,
        )
        label = np.zeros(len(self.share), dtype=np.intp)
        for unit in units:
            label = np.unique(label * _LABELS + np.round(unit).astype(np.intp) % _LABELS, return_inverse=True)[1]
        share = np.bincount(label, self.share)

        def average(values: Array) -> Array:
            return np.bincount(label, self.share * values) / share

        mean = average(self.mean)
        variance = average(self.variance + (self.mean - mean[label]) ** 2)
        rest = (self.pooled, self.anchor, self.anchor_variance, self.lean_t, self.lean_c)
        pooled, anchor, anchor_variance, lean_t, lean_c = (average(each) for each in rest)
        return replace(
            self,
            share=share,
            mean=mean,
            variance=variance,
            pooled=pooled,
            anchor=anchor,
            anchor_variance=anchor_variance,
            lean_t=lean_t,
            lean_c=lean_c,
        )

    def _take(self, index: npt.NDArray[np.bool_]) -> NormalComponents:
        return NormalComponents(
            self.share[index],
            self.mean[index],
            self.variance[index],
            self.pooled[index],
            self.anchor[index],
            self.anchor_variance[index],
            self.lean_t[index],
            self.lean_c[index],
            self.log_total,
            self.edge,
        )
