"""Coordinates of the plane of two log odds, and the log posterior of a two-arm table of counts in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.inference.exact.modes import arm_pull, find_mode, prior_pull
from bayes_ivf.inference.exact.slots import Slot

Array = npt.NDArray[np.float64]


_TORN = 4.5
# Nats by which the mode must be higher than the guess from the factors' centers, before its own guess replaces that.
_FLAT = 1e-12
_FEW, _WIDE = 2, 2.0
# Events or failures up to which, and prior scales from which on, an arm's log odds may run off.


@dataclass(frozen=True)
class Chart:
    """Outer and inner coordinate (u, v): ``x_t = t[0] u + t[1] v``, ``x_c = c[0] u + c[1] v``; unit Jacobian."""

    t: tuple[float, float]
    c: tuple[float, float]
    outer: tuple[float, float]
    """`u` as a combination of (x_t, x_c)."""

    def of(self, combination: tuple[float, float]) -> tuple[float, float]:
        """Coefficients of (u, v) of a combination of (x_t, x_c)."""
        p, q = combination
        return p * self.t[0] + q * self.c[0], p * self.t[1] + q * self.c[1]


CHARTS = {
    "control": Chart((0.0, 1.0), (1.0, 0.0), (0.0, 1.0)),
    "treatment": Chart((1.0, 0.0), (0.0, 1.0), (1.0, 0.0)),
    "effect": Chart((0.5, 1.0), (-0.5, 1.0), (1.0, -1.0)),
    "average": Chart((1.0, 0.5), (1.0, -0.5), (0.5, 0.5)),
}
"""By outer coordinate: a log odds of one arm, their difference, their average."""


@dataclass(frozen=True)
class Term:
    """One factor of the posterior: a function of one combination of (x_t, x_c).

    `center` and `scale` say where the factor varies; they steer the panels and never enter a result.
    """

    combination: tuple[float, float]
    log: Callable[[Array], Array]
    center: Array
    scale: Array
    kinks: tuple[Array, ...] = ()
    site: tuple[Array, Array] | None = None
    """Center and scale of the normal density that stands for the factor at the posterior's mode, if these differ."""


def log_risk(x: Array) -> Array:
    """Log of the risk at log odds `x`."""
    size = np.abs(x)
    np.negative(size, out=size)
    np.exp(size, out=size)
    np.log1p(size, out=size)
    return np.asarray(np.minimum(x, 0) - size)


def _arm(events: Array, failures: Array, combination: tuple[float, float]) -> Term:
    # Counts may be negative when a moment is computed as a ratio of marginal likelihoods.
    hits, misses = np.maximum(events, 0) + 0.5, np.maximum(failures, 0) + 0.5
    center = np.log(hits / misses)
    scale = np.sqrt((hits + misses) / (hits * misses))

    n, half_sum, half_gap = events + failures, (events + failures) / 2, (events - failures) / 2

    def log(x: Array) -> Array:
        # events * x - n * softplus(x), by way of |x| so that nothing overflows; in place, since this is where time
        # goes.
        size = np.abs(x)
        total = np.exp(-size)
        np.log1p(total, out=total)
        total *= -n
        size *= half_sum
        total -= size
        np.multiply(x, half_gap, out=size)
        total += size
        return total

    return Term(combination, log, center, scale)


def prior_term(slot: Slot, combination: tuple[float, float], size: int) -> Term:
    """Return the factor of a prior on a combination of the log odds."""
    center, scale = (np.broadcast_to(value, (size,)) for value in slot.center_and_scale())
    return Term(combination, slot.logpdf, center, scale, tuple(np.broadcast_to(k, (size,)) for k in slot.kinks()))


