"""Printed means with a prior on the standardized mean difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.means_data import MEAN_ESTIMANDS, POSITIVE_ENOUGH, MeansData, read_means
from bayes_ivf.exact.means_kernel import MeansKernel, MeansNodes
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import ExactPosterior, Rule, Transform, add_up

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_NEGLIGIBLE = 1e-10
_HERMITE = 20
_THIN = 0.4
_DISCREPANT = 1e-5
_BLOCK = 6


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
        """Probability (B,) that may lie beyond the sigmas' panels, which are placed by a rough look."""
        edge = self._nodes.edge_mass
        return np.where(edge > _DISCREPANT, edge, 0.0)

    def log_density_at_null(self) -> Array:
        """Log posterior density at a standardized difference of zero."""
        return self.null.log_integral(self.rule) - self._nodes.log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) at `s` (K, B)."""
        parts = [self._block(estimand, s[k : k + _BLOCK, None]) for k in range(0, len(s), _BLOCK)]
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
        thin = rows.anchor_sd < _THIN * np.abs(lean) * rows.spread
        below, density = (np.zeros((len(s), *rows.a.shape)) for _ in range(2))
        if not thin.all():
            for d, share in zip(rows.d, rows.d_share, strict=True):
                z = (s - rows.anchor - lean * d) / rows.anchor_sd
                below += special.ndtr(z) * share
                density += np.exp(-0.5 * z * z - _LOG_SQRT_2PI) * (share / rows.anchor_sd)
        if thin.any():
            slope = np.where(lean == 0, 1.0, lean)
            by_anchor = np.zeros_like(below), np.zeros_like(below)
            for z, weight in _normal_nodes(4 * self.rule.inner):
                mass, height = rows.below((s - rows.anchor - rows.anchor_sd * z) / slope)
                by_anchor[0][...] += weight * np.where(slope > 0, mass, 1 - mass) * rows.share
                by_anchor[1][...] += weight * height / np.abs(slope) * rows.share
            below, density = np.where(thin, by_anchor[0], below), np.where(thin, by_anchor[1], density)
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
        slant = rows.lean_t - point * rows.lean_c
        turns = (self._nonpositive > _NEGLIGIBLE) | (point < 0)
        below, density = (np.zeros((len(point), *rows.a.shape)) for _ in range(2))
        for z, weight in _normal_nodes(_HERMITE):
            anchor = rows.anchor + rows.anchor_sd * z
            with np.errstate(divide="ignore", invalid="ignore"):
                bound = (point - 1) * anchor / slant
                per_s = anchor * (rows.lean_t - rows.lean_c) / slant**2
            mass, slope = rows.below(bound)
            if turns.any():
                at_turn = rows.below((-anchor / rows.lean_c)[None])[0][0]
                # Where the control mean is positive, and where it is not, on either side of the turn.
                outside = np.minimum(mass, at_turn) + 1 - np.maximum(mass, at_turn)
                mass = np.where(turns, np.where(slant > 0, outside, np.abs(at_turn - mass)), mass)
            below += weight * mass
            density += weight * slope * np.abs(per_s)
        shown = (self._nonpositive < 1 - POSITIVE_ENOUGH) & np.isfinite(point[:, 0])
        return (
            np.where(shown, _over_rows(below, rows.share), np.nan),
            np.where(shown, _over_rows(density, rows.share), np.nan),
        )

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread, to start searches from."""
        if estimand != "ratio_of_means":
            return self._raw(estimand)
        (mean_t, sd_t), (mean_c, sd_c) = self._raw("treatment_mean"), self._raw("control_mean")
        safe = np.where(mean_c == 0, 1.0, mean_c)
        ratio = mean_t / safe
        return ratio, np.hypot(sd_t, ratio * sd_c) / np.abs(safe)

    def _raw(self, estimand: str) -> tuple[Array, Array]:
        rows = self._nodes
        extra = np.zeros_like(rows.a)
        if estimand == "standardized_mean_difference":
            values = rows.d
        elif estimand == "mean_difference":
            values = rows.d * rows.pooled
        else:
            values = rows.anchor + (rows.lean_c if estimand == "control_mean" else rows.lean_t) * rows.d
            extra = rows.anchor_sd**2
        mean = add_up(add_up(values * rows.d_share))
        return mean, np.sqrt(add_up(add_up(((values - mean) ** 2 + extra) * rows.d_share)))

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist.

        As one sigma grows, the posterior of it falls as sigma ** -n (times what a sigma prior adds): a moment of
        order k of a mean or difference needs k < n. The standardized difference has all moments, the ratio none.
        """
        if estimand == "ratio_of_means":
            nothing = np.full(self.kernel.data.size, np.nan)
            return nothing, nothing
        mean, sd = self._raw(estimand)
        if estimand == "standardized_mean_difference":
            return mean, sd
        index = self.kernel.sigma_index(estimand)
        return np.where(index > 1, mean, np.nan), np.where(index > 2, sd, np.nan)


def _normal_nodes(count: int) -> list[tuple[float, float]]:
    """MeansNodes and weights of a standard normal variable."""
    x, w = np.polynomial.hermite_e.hermegauss(count)
    kept = w > _NEGLIGIBLE / 10
    return list(zip(x[kept].tolist(), (w[kept] / w[kept].sum()).tolist(), strict=True))


def _over_rows(values: Array, share: Array | float) -> Array:
    """Sum over rows of values (K, N, B), weighted."""
    return add_up(np.moveaxis(values * share, 1, 0))


@dataclass(frozen=True)
class MeansBatch:
    """A batch of printed means with an effect prior, for `ExactPosterior`."""

    data: MeansData
    effect: BatchedPrior
    level: BatchedPrior
    coding: str
    sigma: BatchedPrior
    common: bool

    chunk = 4
    rules = (Rule(2, 4), Rule(3, 5), Rule(5, 8), Rule(8, 12))

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.data.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return MEAN_ESTIMANDS

    @property
    def proper(self) -> bool:
        """Whether all priors are proper."""
        return self.level.proper and self.sigma.proper

    def take(self, index: npt.NDArray[np.intp]) -> MeansBatch:
        """Return some of the problems."""
        return MeansBatch(
            self.data.take(index),
            self.effect.take(index, self.size),
            self.level.take(index, self.size),
            self.coding,
            self.sigma.take(index, self.size),
            self.common,
        )

    def groups(self) -> npt.NDArray[np.intp]:
        """All problems may share a chunk."""
        return np.zeros(self.size, dtype=np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[MeansSolution, ...]:
        """Posterior under some rules."""
        priors = (self.effect, self.level, self.coding, self.sigma, self.common)
        kernel, null = MeansKernel(self.data, *priors), MeansKernel(self.data, *priors, null=True)
        return tuple(MeansSolution(kernel, null, rule) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Nothing is left out of the kernel; undefined for improper priors."""
        return np.full(self.size, 0.0 if self.proper else np.nan)

    def log_prior_at_null(self) -> Array:
        """Log prior density of a standardized difference of zero; flat priors on level and sigma cancel."""
        return np.broadcast_to(self.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_means(
    mean_treatment: npt.ArrayLike,
    sd_treatment: npt.ArrayLike,
    n_treatment: npt.ArrayLike,
    mean_control: npt.ArrayLike,
    sd_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    level: BatchedPrior | None = None,
    coding: str = "average",
    sigma: BatchedPrior | None = None,
    common_sigma: bool = False,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two printed means with a prior on the standardized mean difference.

    The mean difference is ``SMD * sqrt((sigma_t**2 + sigma_c**2) / 2)``.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control : array (B,)
        As printed; the sds are sample sds, positive, and n at least 2.
    effect : BatchedPrior
        Prior on the standardized mean difference: any proper family on the real line or an interval.
    level : BatchedPrior, optional
        Flat (default) or Normal prior on the mean midway between the arms (`coding` "average") or of the control arm.
    coding : {"average", "control"}
    sigma : BatchedPrior, optional
        Prior on each sigma: any proper family on positive numbers or an interval of them; flat on log sigma by default.
    common_sigma : bool
        Whether both arms share one sigma.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands as in `solve_means_reference`. The log marginal likelihood is that of both means and both variances
        (densities of xbar and s ** 2), NaN if the level or sigma prior is flat. In the Bayes factor flat priors cancel:
        with a Cauchy effect and one sigma it is that of Rouder and others (2009, doi 10.3758/PBR.16.2.225).

    Raises
    ------
    RequestError
        Listing every fault.
    """
    data, faults = read_means(
        mean_treatment=mean_treatment,
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        mean_control=mean_control,
        sd_control=sd_control,
        n_control=n_control,
    )
    level = level or BatchedPrior("Flat", {})
    sigma = sigma or BatchedPrior("Flat", {})
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    if not effect.proper or effect.support not in ("real", "interval"):
        faults.append(
            Fault(
                "effect", effect.dist, "a proper distribution on the real line or an interval", "choose another prior"
            )
        )
    if level.dist not in ("Flat", "Normal"):
        faults.append(Fault(coding, level.dist, "Flat, Normal", "choose one of the two, or use NUTS"))
    positive = sigma.support == "positive" or sigma.dist == "Flat"
    if not positive and not (sigma.dist == "Uniform" and (sigma.parameters["lower"] >= 0).all()):
        faults.append(Fault("sigma", sigma.dist, "a distribution of positive numbers", "choose another prior"))
    if faults:
        raise RequestError(faults)
    fields = {name: getattr(data, name) for name in data.__dataclass_fields__}
    data = MeansData(**broadcast_priors(fields, effect, level, sigma))
    whole = np.arange(data.size)
    problem = MeansBatch(
        data,
        effect.take(whole, data.size),
        level.take(whole, data.size),
        coding,
        sigma.take(whole, data.size),
        common_sigma,
    )
    return ExactPosterior(problem, workers)
