"""Many printed means at once under a normal or t prior on the standardized difference: few Gauss nodes for each.

The posterior is the mixture of normal ones of `means_mixture`, on other nodes. With many women what is asked depends smoothly,
and little, on the sigmas, so that nodes need not resolve their posterior: a Gauss rule that has its shape as its weight
integrates the rest. For each log sigma the weight is the posterior's slice through the mode (the other sigma held there),
nearly the density of the log of a Gamma variable; its rule comes from 80 points of the slice, and what the product of both
slices leaves out of account, ``exp(L(a, b) - L(a, b0) - L(a0, b) + L(a0, b0))``, is nearly constant. Nodes of the prior's scale
are as in `means_mixture`. Eight nodes of each sigma are then as good as twenty equidistant ones.

All arrays have the problems on the last axis; the steps are the same for every problem, so that no answer depends on its
neighbors. `MeansBlock.doubtful` says where this is not believed: the kernel lies elsewhere than its mode and curvature say. These
problems go the way of `means_mixture`.

Examples
--------
>>> import numpy as np
>>> data = MeansData(*(np.array([value]) for value in (9.1, 3.0, 20.0, 8.2, 2.5, 15.0)))
>>> effect, flat = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1e6}), BatchedPrior("Flat", {})
>>> nodes = MeansBlock(data, effect, flat, "average", flat, common=True).nodes(8, 1)
>>> mean, variance = nodes.normal("mean_difference")

A prior that says nothing about d times one over sigma, its scale, is that of the t test with one degree of freedom more:

>>> from scipy import stats
>>> below = float((nodes.share * stats.norm.cdf(-mean / np.sqrt(variance))).sum())
>>> pooled = np.sqrt((19 * 3.0**2 + 14 * 2.5**2) / 33 * (1 / 20 + 1 / 15))
>>> bool(abs(below - stats.t(34).cdf(-0.9 / pooled / np.sqrt(33 / 34))) < 1e-9)
True

References
----------
Golub GH, Welsch JH (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23:221-230.
doi:10.1090/S0025-5718-69-99647-1
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.means_data import MeansData
from bayes_ivf.exact.means_given_sigmas import GivenSigmas, given_sigmas
from bayes_ivf.exact.means_mode import climb_together
from bayes_ivf.exact.mixing_scale import MixingScale
from bayes_ivf.exact.normal_components import Components, NormalComponents
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import add_up, jacobi_matrices, rules_of

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_EVEN = 160
# Equidistant nodes of log w that few are made from, and compared with.
_NATS, _SLACK = 26.0, 4.0
# Nats below the highest point from which on a point of the scan is no matter; nats by which the kernel may lie above its shape.
_SCAN = np.linspace(-1.5, 2.0, 29)
# Log sigmas, from those printed, where the kernel is looked at.
_LEAST_SHAPE = 1.5
# Of a Gamma shape that is believed.
_POINTS, _FALL = 80, 40.0
# Points of a slice; nats that it falls to its ends.
_FEW, MOST_SCALES = 10, 14
# Nodes of a sigma up to which one Jacobi matrix serves; most nodes of w.


@dataclass(frozen=True)
class BlockNodes(Components):
    """Posteriors of B problems: `Components` of shape (N, B), and what they add up to.

    Parameters
    ----------
    log_total : array (B,)
        Log integral of likelihood times prior.
    overlooked : array (B,)
        Part of the density at the nodes of the sigmas that the nodes of w miss.
    """

    log_total: Array
    overlooked: Array

    def take(self, index: npt.NDArray[np.intp]) -> BlockNodes:
        """Return some of the problems."""
        return BlockNodes(*(getattr(self, name)[..., index] for name in self.__dataclass_fields__))

    def column(self, place: int) -> NormalComponents:
        """Return one of the problems."""
        arrays = {name: getattr(self, name)[:, place] for name in Components.__dataclass_fields__}
        return NormalComponents(**arrays, log_total=float(self.log_total[place]), edge=0.0)


class MeansBlock:
    """The integrands of B problems, and where they live.

    Parameters
    ----------
    data : MeansData
    effect, level, sigma : BatchedPrior
        `effect` Normal, StudentT or Cauchy, the others as of `solve_means`.
    coding : {"average", "control"}
    common : bool
        Whether both arms share one sigma.
    null : bool
        Hold the effect at zero instead of integrating over it.
    """

    def __init__(
        self,
        data: MeansData,
        effect: BatchedPrior,
        level: BatchedPrior,
        coding: str,
        sigma: BatchedPrior,
        common: bool,
        null: bool = False,
    ) -> None:
        self.data, self.level, self.sigma, self.common = data, level, sigma, common
        self.k = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        self.at_null = (
            np.broadcast_to(effect.logpdf(np.zeros(data.size)), (data.size,)) if null else np.zeros(data.size)
        )
        values = {name: np.broadcast_to(value, (data.size,)) for name, value in effect.parameters.items()}
        center, scale = (values[name] for name in (("alpha", "beta") if effect.dist == "Cauchy" else ("mu", "sigma")))
        nu = (
            values.get("nu", np.ones(data.size)) if not null and effect.dist != "Normal" else np.full(data.size, np.inf)
        )
        zero = np.zeros(data.size)
        pooled = np.sqrt((data.sd_t**2 + data.sd_c**2) / 2)
        z = (data.difference / pooled - center) / scale
        self.prior = MixingScale(zero, zero, nu, zero) if null else MixingScale(center, scale, nu, z)
        self._known: dict[int, list[tuple[Array, Array]]] = {}
        self._of_scales: tuple[Array, Array] | None = None
        self._find()

    def take(self, index: npt.NDArray[np.intp]) -> MeansBlock:
        """Return some of the problems."""
        part, size = copy.copy(self), self.data.size
        part.data, part.prior = self.data.take(index), self.prior.take(index)
        part.level, part.sigma = self.level.take(index, size), self.sigma.take(index, size)
        part.at_null, part.doubtful = self.at_null[index], self.doubtful[index]
        part.mode, part.shape, part.df = self.mode[:, index], self.shape[:, index], self.df[:, index]
        part.top = self.top[index]
        part._known = {
            number: [(matrix[index], total[index]) for matrix, total in each] for number, each in self._known.items()
        }
        if self._of_scales is not None:
            part._of_scales = self._of_scales[0][index], self._of_scales[1][index]
        return part

    def _given(self, x: Array) -> GivenSigmas:
        return given_sigmas(self.data, self.level, self.sigma, self.k, self.common, x)

    def _log(self, x: Array) -> Array:
        """Log kernel (P, B) of the log sigmas at (D, P, B), by few nodes of w."""
        variance, log_weight = self.prior.rough()
        return log_sum(self._given(x).log_mass(self.prior.center, variance[:, None]) + log_weight[:, None])

    def _find(self) -> None:
        """Mode of the sigmas, shape of the Gamma variable that has its curvature, and where neither is to be believed."""
        data = self.data
        self.df = np.stack([data.df_t + data.df_c] if self.common else [data.df_t, data.df_c])
        low = [np.log(data.sd_t), np.log(data.sd_c)]
        if self.common:
            low = [0.5 * np.log((data.df_t * data.sd_t**2 + data.df_c * data.sd_c**2) / self.df[0])]
        start = np.stack(low)
        self.mode, curvature, settled = climb_together(self._log, start, 1 / np.sqrt(2 * self.df))
        self.shape = curvature / 4
        believed = settled & (self.shape > _LEAST_SHAPE).all(axis=0)
        self.shape = np.maximum(self.shape, _LEAST_SHAPE)
        self.top = self._log(self.mode[:, None])[0]
        self.doubtful = ~believed | self._elsewhere(start)

    def _shaped(self, x: Array) -> Array:
        """Log (P, B) of the shape, zero at the mode."""
        gap = np.minimum(2 * (self.mode[:, None] - x), 600.0)
        return np.asarray((self.shape[:, None] * (gap + 1 - np.exp(gap))).sum(axis=0))

    def _elsewhere(self, start: Array) -> Flags:
        """Whether (B,) the kernel is high where its shape is low."""
        axes = [_SCAN] * len(start)
        seen = np.stack([each.ravel() for each in np.meshgrid(*axes, indexing="ij")])[:, :, None] + start[:, None]
        above = self._log(seen) - self.top
        return np.asarray((above > np.maximum(self._shaped(seen), -_NATS) + _SLACK).any(axis=0))

    def _scales(self, number: int) -> tuple[Array, Array]:
        """Prior variances (W, B) at the nodes of a Gauss rule for w, and their log weights; see `MeansMixture`."""
        if self.prior.fixed:
            return self.prior.rough()
        at_mode = self._given(self.mode[:, None])
        scale = self.prior.scale**2
        ratio = at_mode.effect(self.prior.center, 1e6 * scale)[1][0] / scale
        if self._of_scales is None:
            variance, log_weight = self.prior.nodes(_EVEN)
            logs = at_mode.log_mass(self.prior.center, variance) + log_weight
            total = log_sum(logs)
            w = scale / variance
            matrix = jacobi_matrices(ratio * w / (1 + ratio * w), np.exp(logs - total), MOST_SCALES)
            self._of_scales = matrix, total
        matrix, total = self._of_scales
        nodes, weight = rules_of(matrix, number)
        variance = scale * ratio * (1 - nodes) / nodes
        return variance, np.log(weight) + total - at_mode.log_mass(self.prior.center, variance)

    def _overlooked(self, given: GivenSigmas, few: Array, share: Array) -> Array:
        """Part (B,) of the density at the nodes of the sigmas that few nodes of w miss."""
        if self.prior.fixed:
            return np.zeros(few.shape[1])
        variance, log_weight = self.prior.nodes(_EVEN)
        every = log_sum(given.log_mass(self.prior.center, variance[:, None]) + log_weight[:, None])
        with np.errstate(over="ignore"):
            return add_up(share * np.abs(np.expm1(few - every)))

    def _slice(self, axis: int, x: Array) -> Array:
        """Log kernel (P, B) at values (P, B) of one log sigma, the other one at its mode."""
        at = np.broadcast_to(self.mode[:, None], (len(self.mode), *x.shape)).copy()
        at[axis] = x
        return self._log(at)

    def _shapes(self, number: int) -> list[tuple[Array, Array]]:
        """Of each log sigma the Jacobi matrices of its slices, in sds from the mode, and log of their integrals."""
        number = _FEW if number <= _FEW else number
        if number not in self._known:
            self._known[number] = []
            for axis, shape in enumerate(self.shape):
                # nearly the density of the log of a Gamma variable, with an exponential tail: that of the sd where sigma is large
                slow, fast = _FALL / np.minimum(shape, self.df[axis] / 2), _FALL / shape
                low, high = -slow - np.sqrt(2 * slow), np.log1p(np.sqrt(2 * fast) + fast)
                gap = -0.5 * np.linspace(low, high, _POINTS)
                logs = self._slice(axis, self.mode[axis] + gap)
                total = log_sum(logs)
                matrix = jacobi_matrices(gap * np.sqrt(4 * shape), np.exp(logs - total), number)
                self._known[number].append((matrix, total + np.log((high - low) / 2 / (_POINTS - 1))))
        return self._known[number]

    def _rules(self, number: int) -> tuple[Array, Array]:
        """Nodes (D, P, B) of the log sigmas, and log weights (P, B) by which the kernel is multiplied there."""
        nodes, weights = [], []
        for axis, (matrix, total) in enumerate(self._shapes(number)):
            gap, weight = rules_of(matrix, number)
            node = self.mode[axis] + gap / np.sqrt(4 * self.shape[axis])
            nodes.append(node)
            weights.append(np.log(weight) + total - self._slice(axis, node))
        if self.common:
            return np.stack(nodes), weights[0]
        size = (number, number, self.data.size)
        x = np.stack([np.broadcast_to(nodes[0][:, None], size), np.broadcast_to(nodes[1][None], size)])
        both = weights[0][:, None] + weights[1][None]
        return x.reshape(2, -1, self.data.size), both.reshape(-1, self.data.size)

    def nodes(self, number: int, scales: int, check: bool = False) -> BlockNodes:
        """Return the posteriors on `number` nodes of each sigma and `scales` of w.

        Parameters
        ----------
        number, scales : int
        check : bool
            Whether to look for what few nodes of w overlook.
        """
        x, of_sigmas = self._rules(number)
        given = self._given(x)
        variance, of_scale = self._scales(scales)
        logs = given.log_mass(self.prior.center, variance[:, None]) + of_scale[:, None]
        overlooked = np.zeros(self.data.size)
        if check:
            few = log_sum(logs)
            share = np.exp(few + of_sigmas - log_sum(few + of_sigmas))
            overlooked = self._overlooked(given, few, share)
        return self._components(given, variance, logs + of_sigmas, overlooked)

    def _components(self, given: GivenSigmas, variance: Array, logs: Array, overlooked: Array) -> BlockNodes:
        shape = (-1, self.data.size)
        total = log_sum(logs.reshape(shape))
        mean, spread = given.effect(self.prior.center, variance[:, None])
        keep: Array | float = 1.0
        anchor = given.weighted
        if given.level is not None:
            center, prior = given.level
            keep = prior / (prior + given.variance_w)
            anchor = keep * given.weighted + (1 - keep) * center
        leans = [(each - given.k * keep) * given.pooled for each in self.k]
        of_sigmas = (given.pooled, anchor, given.variance_w * keep, *leans)
        mean, spread, pooled, anchor, own, lean_t, lean_c = (
            np.broadcast_to(each, logs.shape).reshape(shape) for each in (mean, spread, *of_sigmas)
        )
        share = np.exp(logs.reshape(shape) - total)
        return BlockNodes(share, mean, spread, pooled, anchor, own, lean_t, lean_c, total + self.at_null, overlooked)


def log_sum(logs: Array) -> Array:
    """Log of the sum over the leading axis."""
    top: Array = logs.max(axis=0)
    return top if len(logs) == 1 else np.asarray(top + np.log(add_up(np.exp(logs - top))))
