"""The posterior of a two-by-two table of counts with logistic priors, in the plane of two log odds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.modes import arm_score, find_mode, prior_score
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import LogFactor, determinant, gaussian_approximation, intersection, prior_factor

Array = npt.NDArray[np.float64]


_TORN = 4.5
# Nats by which the mode must be higher than the guess from the factors' centers, before its own guess replaces that.
_FLAT = 1e-12
_FEW, _WIDE = 2, 2.0
# Events or failures up to which, and prior scales from which on, an arm's log odds may run off.


def log_risk(x: Array) -> Array:
    """Log of the risk at log odds `x`."""
    size = np.abs(x)
    np.negative(size, out=size)
    np.exp(size, out=size)
    np.log1p(size, out=size)
    return np.asarray(np.minimum(x, 0) - size)


def _arm(events: Array, failures: Array, combination: tuple[float, float]) -> LogFactor:
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

    return LogFactor(combination, log, center, scale)


@dataclass(frozen=True)
class TwoByTwoPosterior:
    """Two-arm tables of counts with logistic priors: the integrand, and the slots' tails.

    Parameters
    ----------
    events_t, failures_t, events_c, failures_c : array (B,)
    coding : {"average", "control"}
    first, effect : BatchedPrior
        Prior on the average (or the control arm's) log odds, and on the log odds ratio.
    """

    events_t: Array
    failures_t: Array
    events_c: Array
    failures_c: Array
    coding: str
    first: BatchedPrior
    effect: BatchedPrior

    @property
    def size(self) -> int:
        """Number of problems."""
        return len(self.events_t)

    def take(self, index: npt.NDArray[np.intp]) -> TwoByTwoPosterior:
        """Return some of the problems."""
        taken = TwoByTwoPosterior(
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

    def shifted(self, treatment: tuple[Array, Array], control: tuple[Array, Array]) -> TwoByTwoPosterior:
        """Add (events, failures): p ** a (1 - p) ** b becomes a factor of the likelihood."""
        return TwoByTwoPosterior(
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

    def _factors(self) -> tuple[LogFactor, ...]:
        """Four factors by themselves."""
        return (
            _arm(self.events_t, self.failures_t, (1.0, 0.0)),
            _arm(self.events_c, self.failures_c, (0.0, 1.0)),
            prior_factor(self.first, self.first_combination, self.size),
            prior_factor(self.effect, (1.0, -1.0), self.size),
        )

    @cached_property
    def mode(self) -> tuple[Array, Array, Array]:
        """Log odds of both arms at the posterior's mode, and how much higher (in nats) it is than the factors' guess."""
        factors = self._factors()
        guess = gaussian_approximation(factors, COORDINATES["treatment"])[:2]
        starts = [guess, *(intersection(*pair) for pair in combinations(factors, 2) if determinant(*pair))]
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

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the four factors of the posterior, without the binomial coefficients."""
        factors = self._factors()
        x_t, x_c, gain = self.mode
        torn = gain > _TORN
        if not torn.any():
            return factors
        # Factors in conflict meet far from where their centers would: each is taken as normal at the meeting point.
        sites = []
        for x, events, failures in ((x_t, self.events_t, self.failures_t), (x_c, self.events_c, self.failures_c)):
            slope, weight = arm_score(x, np.maximum(events, 0), np.maximum(failures, 0))
            weight = np.maximum(weight, _FLAT)
            sites.append((x + slope / weight, weight**-0.5))
        for term, slot in ((factors[2], self.first), (factors[3], self.effect)):
            p, q = term.combination
            x = p * x_t + q * x_c
            slope, weight = prior_score(slot, x)
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
