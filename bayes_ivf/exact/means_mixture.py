"""Printed means with a normal or Student t prior on the standardized mean difference: a mixture of normal posteriors.

Given both sigmas, all that the data and the level say about the effect d is normal: ``D = xbar_t - xbar_c ~ N(d s, V)``, and a
precision-weighted mean W independent of D. With a normal prior on d its posterior is then normal too; a t prior with nu
degrees of freedom is a normal one of variance ``scale ** 2 / w``, mixed over ``w ~ Gamma(nu / 2, rate nu / 2)`` (Andrews and
Mallows 1974). So ::

    p(d | data) = sum_i share_i N(d; mean_i, variance_i),   i over nodes of (log sigma_t, log sigma_c, w)

and in every component the difference ``d s``, a mean ``A + lean d`` and ``T - r C`` of a ratio of means r are normal as well: no
integral over d is left, and a distribution function is a sum of normal ones.

**Sigmas**: the trapezoidal rule, along the axes of the curvature at their joint mode. For an analytic integrand that falls to
nothing on both sides it errs by about ``2 exp(-2 pi ** 2 / h ** 2)`` at a step of h sds of a normal density: 8e-14 at 0.8.
**Scale w**: a Gauss rule (Golub and Welsch 1969) of the posterior of ``t = w / (w + scale ** 2 / v)`` at that mode, v being the
variance that the data leave in d. In t, the prior's share in its compromise with the data, the density of the data is
``sqrt(t) exp(-t z ** 2 / 2)`` and mean and variance of d are linear: all is entire, and 14 nodes do.

Examples
--------
>>> import numpy as np
>>> from scipy import stats
>>> data = MeansData(*(np.array([value]) for value in (9.1, 3.0, 20.0, 8.2, 2.5, 15.0)))
>>> effect, flat = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1e6}), BatchedPrior("Flat", {})
>>> posterior = MeansMixture(data, effect, flat, "average", flat, common=True).tabulate(0.6, 1)
>>> mean, variance = posterior.normal("mean_difference")
>>> pooled = np.sqrt((19 * 3.0**2 + 14 * 2.5**2) / 33 * (1 / 20 + 1 / 15))

A prior that says nothing about d times one over sigma, its scale, is that of the t test with one degree of freedom more:

>>> below = float((posterior.share * stats.norm.cdf(-mean / np.sqrt(variance))).sum())
>>> spread = pooled * np.sqrt(33 / 34)
>>> bool(abs(below - stats.t(34).cdf(-0.9 / spread)) < 1e-9)
True

References
----------
Andrews DF, Mallows CL (1974). Scale mixtures of normal distributions. Journal of the Royal Statistical Society B 36:99-102.
doi:10.1111/j.2517-6161.1974.tb00989.x

Golub GH, Welsch JH (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23:221-230.
doi:10.1090/S0025-5718-69-99647-1

Trefethen LN, Weideman JAC (2014). The exponentially convergent trapezoidal rule. SIAM Review 56:385-458.
doi:10.1137/130932132
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.means_data import MeansData
from bayes_ivf.exact.means_given_sigmas import GivenSigmas, given_sigmas
from bayes_ivf.exact.means_mode import climb
from bayes_ivf.exact.mixing_scale import MixingScale
from bayes_ivf.exact.normal_components import NormalComponents
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import gauss_rule

Array = npt.NDArray[np.float64]

_NATS = 32.0
# Below the highest point a node is left out: 1e-14 of its density.
_MOST, _EACH, _SEEN = 2.5e6, 9.0, 2e5
# Nodes of the sigmas and w at once, a third of which become components of 80 bytes; every node of the sigmas counts for ten.
# Of the sigmas, so many are looked at.
_MARGIN, _BLOCK = 4.0, 1024
# Nats by which few nodes of w may be off; nodes of the sigmas that are looked at together.
_FINE = 0.2
# Step in log w of the nodes that a Gauss rule is made from.
_BESIDE, _ALONE = 0.5, 0.7
# Step in log w of equidistant nodes that few are compared with, or that stand alone, for each sd between nodes of the sigmas.
_OVERLOOKED = 1e-7
# Probability that few nodes of w may overlook, a tenth of the tolerance; equidistant ones are as exact at the coarser step.
_LEAST = 1e-14
# Probability of a component that is left out; all of them together carry less than 1e-10.
_SCAN = np.linspace(0.0, 1.0, 25)
_SCALES = (0.3, 1.0, 1e3)
# Factors of a t prior's scale: it may be narrow, or leave a contradiction to the data.
_FINEST = 30.0
# More nodes along an axis than this many times the usual ones take longer than panels.
_REACH = np.concatenate([np.linspace(0.5, 8, 16), np.linspace(9, 60, 52)])
# Standard deviations at which the ends along an axis are looked for; log sigma has an exponential tail on the right.


class MeansMixture:
    """The integrand of one problem, and where it lives.

    Parameters
    ----------
    data : MeansData
    effect, level, sigma : BatchedPrior
        Of one problem; `effect` Normal, StudentT or Cauchy, the others as of `solve_means`.
    coding : {"average", "control"}
    common : bool
        Whether both arms share one sigma.
    null : bool
        Hold the effect at zero instead of integrating over it: the sigmas then live elsewhere.
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
        self.data, self.level, self.sigma, self.common, self.null = data, level, sigma, common, null
        self.k = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        self.at_null = float(np.squeeze(effect.logpdf(np.zeros(1)))) if null else 0.0
        values = {name: float(np.squeeze(value)) for name, value in effect.parameters.items()}
        center, scale = values.get("mu", values.get("alpha", 0.0)), values.get("sigma", values.get("beta", 1.0))
        nu = np.inf if null or effect.dist == "Normal" else values.get("nu", 1.0)
        pooled = np.sqrt((data.sd_t[0] ** 2 + data.sd_c[0] ** 2) / 2)
        z = float((data.difference[0] / pooled - center) / scale)
        self.prior = MixingScale(0.0, 0.0, nu, 0.0) if null else MixingScale(center, scale, nu, z)
        self.low = np.array([np.log(data.sd_t[0]), np.log(data.sd_c[0])])
        if common:
            df_t, df_c = data.df_t[0], data.df_c[0]
            pooled = (df_t * data.sd_t[0] ** 2 + df_c * data.sd_c[0] ** 2) / (df_t + df_c)
            self.low = np.array([0.5 * np.log(pooled)])
        df = [data.df_t[0] + data.df_c[0]] if common else [data.df_t[0], data.df_c[0]]
        self.spread = 1 / np.sqrt(2 * np.array(df))
        self._known: dict[tuple[float, int], tuple[Array, Array, float]] = {}
        self._find()

    def _given(self, x: Array) -> GivenSigmas:
        return given_sigmas(self.data, self.level, self.sigma, self.k, self.common, x)

    def _gauss(self, number: int) -> tuple[Array, Array]:
        """Prior variances (W,) at the nodes of a Gauss rule for w, and their log weights.

        The rule is that of the posterior of ``t = w / (w + scale**2 / v)`` at the mode of the sigmas, where v is the variance
        that the data leave in d. In t, the share of the prior in its compromise with the data, the density of the data
        is ``sqrt(t) exp(-t z**2 / 2)`` and the posterior mean and variance of d are linear: all is entire, and few nodes do.
        """
        variance, log_weight = self.prior.even(_FINE)
        at_mode = self._given(self.mode[:, None])
        logs = at_mode.log_mass(self.prior.center, variance) + log_weight
        total = special.logsumexp(logs)
        share = np.exp(logs - total)
        _, known = at_mode.effect(self.prior.center, np.array([1e6 * self.prior.scale**2]))
        ratio = known[0] / self.prior.scale**2
        w = self.prior.scale**2 / variance
        prior_share = ratio * w / (1 + ratio * w)
        nodes, weight = gauss_rule(prior_share, share / share.sum(), number)
        variance = self.prior.scale**2 * ratio * (1 - nodes) / nodes
        return variance, np.log(weight) + total - at_mode.log_mass(self.prior.center, variance)

    def _over_scales(self, given: GivenSigmas, step: float, number: int) -> tuple[Array, Array, bool]:
        """Prior variances (W,), log masses (W, P) of d at them, and whether these are too few.

        Few nodes that are right for the mode may overlook a second hump, where sigmas of another size go with another w, and so
        would any number of them: what they add up to is compared with equidistant nodes, which take their place if it differs.
        """
        even = self._even(step, number)
        if self.prior.fixed or not number:
            return even[0], self._masses(given, even), False
        gauss = self._gauss(number)
        few = self._masses(given, gauss)
        parts = np.array_split(np.arange(few.shape[1]), -(-few.shape[1] // _BLOCK))
        total = np.concatenate([_log_sum(self._masses(given.take(part), even)) for part in parts])
        with np.errstate(over="ignore"):
            differs = np.abs(np.expm1(_log_sum(few) - total))
        if float(np.sum(np.exp(total - special.logsumexp(total)) * differs)) < _OVERLOOKED:
            return gauss[0], few, False
        if few.shape[1] * len(even[0]) > _MOST:
            return gauss[0], few, True
        return even[0], self._masses(given, even), False

    def _masses(self, given: GivenSigmas, scales: tuple[Array, Array]) -> Array:
        return given.log_mass(self.prior.center, scales[0][:, None]) + scales[1][:, None]

    def _log(self, x: Array) -> Array:
        """Log kernel (P,) of the sigmas at (D, P), by few nodes of w."""
        return self.at_null + _log_sum(self._masses(self._given(x), self.prior.rough()))

    def _find(self) -> None:
        """Mode of the sigmas, axes of its curvature, and how far they reach."""
        size = np.log(np.abs(self.data.difference[0]) + 1e-3 * np.exp(self.low.max()))
        ends = [(low - 1.5, max(low + 1.5, size + 2.0)) for low in self.low]
        axes = [low + (high - low) * _SCAN for low, high in ends]
        self.seen = np.stack([each.ravel() for each in np.meshgrid(*axes, indexing="ij")])
        self.heights = self._log(self.seen)
        x = self.seen[:, int(np.argmax(self.heights))]
        start = self._log(np.append(self.low[:, None], x[:, None], axis=1))
        x = self.low if start[0] >= start[1] else x
        self.mode, self.axes = climb(self._log, x, self.spread)
        self.top = float(self._log(self.mode[:, None])[0])
        self.reach = np.array([[self._reach(axis, sign) for sign in (-1.0, 1.0)] for axis in self.axes.T])
        # what the scan saw in a bend or a second hump belongs within the nodes
        high = self.seen[:, self.heights > self.top - _NATS]
        if high.size:
            back = np.linalg.solve(self.axes, high - self.mode[:, None])
            self.reach[:, 0] = np.minimum(self.reach[:, 0], back.min(axis=1) - 1)
            self.reach[:, 1] = np.maximum(self.reach[:, 1], back.max(axis=1) + 1)

    def _reach(self, axis: Array, sign: float) -> float:
        logs = self._log(self.mode[:, None] + sign * axis[:, None] * _REACH)
        far = np.flatnonzero(logs > self.top - _NATS)
        return sign * float(_REACH[min(far[-1] + 1, len(_REACH) - 1)]) if len(far) else sign * float(_REACH[0])

    def _lines(self, step: float, number: int) -> list[Array]:
        """Coordinates along each axis."""
        finer = self._finer((1.0,) if number or self.prior.fixed else _SCALES)
        return [
            np.linspace(low, high, int(np.ceil((high - low) / step * times)) + 1)
            for (low, high), times in zip(self.reach, finer, strict=True)
        ]

    def fits(self, step: float, number: int) -> bool:
        """Whether `tabulate` takes less time and memory than panels."""
        if float(np.prod([len(line) for line in self._lines(step, number)])) > _SEEN:
            return False
        scales = number if number and not self.prior.fixed else len(self._even(step, number)[0])
        return bool(self._nodes(step, number)[0].shape[1] * (scales + _EACH) <= _MOST)

    def _even(self, step: float, number: int) -> tuple[Array, Array]:
        return self.prior.even((_BESIDE if number else _ALONE) * step)

    def _nodes(self, step: float, number: int) -> tuple[Array, Array, float]:
        """Log sigmas (D, P) at the nodes that matter, whether each is an outermost one, and log of their volume."""
        if (step, number) not in self._known:
            self._known[step, number] = self._find_nodes(step, number)
        return self._known[step, number]

    def _find_nodes(self, step: float, number: int) -> tuple[Array, Array, float]:
        lines = self._lines(step, number)
        grid = np.stack([each.ravel() for each in np.meshgrid(*lines, indexing="ij")])
        outer = np.zeros(grid.shape[1], dtype=bool)
        volume = float(np.log(np.abs(np.linalg.det(self.axes))))
        for values, line in zip(grid, lines, strict=True):
            outer |= (values == line[0]) | (values == line[-1])
            volume += float(np.log(line[1] - line[0]))
        x = self.mode[:, None] + self.axes @ grid
        blocks = range(0, x.shape[1], _BLOCK)
        heights = np.concatenate([self._log(x[:, start : start + _BLOCK]) for start in blocks])
        matters = heights > special.logsumexp(heights) + np.log(_LEAST) - _MARGIN
        return x[:, matters], outer[matters], volume

    def _finer(self, factors: tuple[float, ...]) -> Array:
        """Factor (D,) by which nodes are closer, so that the means of neighbors are at most their sd apart.

        A standardized difference of many sds is known no better than sigma: with wider steps its distribution function, a sum
        of narrow ones, would be a staircase. So would that of the difference, where its prior knows it when sigma is known.
        """
        dims = len(self.mode)
        moves = np.ones(dims)
        if self.null:
            return moves
        given = self._given(self.mode[:, None] + np.concatenate([self.axes, -self.axes], axis=1))
        for factor in factors:
            mean, variance = given.effect(self.prior.center, np.array([(factor * self.prior.scale) ** 2]))
            sd = np.sqrt(variance)
            for unit in (1.0, given.pooled):
                own = mean * unit
                moves = np.maximum(moves, np.abs(own[:dims] - own[dims:]) / 2 / (sd * unit)[:dims])
        return np.asarray(np.minimum(moves, _FINEST))

    def tabulate(self, step: float, number: int) -> NormalComponents:
        """Return the posterior on nodes that are `step` standard deviations apart.

        Parameters
        ----------
        step : float
        number : int
            Nodes of a Gauss rule for w; 0 for equidistant ones.

        Returns
        -------
        NormalComponents
            Where these were too many: few, and an `edge` of 1.
        """
        if not self.fits(step, number):
            while not self.fits(step / 4, number):
                step *= 1.5
            return replace(self.tabulate(step, number), edge=1.0)
        x, outer, volume = self._nodes(step, number)
        given = self._given(x)
        variance, logs, overlooked = self._over_scales(given, step, number)
        total = special.logsumexp(logs)
        share = np.exp(logs - total)
        edge = 1.0 if overlooked else float(share[:, outer].sum())
        w, p = np.nonzero(share > (_OVERLOOKED if overlooked else _LEAST))
        share, given = share[w, p] / share[w, p].sum(), given.take(p)
        mean, spread = given.effect(self.prior.center, variance[w])
        keep: Array | float = 1.0
        anchor = given.weighted
        if given.level is not None:
            center, own = given.level
            keep = own / (own + given.variance_w)
            anchor = keep * given.weighted + (1 - keep) * center
        lean_t, lean_c = ((each - given.k * keep) * given.pooled for each in self.k)
        log_total = float(total) + volume + self.at_null
        return NormalComponents(
            share, mean, spread, given.pooled, anchor, given.variance_w * keep, lean_t, lean_c, log_total, edge
        )


def _log_sum(logs: Array) -> Array:
    """Log of the sum (P,) over the leading axis of (W, P)."""
    top: Array = logs.max(axis=0)
    return top if len(logs) == 1 else np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)))
