"""Answers about a chunk of printed means whose posterior is a mixture of normal distributions; see `means_mixture`.

Distribution functions are sums of normal ones; of a ratio of means, ``P(T <= r C)`` is one where C is surely positive, else a
probability of two correlated normal variables.

Examples
--------
Without a difference in print, and a prior around none, the difference is as likely positive as negative:

>>> from bayes_ivf.exact.means_data import MeansData
>>> from bayes_ivf.priors import BatchedPrior
>>> data = MeansData(*(np.array([value]) for value in (8.0, 2.0, 20.0, 8.0, 2.0, 20.0)))
>>> effect, flat = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0}), BatchedPrior("Flat", {})
>>> mixture, null = (MeansMixture(data, effect, flat, "average", flat, False, null) for null in (False, True))
>>> below, _ = MixtureSolution((mixture,), (null,), 0.6, 20).evaluate("mean_difference", np.zeros((1, 1)))
>>> round(float(below[0, 0]), 9)
0.5

References
----------
Hinkley DV (1969). On the ratio of two correlated normal random variables. Biometrika 56:635-639. doi:10.1093/biomet/56.3.635

Owen DB (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical Statistics 27:1075-1090.
doi:10.1214/aoms/1177728074
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.means_data import POSITIVE_ENOUGH, sigma_index
from bayes_ivf.exact.means_mixture import MeansMixture
from bayes_ivf.exact.normal_components import NormalComponents

Array = npt.NDArray[np.float64]

_SQRT_2PI = float(np.sqrt(2 * np.pi))
CERTAIN = 1e-10
"""Probability of a control mean below zero that no answer shows."""
_DISCREPANT = 1e-9
"""Probability at the outermost nodes from which on the answers are in doubt."""
_SURE = 8.0
"""Standard deviations above zero from which on a component's control mean is positive."""
_TINY = 1e-100
"""Stands for zero, so that the limits of a formula are its values."""
_MANY = 2000
"""Components from which on fewer are made of them to look around with."""
_AT_ONCE = 2**15
"""Points times components of one array."""


class MomentsOfMeans:
    """Where estimands lie, and the moments that they have, from those of normal mixtures."""

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread (B,), to start searches from."""
        if estimand != "ratio_of_means":
            return self._moments(estimand)
        return ratio_location(*self._moments("treatment_mean"), *self._moments("control_mean"))

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist: see `means_with_effect_prior`."""
        if estimand == "ratio_of_means":
            nothing = np.full(len(self._sigma_index(estimand)), np.nan)
            return nothing, nothing.copy()
        mean, sd = self._moments(estimand)
        if estimand == "standardized_mean_difference":
            return mean, sd
        index = self._sigma_index(estimand)
        return np.where(index > 1, mean, np.nan), np.where(index > 2, sd, np.nan)

    def _moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) on the nodes, whether they exist or not."""
        raise NotImplementedError

    def _sigma_index(self, estimand: str) -> Array:
        """Power (B,) with which the sigma behind an estimand falls; see `sigma_index`."""
        raise NotImplementedError


@dataclass(frozen=True)
class MixtureSolution(MomentsOfMeans):
    """The posterior of a chunk on nodes of one density.

    Parameters
    ----------
    mixtures, nulls : tuple of MeansMixture
        One for each problem; the second ones with the effect held at zero.
    step : float
        Distance of the nodes of the sigmas in standard deviations.
    number : int
        Nodes of the prior's scale, where its family is a mixture.
    """

    mixtures: tuple[MeansMixture, ...]
    nulls: tuple[MeansMixture, ...]
    step: float
    number: int

    @cached_property
    def components(self) -> list[NormalComponents]:
        """The mixture of each problem."""
        return [mixture.tabulate(self.step, self.number) for mixture in self.mixtures]

    @cached_property
    def _merged(self) -> list[NormalComponents]:
        return [each.merged() if len(each.share) > _MANY else each for each in self.components]

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times prior, array (B,)."""
        return np.array([each.log_total for each in self.components])

    def missed(self) -> Array:
        """Probability (B,) that may lie beyond the nodes."""
        edge = np.array([each.edge for each in self.components])
        return np.where(edge > _DISCREPANT, np.minimum(edge, 1.0), 0.0)

    def log_density_at_null(self) -> Array:
        """Log posterior density (B,) of a standardized difference of zero."""
        return np.array([null.tabulate(self.step, 1).log_total for null in self.nulls]) - self.log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B)."""
        return _ask(self.components, estimand, s)

    def sketch(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` to some six digits: where to look."""
        return _ask(self._merged, estimand, s)

    def _sigma_index(self, estimand: str) -> Array:
        return np.array([sigma_index(each.data, each.sigma, each.common, estimand)[0] for each in self.mixtures])

    def _moments(self, estimand: str) -> tuple[Array, Array]:
        pairs = []
        for each in self.components:
            mean, variance = each.normal(estimand)
            center = float((each.share * mean).sum())
            pairs.append((center, float(np.sqrt((each.share * ((mean - center) ** 2 + variance)).sum()))))
        return np.array([center for center, _ in pairs]), np.array([sd for _, sd in pairs])


