r"""Probability of a set of two-by-two tables, over the plane of two log odds.

With weights ``W[i, j]`` of the tables of i events among n_t and j among n_c women, one for tables of a set and zero for others::

    L(x_t, x_c) = a(x_t)' W a(x_c),    a_i(x) = C(n, i) e^{i x} / (1 + e^x)^n

On a mesh of both log odds that is two matrix products, however many tables there are. Between its nodes log L is interpolated by
six points an axis, in a coordinate t that is as fine as L is smooth: some hundredths of the standard error ``1 / sqrt(n p q)`` of
an arm's log odds, and fifths of a unit where few events are expected::

    dt/dx = sqrt(n p q) / 0.15 + 1 / 0.2,    t(x) = 2 sqrt(n) arctan(tanh(x / 4)) / 0.15 + x / 0.2

Beyond the mesh an arm has no events, or nothing else, and log L is a straight line whose slope is a whole number: the fewest
events that any table of the set has.

**Parts.** Where the tables lie on both sides of equal risks and none in between ("differs"), log L has a sharp valley between two
smooth slopes; each side is a surface of its own, and they are added.

Examples
--------
At equal risks of one half, 40 women an arm, the tables of an odds ratio above 1:

>>> import numpy as np
>>> i = np.arange(41)
>>> surface = TableSurface.of((i[:, None] > i).astype(float))
>>> float(np.exp(surface(np.array([0.0]), np.array([0.0])))[0].round(4))
0.4555

which is half of what equality leaves:

>>> from scipy import stats
>>> float(((1 - (stats.binom.pmf(i, 40, 0.5) ** 2).sum()) / 2).round(4))
0.4555
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_POINTS = 6
# Of the interpolation along each axis.
_FACTORIALS = (-120.0, 24.0, -12.0, 12.0, -24.0, 120.0)
# Products of the differences of each point from the others.
_ERRORS, _UNIT = 0.15, 0.2
# Spacing of the mesh, in standard errors of an arm's log odds and in log odds. Zeros of a normal distribution function are 2.8
# standard errors off the real line, and those of 1 + exp(x) are pi off: log L is met to some 1e-8.
_BEYOND = 20.0
# Log odds beyond log n from which on no event is expected: exp(-20) = 2e-9.
_NOTHING = 1e-290
# Sums below underflow. Where a posterior lies there, its evidence says so.
LOG_NOTHING = float(np.log(_NOTHING))
_AT_ONCE = 2**13
# Points that are interpolated at a time, whose arrays stay in the processor's cache.


def _log_binomials(n: int, x: Array) -> tuple[Array, Array]:
    """Probabilities (x, events) of each number of events over the largest one, and the log of that."""
    events = np.arange(n + 1.0)
    log = special.gammaln(n + 1.0) - special.gammaln(events + 1) - special.gammaln(n - events + 1)
    log = log + events * special.log_expit(x)[:, None] + (n - events) * special.log_expit(-x)[:, None]
    top = log.max(axis=1)
    return np.exp(log - top[:, None]), top


@dataclass(frozen=True)
class _Axis:
    """Mesh of one arm's log odds, and the slopes of log L beyond it."""

    n: int
    low: float
    high: float

    @cached_property
    def end(self) -> float:
        """Largest log odds of the mesh."""
        return float(np.log(self.n + 1.0)) + _BEYOND

    @cached_property
    def intervals(self) -> int:
        """Intervals of the mesh."""
        return 2 * int(np.ceil(self._position(np.array([self.end]))[0]))

    @cached_property
    def _scale(self) -> float:
        """By which t is stretched, so that both ends are nodes."""
        return float(self.intervals / 2 / self._position(np.array([self.end]))[0])

    def _position(self, x: Array) -> Array:
        found = np.arctan(np.tanh(x * 0.25))
        found *= 2 * np.sqrt(self.n) / _ERRORS
        found += x / _UNIT
        return np.asarray(found)

    def nodes(self) -> Array:
        """Log odds of the mesh, equidistant in t."""
        fine = np.linspace(-self.end, self.end, 20001)
        positions = self._position(fine)
        wanted = np.linspace(positions[0], positions[-1], self.intervals + 1)
        x = np.interp(wanted, positions, fine)
        for _ in range(3):
            slope = np.sqrt(self.n) / _ERRORS / (2 * np.cosh(x / 2)) + 1 / _UNIT
            x = x - (self._position(x) - wanted) / slope
        return x

    def place(self, x: Array) -> tuple[npt.NDArray[np.intp], Array, Array]:
        """First of six nodes, their weights (6, ...), and what log L changes beyond the mesh."""
        inside = np.clip(x, -self.end, self.end)
        t = self._position(inside)
        t *= self._scale
        t += self.intervals / 2
        first = t.astype(np.intp)
        first -= _POINTS // 2 - 1
        np.clip(first, 0, self.intervals + 1 - _POINTS, out=first)
        t -= first
        # Lagrange's products of (t - k), from the first node on and from the last one back
        gaps, weights = np.empty((_POINTS, *x.shape)), np.empty((_POINTS, *x.shape))
        for k in range(_POINTS):
            np.subtract(t, k, out=gaps[k])
        weights[0] = 1 / _FACTORIALS[0]
        np.multiply(gaps[0], 1 / _FACTORIALS[1], out=weights[1])
        before, after = gaps[0].copy(), gaps[-1].copy()
        for k in range(2, _POINTS):
            before *= gaps[k - 1]
            np.multiply(before, 1 / _FACTORIALS[k], out=weights[k])
        for k in range(_POINTS - 2, -1, -1):
            weights[k] *= after
            after *= gaps[k]
        beyond = x - inside
        return first, weights, np.where(beyond < 0, self.low, -self.high) * beyond


