"""Quantiles, equal-tailed and highest-density intervals from a distribution function F and its density f.

**Quantiles.** F is tabulated at about 35 points in normal scores ``z = Phi^{-1}(F(s))``, in which s is a nearly straight line
of z. A monotone cubic Hermite interpolant s(z), with slopes ``ds/dz = phi(z) / f(s)``, gives the starting value, and Newton's
method on the distribution function itself the result, kept within a shrinking bracket::

    s <- s - (F(s) - p) / f(s)

The table gives starting values only; no result is read off it. It reaches to 40 spreads of the location or a normal score of
4.8, whichever is less: a quantile beyond is not found, which `refinement` states as an infinite error.

**Highest-density interval.** Of all intervals (a, b) with ``F(b) - F(a) = P`` the shortest on the quantity's own scale t has
ends of equal density. The share of the tail probability 1 - P that lies below it is searched on the interpolant; then two
Newton steps solve, with ``log f_t(t(s)) = log f(s) - log |dt/ds|``::

    F(b) - F(a) = P,    log f_t(a) = log f_t(b)

Where the density keeps rising to a bound of t, that end of the interval is the bound, the other a quantile.

Examples
--------
A gamma density with shape 3, searched on the log scale, against SciPy:

>>> import numpy as np
>>> from scipy import optimize, stats
>>> from bayes_ivf.quadrature import Curves
>>> from bayes_ivf.quadrature.transforms import LOG
>>> gamma = stats.gamma(3)
>>> class Gamma:
...     def evaluate(self, quantity, s):
...         return gamma.cdf(np.exp(s)), gamma.pdf(np.exp(s)) * np.exp(s)
...     def location(self, quantity):
...         return np.array([1.0]), np.array([0.6])
...     def moments(self, quantity):
...         return np.array([gamma.mean()]), np.array([gamma.std()])
>>> summary, _ = summarize(Curves(Gamma(), ("x",)), [LOG], 0.95)
>>> bool(np.allclose([summary.ci_low[0], summary.median[0], summary.ci_high[0]], gamma.ppf([0.025, 0.5, 0.975]), atol=1e-8))
True
>>> def length(p):
...     return gamma.ppf(p + 0.95) - gamma.ppf(p)
>>> p = optimize.minimize_scalar(length, bounds=(1e-6, 0.05 - 1e-6), method="bounded", options={"xatol": 1e-9}).x
>>> bool(np.allclose([summary.hdi_low[0], summary.hdi_high[0]], gamma.ppf([p, p + 0.95]), atol=1e-5))
True

References
----------
Fritsch FN, Carlson RE (1980). Monotone piecewise cubic interpolation. SIAM Journal on Numerical Analysis 17:238-246.
doi:10.1137/0717021. Hyndman RJ (1996). Computing and graphing highest density regions. The American Statistician 50:120-126.
doi:10.1080/00031305.1996.10474359
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature.panels import count_below
from bayes_ivf.quadrature.transforms import Transform, side_by_side

if TYPE_CHECKING:
    from bayes_ivf.quadrature.questions import Curves

Array = npt.NDArray[np.float64]

_OFFSETS = np.array([0.7, 1.6, 3.0, 8.0, 40.0])
# First points of the table, in spreads of the location: the body of a normal density, and two far ones for heavy tails.
_START = np.concatenate([-_OFFSETS[::-1], [0.0], _OFFSETS])
_SCORES = (np.linspace(-4.8, 4.8, 9), np.linspace(-4.2, 4.2, 15))
# Normal scores at which the table is refined, from 8e-7 to 1 - 8e-7 and then, more densely, from 1.3e-5 to 1 - 1.3e-5.
_SHARES = np.concatenate([[1e-5, 1e-3, 0.01, 0.03], np.linspace(0.07, 0.93, 15), [0.97, 0.99, 0.999, 1 - 1e-5]])
# Shares of the tail probability below the interval; the outermost stand for an interval that ends at a bound.
_FINER = (np.arange(1, 12) / 12)[:, None]
# Twelfths between the neighbors of the best share; three rounds narrow it 200-fold, which is enough for Newton's method.
_NEWTON = 40
# Most steps of a quantile; a smooth distribution function needs two, bisection of what a double can tell apart about 50.
_PATIENCE, _NEAR = 6, 1e-4
# After 6 steps, Newton's method is believed only where it is within 1e-4 of the probability; elsewhere the bracket is halved.


class Distribution(Protocol):
    """What a summary needs of a posterior."""

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of a quantity's coordinate at `s` (K, B)."""

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread (B,) of the coordinate, to start from; they enter no result."""

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,) of the quantity on its own scale."""


