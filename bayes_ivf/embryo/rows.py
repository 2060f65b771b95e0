"""Tables that have the same probability at all parameters, merged into one row with their common multiplicity.

A table's probability is a product of powers of few terms (`terms`), so tables with the same exponents differ by a constant
only::

    Pr(P, S | theta) = sum_r exp(c_r + e_r @ log_terms(theta)),        c_r = log sum of exp(constants) over the tables of row r

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.tables import list_tables
>>> from bayes_ivf.embryo.terms import log_terms
>>> tables = list_tables(ArmTotals(women=4, embryos=8, pregnant=2, implanted=3), max_embryos=3)
>>> rows = collapse(tables, "beta_binomial", pregnant=2)
>>> print(len(tables.counts), "tables in", len(rows.constants), "rows")
8 tables in 7 rows
>>> print(np.exp(rows.log_likelihood(log_terms("beta_binomial", 3, log_odds=0.0, within=0.5))).round(6))
0.121582
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.factored_tables import FactoredTables, distinct_rows, factor
from bayes_ivf.embryo.tables import Tables, cell_sizes, cells
from bayes_ivf.embryo.terms import cell_exponents, log_binomials, term_groups

Floats = npt.NDArray[np.float64]

_ROWS, _POINTS = 4096, 128
"""Rows and parameter values taken at a time: their product, 4 MB, stays in the processor's cache."""
_MANY_ROWS, _POINTS_PER_ICC = 500, 8
"""Rows, and points with the same icc, from which on it takes less time to sum factor by factor."""


@dataclass(frozen=True)
class MergedTables:
    """One arm's likelihood as a short sum: ``logsumexp(constants + exponents @ log_terms)``.

    Parameters
    ----------
    constants : (R,) array of float
        Log multiplicities, with allocation weights and binomial coefficients.
    exponents : (R, F) array of float
        Whole numbers; the terms are those of `terms.log_terms`.
    allocation : (R, M) array of float
        Mean number of women by embryos received over the tables of each row; it does not depend on parameters.
    groups : sequence of sequence of int
        Columns that hang on the same parameters; see `terms.term_groups`.
    """

    constants: Floats
    exponents: Floats
    allocation: Floats
    groups: Sequence[Sequence[int]]

    def log_likelihood(self, terms: npt.ArrayLike) -> Floats:
        """Log Pr(P, S) for log terms of shape (..., F); returns (...)."""
        terms = np.asarray(terms, dtype=float)
        log_total, _ = self._sum(terms.reshape(-1, terms.shape[-1]), with_women=False)
        return log_total.reshape(terms.shape[:-1])

    def mean_allocation(self, terms: npt.ArrayLike) -> Floats:
        """Women by embryos received, averaged over their posterior given parameters; returns (..., M)."""
        terms = np.asarray(terms, dtype=float)
        _, women = self._sum(terms.reshape(-1, terms.shape[-1]), with_women=True)
        return women.reshape(*terms.shape[:-1], -1)

    def grouped(self, terms: npt.ArrayLike, column: int) -> tuple[Floats, Floats, Floats]:
        """Log probability and mean allocation in parts, by the exponent in `column`; later columns are left out, too.

        Parameters
        ----------
        terms : (..., F') array_like
            Log terms of the columns before `column`.
        column : int
            Counted from the end, as -2.

        Returns
        -------
        exponent : (N,) array of float
            Ascending.
        log_probability : (..., N) array of float
        allocation : (..., N, M) array of float
            As `mean_allocation`, within each part.
        """
        terms = np.asarray(terms, dtype=float)
        flat = terms.reshape(-1, terms.shape[-1])
        # later columns as if they were one
        flat = np.concatenate([flat, np.zeros((len(flat), self.exponents.shape[1] - flat.shape[1]))], axis=1)
        log_total, women = self._sum(flat, with_women=True, column=column)
        shape = (*terms.shape[:-1], log_total.shape[1])
        return np.unique(self.exponents[:, column]), log_total.reshape(shape), women.reshape(*shape, -1)

    @cached_property
    def factored(self) -> FactoredTables:
        """The same rows taken apart into factors."""
        return factor(self.constants, self.exponents, self.allocation, self.groups)

    def _sum(self, terms: Floats, *, with_women: bool, column: int | None = None) -> tuple[Floats, Floats]:
        """Log sums (G, J) and mean allocations (G, J, M or 0) at log terms (G, F): in parts by a column's exponent, or in one."""
        number = len(terms)
        distinct = len(np.unique(terms[:, self.groups[2][0]]))
        if len(self.constants) < _MANY_ROWS or number < _POINTS_PER_ICC * distinct:
            return self._by_rows(terms, with_women, column)
        label = None
        if column is not None:
            label = self.factored.exponents[0][:, self.groups[0].index(column % self.exponents.shape[1])]
        log_total, women = self.factored.add_up(terms, label, with_women=with_women)
        lost = np.isnan(log_total).any(axis=1)
        if lost.any():
            log_total[lost], women[lost] = self._by_rows(terms[lost], with_women, column)
        return log_total, women

    def _by_rows(self, terms: Floats, with_women: bool, column: int | None) -> tuple[Floats, Floats]:
        if column is None:
            log_total, women = self._add_up(terms, with_women=with_women)
            return log_total[:, None], women[:, None]
        order = np.argsort(self.exponents[:, column], kind="stable")
        first = np.unique(self.exponents[order, column], return_index=True)[1]
        parts = [
            self._take(order[start:stop])._add_up(terms, with_women=with_women)
            for start, stop in pairwise([*first.tolist(), len(order)])
        ]
        log_total, women = (np.stack(arrays, axis=1) for arrays in zip(*parts, strict=True))
        return log_total, women

    def _take(self, rows: npt.NDArray[np.intp]) -> MergedTables:
        return MergedTables(self.constants[rows], self.exponents[rows], self.allocation[rows], self.groups)

    def _add_up(self, terms: Floats, *, with_women: bool) -> tuple[Floats, Floats]:
        """Log of the sum (G,) and mean allocation (G, M), or (G, 0) unless wanted, at log terms (G, F).

        In blocks that stay in the cache, relative to the largest row met so far.
        """
        number, sizes = len(terms), self.allocation.shape[1] if with_women else 0
        log_total, women = np.empty(number), np.zeros((number, sizes))
        for start in range(0, number, _POINTS):
            values = terms[start : start + _POINTS]
            peak, total, allocated = (
                np.full(len(values), -np.inf),
                np.zeros(len(values)),
                np.zeros((len(values), sizes)),
            )
            for first in range(0, len(self.constants), _ROWS):
                rows = slice(first, first + _ROWS)
                weight = values @ self.exponents[rows].T
                weight += self.constants[rows]
                larger = np.maximum(peak, weight.max(axis=1))
                weight -= larger[:, None]
                np.exp(weight, out=weight)
                fade = np.exp(peak - larger)
                total = total * fade + weight.sum(axis=1)
                if with_women:
                    allocated = allocated * fade[:, None] + weight @ self.allocation[rows]
                peak = larger
            part = slice(start, start + _POINTS)
            log_total[part] = peak + np.log(total)
            women[part] = allocated / total[:, None]
        return log_total, women


