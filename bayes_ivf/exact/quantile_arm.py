"""One arm's likelihood of its mean mu and log sigma as a table, read between its points by polynomials.

For each log sigma the log likelihood is tabulated on equidistant means, a quarter of a standard error apart, as far as it lies
within 60 nats of its maximum; ten neighbors give a polynomial of degree nine between the middle two. Log sigmas are equidistant
as well, for the trapezoidal rule, which converges exponentially.

Examples
--------
>>> from bayes_ivf.exact.quantile_nodes import quantile_nodes
>>> likelihood = ArmLikelihood(np.array([4.85, 5.75, 6.65]), np.array([4.95, 5.85, 6.75]), np.array([10.25, 20.5, 30.75]), 40)
>>> table = likelihood.table(0.5)
>>> k = len(table.log_sigma) // 2
>>> between = np.array([5.7123, 5.9])
>>> exact = log_likelihood_of_arm(likelihood.nodes, between, np.exp(table.log_sigma[k]))
>>> bool(np.abs(table.at(np.array([k, k]), between) - exact).max() < 1e-7)
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.exact.quantile_likelihood import log_likelihood_of_arm
from bayes_ivf.exact.quantile_nodes import QuantileNodes, quantile_nodes, rough_sigma

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_SCAN, _PER_ERROR = 61, 3
"""Means of a first look at each log sigma; points of the table for each standard error."""
_SMOOTH = 1.3
"""Log sigmas lie as close as if their sd were at most so many times what it is without rounding."""
_DEEP = 32.0
"""Nats below its maximum down to which log sigmas have nodes."""
_DEEPER = 60.0
"""The same of means, given sigma."""
_REACH, _FARTHEST = 5.5, 40.0
"""How far log sigmas are looked for, in y, and from their center."""
_ORDER = 10
_NOTHING = -1e5
_FROM_VALUES = np.linalg.inv(np.vander(np.arange(_ORDER) - (_ORDER / 2 - 1), increasing=True))


@dataclass(frozen=True)
class ArmTable:
    """The likelihood of an arm on nodes of log sigma.

    Parameters
    ----------
    log_sigma, log_weight : array (A,)
        Nodes, and logs of the trapezoidal rule's weights.
    start, step : array (A,)
        Of the equidistant means of each.
    powers : array (order, A, N)
        Coefficients between a mean and the next one.
    log_mass, mean, variance : array (A,)
        Of mu given sigma under a flat prior: log of the integral, and moments.
    error : array (A,)
        ``sigma / sqrt(n)``, the scale on which the likelihood of mu is smooth.
    """

    log_sigma: Array
    log_weight: Array
    start: Array
    step: Array
    powers: Array
    log_mass: Array
    mean: Array
    variance: Array
    error: Array

    def between(self, first: int, last: int) -> ArmTable:
        """Return its part from one log sigma to another."""
        some = slice(first, last + 1)
        parts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return ArmTable(**{name: part[:, some] if name == "powers" else part[some] for name, part in parts.items()})

    def at(self, node: Index, mu: Array) -> Array:
        """Log likelihood at means (..., R) of nodes (R,)."""
        count = self.powers.shape[2]
        place = (mu - self.start[node]) / self.step[node]
        cell = np.clip(np.floor(place), 0, count - 1)
        part = place - cell
        flat = cell.astype(np.intp) + node * count
        log = self.powers[-1].reshape(-1).take(flat)
        for power in self.powers[-2::-1]:
            log *= part
            log += power.reshape(-1).take(flat)
        log[(place < 0) | (place > count)] = _NOTHING
        return np.asarray(log)


@dataclass(frozen=True)
class ArmLikelihood:
    """Rounding intervals and ranks of an arm's numbers among n, on the scale on which values are normal."""

    low: Array
    high: Array
    rank: Array
    n: int
    _tables: dict[float, ArmTable] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def nodes(self) -> QuantileNodes:
        """Nodes over the rounding intervals."""
        return quantile_nodes(self.low, self.high, self.rank, self.n)

    @property
    def tail(self) -> float:
        """Power of sigma by which the likelihood, integrated over mu, falls as sigma grows."""
        return float(self.rank[-1] - self.rank[0])

    @cached_property
    def _around(self) -> tuple[float, float]:
        """Center and scale of log sigma: its mode, and twice its sd there."""
        center = float(np.log(rough_sigma(self.low, self.high, self.rank, self.n)))
        scale = 2 / np.sqrt(self.n)
        for _ in range(2):
            log_sigma = center + scale * np.linspace(-2.5, 2.5, 21)
            mass = self._look(log_sigma)[2]
            k = int(np.clip(np.argmax(mass), 1, len(mass) - 2))
            curvature = (2 * mass[k] - mass[k - 1] - mass[k + 1]) / (log_sigma[1] - log_sigma[0]) ** 2
            center = float(log_sigma[k])
            scale = float(2 / np.sqrt(max(curvature, self.n / 16)))
        return center, scale

    @property
    def _own_scale(self) -> float:
        """About the standard deviation of log sigma if nothing had been rounded: on this scale its likelihood is smooth."""
        p = self.rank[[0, -1]] / (self.n + 1)
        z = special.ndtri(p)
        slope = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        variance = (p * (1 - p) / slope**2).sum() - 2 * p[0] * (1 - p[1]) / slope.prod()
        return float(np.sqrt(variance / self.n) / (z[1] - z[0]))

    def _look(self, log_sigma: Array) -> tuple[Array, Array, Array]:
        """Where mu is likely: first mean and last, and about the log of the integral."""
        sigma = np.exp(log_sigma)
        z = special.ndtri(self.rank / (self.n + 1))
        ends = np.stack([edge[:, None] - sigma * z[:, None] for edge in (self.low, self.high)])
        error = sigma / np.sqrt(self.n)
        first, last = ends.min(axis=(0, 1)) - 12 * error, ends.max(axis=(0, 1)) + 12 * error
        mu = first + (last - first) * np.linspace(0, 1, _SCAN)[:, None]
        logs = log_likelihood_of_arm(self.nodes, mu, sigma)
        top = logs.max(axis=0)
        near = logs > top - _DEEPER
        gap = (last - first) / (_SCAN - 1)
        low = first + gap * (np.argmax(near, axis=0) - 1)
        high = last - gap * (np.argmax(near[::-1], axis=0) - 1)
        return low, high, top + np.log(np.exp(logs - top).sum(axis=0) * gap)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """Log sigmas between which the likelihood, integrated over mu, is more than negligible."""
        center, scale = self._around
        y = np.linspace(-_REACH, _REACH, 45)
        log_sigma = center + scale * np.sinh(y[np.abs(scale * np.sinh(y)) < _FARTHEST])
        mass = self._look(log_sigma)[2]
        kept = np.flatnonzero(mass > mass.max() - _DEEP)
        return float(log_sigma[max(kept[0] - 1, 0)]), float(log_sigma[min(kept[-1] + 1, len(log_sigma) - 1)])

    def table(self, step: float) -> ArmTable:
        """Tabulate at log sigmas that are `step` of their sd apart."""
        if step not in self._tables:
            self._tables[step] = self._tabulate(step)
        return self._tables[step]

    def _tabulate(self, step: float) -> ArmTable:
        center, scale = self._around
        (low, high), gap = self._ends, step * min(scale / 2, _SMOOTH * self._own_scale)
        log_sigma = center + gap * np.arange(np.floor((low - center) / gap), np.ceil((high - center) / gap) + 1)
        return self.table_at(log_sigma, np.full(log_sigma.shape, np.log(gap)))

    def table_at(self, log_sigma: Array, log_weight: Array) -> ArmTable:
        """Tabulate at given log sigmas (A,) with the logs of their weights."""
        low, high, _ = self._look(log_sigma)
        error = np.exp(log_sigma) / np.sqrt(self.n)
        points = int(np.ceil(((high - low) / error).max() * _PER_ERROR)) + 1
        gap = (high - low) / points
        side = _ORDER // 2
        mu = low + gap * np.arange(-side + 1, points + side)[:, None]
        logs = log_likelihood_of_arm(self.nodes, mu, np.exp(log_sigma))
        inner = logs[side - 1 : points + side]
        top = inner.max(axis=0)
        share = np.exp(inner - top)
        total = share.sum(axis=0)
        at = mu[side - 1 : points + side]
        mean = (at * share).sum(axis=0) / total
        windows = np.stack([logs[i : i + points] for i in range(_ORDER)])
        powers = np.einsum("pw,wna->pan", _FROM_VALUES, windows)
        return ArmTable(
            log_sigma,
            log_weight,
            low,
            gap,
            np.ascontiguousarray(powers),
            top + np.log(total * gap),
            mean,
            ((at - mean) ** 2 * share).sum(axis=0) / total,
            error,
        )
