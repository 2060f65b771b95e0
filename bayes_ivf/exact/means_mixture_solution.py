"""Answers about a chunk of printed means whose posterior is a mixture of normal distributions; see `means_mixture`.

Distribution functions are sums of normal ones; of a ratio of means, ``P(T <= r C)`` is one where C is surely positive, else an
integral over the anchor by 20 Gauss-Hermite nodes.

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
"""

from __future__ import annotations

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
_CERTAIN = 1e-10
"""Probability of a control mean below zero that no answer shows."""
_DISCREPANT = 1e-9
"""Probability at the outermost nodes from which on the answers are in doubt."""
_HERMITE = 20
"""Nodes over the anchor where a control mean may lie below zero, as many as on panels."""


@dataclass(frozen=True)
class MixtureSolution:
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
        answer = _ratio if estimand == "ratio_of_means" else _normal
        columns = [answer(each, estimand, s[:, i]) for i, each in enumerate(self.components)]
        below, density = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
        return below, density

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread (B,), to start searches from."""
        if estimand != "ratio_of_means":
            return self._moments(estimand)
        (mean_t, sd_t), (mean_c, sd_c) = self._moments("treatment_mean"), self._moments("control_mean")
        safe = np.where(mean_c == 0, 1.0, mean_c)
        ratio = mean_t / safe
        return ratio, np.hypot(sd_t, ratio * sd_c) / np.abs(safe)

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist: see `means_with_effect_prior`."""
        if estimand == "ratio_of_means":
            return np.full(len(self.mixtures), np.nan), np.full(len(self.mixtures), np.nan)
        mean, sd = self._moments(estimand)
        if estimand == "standardized_mean_difference":
            return mean, sd
        index = np.array([sigma_index(each.data, each.sigma, each.common, estimand)[0] for each in self.mixtures])
        return np.where(index > 1, mean, np.nan), np.where(index > 2, sd, np.nan)

    def _moments(self, estimand: str) -> tuple[Array, Array]:
        pairs = []
        for each in self.components:
            mean, variance = each.normal(estimand)
            center = float((each.share * mean).sum())
            pairs.append((center, float(np.sqrt((each.share * ((mean - center) ** 2 + variance)).sum()))))
        return np.array([center for center, _ in pairs]), np.array([sd for _, sd in pairs])


def _normal(posterior: NormalComponents, estimand: str, s: Array) -> tuple[Array, Array]:
    """Distribution function and density (K,) of an estimand that is normal in every component."""
    mean, variance = posterior.normal(estimand)
    sd = np.sqrt(variance)
    z = (s[:, None] - mean) / sd
    return _mix(special.ndtr(z), posterior.share), _mix(np.exp(-0.5 * z * z), posterior.share / sd) / _SQRT_2PI


def _ratio(posterior: NormalComponents, _: str, s: Array) -> tuple[Array, Array]:
    """The same of T / C: where C is positive it is at most r if ``T - r C`` is at most zero."""
    mean_c, variance_c = posterior.normal("control_mean")
    negative = float((posterior.share * special.ndtr(-mean_c / np.sqrt(variance_c))).sum())
    if not negative < 1 - POSITIVE_ENOUGH:
        return np.full(len(s), np.nan), np.full(len(s), np.nan)
    r = s[:, None]
    lean = posterior.lean_t - r * posterior.lean_c
    anchor, effect, spread = posterior.anchor, posterior.mean, posterior.anchor_variance
    mean = (1 - r) * anchor + lean * effect
    variance = (1 - r) ** 2 * spread + lean * lean * posterior.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(variance)
        z = -mean / sd
        below = _mix(special.ndtr(z), posterior.share)
        # dz/dr, from the derivatives of mean and variance in r
        steep = mean_c / sd - z * ((1 - r) * spread + lean * posterior.lean_c * posterior.variance) / -variance
        density = _mix(np.exp(-0.5 * z * z) * np.abs(steep), posterior.share) / _SQRT_2PI
    for k in np.flatnonzero(np.isfinite(s)) if negative > _CERTAIN else ():
        below[k], density[k] = _turned(posterior, float(s[k]))
    hidden = ~np.isfinite(s)
    below[hidden] = density[hidden] = np.nan
    return below, density


def _turned(posterior: NormalComponents, r: float) -> tuple[float, float]:
    """The same at one point where the control mean may be negative: the anchor is integrated, the effect is normal given it."""
    sd = np.sqrt(posterior.variance)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_HERMITE)
    anchor = posterior.anchor + np.sqrt(posterior.anchor_variance) * nodes[:, None]
    slant = posterior.lean_t - r * posterior.lean_c
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = (r - 1) * anchor / slant
        per_r = anchor * (posterior.lean_t - posterior.lean_c) / slant**2
        turn = -anchor / posterior.lean_c
    z = (bound - posterior.mean) / sd
    mass, at_turn = special.ndtr(z), special.ndtr((turn - posterior.mean) / sd)
    outside = np.minimum(mass, at_turn) + 1 - np.maximum(mass, at_turn)
    mass = np.where(slant > 0, outside, np.abs(at_turn - mass))
    share = weights[:, None] / weights.sum() * posterior.share
    height = np.exp(-0.5 * z * z) / sd / _SQRT_2PI * np.abs(per_r)
    return float((share * mass).sum()), float((share * height).sum())


def _mix(values: Array, share: Array) -> Array:
    """Sum (K,) over components of values (K, N), weighted; no row depends on the others."""
    return np.asarray((values * share).sum(axis=1))