@dataclass(frozen=True)
class Summary:
    """A quantity's posterior for every problem of a batch.

    Parameters
    ----------
    mean, median, sd : array (B,)
        On the quantity's own scale; NaN where a moment does not exist.
    ci_low, ci_high : array (B,)
        Equal-tailed interval.
    hdi_low, hdi_high : array (B,)
        Shortest single interval with the asked probability. With two humps this is still one interval.
    """

    mean: Array
    median: Array
    sd: Array
    ci_low: Array
    ci_high: Array
    hdi_low: Array
    hdi_high: Array


@dataclass(frozen=True)
class _Knots:
    """Table of a distribution function: normal scores z at sorted points s (L, B) of the coordinate, with slopes ds/dz."""

    s: Array
    z: Array
    slope: Array

    def at(self, z: Array) -> Array:
        """Coordinate at normal scores (K, B), by cubic Hermite interpolation."""
        rows = self.z.shape[1]
        column = np.arange(rows)
        flat_z = self.z.reshape(-1)
        flat = count_below(self.z[1:-1], z) * rows + column
        z0, z1 = flat_z.take(flat), flat_z.take(flat + rows)
        s0, s1 = self.s.reshape(-1).take(flat), self.s.reshape(-1).take(flat + rows)
        # 1e-300: scores coincide where the distribution function is flat
        gap = np.maximum(z1 - z0, 1e-300)
        x = ((z - z0) / gap).clip(0, 1)
        # slopes beyond three times the chord would break monotonicity (Fritsch and Carlson)
        limit = 3 * (s1 - s0)
        d0 = np.minimum(self.slope.reshape(-1).take(flat) * gap, limit)
        d1 = np.minimum(self.slope.reshape(-1).take(flat + rows) * gap, limit)
        rise = x * x * (3 - 2 * x)
        return np.asarray(s0 + rise * (s1 - s0) + x * (1 - x) * ((1 - x) * d0 - x * d1))


def _score(probability: Array) -> Array:
    """Normal score; 1e-15 keeps probabilities of 0 and 1 finite."""
    return np.asarray(special.ndtri(probability.clip(1e-15, 1 - 1e-15)))


def tabulate_quantiles(curves: Curves) -> _Knots:
    """Table of rough quantiles of every column: starting values of `find_quantiles`, which refines them."""
    center, spread = curves.location()
    s = center + spread * _START[:, None]
    below, density = curves.sketch(s)
    for targets in _SCORES:
        z = np.maximum.accumulate(_score(below), axis=0)
        knots = _Knots(s, z, np.full_like(s, np.inf))
        extra = knots.at(np.broadcast_to(targets[:, None], (len(targets), s.shape[1])))
        more, more_density = curves.sketch(extra)
        s, below, density = (np.concatenate(pair) for pair in ((s, extra), (below, more), (density, more_density)))
        order = np.argsort(s, axis=0, kind="stable")
        s, below, density = (np.take_along_axis(values, order, axis=0) for values in (s, below, density))
    z = np.maximum.accumulate(_score(below), axis=0)
    with np.errstate(divide="ignore", over="ignore"):
        # 1e-300: no density is left there
        slope = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) / np.maximum(density, 1e-300)
    return _Knots(s, z, slope)


