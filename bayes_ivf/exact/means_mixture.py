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

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.means_data import MeansData, log_sd_likelihood
from bayes_ivf.exact.mixing_scale import MixingScale
from bayes_ivf.exact.normal_components import NormalComponents
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import gauss_rule

Array = npt.NDArray[np.float64]

_LOG_2PI = float(np.log(2 * np.pi))
_NATS = 32.0
# Below the highest point a node is left out: 1e-14 of its density.
_FINE = 0.2
# Step in log w of the nodes that a Gauss rule is made from.
_OVERLOOKED = 1e-7
# Probability that few nodes of w may overlook, a tenth of the tolerance; equidistant ones are as exact at the coarser step.
_LEAST = 1e-14
# Probability of a component that is left out; all of them together carry less than 1e-10.
_SCAN = np.linspace(0.0, 1.0, 25)
_FINEST = 30.0
# More nodes along an axis than this many times the usual ones take longer than panels.
_NEWTON, _DIFFERENCE = 12, 0.02
_REACH = np.concatenate([np.linspace(0.5, 8, 16), np.linspace(9, 60, 52)])
# Standard deviations at which the ends along an axis are looked for; log sigma has an exponential tail on the right.


class MeansMixture:
    """The integrand of one problem, and where it lives.

    Parameters
    ----------
    data : MeansData
        Of one problem.
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
        self.at_null = float(np.squeeze(effect.logpdf(np.zeros(1))))
        values = {name: float(np.squeeze(value)) for name, value in effect.parameters.items()}
        center, scale = values.get("mu", values.get("alpha", 0.0)), values.get("sigma", values.get("beta", 1.0))
        nu = np.inf if null or effect.dist == "Normal" else values.get("nu", 1.0)
        pooled = np.sqrt((data.sd_t[0] ** 2 + data.sd_c[0] ** 2) / 2)
        self.prior = MixingScale(center, scale, nu, float((data.difference[0] / pooled - center) / scale))
        self.low = np.array([np.log(data.sd_t[0]), np.log(data.sd_c[0])])
        if common:
            df_t, df_c = data.n_t[0] - 1, data.n_c[0] - 1
            pooled = (df_t * data.sd_t[0] ** 2 + df_c * data.sd_c[0] ** 2) / (df_t + df_c)
            self.low = np.array([0.5 * np.log(pooled)])
        df = [data.n_t[0] + data.n_c[0] - 2] if common else [data.n_t[0] - 1, data.n_c[0] - 1]
        self.spread = 1 / np.sqrt(2 * np.array(df))
        self._find()

    def _scales(self, number: int) -> tuple[Array, Array]:
        """Prior variances (W,) at the nodes of a Gauss rule for w, and their log weights.

        The rule is that of the posterior of ``t = w / (w + scale**2 / v)`` at the mode of the sigmas, where v is the variance
        that the data leave in d. In t, the share of the prior in its compromise with the data, the density of the data
        is ``sqrt(t) exp(-t z**2 / 2)`` and the posterior mean and variance of d are linear: all is entire, and few nodes do.
        """
        if self.null or self.prior.fixed:
            return self.prior.rough()
        variance, log_weight = self.prior.even(_FINE)
        logs = self._components(self.mode[:, None], variance)[0][:, 0] + log_weight
        total = special.logsumexp(logs)
        share = np.exp(logs - total)
        _, _, known = self._components(self.mode[:, None], np.array([1e6 * self.prior.scale**2]))
        ratio = known[0, 0] / self.prior.scale**2
        w = self.prior.scale**2 / variance
        prior_share = ratio * w / (1 + ratio * w)
        nodes, weight = gauss_rule(prior_share, share / share.sum(), number)
        variance = self.prior.scale**2 * ratio * (1 - nodes) / nodes
        at_mode = self._components(self.mode[:, None], variance)[0][:, 0]
        return variance, np.log(weight) + total - at_mode

    def _over_scales(self, x: Array, step: float, number: int) -> tuple[Array, Array, Array]:
        """Log mass, mean and variance of d, arrays (W, P), at nodes of w and the sigmas (D, P).

        Few nodes that are right for the mode may overlook a second hump, where sigmas of another size go with another w, and so
        would any number of them: what they add up to is compared with equidistant nodes, which take their place if it differs.
        """
        variance, log_weight = self._scales(number)
        few, mean, spread = self._components(x, variance)
        few = few + log_weight[:, None]
        if self.null or self.prior.fixed:
            return few, mean, spread
        variance, log_weight = self.prior.even(step / 2)
        many, mean_of_many, spread_of_many = self._components(x, variance)
        many = many + log_weight[:, None]
        total = special.logsumexp(many, axis=0)
        with np.errstate(over="ignore"):
            differs = np.abs(np.expm1(special.logsumexp(few, axis=0) - total))
        if float(np.sum(np.exp(total - special.logsumexp(total)) * differs)) < _OVERLOOKED:
            return few, mean, spread
        return many, mean_of_many, spread_of_many

    def _both(self, x: Array) -> tuple[Array, Array]:
        """Log sigma of both arms from coordinates (D, P)."""
        return (x[0], x[0]) if self.common else (x[0], x[1])

    def _given(self, x: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
        """Log kernel (P,) of the sigmas alone, pooled sigma, variance of D, W and its variance, weight of d s in W."""
        a, b = self._both(x)
        data = self.data
        log = log_sd_likelihood(a, data.sd_t, data.n_t) + log_sd_likelihood(b, data.sd_c, data.n_c)
        if self.sigma.proper:
            log = log + self.sigma.logpdf(np.exp(a)) + a
            if not self.common:
                log = log + self.sigma.logpdf(np.exp(b)) + b
        var_t, var_c = np.exp(2 * a), np.exp(2 * b)
        v_t, v_c = var_t / data.n_t, var_c / data.n_c
        share = v_c / (v_t + v_c)
        weighted = data.mean_t * share + data.mean_c * (1 - share)
        k = self.k[0] * share + self.k[1] * (1 - share)
        return log, np.sqrt((var_t + var_c) / 2), v_t + v_c, weighted, v_t * share, k

    def _components(self, x: Array, variance: Array) -> tuple[Array, Array, Array]:
        """Log integral over d, posterior mean and variance of d, arrays (W, P), at sigmas (D, P) and prior variances (W,)."""
        log, pooled, variance_d, weighted, variance_w, k = self._given(x)
        difference = self.data.difference
        log = log - 0.5 * (difference**2 / variance_d + np.log(variance_d) + _LOG_2PI)
        precision, score = pooled**2 / variance_d, difference * pooled / variance_d
        if self.level.proper:
            mu, spread = self.level.parameters["mu"], variance_w + self.level.parameters["sigma"] ** 2
            log = log - 0.5 * ((weighted - mu) ** 2 / spread + np.log(spread) + _LOG_2PI)
            precision = precision + (k * pooled) ** 2 / spread
            score = score + k * pooled * (weighted - mu) / spread
        if self.null:
            return (log + self.at_null)[None], np.zeros((1, *log.shape)), np.zeros((1, *log.shape))
        # around the prior's center, so that nothing cancels where it is far from zero
        score = score - precision * self.prior.center
        own = 1 / variance[:, None]
        total = precision + own
        # log N(data | d) at d = center is `log` plus the score's part; completing the square adds the rest
        at_center = log + self.prior.center * (score + 0.5 * precision * self.prior.center)
        logs = at_center + 0.5 * score**2 / total - 0.5 * np.log(total / own)
        return logs, self.prior.center + score / total, np.broadcast_to(1 / total, logs.shape)

    def _log(self, x: Array) -> Array:
        """Log kernel (P,) of the sigmas at (D, P)."""
        variance, log_weight = self.prior.rough()
        return np.asarray(special.logsumexp(self._components(x, variance)[0] + log_weight[:, None], axis=0))

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
        self.mode, self.axes = self._climb(x)
        self.top = float(self._log(self.mode[:, None])[0])
        self.reach = np.array([[self._reach(axis, sign) for sign in (-1.0, 1.0)] for axis in self.axes.T])
        # what the scan saw in a bend or a second hump belongs within the nodes
        high = self.seen[:, self.heights > self.top - _NATS]
        if high.size:
            back = np.linalg.solve(self.axes, high - self.mode[:, None])
            self.reach[:, 0] = np.minimum(self.reach[:, 0], back.min(axis=1) - 1)
            self.reach[:, 1] = np.maximum(self.reach[:, 1], back.max(axis=1) + 1)

    def _climb(self, x: Array) -> tuple[Array, Array]:
        """Newton's method with differences; the mode, and columns that make the curvature there one."""
        dims = len(x)
        h = _DIFFERENCE * self.spread[:, None]
        shifts = np.array(np.meshgrid(*[[-1, 0, 1]] * dims, indexing="ij")).reshape(dims, -1)
        height = -np.inf
        curvature = np.eye(dims)
        for _ in range(_NEWTON):
            logs = self._log(x[:, None] + h * shifts).reshape([3] * dims)
            middle = (1,) * dims
            height = float(logs[middle])
            slope, curvature = np.empty(dims), np.empty((dims, dims))
            for i in range(dims):
                up, down = (tuple(1 + s * (j == i) for j in range(dims)) for s in (1, -1))
                slope[i] = (logs[up] - logs[down]) / (2 * h[i, 0])
                curvature[i, i] = -(logs[up] - 2 * logs[middle] + logs[down]) / h[i, 0] ** 2
            if dims == 2:
                curvature[0, 1] = curvature[1, 0] = -(logs[2, 2] - logs[2, 0] - logs[0, 2] + logs[0, 0]) / (
                    4 * h[0, 0] * h[1, 0]
                )
            values, vectors = np.linalg.eigh(curvature)
            values = np.maximum(values, 1.0)
            step = vectors @ ((vectors.T @ slope) / values)
            step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
            for _ in range(8):
                if float(self._log((x + step)[:, None])[0]) >= height:
                    break
                step = step / 4
            x = x + step
            if np.abs(step).max() < 1e-4 / np.sqrt(values.max()):
                break
        return x, vectors / np.sqrt(values)

    def _reach(self, axis: Array, sign: float) -> float:
        logs = self._log(self.mode[:, None] + sign * axis[:, None] * _REACH)
        far = np.flatnonzero(logs > self.top - _NATS)
        return sign * float(_REACH[min(far[-1] + 1, len(_REACH) - 1)]) if len(far) else sign * float(_REACH[0])

    def _nodes(self, step: float) -> tuple[Array, Array, float]:
        """Sigmas (D, P) at the nodes, whether each is an outermost one, and log of their volume."""
        lines = []
        for (low, high), finer in zip(self.reach, self._finer, strict=True):
            lines.append(np.linspace(low, high, int(np.ceil((high - low) / step * finer)) + 1))
        grid = np.stack([each.ravel() for each in np.meshgrid(*lines, indexing="ij")])
        outer = np.zeros(grid.shape[1], dtype=bool)
        volume = float(np.log(np.abs(np.linalg.det(self.axes))))
        for values, line in zip(grid, lines, strict=True):
            outer |= (values == line[0]) | (values == line[-1])
            volume += float(np.log(line[1] - line[0]))
        return grid, outer, volume

    @cached_property
    def _finer(self) -> Array:
        """Factor (D,) by which nodes are closer, so that the means of neighbors are at most their sd apart.

        A standardized difference of many sds is known no better than sigma: with wider steps its distribution function, a sum
        of narrow ones, would be a staircase.
        """
        if self.null:
            return np.ones(len(self.mode))
        x = self.mode[:, None] + np.concatenate([np.zeros((len(self.mode), 1)), self.axes, -self.axes], axis=1)
        _, mean, variance = self._components(x, np.array([self.prior.scale**2]))
        moves = np.abs(mean[0, 1 : 1 + len(self.mode)] - mean[0, 1 + len(self.mode) :]) / 2 / np.sqrt(variance[0, 0])
        return np.asarray(np.clip(moves, 1.0, _FINEST))

    def tabulate(self, step: float, number: int) -> NormalComponents:
        """Return the posterior on nodes that are `step` standard deviations apart."""
        whitened, outer, volume = self._nodes(step)
        x = self.mode[:, None] + self.axes @ whitened
        logs, mean, spread = self._over_scales(x, step, number)
        logs = logs + volume
        log_total = float(special.logsumexp(logs))
        share = np.exp(logs - log_total)
        edge = float(share[:, outer].sum())
        w, p = np.nonzero(share > _LEAST)
        share = share[w, p] / share[w, p].sum()
        _, pooled, _, weighted, variance_w, k = (np.broadcast_to(each, x.shape[1:])[p] for each in self._given(x))
        keep: Array | float = 1.0
        anchor = weighted
        if self.level.proper:
            own = self.level.parameters["sigma"] ** 2
            keep = own / (own + variance_w)
            anchor = keep * weighted + (1 - keep) * self.level.parameters["mu"]
        lean_t, lean_c = ((each - k * keep) * pooled for each in self.k)
        return NormalComponents(
            share, mean[w, p], spread[w, p], pooled, anchor, variance_w * keep, lean_t, lean_c, log_total, edge
        )
