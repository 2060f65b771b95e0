"""What printed means say of the standardized difference d when both sigmas and the prior's variance are known.

All is normal then: ``D = xbar_t - xbar_c ~ N(d s, V)``, and independent of it a precision-weighted mean
``W ~ N(m + k d s, V_w)`` of the level m. One after the other they update the prior ``d ~ N(center, v)``, each by its distance
from what was expected of it. (A product of the three densities, completed to a square, loses all digits where sigma is large.)

Examples
--------
A prior N(0, 1), two means that are one sigma apart, and 8 women an arm, so that D has the variance 1/4:

>>> from bayes_ivf.exact.means_data import MeansData
>>> data = MeansData(*(np.array([value]) for value in (6.0, 1.0, 8.0, 5.0, 1.0, 8.0)))
>>> flat = BatchedPrior("Flat", {})
>>> given = given_sigmas(data, flat, flat, (0.5, -0.5), False, np.zeros((2, 1)))
>>> mean, variance = given.effect(0.0, np.ones(1))
>>> print(mean, variance)
[0.8] [0.2]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.means_data import MeansData, log_sd_likelihood
from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class GivenSigmas:
    """P pairs of sigmas, arrays (P,), and what they make of the data; of B problems, arrays (P, B).

    Parameters
    ----------
    log : array
        Log likelihood of both sds, with the prior of both log sigmas.
    pooled, variance_d : array
        Sigma by which the effect is standardized; variance of D.
    weighted, variance_w, k : array
        W, its variance, and the part of ``d s`` in it.
    difference : array (B,)
        D.
    level : tuple of array (B,), or None
        Mean and variance of a normal prior on the level.
    """

    log: Array
    pooled: Array
    variance_d: Array
    weighted: Array
    variance_w: Array
    k: Array
    difference: Array
    level: tuple[Array, Array] | None

    def take(self, index: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> GivenSigmas:
        """Return some of them."""
        return GivenSigmas(
            self.log[index],
            self.pooled[index],
            self.variance_d[index],
            self.weighted[index],
            self.variance_w[index],
            self.k[index],
            self.difference,
            self.level,
        )

    def log_mass(self, center: float | Array, variance: Array) -> Array:
        """Log of the integral over d, by prior variances that broadcast with (P,)."""
        total = self.variance_d + self.pooled**2 * variance
        surprise = self.difference - center * self.pooled
        log = self.log - 0.5 * (surprise**2 / total + np.log(total) + _LOG_2PI)
        if self.level is not None:
            mean, left = self._by_difference(center, variance)
            gap, lean, own = self._by_level(center + mean)
            total = own + lean**2 * left
            log = log - 0.5 * (gap**2 / total + np.log(total) + _LOG_2PI)
        return np.asarray(log)

    def effect(self, center: float | Array, variance: float | Array) -> tuple[Array, Array]:
        """Posterior mean and variance of d."""
        mean, left = self._by_difference(center, variance)
        if self.level is not None:
            gap, lean, own = self._by_level(center + mean)
            total = own + lean**2 * left
            mean, left = mean + lean * left / total * gap, left * own / total
        return center + mean, left

    def _by_difference(self, center: float | Array, variance: float | Array) -> tuple[Array, Array]:
        """How far D moves d, and the variance that it leaves."""
        total = self.variance_d + self.pooled**2 * variance
        return variance * self.pooled * (
            self.difference - center * self.pooled
        ) / total, variance * self.variance_d / total

    def _by_level(self, d: Array) -> tuple[Array, Array, Array]:
        """Distance of W from what is expected at an effect, how it leans on the effect, and its variance given the effect."""
        assert self.level is not None
        mean, variance = self.level
        lean = self.k * self.pooled
        return self.weighted - mean - lean * d, lean, self.variance_w + variance


def given_sigmas(
    data: MeansData, level: BatchedPrior, sigma: BatchedPrior, k: tuple[float, float], common: bool, x: Array
) -> GivenSigmas:
    """Return what the data say at log sigmas `x`, (D, P) of one problem or (D, P, B); `k`: parts of ``d s`` in either mean."""
    a, b = (x[0], x[0]) if common else (x[0], x[1])
    log = log_sd_likelihood(a, data.sd_t, data.df_t + 1) + log_sd_likelihood(b, data.sd_c, data.df_c + 1)
    if sigma.proper:
        log = log + sigma.logpdf(np.exp(a)) + a
        if not common:
            log = log + sigma.logpdf(np.exp(b)) + b
    var_t, var_c = np.exp(2 * a), np.exp(2 * b)
    v_t, v_c = var_t / data.n_t, var_c / data.n_c
    share = v_c / (v_t + v_c)
    weighted = data.mean_t * share + data.mean_c * (1 - share)
    part = k[0] * share + k[1] * (1 - share)
    prior = (level.parameters["mu"], level.parameters["sigma"]) if level.proper else None
    return GivenSigmas(
        log,
        np.sqrt((var_t + var_c) / 2),
        v_t + v_c,
        weighted,
        v_t * share,
        part,
        data.difference,
        None if prior is None else (np.asarray(prior[0]), np.asarray(prior[1]) ** 2),
    )