def find_quantiles(curves: Curves, knots: _Knots, probability: Array, steps: int = _NEWTON) -> Array:
    """Quantiles (K, C) in the coordinates: interpolated, then refined by Newton's method on the distribution functions.

    Parameters
    ----------
    curves : Curves
    knots : table
        From `tabulate_quantiles`.
    probability : array (K,)
    steps : int
        At most this many steps.
    """
    z = np.broadcast_to(_score(probability)[:, None], (len(probability), knots.s.shape[1]))
    s = knots.at(z)
    low = np.broadcast_to(knots.s[0], s.shape)
    high = np.broadcast_to(knots.s[-1], s.shape)
    target = probability[:, None]
    unfinished = np.ones(s.shape, dtype=bool)
    for count in range(steps):
        below, density = curves.evaluate(s, unfinished.any(axis=0))
        residual = below - target
        low, high = np.where(residual < 0, np.maximum(s, low), low), np.where(residual > 0, np.minimum(s, high), high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = s - residual / density
        in_bracket = np.isfinite(step) & (step >= low) & (step <= high)
        if count >= _PATIENCE:
            # where probability is concentrated beside the root, Newton's steps are tiny: halve the bracket instead
            in_bracket &= np.abs(residual) < _NEAR
        new_s = np.where(in_bracket, step, np.where(high > low, (low + high) / 2, s))
        # one step more where the miss was above 1e-9 (a step squares it) and the bracket is wider than rounding; the rest, and
        # so every problem by itself, keep their value
        s = np.where(unfinished & np.isfinite(residual), new_s, s)
        unfinished &= (np.abs(residual) > 1e-9) & (high - low > 1e-14 * (1 + np.abs(s)))
        if not unfinished.any():
            break
    return s


def _shortest(knots: _Knots, scale: Transform, ci_prob: float) -> tuple[Array, npt.NDArray[np.intp]]:
    """Share (C,) of the tail probability below the shortest interval, by the table, and its index in `_SHARES`."""
    tail = 1 - ci_prob

    def width(share: Array) -> Array:
        low, high = knots.at(_score(share * tail)), knots.at(_score(share * tail + ci_prob))
        with np.errstate(over="ignore"):
            return scale.backward(high) - scale.backward(low)

    rows = knots.s.shape[1]
    grid = np.broadcast_to(_SHARES[:, None], (len(_SHARES), rows))
    best = np.argmin(width(grid), axis=0)
    low, high = _SHARES[np.maximum(best - 1, 0)], _SHARES[np.minimum(best + 1, len(_SHARES) - 1)]
    for _ in range(3):
        inner = low + _FINER * (high - low)
        at = np.argmin(width(inner), axis=0)
        step = (high - low) / (len(_FINER) + 1)
        low = np.take_along_axis(inner, at[None], axis=0)[0] - step
        high = low + 2 * step
    return (low + high) / 2, best


def _polish(curves: Curves, scale: Transform, ends: Array, ci_prob: float) -> Array:
    """Newton steps on 'equal density, asked probability' for the ends (2, C) of shortest intervals."""
    for _ in range(2):
        # slopes of the log density by central differences over a hundredth of the interval
        step = 0.01 * (ends[1] - ends[0])
        s = np.concatenate([ends, ends - step, ends + step])
        below, density = curves.evaluate(s)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log = np.log(density) - scale.log_slope(s)
            log_slope = (log[4:] - log[2:4]) / (2 * step)
            missing = ci_prob - (below[1] - below[0])
            log_ratio = log[0] - log[1]
            det = density[0] * log_slope[1] - density[1] * log_slope[0]
            move_low = (-log_slope[1] * missing + density[1] * log_ratio) / det
            move_high = (density[0] * log_ratio - log_slope[0] * missing) / det
            moves = np.stack([move_low, move_high])
            # only a true interior optimum, and only corrections of at most a quarter of the interval
            interior = (det < 0) & (np.abs(moves) < 25 * step).all(axis=0)
            # otherwise keep the lower end and move the upper one until the interval has its probability
            one_sided = np.stack([np.zeros_like(missing), np.clip(missing / density[1], -25 * step, 25 * step)])
        moves = np.where(interior, moves, np.where(np.isfinite(one_sided), one_sided, 0.0))
        ends = ends + moves
    return ends


def summarize(curves: Curves, scales: Sequence[Transform], ci_prob: float) -> tuple[Summary, Array]:
    """Summary of every column, and the coordinates (5, C) of the interval ends and the median, for checking.

    Parameters
    ----------
    curves : Curves
    scales : sequence of Transform
        Between the coordinate and the quantity, for each of them.
    ci_prob : float
        Probability of both intervals.
    """
    knots = tabulate_quantiles(curves)
    scale = side_by_side(scales, knots.s.shape[1])
    tail = 1 - ci_prob
    s = find_quantiles(curves, knots, np.array([tail / 2, 0.5, 1 - tail / 2]))
    share, best = _shortest(knots, scale, ci_prob)
    ends = np.stack([knots.at(_score(share * tail)[None])[0], knots.at(_score(share * tail + ci_prob)[None])[0]])
    ends = _polish(curves, scale, ends, ci_prob)
    hdi_low, hdi_high = scale.backward(ends[0]), scale.backward(ends[1])
    # A density that keeps rising to a bound puts the interval's end on the bound. Such an end is not a quantile: where
    # probes are checked, the median takes its place.
    at_lower = (best == 0) & np.isfinite(scale.lower)
    at_upper = (best == len(_SHARES) - 1) & np.isfinite(scale.upper)
    if (at_lower | at_upper).any():
        high, low = find_quantiles(curves, knots, np.array([ci_prob, tail]))
        hdi_low = np.where(at_lower, scale.lower, np.where(at_upper, scale.backward(low), hdi_low))
        hdi_high = np.where(at_upper, scale.upper, np.where(at_lower, scale.backward(high), hdi_high))
        ends = np.stack(
            [
                np.where(at_lower, s[1], np.where(at_upper, low, ends[0])),
                np.where(at_upper, s[1], np.where(at_lower, high, ends[1])),
            ]
        )
    mean, sd = curves.moments()
    ci_low, median, ci_high = scale.backward(s[:3])
    probes = np.concatenate([s[:3], ends])
    return Summary(mean, median, sd, ci_low, ci_high, hdi_low, hdi_high), probes