@dataclass(frozen=True)
class Table:
    """Two-arm tables of counts with logistic priors: the integrand, and the slots' tails.

    Parameters
    ----------
    events_t, failures_t, events_c, failures_c : array (B,)
    coding : {"average", "control"}
    first, effect : Slot
        Prior on the average (or the control arm's) log odds, and on the log odds ratio.
    """

    events_t: Array
    failures_t: Array
    events_c: Array
    failures_c: Array
    coding: str
    first: Slot
    effect: Slot

    @property
    def size(self) -> int:
        """Number of problems."""
        return len(self.events_t)

    def take(self, index: npt.NDArray[np.intp]) -> Table:
        """Return some of the problems."""
        taken = Table(
            self.events_t[index],
            self.failures_t[index],
            self.events_c[index],
            self.failures_c[index],
            self.coding,
            self.first.take(index, self.size),
            self.effect.take(index, self.size),
        )
        if "mode" in self.__dict__:
            taken.__dict__["mode"] = (self.mode[0][index], self.mode[1][index], self.mode[2][index])
        return taken

    def shifted(self, treatment: tuple[Array, Array], control: tuple[Array, Array]) -> Table:
        """Add (events, failures): p ** a (1 - p) ** b becomes a factor of the likelihood."""
        return Table(
            self.events_t + treatment[0],
            self.failures_t + treatment[1],
            self.events_c + control[0],
            self.failures_c + control[1],
            self.coding,
            self.first,
            self.effect,
        )

    @property
    def first_combination(self) -> tuple[float, float]:
        """The first slot's variable as a combination of (x_t, x_c)."""
        return (0.5, 0.5) if self.coding == "average" else (0.0, 1.0)

    def _factors(self) -> tuple[Term, ...]:
        """Four factors by themselves."""
        return (
            _arm(self.events_t, self.failures_t, (1.0, 0.0)),
            _arm(self.events_c, self.failures_c, (0.0, 1.0)),
            prior_term(self.first, self.first_combination, self.size),
            prior_term(self.effect, (1.0, -1.0), self.size),
        )

    @cached_property
    def mode(self) -> tuple[Array, Array, Array]:
        """Log odds of both arms at the posterior's mode, and how much higher (in nats) it is than the factors' guess."""
        factors = self._factors()
        guess = gaussian_guess(factors, CHARTS["treatment"])[:2]
        starts = [guess, *(meeting(*pair) for pair in combinations(factors, 2) if crossing(*pair))]
        arms = [np.maximum(part, 0) for part in (self.events_t, self.failures_t, self.events_c, self.failures_c)]
        priors = [(self.first, self.first_combination), (self.effect, (1.0, -1.0))]
        x_t, x_c = find_mode(starts, arms, priors)

        with np.errstate(invalid="ignore"):
            gain = self._log(x_t, x_c) - self._log(*guess)
        return x_t, x_c, np.where(np.isnan(gain), 0.0, gain)

    def _log(self, x_t: Array, x_c: Array) -> Array:
        """Log kernel (B,) at points (B,)."""
        total = np.zeros(self.size)
        for factor in self._factors():
            p, q = factor.combination
            total = total + factor.log(p * x_t + q * x_c)
        return total

    @property
    def mode_height(self) -> Array:
        """Log kernel (B,) at the mode."""
        return self._log(*self.mode[:2])

    def terms(self) -> tuple[Term, ...]:
        """Return the four factors of the posterior, without the binomial coefficients."""
        factors = self._factors()
        x_t, x_c, gain = self.mode
        torn = gain > _TORN
        if not torn.any():
            return factors
        # Factors in conflict meet far from where their centers would: each is taken as normal at the meeting point.
        sites = []
        for x, events, failures in ((x_t, self.events_t, self.failures_t), (x_c, self.events_c, self.failures_c)):
            slope, weight = arm_pull(x, np.maximum(events, 0), np.maximum(failures, 0))
            weight = np.maximum(weight, _FLAT)
            sites.append((x + slope / weight, weight**-0.5))
        for term, slot in ((factors[2], self.first), (factors[3], self.effect)):
            p, q = term.combination
            x = p * x_t + q * x_c
            slope, weight = prior_pull(slot, x)
            sites.append((x + slope / weight, weight**-0.5))
        return tuple(
            replace(term, site=(np.where(torn, at, term.center), np.where(torn, spread, term.scale)))
            for term, (at, spread) in zip(factors, sites, strict=True)
        )

    def log_coefficients(self) -> Array:
        """Log binomial coefficients of both arms."""
        total = np.zeros(self.size)
        for events, failures in ((self.events_t, self.failures_t), (self.events_c, self.failures_c)):
            total += (
                special.gammaln(events + failures + 1) - special.gammaln(events + 1) - special.gammaln(failures + 1)
            )
        return total

    def unbounded(self) -> npt.NDArray[np.bool_]:
        """Whether only a power-law prior bounds some log odds: an arm has no events or nothing else."""
        index = np.minimum(self.first.tail_index(), self.effect.tail_index())
        least = np.minimum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        return np.asarray(np.isfinite(index) & (least <= 0))

    def cliffs(self) -> npt.NDArray[np.bool_]:
        """Whether both arms' log odds may run off along two power-law tails, to cliffs that panels there do not resolve."""
        index = np.maximum(self.first.tail_index(), self.effect.tail_index())
        least = np.maximum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        return np.asarray(np.isfinite(index) & (least <= 0))

    def slow(self) -> npt.NDArray[np.bool_]:
        """Whether an arm's log odds may run off along a slow tail: that of a wide prior, or one no lighter than exponential."""
        least = np.minimum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        found = np.zeros(self.size, dtype=bool)
        for slot in (self.first, self.effect):
            found |= np.isfinite(slot.tail_rate()) | (slot.center_and_scale()[1] > _WIDE)
        return np.asarray(found & (least <= _FEW))

    def reach(self) -> Array:
        """How far panels look in stretched coordinates: power-law tails are followed to a probability of 1e-13."""
        index = np.minimum(self.first.tail_index(), self.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))


def crossing(first: Term, second: Term) -> float:
    """Determinant of two factors' combinations; 0 if both speak of the same one."""
    (a, b), (c, d) = first.combination, second.combination
    return a * d - b * c


def meeting(first: Term, second: Term) -> tuple[Array, Array]:
    """Log odds (x_t, x_c) at which two factors both have their center."""
    (a, b), (c, d) = first.combination, second.combination
    det = crossing(first, second)
    return (d * first.center - b * second.center) / det, (a * second.center - c * first.center) / det


def gaussian_guess(terms: tuple[Term, ...], chart: Chart) -> tuple[Array, Array, Array, Array, Array]:
    """Mean of (u, v), sd of u, slope of v on u and conditional sd of v, each factor taken as normal."""
    p_uu = p_uv = p_vv = r_u = r_v = np.asarray(0.0)
    for term in terms:
        a, b = chart.of(term.combination)
        center, scale = term.site or (term.center, term.scale)
        weight = scale**-2.0
        p_uu, p_uv, p_vv = p_uu + weight * a * a, p_uv + weight * a * b, p_vv + weight * b * b
        r_u, r_v = r_u + weight * a * center, r_v + weight * b * center
    slope = -p_uv / p_vv
    schur = np.maximum(p_uu - p_uv * p_uv / p_vv, 1e-12 * p_uu)
    mean_u = (r_u + slope * r_v) / schur
    mean_v = (r_v - p_uv * mean_u) / p_vv
    return mean_u, mean_v, schur**-0.5, slope, p_vv**-0.5
