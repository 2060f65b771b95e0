"""Two rates of events with a prior on the log rate ratio, and a flat or proper one on their average.

**Model** (coding "average"; with "control" the prior p_1 is on ``x_c = m - d/2``)::

    r_t ~ Poisson(T_t exp(m + d/2)),    r_c ~ Poisson(T_c exp(m - d/2)),    m ~ p_1 or flat,  d ~ p_2

or negative binomial with a variance of `dispersion` times the mean. With a flat average and Poisson events the posterior of d is
that of the conditional binomial likelihood, ``r_t | r_t + r_c ~ Bin(r_t + r_c, expit(d + log(T_t / T_c)))``.

**Integral.** In the plane of both log rates, as for counts (`counts_logistic`). Ratio and rates are functions of an outer
coordinate. The difference is ``2 exp(m) sinh(d/2)``, so that with m outer its level curve is
``d = 2 asinh(s exp(-m) / 2)``, which has no end.

**Moments** of rates and their difference exist always, since the likelihood falls doubly exponentially as a rate grows; of the
ratio and its log where `TwoRates` says so.

Examples
--------
12 events in 300 woman-years against 20 in 310, ``d ~ N(0, 1)``, against the conditional likelihood:

>>> from scipy import special, stats
>>> posterior = solve_rates([12], [300], [20], [310], effect=BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}))
>>> d = np.linspace(-6, 6, 24001)
>>> kernel = stats.binom.pmf(12, 32, special.expit(d + np.log(300 / 310))) * stats.norm.pdf(d)
>>> plain = (kernel[d < 0].sum() + kernel[12000] / 2) / kernel.sum()
>>> bool(abs(posterior.cdf("rate_ratio", 1.0)[0] - plain) < 1e-6)
True

References
----------
Przyborowski J, Wilenski H (1940). Homogeneity of results in testing samples from Poisson series. Biometrika 31:313-323.
doi:10.1093/biomet/31.3-4.313
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.scales import names_of, transform_of
from bayes_ivf.exact.two_rates import TwoRates
from bayes_ivf.priors import BatchedPrior, broadcast_priors
from bayes_ivf.quadrature import (
    RULES,
    ExactPosterior,
    Grid2D,
    Rule,
    SupportFinder,
    Transform,
    add_up,
    log_inner_integral,
    panel_nodes,
    tabulate_grid,
)

Array = npt.NDArray[np.float64]

_OUTER = {"rate_ratio": "effect", "log_rate_ratio": "effect", "control_rate": "control", "treatment_rate": "treatment"}
"""Outer coordinate of which an estimand is a function."""
_DISCREPANT = 1e-5
# Probability by which grids in different coordinates may differ, as for counts.
_CARRIED = 1e-8
# Share of a second moment at the outermost nodes from which on it is not told.
_BOUND = 650.0
# Log rate within which exponentials are finite.


@dataclass(frozen=True)
class RatesSolution:
    """The posterior of a chunk of pairs of rates under one rule; `finders` are shared by the rules that are compared."""

    rates: TwoRates
    rule: Rule
    direct: bool
    finders: dict[str, SupportFinder]

    @cached_property
    def _grids(self) -> dict[str, Grid2D]:
        return {}

    def support(self, name: str) -> SupportFinder:
        """Bracket of the posterior in some coordinates."""
        if name not in self.finders:
            self.finders[name] = SupportFinder(self.rates, COORDINATES[name], self.direct)
        return self.finders[name]

    def grid(self, name: str) -> Grid2D:
        """Tabulate the posterior in some coordinates, on first use."""
        if name not in self._grids:
            self._grids[name] = tabulate_grid(self.support(name), self.rule)
        return self._grids[name]

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times priors, without constants."""
        return self.grid("effect").log_total

    def evaluate(self, estimand: str, s: Array) -> tuple[Array, Array]:
        """Distribution function and density (K, B) of the estimand's coordinate at `s` (K, B)."""
        if estimand in _OUTER:
            return self.grid(_OUTER[estimand]).marginal(s)
        grid = self.grid("average")
        return grid.conditional(*_level_curve(grid.u, s[:, None]))

    def location(self, estimand: str) -> tuple[Array, Array]:
        """Center and spread of the estimand's coordinate, to start searches from."""
        if estimand in _OUTER:
            grid = self.grid(_OUTER[estimand])
            return _moments(grid, grid.u)
        return self._difference

    def moments(self, estimand: str) -> tuple[Array, Array]:
        """Mean and sd (B,); NaN where they do not exist."""
        if estimand not in _OUTER:
            return self._difference
        grid = self.grid(_OUTER[estimand])
        if transform_of(estimand).backward(np.array(1.0)) == 1.0:
            exists = self.rates.effect_moment_exists
            mean, sd = _moments(grid, grid.u)
            return np.where(exists(1), mean, np.nan), np.where(exists(2), sd, np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.exp(grid.u)
            mean, sd = _moments(grid, values)
            squares = values * values * grid.share
            held = (squares[0] + squares[-1]) / add_up(squares) < _CARRIED
        if _OUTER[estimand] != "effect":
            return mean, sd
        return self._ratio_moments(mean, sd, np.flatnonzero(~held))

    def _ratio_moments(self, mean: Array, sd: Array, carried: npt.NDArray[np.intp]) -> tuple[Array, Array]:
        """Moments of the ratio; those that the far edge of the grid carries are integrated on panels of their own."""
        mean, sd = np.array(mean), np.array(sd)
        first, second = (self.rates.ratio_moment_exists(order) for order in (1, 2))
        if len(carried):
            some = self.rates.take(carried)
            logs = [
                tabulate_grid(
                    SupportFinder(replace(some, tilt=order), COORDINATES["effect"], True), self.rule
                ).log_total
                - self.log_total[carried]
                for order in (1.0, 2.0)
            ]
            with np.errstate(over="ignore", invalid="ignore"):
                mean[carried] = np.exp(logs[0])
                sd[carried] = mean[carried] * np.sqrt(np.maximum(np.expm1(logs[1] - 2 * logs[0]), 0))
        first &= np.isfinite(mean)
        return np.where(first, mean, np.nan), np.where(first & second & np.isfinite(sd), sd, np.nan)

    @cached_property
    def _difference(self) -> tuple[Array, Array]:
        """Mean and sd of the difference of rates, over the nodes of the grid."""
        grid = self.grid("average")
        z, weight = panel_nodes(grid.inner_edges)
        weight = weight * grid.values * (grid.weight / grid.outer.total)
        half = np.clip(grid.inner_map.x(z) / 2, -_BOUND, _BOUND)
        middle = np.clip(grid.u, -_BOUND, _BOUND)
        with np.errstate(over="ignore"):
            difference = np.exp(np.clip(middle + half, -_BOUND, _BOUND / 2)) - np.exp(
                np.clip(middle - half, -_BOUND, _BOUND / 2)
            )
        difference = np.where(weight > 0, difference, 0.0)
        mean = add_up(add_up(difference * weight))
        return mean, np.sqrt(add_up(add_up((difference - mean) ** 2 * weight)))

    def missed(self) -> Array:
        """Probability (B,) that the panels missed: other coordinates give another total, or something is left at an edge."""
        if len(self._grids) < 2:
            self.grid("control" if "control" not in self._grids else "effect")
        grids = list(self._grids.values())
        totals = np.stack([grid.log_total for grid in grids])
        missed = np.max([np.ptp(totals, axis=0), *(grid.edge_mass for grid in grids)], axis=0)
        return np.where(missed > _DISCREPANT, missed, 0.0)

    def log_density_at_null(self) -> Array:
        """Log posterior density of a log rate ratio of zero."""
        return log_inner_integral(self.support("effect"), self.rule) - self.log_total


def _moments(grid: Grid2D, values: Array) -> tuple[Array, Array]:
    mean = grid.expect_outer(values)
    return mean, np.sqrt(grid.expect_outer((values - mean) ** 2))


def _level_curve(m: Array, s: Array) -> tuple[Array, Array]:
    """Log rate ratio at which rates of average log `m` differ by `s`, and its derivative in s."""
    scale = np.exp(-np.clip(m, -_BOUND, _BOUND))
    z = s * scale / 2
    return 2 * np.arcsinh(z), scale / np.hypot(1, z)


@dataclass(frozen=True)
class RatesBatch:
    """A batch of pairs of rates, for `ExactPosterior`."""

    rates: TwoRates

    chunk = 48
    rules = RULES

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.rates.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""
        return names_of("rate")

    def take(self, index: npt.NDArray[np.intp]) -> RatesBatch:
        """Return some of the problems."""
        return RatesBatch(self.rates.take(index))

    def groups(self) -> npt.NDArray[np.intp]:
        """Whether a power-law tail asks for rows of their own."""
        return self.rates.escapes().astype(np.intp)

    def solve(self, rules: Sequence[Rule]) -> tuple[RatesSolution, ...]:
        """Posterior under some rules; all problems must be of one group."""
        finders: dict[str, SupportFinder] = {}
        direct = bool(self.groups()[0])
        return tuple(RatesSolution(self.rates, rule, direct, finders) for rule in rules)

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""
        return transform_of(estimand)

    def log_constants(self) -> Array:
        """Constants of the likelihood; NaN under a flat average."""
        return np.full(self.size, np.nan) if self.rates.first is None else self.rates.log_constants()

    def log_prior_at_null(self) -> Array:
        """Log prior density of a log rate ratio of zero."""
        return np.broadcast_to(self.rates.effect.logpdf(np.zeros(self.size)), (self.size,))


def solve_rates(
    events_treatment: npt.ArrayLike,
    time_treatment: npt.ArrayLike,
    events_control: npt.ArrayLike,
    time_control: npt.ArrayLike,
    *,
    effect: BatchedPrior,
    first: BatchedPrior | None = None,
    coding: str = "average",
    dispersion: npt.ArrayLike = 1.0,
    workers: int | None = None,
) -> ExactPosterior:
    """Posterior of two rates of events.

    Parameters
    ----------
    events_treatment, events_control : array (B,)
        Whole numbers, at least 0.
    time_treatment, time_control : array (B,)
        Time over which they were counted, in any one unit.
    effect : BatchedPrior
        Prior on the log rate ratio: any proper family on the real line or an interval.
    first : BatchedPrior, optional
        Prior on the log rate midway between the arms, or of the control arm; flat by default, which needs an event.
    coding : {"average", "control"}
    dispersion : array (B,)
        Variance of events over their mean: 1 is Poisson.
    workers : int, optional
        Processes that share a large batch; all cores by default.

    Returns
    -------
    ExactPosterior
        Estimands: rate_ratio, log_rate_ratio, rate_difference, control_rate, treatment_rate (events per unit of time). Mean
        and sd are NaN where they do not exist.

    Raises
    ------
    RequestError
        Listing every fault.
    """
    given = {
        "events_treatment": events_treatment,
        "time_treatment": time_treatment,
        "events_control": events_control,
        "time_control": time_control,
        "dispersion": dispersion,
    }
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in given.values()))
    data = dict(zip(given, arrays, strict=True))
    faults = _faults(data, first, effect)
    if coding not in ("average", "control"):
        faults.append(Fault("coding", repr(coding), "average, control", "name one of the two"))
    if faults:
        raise RequestError(faults)
    slots = (effect,) if first is None else (first, effect)
    data = broadcast_priors(data, *slots)
    events_t, time_t, events_c, time_c, excess = (data[name] for name in given)
    rates = TwoRates(events_t, time_t, events_c, time_c, excess, coding, first, effect)
    return ExactPosterior(RatesBatch(rates.take(np.arange(rates.size))), workers)


