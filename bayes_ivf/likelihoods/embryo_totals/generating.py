"""Generating functions of an arm's totals, evaluated at complex arguments.

The probability of the totals is a coefficient of one of these functions. They need no list of tables, and under equal
weights the sum over allocations is a sum of few geometric series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.likelihoods.embryo_totals.allocations import Allocations, list_allocations
from bayes_ivf.likelihoods.embryo_totals.arm import ArmTotals

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complexfloating]

_TINY = 1e-300
_STRING = np.array([1, -2, 1])


@dataclass(frozen=True)
class Pmf:
    """Cell probabilities of a batch of parameter values.

    Parameters
    ----------
    none : (G, M) array of float
        Pr(K = 0 | m).
    some : (G, M, M) array of float
        Pr(K = k | m) by m and k - 1.
    loss : (G,) array of float
        Probability that an implantation does not become clinical (0 unless ``biochemical``).
    """

    none: Floats
    some: Floats
    loss: Floats

    def __getitem__(self, part: slice | npt.NDArray[np.int64]) -> Pmf:
        return Pmf(self.none[part], self.some[part], self.loss[part])

    def split(self, log_y: Complexes) -> tuple[Complexes, Complexes]:
        """Women without and with a clinical pregnancy, by m: two arrays of shape (M,) + that of `log_y`.

        `log_y` has shape (G, N); a pregnant woman's first embryo is counted with the woman, not by y.
        """
        y = np.exp(log_y)
        shape = (-1, 1)
        without = []
        with_ = []
        for m in range(self.none.shape[1]):
            power = np.zeros_like(y)
            for k in range(m, -1, -1):
                power = power * y + self.some[:, m, k].reshape(shape)
            with_.append((1 - self.loss.reshape(shape)) * power)
            without.append(self.none[:, m].reshape(shape) + self.loss.reshape(shape) * y * power)
        return np.stack(without), np.stack(with_)


class Generating(Protocol):
    """A function of (u, y) whose coefficient of ``u^target[0] y^target[1]``, times exp(`constant`), is Pr(P, S)."""

    @property
    def target(self) -> tuple[int, int]:
        """Powers of u and y."""

    @property
    def degree(self) -> tuple[int, int]:
        """Highest powers that occur."""

    @property
    def constant(self) -> float:
        """Log of the factor."""

    def log_value(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """Log of the function, (G, N)."""

    def women(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """Women by embryos received, weighted by the terms of the function over their sum, (M, G, N)."""

    def log_bound(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Floats:
        """Upper bound, up to a constant per G, of the log modulus relative to that at zero angle, (G, N)."""


def _nonzero(value: Complexes) -> Complexes:
    return np.where(np.abs(value) < _TINY, _TINY, value)


def _log(value: Complexes) -> Complexes:
    return np.asarray(np.log(_nonzero(value)))


def geometric_sum(log_ratio: Complexes, length: int) -> Complexes:
    """Sum of ``exp(j log_ratio)`` over j = 0..length - 1; the imaginary part must lie within +-pi."""
    one = np.expm1(log_ratio)
    degenerate = np.abs(one) < 1e-15
    return np.where(degenerate, length, np.expm1(length * log_ratio) / np.where(degenerate, 1.0, one))


def geometric_moment(log_ratio: Complexes, length: int) -> Complexes:
    """Sum of ``j exp(j log_ratio)`` over j = 0..length - 1; the imaginary part must lie within +-pi."""
    near = np.abs(log_ratio) * length < 1e-3
    one = np.where(near, 1.0, np.expm1(log_ratio))
    power = np.exp(length * log_ratio)
    closed = (length * power * one - np.expm1(length * log_ratio) * np.exp(log_ratio)) / (one * one)
    # sums of j, j^2, j^3: the closed form cancels at a ratio of one
    sums = (length * (length - 1) / 2, length * (length - 1) * (2 * length - 1) / 6, (length * (length - 1) / 2) ** 2)
    return np.where(near, sums[0] + log_ratio * (sums[1] + log_ratio * sums[2] / 2), closed)


@dataclass(frozen=True)
class StringsOfAllocations:
    """u marks the pregnant women; allocations of equal weight are summed as geometric series.

    Fixing w_4..w_M leaves a string of allocations with steps (+1, -2, +1) in (w_1, w_2, w_3).

    Parameters
    ----------
    totals : ArmTotals
        Of the arm.
    first : (L, M) array of int
        First allocation of each string.
    length : (L,) array of int
        Number of allocations in it.
    """

    totals: ArmTotals
    first: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]

    @property
    def target(self) -> tuple[int, int]:
        """Pregnant women, and implanted embryos beyond their first."""
        return self.totals.pregnant, self.totals.implanted - self.totals.pregnant

    @property
    def degree(self) -> tuple[int, int]:
        """Highest powers that occur."""
        return self.totals.women, self.totals.embryos

    @property
    def constant(self) -> float:
        """Each allocation has the same weight."""
        return -float(np.log(self.length.sum()))

    def log_value(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """See `Generating`."""
        return self._sum(self._log_h(pmf, log_u, log_y), with_women=False)[0]

    def women(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """See `Generating`."""
        return self._sum(self._log_h(pmf, log_u, log_y), with_women=True)[1]

    def _log_h(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        without, with_ = pmf.split(log_y)
        return _log(without + np.exp(log_u) * with_)

    def _sum(self, log_h: Complexes, *, with_women: bool) -> tuple[Complexes, Complexes]:
        if self.first.shape[1] < 3:
            women = np.broadcast_to(self.first[0].reshape(-1, 1, 1) + 0j, log_h.shape)
            return np.asarray(np.tensordot(self.first[0].astype(float), log_h, axes=1)), women
        step = log_h[0] - 2 * log_h[1] + log_h[2]
        # sum from the larger end, so that the ratio is at most one
        backward = step.real > 0
        ratio = np.where(backward, -step, step)
        ratio = ratio.real + 1j * (np.mod(ratio.imag + np.pi, 2 * np.pi) - np.pi)
        peak = np.full(step.shape, -np.inf)
        total = np.zeros(step.shape, dtype=complex)
        women = np.zeros(log_h.shape, dtype=complex) if with_women else np.empty((0, 1, 1), dtype=complex)
        for first, length in zip(self.first, self.length, strict=True):
            start = np.tensordot(first.astype(float), log_h, axes=1)
            start += np.where(backward, (length - 1) * step, 0.0)
            higher = np.maximum(peak, start.real)
            fade, scale = np.exp(peak - higher), np.exp(start - higher)
            series = geometric_sum(ratio, int(length)) * scale
            total = total * fade + series
            if with_women:
                rank = geometric_moment(ratio, int(length)) * scale
                rank = np.where(backward, (length - 1) * series - rank, rank)
                women *= fade
                women += first.reshape(-1, 1, 1) * series
                women[:3] += _STRING.reshape(-1, 1, 1) * rank
            peak = higher
        safe = np.where(np.abs(total) < _TINY, _TINY, total)
        return np.asarray(np.log(safe) + peak), np.asarray(women / safe if with_women else women)

    def log_bound(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Floats:
        """See `Generating`: the maximum over the corners of the set of allocations."""
        without, with_ = pmf.split(log_y)
        modulus = np.log(np.maximum(np.abs(without + np.exp(log_u) * with_), _TINY))
        without, with_ = pmf.split(log_y.real[:, :1] + 0j)
        modulus -= np.log(np.maximum(np.abs(without + np.exp(log_u.real[:, :1]) * with_), _TINY))
        corners = (
            _corners(self.totals, self.first.shape[1]) if len(self.first) > 1 or self.length[0] > 1 else self.first
        )
        return np.asarray(np.tensordot(corners.astype(float), modulus, axes=1).max(axis=0))


@dataclass(frozen=True)
class Multinomial:
    """u marks embryos beyond each woman's first; the number of pregnant women is fixed in closed form.

    Parameters
    ----------
    totals : ArmTotals
        Of the arm.
    log_allocations : float
        Log of ``sum_w W! / prod w_m!`` over feasible allocations.
    """

    totals: ArmTotals
    log_allocations: float

    @property
    def target(self) -> tuple[int, int]:
        """Embryos beyond each woman's first, and implanted embryos beyond each pregnant woman's first."""
        return self.totals.embryos - self.totals.women, self.totals.implanted - self.totals.pregnant

    @property
    def degree(self) -> tuple[int, int]:
        """Highest powers that occur (of u: for any M)."""
        return 10**9, self.totals.embryos * 10**3

    @property
    def constant(self) -> float:
        """Ways to choose the pregnant women, over the sum of the weights."""
        women, pregnant = self.totals.women, self.totals.pregnant
        ways = special.gammaln([women + 1.0, pregnant + 1.0, women - pregnant + 1.0])
        return float(ways[0] - ways[1] - ways[2]) - self.log_allocations

    def log_value(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """See `Generating`."""
        without, with_ = self._by_size(pmf, log_u, log_y)
        pregnant = self.totals.pregnant
        value = (self.totals.women - pregnant) * _log(without.sum(axis=0))
        return np.asarray(value + pregnant * _log(with_.sum(axis=0)))

    def women(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Complexes:
        """See `Generating`."""
        without, with_ = self._by_size(pmf, log_u, log_y)
        pregnant = self.totals.pregnant
        found = (self.totals.women - pregnant) * without / _nonzero(without.sum(axis=0))
        return np.asarray(found + pregnant * with_ / _nonzero(with_.sum(axis=0)))

    def _by_size(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> tuple[Complexes, Complexes]:
        without, with_ = pmf.split(log_y)
        power = np.exp(np.arange(len(without)).reshape(-1, 1, 1) * log_u)
        return power * without, power * with_

    def log_bound(self, pmf: Pmf, log_u: Complexes, log_y: Complexes) -> Floats:
        """See `Generating`: the modulus itself."""
        origin = self.log_value(pmf, log_u.real[:, :1] + 0j, log_y.real[:, :1] + 0j).real
        return np.asarray(self.log_value(pmf, log_u, log_y).real - origin)


def generating_function(totals: ArmTotals, max_embryos: int, weights: str) -> Generating:
    """Return the generating function of an arm's totals.

    Parameters
    ----------
    totals : ArmTotals
        Checked totals.
    max_embryos : int
        M.
    weights : str
        See `allocations.list_allocations`.
    """
    allocations = list_allocations(totals.women, totals.embryos, max_embryos, weights)
    if weights == "multinomial":
        ways = special.gammaln(totals.women + 1.0) - special.gammaln(allocations.women + 1.0).sum(axis=1)
        return Multinomial(totals, float(special.logsumexp(ways)))
    return StringsOfAllocations(totals, *_strings(allocations))


def _strings(allocations: Allocations) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    women = allocations.women
    if women.shape[1] < 3:
        return women, np.ones(len(women), dtype=np.int64)
    ordered = women[np.lexsort(women[:, 2:].T)]
    _, first, length = np.unique(ordered[:, 3:], axis=0, return_index=True, return_counts=True)
    return ordered[first], length


def _corners(totals: ArmTotals, max_embryos: int) -> Floats:
    """Allocations (in fractions) to at most two sizes; every allocation is a mean of these."""
    women, embryos = totals.women, totals.embryos
    found = []
    for few in range(1, max_embryos + 1):
        for many in range(few, max_embryos + 1):
            row = np.zeros(max_embryos)
            if few == many and few * women == embryos:
                row[few - 1] = women
            elif few * women < embryos < many * women:
                row[many - 1] = (embryos - few * women) / (many - few)
                row[few - 1] = women - row[many - 1]
            else:
                continue
            found.append(row)
    return np.array(found)