@dataclass(frozen=True)
class _Part:
    """Log of the probability of tables on one side, on a mesh."""

    treatment: _Axis
    control: _Axis
    values: Array

    @classmethod
    def of(cls, weights: Array) -> _Part:
        n_t, n_c = weights.shape[0] - 1, weights.shape[1] - 1
        rows, columns = np.flatnonzero(weights.any(axis=1)), np.flatnonzero(weights.any(axis=0))
        t = _Axis(n_t, float(rows[0]), float(n_t - rows[-1]))
        c = _Axis(n_c, float(columns[0]), float(n_c - columns[-1]))
        (a_t, top_t), (a_c, top_c) = _log_binomials(n_t, t.nodes()), _log_binomials(n_c, c.nodes())
        return cls(t, c, np.log(np.maximum(a_t @ (weights @ a_c.T), _NOTHING)) + top_t[:, None] + top_c)

    def __call__(self, x_t: Array, x_c: Array) -> Array:
        (i, w_t, beyond_t), (j, w_c, beyond_c) = self.treatment.place(x_t), self.control.place(x_c)
        columns = self.values.shape[1]
        flat, place = self.values.ravel(), i * columns + j
        total, part = beyond_t + beyond_c, np.empty(place.shape)
        for weight in w_t:
            inner = flat.take(place)
            inner *= w_c[0]
            for column in range(1, _POINTS):
                place += 1
                flat.take(place, out=part, mode="clip")
                part *= w_c[column]
                inner += part
            place += columns - (_POINTS - 1)
            inner *= weight
            total += inner
        return total


def _extremes(weights: Array) -> Array:
    """Tables (T, 2) that none of the set exceeds in failures of one arm and events of the other, or the reverse."""
    found = []
    for turned in (weights, weights[::-1, ::-1]):
        least = turned.shape[1]
        # from the treatment arm without failures on, those with fewer events of the control arm than any before
        for i in range(turned.shape[0] - 1, -1, -1):
            events = np.flatnonzero(turned[i])
            if len(events) and events[0] < least:
                least = int(events[0])
                table = (i, least)
                found.append(table if turned is weights else tuple(np.array(turned.shape) - 1 - table))
    return np.array(found, dtype=float)


@dataclass(frozen=True)
class TableSurface:
    """Log probability that the table of a trial is one of a set, as a function of both arms' log odds.

    Parameters
    ----------
    parts : tuple
        One, or one for each side of equal risks; made by `of`.
    weights : array (n_t + 1, n_c + 1)
        Of all tables.
    extremes : array (T, 2)
        Events of the tables whose likelihood falls most slowly as one risk rises and the other falls.
    """

    parts: tuple[_Part, ...]
    weights: Array
    extremes: Array

    @property
    def sizes(self) -> tuple[int, int]:
        """Women of the treatment and of the control arm."""
        return self.weights.shape[0] - 1, self.weights.shape[1] - 1

    @classmethod
    def of(cls, weights: Array) -> TableSurface:
        """From the weights of all tables, array (n_t + 1, n_c + 1), from 0 to 1 and not all zero."""
        n_t, n_c = weights.shape[0] - 1, weights.shape[1] - 1
        side = np.sign(np.arange(n_t + 1.0)[:, None] * n_c - np.arange(n_c + 1.0) * n_t)
        apart = not (weights * (side == 0)).any()
        sides = [np.where(side == sign, weights, 0.0) for sign in (-1, 1)] if apart else [weights]
        return cls(tuple(_Part.of(each) for each in sides if each.any()), weights, _extremes(weights))

    def __call__(self, x_t: Array, x_c: Array) -> Array:
        """Log probability at log odds (..., B), of which one arm's may lack leading axes along which it does not change."""
        shape = np.broadcast_shapes(x_t.shape, x_c.shape)
        if x_t.shape == x_c.shape:
            x_t, x_c = x_t.ravel(), x_c.ravel()
        rows = max(x_t, x_c, key=np.ndim)
        log = np.empty(rows.shape)
        at_once = max(1, _AT_ONCE * len(rows) // max(rows.size, 1))
        for first in range(0, len(rows), at_once):
            some = slice(first, first + at_once)
            t, c = (x[some] if x.ndim == rows.ndim else x for x in (x_t, x_c))
            values = [part(t, c) for part in self.parts]
            log[some] = values[0] if len(values) == 1 else np.logaddexp(*values)
        return log.reshape(shape)