def ratio_location(mean_t: Array, sd_t: Array, mean_c: Array, sd_c: Array) -> tuple[Array, Array]:
    """Center and spread (B,) of a ratio of means, roughly."""
    safe = np.where(mean_c == 0, 1.0, mean_c)
    ratio = mean_t / safe
    return ratio, np.hypot(sd_t, ratio * sd_c) / np.abs(safe)


def _ask(components: list[NormalComponents], estimand: str, s: Array) -> tuple[Array, Array]:
    ratio = estimand == "ratio_of_means"
    columns = [
        ratio_of(each, s[:, i]) if ratio else _normal(each, estimand, s[:, i]) for i, each in enumerate(components)
    ]
    below, density = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
    return below, density


def _normal(posterior: NormalComponents, estimand: str, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K,) of an estimand that is normal in every component."""
    mean, variance = posterior.normal(estimand)
    per_sd = 1 / np.sqrt(variance)
    start, height = mean * per_sd, posterior.share * per_sd

    def some(at: Array) -> tuple[Array, Array]:
        z = at[:, None] * per_sd
        z -= start
        below = _mix(special.ndtr(z), posterior.share)
        z *= z
        z *= -0.5
        return below, _mix(np.exp(z, out=z), height) / _SQRT_2PI

    return _by_parts(some, s, len(mean))


def ratio_of(posterior: NormalComponents, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K,) of a ratio of means T / C.

    Where C is positive it is at most r if ``X = T - r C`` is at most zero, where C is negative if X is at least zero. So it is
    ``P(X <= 0) + P(C <= 0) - 2 P(X <= 0, C <= 0)``, with Owen's (1956) function T of two correlated normal variables; the
    density is that of X at zero times the mean of abs(C) there (Hinkley 1969).
    """
    mean_c, variance_c = posterior.normal("control_mean")
    sd_c = np.sqrt(variance_c)
    k = -mean_c / sd_c
    negative = float((posterior.share * special.ndtr(k)).sum())
    if not negative < 1 - POSITIVE_ENOUGH:
        return np.full(len(s), np.nan), np.full(len(s), np.nan)
    turned = np.flatnonzero(k > -_SURE) if negative > CERTAIN else np.zeros(0, dtype=np.intp)
    anchor, spread = posterior.anchor, posterior.anchor_variance

    def some(at: Array) -> tuple[Array, Array]:
        r = at[:, None]
        lean = posterior.lean_t - r * posterior.lean_c
        mean = (1 - r) * anchor + lean * posterior.mean
        variance = (1 - r) ** 2 * spread + lean * lean * posterior.variance
        both = (1 - r) * spread + lean * posterior.lean_c * posterior.variance
        with np.errstate(divide="ignore", invalid="ignore"):
            sd = np.sqrt(variance)
            h = -mean / sd
            below = special.ndtr(h)
            # C given X = 0
            size = np.abs(mean_c + both / sd * h)
            if len(turned):
                below[:, turned] = _turned(h[:, turned], k[turned], (both / sd / sd_c)[:, turned])
                left = np.sqrt(np.maximum(variance_c - both * both / variance, 0.0))
                ratio = size / left
                size = size * (2 * special.ndtr(ratio) - 1) + left * np.exp(-0.5 * ratio * ratio) * (2 / _SQRT_2PI)
            height = np.exp(-0.5 * h * h) * size / sd
        return _mix(below, posterior.share), _mix(height, posterior.share) / _SQRT_2PI

    below, density = _by_parts(some, s, len(anchor))
    hidden = ~np.isfinite(s)
    below[hidden] = density[hidden] = np.nan
    return below, density


def _turned(h: Array, k: Array, correlation: Array) -> Array:
    """``P(X <= h) + P(C <= k) - 2 P(X <= h, C <= k)`` of standard normal variables."""
    h, k = np.where(h == 0, _TINY, h), np.where(k == 0, _TINY, k)
    left = np.sqrt(np.maximum((1 - correlation) * (1 + correlation), 0.0))
    # 0/0 where one is the other: nothing is left of T
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        by_h = np.nan_to_num((k - correlation * h) / (h * left), nan=0.0)
        by_k = np.nan_to_num((h - correlation * k) / (k * left), nan=0.0)
    return np.asarray(2 * special.owens_t(h, by_h) + 2 * special.owens_t(k, by_k) + (h * k < 0))


def _by_parts(some: Callable[[Array], tuple[Array, Array]], s: Array, components: int) -> tuple[Array, Array]:
    """Ask about so many points at a time that arrays over them and all components stay in the processor's cache."""
    length = max(1, _AT_ONCE // components)
    parts = [some(s[start : start + length]) for start in range(0, len(s), length)]
    return np.concatenate([below for below, _ in parts]), np.concatenate([density for _, density in parts])


def _mix(values: Array, share: Array) -> Array:
    """Sum (K,) over components of values (K, N), weighted; no row depends on the others."""
    return np.asarray(np.einsum("kn,n->k", values, share))
