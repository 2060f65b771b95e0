"""The posterior of a two-by-two table of counts with logistic priors, in the plane of two log odds.

With ``x_t = logit p_t`` and ``x_c = logit p_c`` the kernel has four factors, each of one linear combination::

    k(x_t, x_c) = e^{r_t x_t} / (1 + e^{x_t})^{n_t}  *  e^{r_c x_c} / (1 + e^{x_c})^{n_c}  *  p_1(first)  *  p_2(x_t - x_c)

where `first` is ``(x_t + x_c) / 2`` (coding "average") or ``x_c`` (coding "control"). `TwoByTwoPosterior` is an `Integrand` of
`quadrature`: its factors, with a center and a scale each (for an arm the log odds of ``(r + 1/2) / (n - r + 1/2)`` and their
standard error), and how far tails reach.

Where the factors contradict each other (a narrow prior far from the data), their centers say little about where the product
has its mass. Then each is represented by the normal density that has its slope and curvature at the mode.

Examples
--------
>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> normal = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> table = TwoByTwoPosterior(*(np.array([float(count)]) for count in (16, 24, 12, 28)), "average", normal, normal)
>>> x_t, x_c, _ = table.mode
>>> [round(float(1 / (1 + np.exp(-x[0]))), 3) for x in (x_t, x_c)]
[0.398, 0.317]
"""

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

_CONFLICT = 4.5
# Nats by which the mode must be higher than the guess from the factors' centers (a point three sds away, were the posterior
# normal) before normal densities at the mode replace that guess.
_FLAT = 1e-12
# Least precision of an arm at the mode: one without events may be flat there.
_FEW, _WIDE = 2, 2.0
# Events or failures up to which, and prior scales from which on, an arm's log odds may escape along a slow tail.


def log_risk(x: Array) -> Array:
    """Log of the risk at log odds `x`."""
    size = np.abs(x)
    np.negative(size, out=size)
    np.exp(size, out=size)
    np.log1p(size, out=size)
    return np.asarray(np.minimum(x, 0) - size)


def arm_factor(events: Array, failures: Array, combination: tuple[float, float]) -> LogFactor:
    """Return the likelihood of an arm's log odds, without its binomial coefficient."""
    # Counts may be negative when a moment is computed as a ratio of marginal likelihoods. A half each (Haldane, Anscombe) keeps
    # the log odds of an empty arm finite.
    events_half, failures_half = np.maximum(events, 0) + 0.5, np.maximum(failures, 0) + 0.5
    center = np.log(events_half / failures_half)
    scale = np.sqrt((events_half + failures_half) / (events_half * failures_half))

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
        """Add (events, failures) to each arm: a factor ``p ** a (1 - p) ** b`` becomes a part of the likelihood."""
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

    @cached_property
    def _factors(self) -> tuple[LogFactor, ...]:
        """Four factors, each with its own center and scale."""
        return (
            arm_factor(self.events_t, self.failures_t, (1.0, 0.0)),
            arm_factor(self.events_c, self.failures_c, (0.0, 1.0)),
            prior_factor(self.first, self.first_combination, self.size),
            prior_factor(self.effect, (1.0, -1.0), self.size),
        )

    @cached_property
    def mode(self) -> tuple[Array, Array, Array]:
        """Log odds of both arms at the mode, and how much higher (in nats) it is than the Gaussian approximation's mean."""
        factors = self._factors
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
        for factor in self._factors:
            p, q = factor.combination
            total = total + factor.log(p * x_t + q * x_c)
        return total

    @cached_property
    def mode_height(self) -> Array:
        """Log kernel (B,) at the mode."""
        return self._log(*self.mode[:2])

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the four factors of the posterior, without the binomial coefficients."""
        factors = self._factors
        x_t, x_c, gain = self.mode
        in_conflict = gain > _CONFLICT
        if not in_conflict.any():
            return factors
        # factors in conflict meet far from where their centers would: each is taken as normal at the mode
        local_normals = []
        for x, events, failures in ((x_t, self.events_t, self.failures_t), (x_c, self.events_c, self.failures_c)):
            slope, weight = arm_score(x, np.maximum(events, 0), np.maximum(failures, 0))
            weight = np.maximum(weight, _FLAT)
            local_normals.append((x + slope / weight, weight**-0.5))
        for factor, slot in ((factors[2], self.first), (factors[3], self.effect)):
            p, q = factor.combination
            x = p * x_t + q * x_c
            slope, weight = prior_score(slot, x)
            local_normals.append((x + slope / weight, weight**-0.5))
        return tuple(
            replace(
                factor, site=(np.where(in_conflict, center, factor.center), np.where(in_conflict, scale, factor.scale))
            )
            for factor, (center, scale) in zip(factors, local_normals, strict=True)
        )

    def log_coefficients(self) -> Array:
        """Log binomial coefficients of both arms."""
        total = np.zeros(self.size)
        for events, failures in ((self.events_t, self.failures_t), (self.events_c, self.failures_c)):
            total += (
                special.gammaln(events + failures + 1) - special.gammaln(events + 1) - special.gammaln(failures + 1)
            )
        return total

    def escapes_by_power_law(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) only a power-law prior bounds some log odds: an arm has no events or no failures."""
        index = np.minimum(self.first.tail_index(), self.effect.tail_index())
        least = np.minimum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        return np.asarray(np.isfinite(index) & (least <= 0))

    def both_escape(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) both arms' log odds may escape, along two power-law tails.

        Far out, the likelihood of the other arm falls like a step between two plateaus, which panels there do not resolve.
        """
        index = np.maximum(self.first.tail_index(), self.effect.tail_index())
        least = np.maximum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        return np.asarray(np.isfinite(index) & (least <= 0))

    def escapes_slowly(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) an arm's log odds may escape along a slow tail: of a wide prior, or of one no lighter than exponential."""
        least = np.minimum(np.minimum(self.events_t, self.failures_t), np.minimum(self.events_c, self.failures_c))
        slow_tail = np.zeros(self.size, dtype=bool)
        for slot in (self.first, self.effect):
            slow_tail |= np.isfinite(slot.tail_rate()) | (slot.center_and_scale()[1] > _WIDE)
        return np.asarray(slow_tail & (least <= _FEW))

    def reach(self) -> Array:
        """Radius (B,) of the search in stretched coordinates.

        A tail of index nu falls as exp(-nu y): 30 nats, or a probability of 1e-13, need ``y = 30 / nu``; light tails end within
        15, which is 1.6 million scales.
        """
        index = np.minimum(self.first.tail_index(), self.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))
