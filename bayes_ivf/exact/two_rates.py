"""The posterior of two rates of events, in the plane of two log rates.

With ``x = log rate`` of an arm in which r events were counted over a time T, the kernel has four factors, each of one linear
combination of (x_t, x_c)::

    k(x_t, x_c) = L(r_t | x_t) * L(r_c | x_c) * p_1(first) * p_2(x_t - x_c)

where `first` is ``(x_t + x_c) / 2`` (coding "average") or ``x_c`` ("control"); p_1 may be flat, which depends on no unit of time.

**Likelihood.** Events that come independently are Poisson, ``L = exp(r x - T exp(x))``. Events that recur in the same women vary
more: with a variance of ``phi`` times the mean they are negative binomial with a shape proportional to the mean,
``s = T exp(x) / (phi - 1)``, as sums over women with gamma rates are::

    L = Gamma(r + s) / (Gamma(s) r!) * phi ** -s * ((phi - 1) / phi) ** r

Examples
--------
>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> one = lambda value: np.array([float(value)])
>>> normal = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> rates = TwoRates(one(12), one(300), one(20), one(310), one(1), "average", None, normal)
>>> bool(np.allclose(rates.log_constants(), 12 * np.log(300) + 20 * np.log(310) - 19.987214 - 42.335616))
True
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import LogFactor, prior_factor

Array = npt.NDArray[np.float64]

_FLAT = 1e3
# Scale that stands for a flat prior where panels are steered.
_LARGEST = 600.0
# Log rate up to which exp is computed: far beyond it nothing is left.


def log_likelihood(x: Array, events: Array, time: Array, dispersion: Array) -> Array:
    """Log probability of an arm's events at log rates `x`, without what does not depend on them; all broadcast."""
    expected = time * np.exp(np.minimum(x, _LARGEST))
    excess = dispersion - 1
    plain = events * x - expected
    if not np.any(excess > 0):
        return np.asarray(plain)
    # 1e-300: a shape of zero has no log gamma, and no events either
    shape = np.maximum(expected / np.where(excess > 0, excess, 1.0), 1e-300)
    # betaln keeps the digits that a difference of log gammas of large shapes loses
    counted = np.where(events > 0, -special.betaln(shape, np.maximum(events, 1)), 0.0)
    return np.asarray(np.where(excess > 0, counted - shape * np.log(np.maximum(dispersion, 1)), plain))


def log_constant(events: Array, time: Array, dispersion: Array) -> Array:
    """Return what `log_likelihood` leaves out."""
    excess = dispersion - 1
    poisson = events * np.log(time) - special.gammaln(events + 1)
    odds = np.log(np.where(excess > 0, excess, 1.0) / np.maximum(dispersion, 1))
    spread = events * odds - np.log(np.maximum(events, 1))
    return np.asarray(np.where(excess > 0, spread, poisson))


def _arm(events: Array, time: Array, dispersion: Array, combination: tuple[float, float]) -> LogFactor:
    seen = events + 0.5
    return LogFactor(
        combination,
        lambda x: log_likelihood(x, events, time, dispersion),
        np.log(seen / time),
        np.sqrt(dispersion / seen),
    )


@dataclass(frozen=True)
class TwoRates:
    """Events over time in two arms, an `Integrand` of quadrature.

    Parameters
    ----------
    events_t, time_t, events_c, time_c : array (B,)
    dispersion : array (B,)
        Variance of an arm's events over their mean, at least 1.
    coding : {"average", "control"}
    first : BatchedPrior or None
        Prior on the average (or the control arm's) log rate; None is flat.
    effect : BatchedPrior
        On the log rate ratio.
    tilt : float
        Power of the rate ratio by which the kernel is multiplied: what is left of its integral is a moment.
    """

    events_t: Array
    time_t: Array
    events_c: Array
    time_c: Array
    dispersion: Array
    coding: str
    first: BatchedPrior | None
    effect: BatchedPrior
    tilt: float = 0.0

    @property
    def size(self) -> int:
        """Number of problems."""
        return len(self.events_t)

    def take(self, index: npt.NDArray[np.intp]) -> TwoRates:
        """Return some of the problems."""
        first = None if self.first is None else self.first.take(index, self.size)
        effect = self.effect.take(index, self.size)
        return TwoRates(
            self.events_t[index],
            self.time_t[index],
            self.events_c[index],
            self.time_c[index],
            self.dispersion[index],
            self.coding,
            first,
            effect,
            self.tilt,
        )

    def factors(self) -> tuple[LogFactor, ...]:
        """Return likelihood of both arms, and both priors."""
        level = (0.5, 0.5) if self.coding == "average" else (0.0, 1.0)
        if self.first is None:
            middle = np.log((self.events_t + self.events_c + 1) / (self.time_t + self.time_c))
            first = LogFactor(level, np.zeros_like, middle, np.full(self.size, _FLAT))
        else:
            first = prior_factor(self.first, level, self.size)
        return (
            _arm(self.events_t, self.time_t, self.dispersion, (1.0, 0.0)),
            _arm(self.events_c, self.time_c, self.dispersion, (0.0, 1.0)),
            first,
            self._tilted(prior_factor(self.effect, (1.0, -1.0), self.size)),
        )

    def _tilted(self, factor: LogFactor) -> LogFactor:
        if not self.tilt:
            return factor
        center = factor.center + self.tilt * factor.scale**2
        return replace(factor, log=lambda x: factor.log(x) + self.tilt * x, center=center)

    def log_constants(self) -> Array:
        """Log of what does not depend on the rates."""
        treatment = log_constant(self.events_t, self.time_t, self.dispersion)
        return treatment + log_constant(self.events_c, self.time_c, self.dispersion)

    def escapes(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) an arm without events may have a rate of any smallness, but for a prior with a power-law tail."""
        index = np.minimum(self._first_index(), self.effect.tail_index())
        return np.asarray(np.isfinite(index) & (np.minimum(self.events_t, self.events_c) <= 0))

    def reach(self) -> Array:
        """Radius (B,) of the search in stretched coordinates; as for two tables of counts."""
        index = np.minimum(self._first_index(), self.effect.tail_index())
        return np.broadcast_to(np.where(np.isfinite(index), np.clip(30 / index, 15, 300), 15.0), (self.size,))

    def _first_index(self) -> Array:
        return np.asarray(np.inf) if self.first is None else self.first.tail_index()

    def ratio_moment_exists(self, order: int) -> npt.NDArray[np.bool_]:
        """Whether (B,) a moment of the rate ratio exists: events of the control arm outrun it, or a light prior does.

        The ratio grows without bound only as the control arm's log rate falls, where the likelihood falls as ``exp(r_c x_c)``,
        and an exponential prior on the effect by its own rate.
        """
        rate = np.broadcast_to(self.effect.tail_rate(), (self.size,))
        return np.asarray(np.isinf(rate) | (self.events_c + np.where(np.isinf(rate), 0.0, rate) > order))

    def effect_moment_exists(self, order: int) -> npt.NDArray[np.bool_]:
        """Whether (B,) a moment of the log rate ratio exists."""
        index = np.broadcast_to(self.effect.tail_index(), (self.size,))
        return np.asarray((index > order) | (np.minimum(self.events_t, self.events_c) > 0))
