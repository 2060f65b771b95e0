"""The posterior of a chunk of printed means with an effect prior under one rule: distribution functions and moments.

All is read off `MeansNodes`: rows of both sigmas, panels of the effect d in each, and the anchor; `means_with_effect_prior`
has the formulas.

Examples
--------
Without an effect both means have the same center, and P(mu_t <= mu_c) does not depend on the scale of the difference:

>>> from bayes_ivf.exact.means_data import read_means
>>> from bayes_ivf.priors import BatchedPrior
>>> names = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
>>> data, _ = read_means(**dict(zip(names, (9.1, 3.0, 20, 8.2, 2.5, 15), strict=True)))
>>> effect, flat = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}), BatchedPrior("Flat", {})
>>> kernels = [MeansKernel(data, effect, flat, "average", flat, common=False, null=null) for null in (False, True)]
>>> solution = MeansSolution(*kernels, Rule(3, 5))
>>> difference, _ = solution.evaluate("mean_difference", np.zeros((1, 1)))
>>> standardized, _ = solution.evaluate("standardized_mean_difference", np.zeros((1, 1)))
>>> bool(abs(difference - standardized)[0, 0] < 1e-12)
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.means_data import POSITIVE_ENOUGH, sigma_index
from bayes_ivf.exact.means_kernel import MeansKernel
from bayes_ivf.exact.means_nodes import MeansNodes
from bayes_ivf.quadrature import Rule, add_up

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_NEGLIGIBLE = 1e-10
# Probability of a nonpositive control mean below which the ratio's inequality is never turned.
_HERMITE_NODES = 20
# Of the anchor, for the ratio: exact for polynomials of degree 39 in it.
_NARROW = 0.4
# Ratio of the sds of the anchor and of ``lean d`` below which the sum runs over the anchor: nodes of d, a fraction of its sd
# apart, would leave steps.
_DISCREPANT = 1e-5
# Probability at an edge of the sigmas from which on it is stated as an error: ten tolerances.
_POINTS = 6
# Points of a distribution function at once: bounds the memory of arrays (K, N, B).


@dataclass(frozen=True)
class MeansSolution:
    """The posterior of a chunk under one rule."""

    kernel: MeansKernel
    null: MeansKernel
    rule: Rule

    @cached_property
    def _nodes(self) -> MeansNodes:
        return self.kernel.nodes(self.rule)

    @property
    def log_total(self) -> Array:
        """Log integral of the kernel."""
        return self._nodes.log_total

    def missed(self) -> Array:
        """Probability (B,) that may lie beyond the sigmas' panels, which the trapezoidal rule has placed."""
        edge = self._nodes.edge_mass
        return np.where(edge > _DISCREPANT, edge, 0.0)

    def log_density_at_null(self) -> Array:
        """Log posterior density at a standardized difference of zero."""
        return self.null.log_integral(self.rule) - self._nodes.log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B)."""
        parts = [self._block(estimand, s[k : k + _POINTS, None]) for k in range(0, len(s), _POINTS)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _block(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """`evaluate` at points (K, 1, B)."""
        rows = self._nodes
        if estimand in ("control_mean", "treatment_mean"):
            return self._arm(estimand, s)
        if estimand == "ratio_of_means":
            return self._ratio(s)
        per_s = 1 / rows.pooled if estimand == "mean_difference" else np.ones_like(rows.pooled)
        mass, slope = rows.below(s * per_s)
        return _over_rows(mass, rows.share), _over_rows(slope, per_s * rows.share)

    def _arm(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Given both sigmas, an arm's mean is a normal anchor plus a multiple of the effect.

        The sum runs over the narrower of the two: nodes of the wider one would leave steps.
        """
        rows = self._nodes
        lean = rows.lean_c if estimand == "control_mean" else rows.lean_t
        narrow_anchor = rows.anchor_sd < _NARROW * np.abs(lean) * rows.spread
        below, density = (np.zeros((len(s), *rows.a.shape)) for _ in range(2))
        if not narrow_anchor.all():
            for d, share in zip(rows.d, rows.d_share, strict=True):
                z = (s - rows.anchor - lean * d) / rows.anchor_sd
                below += special.ndtr(z) * share
                density += np.exp(-0.5 * z * z - _LOG_SQRT_2PI) * (share / rows.anchor_sd)
        if narrow_anchor.any():
            slope = np.where(lean == 0, 1.0, lean)
            by_anchor = np.zeros_like(below), np.zeros_like(below)
            for z, weight in _normal_nodes(4 * self.rule.inner):
                mass, height = rows.below((s - rows.anchor - rows.anchor_sd * z) / slope)
                by_anchor[0][...] += weight * np.where(slope > 0, mass, 1 - mass) * rows.share
                by_anchor[1][...] += weight * height / np.abs(slope) * rows.share
            below, density = (
                np.where(narrow_anchor, by_anchor[0], below),
                np.where(narrow_anchor, by_anchor[1], density),
            )
        return _over_rows(below, 1.0), _over_rows(density, 1.0)

    @cached_property
    def _nonpositive(self) -> Array:
        """Probability that the control mean is not positive."""
        return np.asarray(self._arm("control_mean", np.zeros((1, 1, self.kernel.data.size)))[0][0])

    def _ratio(self, point: Array) -> tuple[Array, Array]:
        """Given both sigmas and the anchor, a ratio is a threshold on the effect.

        The treatment mean is ``anchor + lean_t d``, the control mean ``anchor + lean_c d`` with lean_t > 0 > lean_c, so
        that the ratio is at most r where ``d <= (r - 1) anchor / (lean_t - r lean_c)`` and the control mean is
        positive.
        """
        rows = self._nodes
        slope_of_threshold = rows.lean_t - point * rows.lean_c
        may_turn = (self._nonpositive > _NEGLIGIBLE) | (point < 0)
        below, density = (np.zeros((len(point), *rows.a.shape)) for _ in range(2))
        for z, weight in _normal_nodes(_HERMITE_NODES):
            anchor = rows.anchor + rows.anchor_sd * z
            with np.errstate(divide="ignore", invalid="ignore"):
                threshold = (point - 1) * anchor / slope_of_threshold
                per_s = anchor * (rows.lean_t - rows.lean_c) / slope_of_threshold**2
            mass, slope = rows.below(threshold)
            if may_turn.any():
                at_turn = rows.below((-anchor / rows.lean_c)[None])[0][0]
                # where the control mean is positive, and where it is not, on either side of the turn
                outside = np.minimum(mass, at_turn) + 1 - np.maximum(mass, at_turn)
                mass = np.where(may_turn, np.where(slope_of_threshold > 0, outside, np.abs(at_turn - mass)), mass)
            below += weight * mass
            density += weight * slope * np.abs(per_s)
        reported = (self._nonpositive < 1 - POSITIVE_ENOUGH) & np.isfinite(point[:, 0])
        return (
            np.where(reported, _over_rows(below, rows.share), np.nan),
            np.where(reported, _over_rows(density, rows.share), np.nan),
        )

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        if estimand != "ratio_of_means":
            return self._raw(estimand)
        (mean_t, sd_t), (mean_c, sd_c) = self._raw("treatment_mean"), self._raw("control_mean")
        nonzero_mean = np.where(mean_c == 0, 1.0, mean_c)
        ratio = mean_t / nonzero_mean
        return ratio, np.hypot(sd_t, ratio * sd_c) / np.abs(nonzero_mean)

    def _raw(self, estimand: str) -> tuple[Array, Array]:
        rows = self._nodes
        anchor_variance = np.zeros_like(rows.a)
        if estimand == "standardized_mean_difference":
            values = rows.d
        elif estimand == "mean_difference":
            values = rows.d * rows.pooled
        else:
            values = rows.anchor + (rows.lean_c if estimand == "control_mean" else rows.lean_t) * rows.d
            anchor_variance = rows.anchor_sd**2
        mean = add_up(add_up(values * rows.d_share))
        return mean, np.sqrt(add_up(add_up(((values - mean) ** 2 + anchor_variance) * rows.d_share)))

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist.

        As one sigma grows, the posterior of it falls as sigma ** -n (times what a sigma prior adds): a moment of
        order k of a mean or difference needs k < n. The standardized difference has all moments, the ratio none.
        """
        if estimand == "ratio_of_means":
            undefined = np.full(self.kernel.data.size, np.nan)
            return undefined, undefined
        mean, sd = self._raw(estimand)
        if estimand == "standardized_mean_difference":
            return mean, sd
        index = sigma_index(self.kernel.data, self.kernel.sigma, self.kernel.common, estimand)
        return np.where(index > 1, mean, np.nan), np.where(index > 2, sd, np.nan)


def _normal_nodes(count: int) -> list[tuple[float, float]]:
    """Gauss-Hermite nodes and weights of a standard normal variable, without those of weight below 1e-11."""
    x, w = np.polynomial.hermite_e.hermegauss(count)
    kept = w > _NEGLIGIBLE / 10
    return list(zip(x[kept].tolist(), (w[kept] / w[kept].sum()).tolist(), strict=True))


def _over_rows(values: Array, share: Array | float) -> Array:
    """Sum over rows of values (K, N, B), weighted."""
    return add_up(np.moveaxis(values * share, 1, 0))
