r"""Distribution functions kept as tables, so that a posterior that holds much memory need not be kept, and sums cost little.

Each component's F is kept as normal scores ``z = Phi^{-1}(F)`` at equidistant points of the quantity's unbounded coordinate,
around where its own interval says that it rises. Scores are nearly straight; between points a spline of degree five goes through
them, and beyond straight lines. Points are halved until the spline through every other one says the same.

A mixture is ``F(s) = sum_c w_c F_c(s)``; its quantiles are found by bisection, all of them at once.

Examples
--------
>>> from bayes_ivf.exact import solve_counts
>>> from bayes_ivf.priors import BatchedPrior
>>> first, effect = (BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma}) for sigma in (1.5, 1.0))
>>> posterior = solve_counts([14, 18], 40, 12, 40, first=first, effect=effect)
>>> tables = Tables.of([tabulate(posterior, "risk_difference", 0.95)])
>>> at = np.full(2, 0.1)
>>> bool(np.allclose(tables.below(np.arange(2), np.arctanh(at)), posterior.cdf("risk_difference", at), atol=1e-8))
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.exact import transform_of

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_DEGREE = 5
_DOUBLED = 4
"""How often intervals between points may be halved."""
_ENOUGH = 1e-8
"""Error of a probability by interpolation at which points are not halved again."""
_BEYOND = 0.6
"""Widths of a component's interval by which its points go on, at either side: to some four sds from the median."""
_SURE = 1e-13
"""Probabilities nearer to 0 and 1 are not told from them."""
_BISECTIONS = 52


@dataclass(frozen=True)
class Table:
    """Normal scores of C components, each at K equidistant points of its own.

    Parameters
    ----------
    low, high : array (C,)
        First and last point, in the unbounded coordinate.
    scores : array (K, C)
    error : float
        Of a probability by interpolation.
    """

    low: Array
    high: Array
    scores: Array
    error: float


def tabulate(posterior: Any, quantity: str, ci_prob: float) -> Table:
    """Return the table of a quantity for all problems of a posterior.

    Parameters
    ----------
    posterior : posterior of C problems
    quantity : str
        Text of an `EstimandId`.
    ci_prob : float
        Of intervals that were asked before.
    """
    transform = transform_of(EstimandId.parse(quantity).estimand)
    found = posterior.summaries((quantity,), ci_prob=ci_prob)[quantity]
    low, high = (transform.forward(np.asarray(each, dtype=float)) for each in (found.ci_low, found.ci_high))
    beyond = _BEYOND * (high - low)
    return table_of(lambda s: posterior.cdf(quantity, transform.backward(s.T)).T, low - beyond, high + beyond)


def table_of(below: Callable[[Array], Array], low: Array, high: Array, intervals: int = 32) -> Table:
    """Return the table of C distribution functions between two points of each.

    Parameters
    ----------
    below : callable
        Coordinates (K, C) to probabilities (K, C).
    low, high : array (C,)
    intervals : int
        Of the first points.
    """
    known = _scores(below(low + np.linspace(0, 1, intervals + 1)[:, None] * (high - low)))
    for _ in range(_DOUBLED):
        intervals = len(known) - 1
        half = (np.arange(intervals) + 0.5) / intervals
        between = _scores(below(low + half[:, None] * (high - low)))
        guess = np.asarray(_spline(known)(half))
        # a spline of degree five through twice as many points is 64 times as close
        error = float(np.abs(special.ndtr(guess) - special.ndtr(between)).max(initial=0.0)) / 16
        known = np.insert(known, np.arange(1, intervals + 1), between, axis=0)
        if not error > _ENOUGH:
            break
    return Table(low, high, known, error)


def _scores(values: Array) -> Array:
    return np.asarray(special.ndtri(np.clip(values, _SURE, 1 - _SURE)))


def _spline(scores: Array) -> Any:
    """Spline of degree five through scores (K, C) at equidistant points from 0 to 1; none of what is not a number."""
    known = np.isfinite(scores).all(axis=0)
    spline = interpolate.make_interp_spline(np.linspace(0, 1, len(scores)), np.where(known, scores, 0.0), k=_DEGREE)
    spline.c[:, ~known] = np.nan
    return spline


@dataclass(frozen=True)
class Tables:
    """Tables of several groups of components as polynomials between their points, asked side by side.

    Parameters
    ----------
    low, high : array (C,)
    start, intervals : array (C,)
        Place of each component's first polynomial, and their number.
    coefficients : array (6, polynomial)
        Powers of the position within an interval, from 0 to 1.
    error : float
    """

    low: Array
    high: Array
    start: Index
    intervals: Index
    coefficients: Array
    error: float

    @classmethod
    def of(cls, tables: Sequence[Table]) -> Tables:
        """From tables; components are numbered through."""
        numbers = [np.full(len(each.low), len(each.scores) - 1) for each in tables]
        intervals = np.concatenate(numbers)
        return cls(
            np.concatenate([each.low for each in tables]),
            np.concatenate([each.high for each in tables]),
            np.concatenate([[0], np.cumsum(intervals)[:-1]]).astype(np.intp),
            intervals.astype(np.intp),
            np.concatenate([_polynomials(each.scores) for each in tables], axis=1),
            max(each.error for each in tables),
        )

    def take(self, index: Index) -> Tables:
        """Return components in another order."""
        low, high, start, intervals = (
            self.low[index],
            self.high[index],
            self.start[index],
            self.intervals[index],
        )
        return Tables(low, high, start, intervals, self.coefficients, self.error)

    def below(self, component: Index, s: Array) -> Array:
        """Probability below coordinates `s` of components, arrays that broadcast against each other."""
        return np.asarray(special.ndtr(self.score(component, s)))

    def score(self, component: Index, s: Array) -> Array:
        """Normal score of that probability."""
        low, intervals = self.low[component], self.intervals[component]
        position = (s - low) / (self.high[component] - low) * intervals
        inside = np.clip(np.where(np.isnan(position), 0.0, position), 0, intervals)
        which = np.minimum(inside.astype(np.intp), intervals - 1)
        place, z = self.start[component] + which, inside - which
        found = self.coefficients[_DEGREE].take(place)
        slope = _DEGREE * self.coefficients[_DEGREE].take(place)
        for power in range(_DEGREE - 1, -1, -1):
            found = found * z + self.coefficients[power].take(place)
            if power:
                slope = slope * z + power * self.coefficients[power].take(place)
        return np.asarray(found + slope * (position - inside))


def _polynomials(scores: Array) -> Array:
    """Coefficients (6, C * intervals) of powers, component by component."""
    intervals, spline = len(scores) - 1, _spline(scores)
    at = np.arange(intervals) / intervals
    found = []
    for power in range(_DEGREE + 1):
        # the highest derivative jumps at the points
        where = at + 0.5 / intervals if power == _DEGREE else at
        found.append(np.asarray(spline.derivative(power)(where)).T.ravel() / factorial(power) / intervals**power)
    return np.stack(found)


def solve_for(below: Callable[[Array], Array], targets: Array, low: Array, high: Array) -> Array:
    """Return where increasing functions reach targets, by bisection; all arrays of one shape, NaN where a bound is NaN."""
    low, high = (np.broadcast_to(each, targets.shape) for each in (low, high))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        under = below(middle) < targets
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray((low + high) / 2)
