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
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bayes_ivf.embryo.tables import Tables, cell_sizes, cells
from bayes_ivf.embryo.terms import cell_exponents, log_binomials

Floats = npt.NDArray[np.float64]

_ROWS, _POINTS = 4096, 128
"""Rows and parameter values taken at a time: their product, 4 MB, stays in the processor's cache."""


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
    """

    constants: Floats
    exponents: Floats
    allocation: Floats

    def log_likelihood(self, terms: npt.ArrayLike) -> Floats:
        """Log Pr(P, S) for log terms of shape (..., F); returns (...)."""
        terms = np.asarray(terms, dtype=float)
        log_total, _ = self._add_up(terms.reshape(-1, terms.shape[-1]), with_women=False)
        return log_total.reshape(terms.shape[:-1])

    def mean_allocation(self, terms: npt.ArrayLike) -> Floats:
        """Women by embryos received, averaged over their posterior given parameters; returns (..., M)."""
        terms = np.asarray(terms, dtype=float)
        _, women = self._add_up(terms.reshape(-1, terms.shape[-1]), with_women=True)
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
        order = np.argsort(self.exponents[:, column], kind="stable")
        values, first = np.unique(self.exponents[order, column], return_index=True)
        ordered = MergedTables(self.constants[order], self.exponents[order, :column], self.allocation[order])
        flat = terms.reshape(-1, terms.shape[-1])
        parts = [
            ordered._take(slice(start, stop))._add_up(flat, with_women=True)
            for start, stop in pairwise([*first.tolist(), len(order)])
        ]
        shape = (*terms.shape[:-1], len(values))
        log_total, women = (np.stack(arrays, axis=1) for arrays in zip(*parts, strict=True))
        return values, log_total.reshape(shape), women.reshape(*shape, -1)

    def _take(self, rows: slice) -> MergedTables:
        return MergedTables(self.constants[rows], self.exponents[rows], self.allocation[rows])

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
    distinct, member = _distinct_rows(exponents)
    peak = np.full(len(distinct), -np.inf)
    np.maximum.at(peak, member, constants)
    weight = _everywhere(math.exp, constants - peak[member])
    total = np.bincount(member, weight)
    allocation = [np.bincount(member, weight * women[:, size]) / total for size in range(sizes)]
    return MergedTables(peak + _everywhere(math.log, total), distinct.astype(float), np.stack(allocation, axis=1))


def _everywhere(function: Callable[[float], float], values: Floats) -> Floats:
    """A function of the C library, whose last digits do not depend on the processor as those of NumPy's and of BLAS do.

    The constants are part of a problem's content hash, from which seeds are derived.
    """
    return np.fromiter(map(function, values.tolist()), float, len(values))


def _distinct_rows(exponents: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Distinct rows and the row of each, by one mixed-radix key per row."""
    low = exponents.min(axis=0)
    span = exponents.max(axis=0) - low + 1
    if float(np.prod(span.astype(float))) >= 2.0**62:  # keys would overflow 64 bits
        distinct, member = np.unique(exponents, axis=0, return_inverse=True)
        return distinct, member.reshape(-1)
    radix = np.concatenate([[1], np.cumprod(span[:-1])])
    _, first, member = np.unique((exponents - low) @ radix, return_index=True, return_inverse=True)
    return exponents[first], member.reshape(-1)