def collapse(tables: Tables, mechanism: str, pregnant: int) -> MergedTables:
    """Merge the tables whose probabilities are the same product of powers.

    Parameters
    ----------
    tables : Tables
        Of one arm.
    mechanism : str
        See `terms.log_terms`.
    pregnant : int
        P, needed by ``biochemical``.

    Returns
    -------
    MergedTables
    """
    sizes = tables.max_embryos
    exponents = tables.counts @ cell_exponents(mechanism, sizes)
    if mechanism == "biochemical":
        carrying = tables.counts @ np.array([int(k > 0) for _, k in cells(sizes)])
        exponents[:, -2] = carrying - pregnant
        exponents[:, -1] = pregnant
    constants = tables.constants
    for number, log_ways in zip(tables.counts.T, log_binomials(sizes), strict=True):
        constants = constants + number * log_ways
    women = tables.counts @ cell_sizes(sizes)
    distinct, member = distinct_rows(exponents)
    peak = np.full(len(distinct), -np.inf)
    np.maximum.at(peak, member, constants)
    weight = _everywhere(math.exp, constants - peak[member])
    total = np.bincount(member, weight)
    allocation = [np.bincount(member, weight * women[:, size]) / total for size in range(sizes)]
    constants = peak + _everywhere(math.log, total)
    return MergedTables(constants, distinct.astype(float), np.stack(allocation, axis=1), term_groups(mechanism, sizes))


def _everywhere(function: Callable[[float], float], values: Floats) -> Floats:
    """A function of the C library, whose last digits do not depend on the processor as those of NumPy's and of BLAS do.

    The constants are part of a problem's content hash, from which seeds are derived.
    """
    return np.fromiter(map(function, values.tolist()), float, len(values))
