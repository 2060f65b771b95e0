"""Quantiles, equal-tailed and highest-density intervals from a distribution function and its density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.quadrature.transforms import Transform

Array = npt.NDArray[np.float64]

_OFFSETS = np.array([0.7, 1.6, 3.0, 8.0, 40.0])
_START = np.concatenate([-_OFFSETS[::-1], [0.0], _OFFSETS])
_SCORES = (np.linspace(-4.8, 4.8, 9), np.linspace(-4.2, 4.2, 15))
_SHARES = np.concatenate([[1e-5, 1e-3, 0.01, 0.03], np.linspace(0.07, 0.93, 15), [0.97, 0.99, 0.999, 1 - 1e-5]])
_FINER = (np.arange(1, 12) / 12)[:, None]
_NEWTON = 40
_PATIENCE, _NEAR = 6, 1e-4


class Distribution(Protocol):
    """What a summary needs of a posterior."""

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate."""

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Return a center and a spread of the coordinate."""

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd of the estimand."""


@dataclass(frozen=True)
class Summary:
    """One estimand's posterior for every problem of a batch.

    Parameters
    ----------
    mean, median, sd : array (B,)
        On the estimand's own scale; NaN where a moment does not exist.
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
    """Distribution function in normal scores at sorted points of the coordinate, with slopes ds/dz."""

    s: Array
    z: Array
    slope: Array

    def at(self, z: Array) -> Array:
        """Coordinate at normal scores (K, B), by cubic Hermite interpolation."""
        last, rows = len(self.z) - 2, self.z.shape[1]
        column = np.arange(rows)
        flat_z = self.z.reshape(-1)
        interval = np.zeros(z.shape, dtype=np.intp)
        step = 1 << last.bit_length()
        while step := step // 2:
            ahead = np.minimum(interval + step, last)
            interval = np.where(z >= flat_z.take(ahead * rows + column), ahead, interval)
        flat = interval * rows + column
        z0, z1 = flat_z.take(flat), flat_z.take(flat + rows)
        s0, s1 = self.s.reshape(-1).take(flat), self.s.reshape(-1).take(flat + rows)
        gap = np.maximum(z1 - z0, 1e-300)
        x = np.clip((z - z0) / gap, 0, 1)
        # Slopes beyond three times the chord would break monotonicity.
        limit = 3 * (s1 - s0)
        d0 = np.minimum(self.slope.reshape(-1).take(flat) * gap, limit)
        d1 = np.minimum(self.slope.reshape(-1).take(flat + rows) * gap, limit)
        rise = x * x * (3 - 2 * x)
        return np.asarray(s0 + rise * (s1 - s0) + x * (1 - x) * ((1 - x) * d0 - x * d1))


def _score(probability: Array) -> Array:
    return np.asarray(special.ndtri(np.clip(probability, 1e-15, 1 - 1e-15)))


def tabulate_quantiles(curve: Distribution, estimand: str) -> _Knots:
    """Rough quantiles of every problem: where `find_quantiles` starts."""
    # Knots only say where to look: what is read off them is corrected on the distribution function itself.
    evaluate = getattr(curve, "sketch", curve.evaluate)
    center, spread = curve.location(estimand)
    s = center + spread * _START[:, None]
    below, density = evaluate(estimand, s)
    for targets in _SCORES:
        z = np.maximum.accumulate(_score(below), axis=0)
        knots = _Knots(s, z, np.full_like(s, np.inf))
        extra = knots.at(np.broadcast_to(targets[:, None], (len(targets), s.shape[1])))
        more, more_density = evaluate(estimand, extra)
        s, below, density = (np.concatenate(pair) for pair in ((s, extra), (below, more), (density, more_density)))
        order = np.argsort(s, axis=0, kind="stable")
        s, below, density = (np.take_along_axis(values, order, axis=0) for values in (s, below, density))
    z = np.maximum.accumulate(_score(below), axis=0)
    with np.errstate(divide="ignore", over="ignore"):
        slope = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) / np.maximum(density, 1e-300)
    return _Knots(s, z, slope)


def find_quantiles(
    curve: Distribution, estimand: str, knots: _Knots, probability: Array, steps: int = _NEWTON
) -> Array:
    """Quantiles (K, B) in the coordinate: interpolated, then corrected on the distribution function itself."""
    z = np.broadcast_to(_score(probability)[:, None], (len(probability), knots.s.shape[1]))
    s = knots.at(z)
    low = np.broadcast_to(knots.s[0], s.shape)
    high = np.broadcast_to(knots.s[-1], s.shape)
    target = probability[:, None]
    todo = np.ones(s.shape, dtype=bool)
    for count in range(steps):
        below, density = curve.evaluate(estimand, s)
        miss = below - target
        low, high = np.where(miss < 0, np.maximum(s, low), low), np.where(miss > 0, np.minimum(s, high), high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = s - miss / density
        inside = np.isfinite(step) & (step >= low) & (step <= high)
        if count >= _PATIENCE:
            # beside a lump of probability Newton's steps creep: halve the bracket instead
            inside &= np.abs(miss) < _NEAR
        moved = np.where(inside, step, np.where(high > low, (low + high) / 2, s))
        # One correction more where the last was not yet small; the rest keep theirs.
        s = np.where(todo & np.isfinite(miss), moved, s)
        todo &= (np.abs(miss) > 1e-9) & (high - low > 1e-14 * (1 + np.abs(s)))
        if not todo.any():
            break
    return s


def _shortest(knots: _Knots, scale: Transform, ci_prob: float) -> tuple[Array, npt.NDArray[np.intp]]:
    """Share (B,) of the tail probability that lies below the shortest interval, and its place on the grid."""
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


def _polish(curve: Distribution, estimand: str, scale: Transform, ends: Array, ci_prob: float) -> Array:
    """Newton steps on 'equal density, asked probability' for the ends (2, B) of a shortest interval."""
    for _ in range(2):
        step = 0.01 * (ends[1] - ends[0])
        s = np.concatenate([ends, ends - step, ends + step])
        below, density = curve.evaluate(estimand, s)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log = np.log(density) - scale.log_slope(s)
            bend = (log[4:] - log[2:4]) / (2 * step)
            short = ci_prob - (below[1] - below[0])
            uneven = log[0] - log[1]
            det = density[0] * bend[1] - density[1] * bend[0]
            move_low = (-bend[1] * short + density[1] * uneven) / det
            move_high = (density[0] * uneven - bend[0] * short) / det
            moves = np.stack([move_low, move_high])
            # Only a true interior optimum, and only small corrections of the interpolated one.
            good = (det < 0) & (np.abs(moves) < 25 * step).all(axis=0)
            # Otherwise keep the lower end and give the interval its probability.
            other = np.stack([np.zeros_like(short), np.clip(short / density[1], -25 * step, 25 * step)])
        moves = np.where(good, moves, np.where(np.isfinite(other), other, 0.0))
        ends = ends + moves
    return ends


def summarize(curve: Distribution, estimand: str, scale: Transform, ci_prob: float) -> tuple[Summary, Array]:
    """Summary of one estimand, and the coordinates (5, B) of the interval ends and the median, for checking.

    Parameters
    ----------
    curve : Distribution
    estimand : str
    scale : Transform
        Between the coordinate and the estimand.
    ci_prob : float
        Probability of both intervals.
    """
    knots = tabulate_quantiles(curve, estimand)
    tail = 1 - ci_prob
    s = find_quantiles(curve, estimand, knots, np.array([tail / 2, 0.5, 1 - tail / 2]))
    share, place = _shortest(knots, scale, ci_prob)
    ends = np.stack([knots.at(_score(share * tail)[None])[0], knots.at(_score(share * tail + ci_prob)[None])[0]])
    ends = _polish(curve, estimand, scale, ends, ci_prob)
    hdi_low, hdi_high = scale.backward(ends[0]), scale.backward(ends[1])
    # A density that keeps rising to a bound puts the interval's end on the bound. Such an end is not a quantile: where
    # probes are checked, the median takes its place.
    at_lower = (place == 0) & np.isfinite(scale.lower)
    at_upper = (place == len(_SHARES) - 1) & np.isfinite(scale.upper)
    if (at_lower | at_upper).any():
        high, low = find_quantiles(curve, estimand, knots, np.array([ci_prob, tail]))
        hdi_low = np.where(at_lower, scale.lower, np.where(at_upper, scale.backward(low), hdi_low))
        hdi_high = np.where(at_upper, scale.upper, np.where(at_lower, scale.backward(high), hdi_high))
        ends = np.stack(
            [
                np.where(at_lower, s[1], np.where(at_upper, low, ends[0])),
                np.where(at_upper, s[1], np.where(at_lower, high, ends[1])),
            ]
        )
    mean, sd = curve.moments(estimand)
    ci_low, median, ci_high = scale.backward(s[:3])
    probes = np.concatenate([s[:3], ends])
    return Summary(mean, median, sd, ci_low, ci_high, hdi_low, hdi_high), probes