def _faults(data: dict[str, Array], first: BatchedPrior | None, effect: BatchedPrior) -> list[Fault]:
    faults = []
    for arm in ("treatment", "control"):
        events, time = data[f"events_{arm}"], data[f"time_{arm}"]
        if not (np.isfinite(events) & (events >= 0) & (events % 1 == 0)).all():
            faults.append(Fault(f"events_{arm}", str(events.min()), "whole numbers, at least 0", "correct the events"))
        if not (np.isfinite(time) & (time > 0)).all():
            faults.append(Fault(f"time_{arm}", str(time.min()), "finite numbers above 0", "correct the time"))
    if not (np.isfinite(data["dispersion"]) & (data["dispersion"] >= 1)).all():
        found = str(data["dispersion"].min())
        faults.append(Fault("dispersion", found, "numbers from 1, where events are Poisson", "correct the dispersion"))
    if first is None and (data["events_treatment"] + data["events_control"] <= 0).any():
        allowed = "an event in one of the arms, or a proper prior on the level"
        faults.append(Fault("first", "flat, where no events were counted", allowed, "give the level a prior"))
    for where, prior in (("first", first), ("effect", effect)):
        if prior is not None and (not prior.proper or prior.support not in ("real", "interval")):
            allowed = "a proper distribution on the real line or an interval"
            faults.append(Fault(where, prior.dist, allowed, "choose another prior"))
    return faults
