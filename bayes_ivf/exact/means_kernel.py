"""Posterior of log sigma of both arms and of the standardized mean difference d, the level integrated out.

With ``v_i = sigma_i ** 2 / n_i``, the pooled sigma ``s = sqrt((sigma_t ** 2 + sigma_c ** 2) / 2)`` and the level m (the means
are ``m + k_t d s`` and ``m + k_c d s``; k is (1/2, -1/2) for coding "average", (1, 0) for "control"), the printed means become
the two independent normal variables::

    D = xbar_t - xbar_c               ~  N(d s, v_t + v_c)
    W = (v_c xbar_t + v_t xbar_c) / (v_t + v_c)  ~  N(m + k d s, v_t v_c / (v_t + v_c)),   k = (k_t v_c + k_c v_t) / (v_t + v_c)

A flat level leaves the first alone; a normal one, N(mu, tau ** 2), integrates to ``W ~ N(mu + k d s, v_w + tau ** 2)``. The
kernel is the product with both variances' likelihood (`means_data`), the effect's prior, and the sigmas' priors on the log scale.

**Order of integration**, outermost first: log sigma_t, log sigma_c (skipped with a common sigma), d. The sigmas are smooth and
light to one side, so that few panels serve; d is innermost, since everything asked is a threshold on d given the rest.

Examples
--------
The posterior mean of log sigma_t is that of a log chi variable, moved by what the effect's prior says of the difference:

>>> import numpy as np
>>> from scipy import special
>>> from bayes_ivf.exact.means_data import read_means
>>> names = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
>>> data, _ = read_means(**dict(zip(names, (9.1, 3.0, 20, 8.2, 2.5, 15), strict=True)))
>>> flat = BatchedPrior("Flat", {})
>>> wide = MeansKernel(data, BatchedPrior("Normal", {"mu": 0.0, "sigma": 30.0}), flat, "average", flat, common=False)
>>> nodes = wide.nodes(Rule(5, 8))
>>> expected = np.log(3.0) - (special.digamma(19 / 2) - np.log(19 / 2)) / 2
>>> bool(abs(add_up(nodes.a * nodes.share)[0] - expected) < 0.02)
True

References
----------
Box GEP, Tiao GC (1973). Bayesian inference in statistical analysis. doi:10.1002/9781118033197
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.means_data import MeansData, log_sd_likelihood
from bayes_ivf.exact.means_nodes import MeansNodes
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import (
    Panels,
    Rule,
    SinhMap,
    add_up,
    equidistribute,
    initial_points,
    locate_support,
    log_mass,
    panel_nodes,
    peak,
    with_kinks,
)

Array = npt.NDArray[np.float64]

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_EFFECT_RADIUS, _FAR = 15.0, 150.0
# Radius of the search for d in stretched coordinates (1.6 million scales); bound of log sigma, whose square is then finite.
_SIGMA_RADIUS = 40.0
# Log sigma is looked for within a factor of exp(40) of the printed sd; its posterior falls at least as 1 / sigma.


@dataclass(frozen=True)
class _GivenSigmas:
    """What follows from both sigmas, arrays of one shape: s, the variance of D, W and its variance, and k, see above."""

    pooled: Array
    variance_d: Array
    w: Array
    variance_w: Array
    k: Array


class MeansKernel:
    """The integrand, and the bracket of its mass in log sigma_t.

    Parameters
    ----------
    data : MeansData
    effect, level, sigma : BatchedPrior
        Priors; `level` Flat or Normal, `sigma` Flat (on the log) or proper.
    coding : {"average", "control"}
    common : bool
        Whether both arms share one sigma.
    null : bool
        Hold the effect at zero instead of integrating over it; the sigmas then have another bracket.
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
        self.null = null
        self.data, self.effect, self.level, self.sigma, self.common = data, effect, level, sigma, common
        self.k = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        low, high = (np.log(data.sd_t), np.log(data.sd_c))
        if common:
            pooled = (data.df_t * data.sd_t**2 + data.df_c * data.sd_c**2) / (data.df_t + data.df_c)
            self.map_a = SinhMap(0.5 * np.log(pooled), 1 / np.sqrt(2 * (data.df_t + data.df_c)))
        else:
            self.map_a = SinhMap(low, 1 / np.sqrt(2 * data.df_t))
        self.map_b = SinhMap(high, 1 / np.sqrt(2 * data.df_c))
        starting_points = self._start(self.map_a)
        self.a_points, self.a_logs = locate_support(self._margin_a, starting_points, self._margin_a(starting_points))

    def _of_sigmas(self, a: Array, b: Array) -> _GivenSigmas:
        data = self.data
        # far beyond any posterior; the clip only keeps the search from overflowing
        var_t, var_c = (np.exp(2 * np.clip(x, -_FAR, _FAR)) for x in (a, b))
        v_t, v_c = var_t / data.n_t, var_c / data.n_c
        share_t = v_c / (v_t + v_c)
        variance_w = v_t * share_t
        k = self.k[0] * share_t + self.k[1] * (1 - share_t)
        w = data.mean_t * share_t + data.mean_c * (1 - share_t)
        return _GivenSigmas(np.sqrt((var_t + var_c) / 2), v_t + v_c, w, variance_w, k)

    def _log_rows(self, a: Array, b: Array) -> Array:
        data = self.data
        log = log_sd_likelihood(a, data.sd_t, data.df_t + 1) + log_sd_likelihood(b, data.sd_c, data.df_c + 1)
        if self.sigma.proper:
            log = log + self.sigma.logpdf(np.exp(np.clip(a, -_FAR, _FAR))) + a
            if not self.common:
                log = log + self.sigma.logpdf(np.exp(np.clip(b, -_FAR, _FAR))) + b
        return np.asarray(log)

    def _log_effect(self, d: Array, of_sigmas: _GivenSigmas) -> Array:
        deviation = self.data.difference - d * of_sigmas.pooled
        log = (
            self.effect.logpdf(d)
            - 0.5 * deviation * deviation / of_sigmas.variance_d
            - 0.5 * np.log(of_sigmas.variance_d)
            - _LOG_SQRT_2PI
        )
        if self.level.proper:
            variance = of_sigmas.variance_w + self.level.parameters["sigma"] ** 2
            deviation = of_sigmas.w - self.level.parameters["mu"] - of_sigmas.k * d * of_sigmas.pooled
            log = log - 0.5 * deviation * deviation / variance - 0.5 * np.log(variance) - _LOG_SQRT_2PI
        return np.asarray(log)

    def _likely_effect(self, of_sigmas: _GivenSigmas) -> tuple[Array, Array]:
        """Center and sd of the normal factor that the data leave in d."""
        precision = of_sigmas.pooled**2 / of_sigmas.variance_d
        weighted_sum = self.data.difference * of_sigmas.pooled / of_sigmas.variance_d
        if self.level.proper:
            variance = of_sigmas.variance_w + self.level.parameters["sigma"] ** 2
            lean = of_sigmas.k * of_sigmas.pooled
            precision = precision + lean * lean / variance
            weighted_sum = weighted_sum + lean * (of_sigmas.w - self.level.parameters["mu"]) / variance
        return weighted_sum / precision, precision**-0.5

    def _start_effect(self, of_sigmas: _GivenSigmas) -> tuple[SinhMap, Array]:
        peak_of_data, spread = self._likely_effect(of_sigmas)
        center, scale = self.effect.center_and_scale()
        weight = spread**-2 / (spread**-2 + scale**-2.0)
        between = weight * peak_of_data + (1 - weight) * center
        # far out along an exponential tail the prior moves the peak by its rate times the variance
        rate = self.effect.tail_rate()
        shift = np.where(np.isfinite(rate), rate, 0.0) * spread**2
        moved_by_rate = peak_of_data - np.sign(peak_of_data - center) * np.minimum(shift, np.abs(peak_of_data - center))
        candidates = np.stack([between, peak_of_data, moved_by_rate, np.broadcast_to(center, peak_of_data.shape)])
        best = np.argmax(self._log_effect(candidates, of_sigmas), axis=0)[None]
        stretch = SinhMap(np.take_along_axis(candidates, best, axis=0)[0], (spread**-2 + scale**-2.0) ** -0.5)
        marks = [peak_of_data + k * spread for k in (-1.5, 0, 1.5)] + [center + k * scale for k in (-1.5, 0, 1.5)]
        marks += self.effect.kinks()
        sampled = [np.broadcast_to(stretch.y(mark), peak_of_data.shape)[None] for mark in marks]
        points = np.concatenate([initial_points(np.full(peak_of_data.shape, _EFFECT_RADIUS)), *sampled])
        points.sort(axis=0)
        return stretch, points

    def _log_marginal(self, a: Array, b: Array) -> Array:
        """Log kernel of the rows with the effect integrated by the trapezoidal rule: good enough to place panels."""
        of_sigmas = self._of_sigmas(a, b)
        if self.null:
            return self._log_effect(np.zeros_like(a), of_sigmas) + self._log_rows(a, b)
        stretch, points = self._start_effect(of_sigmas)
        logs = self._log_effect(stretch.x(points), of_sigmas) + stretch.log_slope(points)
        return log_mass(points, logs) + self._log_rows(a, b)

    def _start(self, stretch: SinhMap) -> Array:
        # a prior that denies the printed difference may need sigmas of the size of the difference
        # 1e-3 of the sd stands for a printed difference of zero
        size = np.log(np.abs(self.data.difference) + 1e-3 * np.exp(stretch.center))
        marks = [stretch.y(size + k)[None] for k in (-1.0, 0.5, 2.0)]
        marks += [stretch.y(kink)[None] for kink in self._kinks()]
        radius = np.arcsinh(_SIGMA_RADIUS / stretch.scale)
        points = np.concatenate([initial_points(radius), *marks])
        points.sort(axis=0)
        return points

    def _kinks(self) -> list[Array]:
        """Log sigmas (B,) where the sigma prior is not smooth."""
        limits = [np.broadcast_to(kink, (self.data.size,)) for kink in self.sigma.kinks()]
        return [np.log(kink) for kink in limits if (kink > 0).all()]

    def _margin_a(self, y: Array) -> Array:
        a = self.map_a.x(y)
        if self.common:
            return self._log_marginal(a, a) + self.map_a.log_slope(y)
        points, logs = self._bracket_b(a)
        return log_mass(points, logs) + self.map_a.log_slope(y)

    def _bracket_b(self, a: Array) -> tuple[Array, Array]:
        def log(y: Array) -> Array:
            return self._log_marginal(np.broadcast_to(a, y.shape), self.map_b.x(y)) + self.map_b.log_slope(y)

        starting_points = self._start(self.map_b)[:, None]
        starting_points = np.broadcast_to(starting_points, (len(starting_points), *a.shape))
        return locate_support(log, starting_points, log(starting_points), 4)

    def _sigmas(self, panels: int) -> tuple[Array, Array, Array, Array]:
        """Log sigmas of both arms at the nodes (N, B), their weights, and those of the first one alone."""
        edges = with_kinks(equidistribute(self.a_points, self.a_logs, panels), [self.map_a.y(k) for k in self._kinks()])
        y, weight = panel_nodes(edges)
        a = self.map_a.x(y)
        weight = weight * np.exp(self.map_a.log_slope(y))
        if self.common:
            return a, a, weight, weight
        kinks = [np.broadcast_to(self.map_b.y(k), a.shape) for k in self._kinks()]
        y, weight_b = panel_nodes(with_kinks(equidistribute(*self._bracket_b(a), panels), kinks))
        b = self.map_b.x(y)
        both = weight * weight_b * np.exp(self.map_b.log_slope(y))
        flat = (-1, self.data.size)
        a, weight = (np.broadcast_to(values, b.shape).reshape(flat) for values in (a, weight))
        return a, b.reshape(flat), both.reshape(flat), weight

    def log_integral(self, rule: Rule) -> Array:
        """Log integral over the sigmas with the effect at zero, array (B,)."""
        a, b, weight, _ = self._sigmas(2 * rule.outer)
        logs = self._log_marginal(a, b)
        top = peak(logs)
        with np.errstate(divide="ignore"):
            return np.asarray(top + np.log(add_up(np.exp(logs - top) * weight)))

    def nodes(self, rule: Rule) -> MeansNodes:
        """Tabulate the posterior."""
        return self._tabulate(*self._sigmas(rule.outer), rule)

    def _edge_mass(self, share: Array, weight: Array, weight_a: Array) -> Array:
        """Probability (B,) that the outermost sigmas would carry in one more unit of their logs."""
        size = share.shape[-1]
        rows = len(share) if self.common else round(len(share) ** 0.5)
        first = add_up(np.moveaxis((share / weight_a).reshape(rows, -1, size), 1, 0))
        edge_mass = np.maximum(first[0], first[-1])
        if not self.common:
            second = add_up((share * weight_a / weight).reshape(rows, -1, size))
            edge_mass = np.maximum(edge_mass, np.maximum(second[0], second[-1]))
        return np.asarray(edge_mass)

    def _tabulate(self, a: Array, b: Array, weight: Array, weight_a: Array, rule: Rule) -> MeansNodes:
        of_sigmas = self._of_sigmas(a, b)
        stretch, points = self._start_effect(of_sigmas)

        def log(y: Array) -> Array:
            return self._log_effect(stretch.x(y), of_sigmas) + stretch.log_slope(y)

        bracket = locate_support(log, points, log(points), 4)
        kinks = [np.broadcast_to(stretch.y(kink), a.shape) for kink in self.effect.kinks()]
        edges = with_kinks(equidistribute(*bracket, rule.inner), kinks)
        y, y_weight = panel_nodes(edges)
        logs = log(y) + self._log_rows(a, b)
        top = peak(logs, (0, 1))
        values = np.exp(logs - top)
        panels = Panels.tabulate(edges, values)
        integral = add_up(panels.total * weight)
        share = panels.total * weight / integral
        with np.errstate(divide="ignore"):
            log_total = top + np.log(integral)
        # what the level's prior leaves of W: all of it if flat
        kept: Array | float = 1.0
        anchor = of_sigmas.w
        if self.level.proper:
            variance = self.level.parameters["sigma"] ** 2
            kept = variance / (variance + of_sigmas.variance_w)
            anchor = kept * of_sigmas.w + (1 - kept) * self.level.parameters["mu"]
        lean_t, lean_c = ((k - of_sigmas.k * kept) * of_sigmas.pooled for k in self.k)
        return MeansNodes(
            a,
            b,
            share,
            stretch.x(y),
            values * y_weight * (weight / integral),
            panels,
            stretch,
            of_sigmas.pooled,
            anchor,
            np.sqrt(of_sigmas.variance_w * kept),
            lean_t,
            lean_c,
            log_total,
            self._edge_mass(share, weight, weight_a),
        )
