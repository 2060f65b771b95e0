"""The generating function under equal weights: a sum over allocations as a sum of few geometric series.

With ``h_m = A_m(y) + u B_m(y)`` (`generating_function`) it is ``sum_w prod_m h_m^w_m``, over allocations w of W women and E
embryos. Given w_4, ..., w_M the allocations that are left form a sequence with steps (+1, -2, +1) in (w_1, w_2, w_3), since
those keep both totals. Along it the product grows by a constant ratio, so that its sum is closed::

    sum_(j < n) a ratio^j = a (ratio^n - 1) / (ratio - 1),        ratio = h_1 h_3 / h_2^2

300 women with 600 embryos, at most three each, have one such sequence, of 151 allocations.

Examples
--------
>>> geometric_sum(np.log(np.array([2.0 + 0j])), np.array([4])).real.round(6)  # 1 + 2 + 4 + 8
array([15.])

Two women share three embryos, so one has one and the other two: at u = y = 1 all probability is counted.

>>> from bayes_ivf.embryo.allocations import list_allocations
>>> totals = ArmTotals(women=2, embryos=3, pregnant=1, implanted=1)
>>> function = equal_weights(totals, list_allocations(2, 3, 2, "equal"))
>>> without, with_ = np.array([[0.7 + 0j], [0.5]]), np.array([[0.3 + 0j], [0.5]])
>>> np.exp(function.log_value(without, with_, np.zeros(1))).real.round(6)
array([1.])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.allocations import Allocations
from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.generating_function import TINY, Complexes, Floats, log_nonzero, nonzero

_STEP = np.array([1, -2, 1])
"""Of (w_1, w_2, w_3) along a sequence."""
_NEGLIGIBLE = 60.0
"""Log of the ratio to the largest at which a sequence is left out: exp(-60) = 1e-26, of at most 200,000 allocations."""


@dataclass(frozen=True)
class EqualWeights:
    """u marks the pregnant women; allocations of equal weight are summed as geometric series.

    Given w_4..w_M the allocations form a sequence with steps (+1, -2, +1) in (w_1, w_2, w_3).

    Parameters
    ----------
    totals : ArmTotals
        Of the arm.
    first : (L, M) array of int
        First allocation of each sequence.
    length : (L,) array of int
        Number of allocations in it.
    corners : (Q, M) array of float
        Allocations, perhaps in fractions, of which every other is a mean.
    """

    totals: ArmTotals
    first: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    corners: Floats

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

    def log_value(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """See `GeneratingFunction`."""
        return self._sum(log_nonzero(without + np.exp(log_u) * with_), floor, with_women=False)[0]

    def women(
        self, without: Complexes, with_: Complexes, log_u: Complexes, floor: Floats | float = -np.inf
    ) -> Complexes:
        """See `GeneratingFunction`."""
        return self._sum(log_nonzero(without + np.exp(log_u) * with_), floor, with_women=True)[1]

    def _sum(self, log_h: Complexes, floor: Floats | float, *, with_women: bool) -> tuple[Complexes, Complexes]:
        """Log of the sum over allocations of ``exp(w @ log_h)``, and the mean of w under its terms."""
        if self.first.shape[1] < 3:
            women = np.broadcast_to(self.first[0][:, None] + 0j, log_h.shape)
            return np.asarray(self.first[0].astype(float) @ log_h), women
        # no term is larger than at the best corner
        peak = np.max(self.corners @ log_h.real, axis=0)
        step = log_h[0] - 2 * log_h[1] + log_h[2]
        step = step.real + 1j * (np.mod(step.imag + np.pi, 2 * np.pi) - np.pi)
        size = self.first.astype(float) @ log_h.real
        larger = size + np.maximum(self.length[:, None] * step.real, 0.0)
        sequence, at = np.nonzero(larger > np.maximum(peak - _NEGLIGIBLE, floor))
        log_start = size[sequence, at] - peak[at] + 1j * (self.first.astype(float) @ log_h.imag)[sequence, at]
        length = self.length[sequence]
        series, rank = _series(log_start, step[at], length, with_women=with_women)
        total = nonzero(_total(at, series, len(peak)))
        women = np.empty((len(log_h) if with_women else 0, len(peak)), dtype=complex)
        if with_women:
            for m in range(len(log_h)):
                weighted = self.first[sequence, m] * series + (_STEP[m] * rank if m < 3 else 0.0)
                women[m] = _total(at, weighted, len(peak)) / total
        return np.asarray(np.log(total) + peak), women

    def log_bound(self, without: Complexes, with_: Complexes, log_radius: Floats, angle: Floats) -> Floats:
        """See `GeneratingFunction`: the largest over the corners of the set of allocations."""
        radius = np.exp(log_radius)[:, None]
        # |a + r e^(it) b|^2 = |a|^2 + r^2 |b|^2 + 2 r Re(conj(a) b e^(it))
        square = np.abs(without) ** 2 + radius**2 * np.abs(with_) ** 2
        cross = 2 * radius * np.conj(without) * with_
        turn = np.exp(1j * angle)
        modulus = square[:, :, None] + (
            cross.real[:, :, None] * turn.real[:, None] - cross.imag[:, :, None] * turn.imag[:, None]
        )
        log = np.log(np.maximum(modulus, TINY)) / 2
        log -= log[:, :, :1, :1]
        return np.asarray(np.max(np.tensordot(self.corners, log, axes=1), axis=0))


def _total(group: npt.NDArray[np.int64], values: Complexes, number: int) -> Complexes:
    real = np.bincount(group, values.real, minlength=number)
    return np.asarray(real + 1j * np.bincount(group, values.imag, minlength=number))


def _series(
    log_start: Complexes, step: Complexes, length: npt.NDArray[np.int64], *, with_women: bool
) -> tuple[Complexes, Complexes]:
    """Sum ``exp(log_start + j step)``, and j times that, over j = 0..length - 1."""
    # at a ratio near one the closed form loses its digits, those of the moment to the square
    near = np.abs(step) < (1e-3 if with_women else 1e-4)
    safe = np.where(near, 1.0, step)
    start: Complexes = np.exp(log_start)
    end: Complexes = np.exp(log_start + length * safe)
    # a geometric series is the difference of its ends over (ratio - 1)
    gap = np.expm1(safe)
    series: Complexes = (end - start) / gap
    if near.any():
        series[near] = start[near] * geometric_sum(step[near], length[near])
    if not with_women:
        return series, series
    rank: Complexes = (length * end - np.exp(safe) * series) / gap
    if near.any():
        rank[near] = start[near] * geometric_moment(step[near], length[near])
    return series, rank


def geometric_sum(log_ratio: Complexes, length: npt.NDArray[np.int64]) -> Complexes:
    """Sum of ``exp(j log_ratio)`` over j = 0..length - 1; the imaginary part must lie within +-pi."""
    one = np.expm1(log_ratio)
    degenerate = np.abs(one) < 1e-15  # a ratio of one to the last digit
    return np.where(degenerate, length, np.expm1(length * log_ratio) / np.where(degenerate, 1.0, one))


def geometric_moment(log_ratio: Complexes, length: npt.NDArray[np.int64]) -> Complexes:
    """Sum of ``j exp(j log_ratio)`` over j = 0..length - 1; the imaginary part must lie within +-pi."""
    near = np.abs(log_ratio) * length < 1e-3  # the next term of the series is 1e-9
    one = np.where(near, 1.0, np.expm1(log_ratio))
    power = np.exp(length * log_ratio)
    closed = (length * power * one - np.expm1(length * log_ratio) * np.exp(log_ratio)) / (one * one)
    # sums of j, j^2, j^3: the closed form cancels at a ratio of one
    sums = (length * (length - 1) / 2, length * (length - 1) * (2 * length - 1) / 6, (length * (length - 1) / 2) ** 2)
    return np.where(near, sums[0] + log_ratio * (sums[1] + log_ratio * sums[2] / 2), closed)


def equal_weights(totals: ArmTotals, allocations: Allocations) -> EqualWeights:
    """Return the generating function of totals whose allocations all have the same weight."""
    first, length = _sequences(allocations)
    alone = len(allocations.women) == 1
    corners = first.astype(float) if alone else _corners(totals, allocations.women.shape[1])
    return EqualWeights(totals, first, length, corners)


def _sequences(allocations: Allocations) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First allocation and length of each sequence, (L, M) and (L,)."""
    women = allocations.women
    if women.shape[1] < 3:
        return women, np.ones(len(women), dtype=np.int64)
    ordered = women[np.lexsort(women[:, 2:].T)]
    _, first, length = np.unique(ordered[:, 3:], axis=0, return_index=True, return_counts=True)
    return ordered[first], length


def _corners(totals: ArmTotals, max_embryos: int) -> Floats:
    """Allocations (in fractions) to at most two sizes; every allocation is a mean of these."""
    women, embryos = totals.women, totals.embryos
    corners = []
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
            corners.append(row)
    return np.array(corners)
