"""Posterior of log sigma of both arms and of the standardized mean difference, the level integrated out.

Given the sigmas, ``D = xbar_t - xbar_c ~ N(d s, V)`` and the precision-weighted mean W are independent, so that the
level's normal (or flat) prior leaves a normal factor in d; see Box and Tiao, Bayesian Inference in Statistical
Analysis (1973), doi 10.1002/9781118033197.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.means_data import MeansData, log_sd_likelihood
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
_REACH, _FAR = 15.0, 150.0
_SIGMA_REACH = 40.0
# Log sigma is looked for within a factor of exp(40) of the printed sd; its posterior falls at least as 1 / sigma.


@dataclass(frozen=True)
class MeansNodes:
    """The posterior on nodes: rows of (log sigma_t, log sigma_c), and the effect on panels in each row.

    Parameters
    ----------
    a, b : array (N, B)
        Log sigma of the treatment and the control arm.
    share : array (N, B)
        Posterior probability of each row.
    d, d_share : array (M, N, B)
        Effects, and posterior probability of each.
    panels : Panels
        Conditional density of the effect.
    pooled : array (N, B)
        ``sqrt((sigma_t**2 + sigma_c**2) / 2)``.
    anchor, anchor_sd : array (N, B)
        Given the sigmas, a normal variable independent of the effect; an arm's mean is ``anchor + lean * effect``.
    lean_t, lean_c : array (N, B)
    log_total, edge_mass : array (B,)
    """

    a: Array
    b: Array
    share: Array
    d: Array
    d_share: Array
    panels: Panels
    stretch: SinhMap
    pooled: Array
    anchor: Array
    anchor_sd: Array
    lean_t: Array
    lean_c: Array
    log_total: Array
    edge_mass: Array

    @cached_property
    def spread(self) -> Array:
        """Sd (N, B) of the effect in each row."""
        share = self.d_share / np.maximum(add_up(self.d_share), 1e-300)
        mean = add_up(self.d * share)
        return np.sqrt(add_up((self.d - mean) ** 2 * share))

    def below(self, d: Array) -> tuple[Array, Array]:
        """Conditional distribution function and density (K, N, B) of the effect at `d` (K, N, B)."""
        y = self.stretch.y(d)
        _ = self.panels.powers
        mass, density = self.panels.below(y)
        total = np.maximum(self.panels.total, 1e-300)
        return mass / total, density * np.exp(-self.stretch.log_slope(np.clip(y, -600, 600))) / total


@dataclass(frozen=True)
class _Given:
    """What follows from both sigmas, arrays of one shape."""

    pooled: Array
    variance_d: Array
    w: Array
    variance_w: Array
    k: Array
    """Weight of d * pooled in the expectation of W, beyond the level."""


class MeansKernel:
    """The integrand, and where it lives.

    Parameters
    ----------
    data : MeansData
    effect, level, sigma : BatchedPrior
        Priors; `level` Flat or Normal, `sigma` Flat (on the log) or proper.
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
        self.null = null
        self.data, self.effect, self.level, self.sigma, self.common = data, effect, level, sigma, common
        self.k = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        low, high = (np.log(data.sd_t), np.log(data.sd_c))
        if common:
            pooled = ((data.n_t - 1) * data.sd_t**2 + (data.n_c - 1) * data.sd_c**2) / (data.n_t + data.n_c - 2)
            self.map_a = SinhMap(0.5 * np.log(pooled), 1 / np.sqrt(2 * (data.n_t + data.n_c - 2)))
        else:
            self.map_a = SinhMap(low, 1 / np.sqrt(2 * (data.n_t - 1)))
        self.map_b = SinhMap(high, 1 / np.sqrt(2 * (data.n_c - 1)))
        start = self._start(self.map_a)
        self.a_points, self.a_logs = locate_support(self._margin_a, start, self._margin_a(start))

    def _given(self, a: Array, b: Array) -> _Given:
        data = self.data
        # Far beyond any posterior; the clip only keeps the search from overflowing.
        var_t, var_c = (np.exp(2 * np.clip(x, -_FAR, _FAR)) for x in (a, b))
        v_t, v_c = var_t / data.n_t, var_c / data.n_c
        share_t = v_c / (v_t + v_c)
        variance_w = v_t * share_t
        k = self.k[0] * share_t + self.k[1] * (1 - share_t)
        w = data.mean_t * share_t + data.mean_c * (1 - share_t)
        return _Given(np.sqrt((var_t + var_c) / 2), v_t + v_c, w, variance_w, k)

    def _log_rows(self, a: Array, b: Array) -> Array:
        data = self.data
        log = log_sd_likelihood(a, data.sd_t, data.n_t) + log_sd_likelihood(b, data.sd_c, data.n_c)
        if self.sigma.proper:
            log = log + self.sigma.logpdf(np.exp(np.clip(a, -_FAR, _FAR))) + a
            if not self.common:
                log = log + self.sigma.logpdf(np.exp(np.clip(b, -_FAR, _FAR))) + b
        return np.asarray(log)

    def _log_effect(self, d: Array, given: _Given) -> Array:
        gap = self.data.difference - d * given.pooled
        log = (
            self.effect.logpdf(d) - 0.5 * gap * gap / given.variance_d - 0.5 * np.log(given.variance_d) - _LOG_SQRT_2PI
        )
        if self.level.proper:
            variance = given.variance_w + self.level.parameters["sigma"] ** 2
            gap = given.w - self.level.parameters["mu"] - given.k * d * given.pooled
            log = log - 0.5 * gap * gap / variance - 0.5 * np.log(variance) - _LOG_SQRT_2PI
        return np.asarray(log)

    def _likely_effect(self, given: _Given) -> tuple[Array, Array]:
        """Center and sd of the normal factor that the data leave in d."""
        precision = given.pooled**2 / given.variance_d
        pull = self.data.difference * given.pooled / given.variance_d
        if self.level.proper:
            variance = given.variance_w + self.level.parameters["sigma"] ** 2
            lean = given.k * given.pooled
            precision = precision + lean * lean / variance
            pull = pull + lean * (given.w - self.level.parameters["mu"]) / variance
        return pull / precision, precision**-0.5

    def _start_effect(self, given: _Given) -> tuple[SinhMap, Array]:
        likely, spread = self._likely_effect(given)
        center, scale = self.effect.center_and_scale()
        weight = spread**-2 / (spread**-2 + scale**-2.0)
        between = weight * likely + (1 - weight) * center
        # far out along an exponential tail the prior pulls by its rate
        rate = self.effect.tail_rate()
        pull = np.where(np.isfinite(rate), rate, 0.0) * spread**2
        pulled = likely - np.sign(likely - center) * np.minimum(pull, np.abs(likely - center))
        candidates = np.stack([between, likely, pulled, np.broadcast_to(center, likely.shape)])
        best = np.argmax(self._log_effect(candidates, given), axis=0)[None]
        stretch = SinhMap(np.take_along_axis(candidates, best, axis=0)[0], (spread**-2 + scale**-2.0) ** -0.5)
        marks = [likely + k * spread for k in (-1.5, 0, 1.5)] + [center + k * scale for k in (-1.5, 0, 1.5)]
        marks += self.effect.kinks()
        seen = [np.broadcast_to(stretch.y(mark), likely.shape)[None] for mark in marks]
        points = np.concatenate([initial_points(np.full(likely.shape, _REACH)), *seen])
        points.sort(axis=0)
        return stretch, points

    def _rough(self, a: Array, b: Array) -> Array:
        """Log kernel of the rows with the effect integrated out roughly: good enough to place panels."""
        given = self._given(a, b)
        if self.null:
            return self._log_effect(np.zeros_like(a), given) + self._log_rows(a, b)
        stretch, points = self._start_effect(given)
        logs = self._log_effect(stretch.x(points), given) + stretch.log_slope(points)
        return log_mass(points, logs) + self._log_rows(a, b)

    def _start(self, stretch: SinhMap) -> Array:
        # A prior that denies the printed difference may need sigmas of the size of the difference.
        size = np.log(np.abs(self.data.difference) + 1e-3 * np.exp(stretch.center))
        marks = [stretch.y(size + k)[None] for k in (-1.0, 0.5, 2.0)]
        marks += [stretch.y(kink)[None] for kink in self._kinks()]
        reach = np.arcsinh(_SIGMA_REACH / stretch.scale)
        points = np.concatenate([initial_points(reach), *marks])
        points.sort(axis=0)
        return points

    def _kinks(self) -> list[Array]:
        """Log sigmas (B,) where the sigma prior is not smooth."""
        limits = [np.broadcast_to(kink, (self.data.size,)) for kink in self.sigma.kinks()]
        return [np.log(kink) for kink in limits if (kink > 0).all()]

    def _margin_a(self, y: Array) -> Array:
        a = self.map_a.x(y)
        if self.common:
            return self._rough(a, a) + self.map_a.log_slope(y)
        points, logs = self._scout_b(a)
        return log_mass(points, logs) + self.map_a.log_slope(y)

    def _scout_b(self, a: Array) -> tuple[Array, Array]:
        def log(y: Array) -> Array:
            return self._rough(np.broadcast_to(a, y.shape), self.map_b.x(y)) + self.map_b.log_slope(y)

        start = self._start(self.map_b)[:, None]
        start = np.broadcast_to(start, (len(start), *a.shape))
        return locate_support(log, start, log(start), 4)

    def _sigmas(self, panels: int) -> tuple[Array, Array, Array, Array]:
        """Log sigmas of both arms at the nodes (N, B), their weights, and those of the first one alone."""
        edges = with_kinks(equidistribute(self.a_points, self.a_logs, panels), [self.map_a.y(k) for k in self._kinks()])
        y, weight = panel_nodes(edges)
        a = self.map_a.x(y)
        weight = weight * np.exp(self.map_a.log_slope(y))
        if self.common:
            return a, a, weight, weight
        kinks = [np.broadcast_to(self.map_b.y(k), a.shape) for k in self._kinks()]
        y, weight_b = panel_nodes(with_kinks(equidistribute(*self._scout_b(a), panels), kinks))
        b = self.map_b.x(y)
        both = weight * weight_b * np.exp(self.map_b.log_slope(y))
        flat = (-1, self.data.size)
        a, weight = (np.broadcast_to(each, b.shape).reshape(flat) for each in (a, weight))
        return a, b.reshape(flat), both.reshape(flat), weight

    def log_integral(self, rule: Rule) -> Array:
        """Log integral over the sigmas with the effect at zero, array (B,)."""
        a, b, weight, _ = self._sigmas(2 * rule.outer)
        logs = self._rough(a, b)
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
        found = np.maximum(first[0], first[-1])
        if not self.common:
            second = add_up((share * weight_a / weight).reshape(rows, -1, size))
            found = np.maximum(found, np.maximum(second[0], second[-1]))
        return np.asarray(found)

    def _tabulate(self, a: Array, b: Array, weight: Array, weight_a: Array, rule: Rule) -> MeansNodes:
        given = self._given(a, b)
        stretch, points = self._start_effect(given)

        def log(y: Array) -> Array:
            return self._log_effect(stretch.x(y), given) + stretch.log_slope(y)

        found = locate_support(log, points, log(points), 4)
        kinks = [np.broadcast_to(stretch.y(kink), a.shape) for kink in self.effect.kinks()]
        edges = with_kinks(equidistribute(*found, rule.inner), kinks)
        y, y_weight = panel_nodes(edges)
        logs = log(y) + self._log_rows(a, b)
        top = peak(logs, (0, 1))
        values = np.exp(logs - top)
        panels = Panels.tabulate(edges, values)
        whole = add_up(panels.total * weight)
        share = panels.total * weight / whole
        with np.errstate(divide="ignore"):
            log_total = top + np.log(whole)
        # What the level's prior leaves of W: all of it if flat.
        keep: Array | float = 1.0
        anchor = given.w
        if self.level.proper:
            variance = self.level.parameters["sigma"] ** 2
            keep = variance / (variance + given.variance_w)
            anchor = keep * given.w + (1 - keep) * self.level.parameters["mu"]
        lean_t, lean_c = ((k - given.k * keep) * given.pooled for k in self.k)
        return MeansNodes(
            a,
            b,
            share,
            stretch.x(y),
            values * y_weight * (weight / whole),
            panels,
            stretch,
            given.pooled,
            anchor,
            np.sqrt(given.variance_w * keep),
            lean_t,
            lean_c,
            log_total,
            self._edge_mass(share, weight, weight_a),
        )

    def sigma_index(self, estimand: str) -> Array:
        """Power with which the posterior of the estimand's scale falls, array (B,)."""
        data = self.data
        tail = self.sigma.tail_index() if self.sigma.proper else np.asarray(0.0)
        if self.sigma.dist == "InverseGamma":
            tail = self.sigma.parameters["alpha"]
        if self.common:
            return np.asarray(data.n_t + data.n_c - 1 + tail)
        if estimand == "control_mean":
            return np.asarray(data.n_c + tail)
        if estimand == "treatment_mean":
            return np.asarray(data.n_t + tail)
        return np.asarray(np.minimum(data.n_t, data.n_c) + tail)
