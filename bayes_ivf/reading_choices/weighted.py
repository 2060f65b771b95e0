"""A mixture of posteriors that are asked one by one, where holding all of them at once would take gigabytes.

With weights w_j the distribution function is ``F(t) = sum_j w_j F_j(t)``. It is tabulated where the components' own intervals say
that it rises, as normal scores ``Phi^{-1}(F)``, which are nearly straight; quantiles and the shortest interval are those of a
cubic spline through the table. Points are put between those at hand until the spline through half of them says the same.

Examples
--------
>>> from bayes_ivf.exact import solve_counts
>>> from bayes_ivf.priors import BatchedPrior
>>> first, effect = (BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma}) for sigma in (1.5, 1.0))
>>> parts = [solve_counts(events, 40, 12, 40, first=first, effect=effect) for events in (14, 18)]
>>> mixture = WeightedPosterior(tuple(parts), (0.5, 0.5))
>>> found = mixture.summaries(("risk_difference",))["risk_difference"]
>>> round(float(mixture.cdf("risk_difference", found.ci_high)[0]), 6)
0.975
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import interpolate, optimize, special

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE
from bayes_ivf.quadrature import Summary

Array = npt.NDArray[np.float64]

_POINTS, _DOUBLED = 48, 4
"""Intervals of the first table, and how often they may be halved."""
_ENOUGH = 3e-7
"""Error of a probability by interpolation."""
_BEYOND = 0.3
"""Widths of the components' intervals by which the table goes on, so that a shortest interval finds its ends."""


@dataclass(frozen=True)
class WeightedPosterior:
    """Posteriors of one problem each with their weights, of sum one; answers as they do, arrays of length 1.

    Parameters
    ----------
    parts : tuple of posterior
    weights : tuple of float
    """

    parts: tuple[Any, ...]
    weights: tuple[float, ...]
    _errors: list[float] = field(default_factory=list, repr=False, compare=False)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What all can be asked."""
        first, *others = (tuple(part.estimands) for part in self.parts)
        return tuple(name for name in first if all(name in other for other in others))

    def cdf(self, estimand: str, t: npt.ArrayLike) -> Array:
        """Probability of at most `t`: a number, (1,) or (1, K)."""
        values = np.asarray(t, dtype=float)
        return np.asarray(
            sum(weight * part.cdf(estimand, values) for part, weight in zip(self.parts, self.weights, strict=True))
        )

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = CI_PROB) -> dict[str, Summary]:
        """Mean, median, sd and intervals of several quantities."""
        return {name: self.summarize(name, ci_prob) for name in estimands or self.estimands}

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Mean, median, sd and intervals of a quantity; NaN where those of a component do not exist."""
        found = [part.summaries((estimand,), ci_prob=ci_prob)[estimand] for part in self.parts]
        columns = {name: np.array([float(getattr(each, name)[0]) for each in found]) for name in vars(found[0])}
        if len(found) == 1:
            return Summary(**{name: np.array(values) for name, values in columns.items()})
        weight = np.array(self.weights)
        mean = float(weight @ columns["mean"])
        sd = float(np.sqrt(weight @ (columns["sd"] ** 2 + (columns["mean"] - mean) ** 2)))
        low, high = float(columns["ci_low"].min()), float(columns["ci_high"].max())
        names = ("ci_low", "median", "ci_high", "hdi_low", "hdi_high")
        ends = self._ends(estimand, low, high, ci_prob) if np.isfinite([low, high]).all() else (np.nan,) * len(names)
        numbers = dict(zip(("mean", "sd", *names), (mean, sd, *ends), strict=True))
        return Summary(**{name: np.array([value]) for name, value in numbers.items()})

    def _ends(self, estimand: str, low: float, high: float, ci_prob: float) -> tuple[float, ...]:
        """Ends of the equal-tailed interval around the median, and of the shortest one."""
        t, values = self._table(estimand, low, high)
        curve = interpolate.CubicSpline(t, _score(values))
        tail = (1 - ci_prob) / 2

        def quantile(p: float) -> float:
            at = int(np.clip(np.searchsorted(values, p), 1, len(t) - 1))
            target = float(special.ndtri(p))
            return float(optimize.brentq(lambda x: float(curve(x)) - target, t[at - 1], t[at], xtol=1e-13))

        ends = [quantile(p) for p in (tail, 0.5, 1 - tail)]
        shares = np.linspace(0.002, 0.998, 250) * (1 - ci_prob)
        fine = np.linspace(t[0], t[-1], 10_000)
        rising = np.maximum.accumulate(special.ndtr(curve(fine)))
        lower, upper = np.interp(shares, rising, fine), np.interp(shares + ci_prob, rising, fine)
        best = int(np.argmin(upper - lower))
        return (*ends, float(lower[best]), float(upper[best]))

    def _table(self, estimand: str, low: float, high: float) -> tuple[Array, Array]:
        """Points and F there, as dense as F asks for."""
        beyond = _BEYOND * (high - low)
        t = np.linspace(low - beyond, high + beyond, _POINTS + 1)
        values = self.cdf(estimand, t[None])[0]
        for round_ in range(_DOUBLED + 1):
            inside = (t >= low) & (t <= high)
            half = special.ndtr(interpolate.CubicSpline(t[::2], _score(values[::2]))(t))
            # a spline through twice as many points is sixteen times as close
            error = float(np.abs(half - values)[inside].max()) / 16
            if error <= _ENOUGH or round_ == _DOUBLED:
                break
            between = (t[1:] + t[:-1]) / 2
            more = self.cdf(estimand, between[None])[0]
            t, values = (np.insert(old, np.arange(1, len(old)), new) for old, new in ((t, between), (values, more)))
        self._errors.append(error)
        return t, np.maximum.accumulate(values)

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (1,) all parts, and the table of their sum, are within the tolerances."""
        tabulated = max(self._errors, default=0.0) <= EXACT_PROBABILITY_TOLERANCE
        return np.array([tabulated and all(bool(np.all(part.accurate)) for part in self.parts)])


def _score(values: Array) -> Array:
    """Normal scores of probabilities, as far as they can be told from 0 and 1."""
    return np.asarray(special.ndtri(np.clip(values, 1e-12, 1 - 1e-12)))
