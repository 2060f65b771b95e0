"""The sum over merged tables factor by factor, for many values of the log odds at the same icc (or q).

A row's terms (`terms.log_terms`) hang on the log odds through the chance of an implantation (a) or through that of none (b), or
on the icc alone (d), and each part has few distinct exponents (`terms.term_groups`)::

    sum_r exp(c_r + e_r @ log_terms)  =  sum_a A_a(x) sum_b B_b(x) sum_d K_abd D_d,        K_abd = exp(c_r)

The sum over d is made once for an icc, the others as products of sparse and dense arrays: exponentials are taken of the distinct
A, B and D, some hundreds where there are 90,000 rows.

Each factor is scaled to at most one, so that what underflows in a factor is below 1e-308 in the sum; where a sum is not far above
that, it is NaN here, and taken row by row in `rows`.

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.rows import collapse
>>> from bayes_ivf.embryo.tables import list_tables
>>> from bayes_ivf.embryo.terms import log_terms, term_groups
>>> tables = list_tables(ArmTotals(women=12, embryos=24, pregnant=6, implanted=9), max_embryos=3)
>>> rows = collapse(tables, "beta_binomial", pregnant=6)
>>> factored = factor(rows.constants, rows.exponents, rows.allocation, term_groups("beta_binomial", 3))
>>> print(len(rows.constants), "rows of", [len(each) for each in factored.exponents], "factors")
120 rows of [2, 22, 36] factors
>>> terms = log_terms("beta_binomial", 3, np.array([-1.0, 0.0, 1.0]), 0.5)
>>> log_total, _ = factored.add_up(terms, None, with_women=False)
>>> print(np.abs(log_total[:, 0] - rows.log_likelihood(terms)).max() < 1e-12)
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_LEAST = 1e-280
"""A scaled sum below which underflowing factors might show in its last digit: 1e-308 of at most 1e6 rows, and 1e-16 of it."""


@dataclass(frozen=True, eq=False)
class FactoredTables:
    """K_abd of one arm, for the sum over d.

    Parameters
    ----------
    columns : three sequences of int
        Columns of `log_terms` in the parts a, b and d.
    exponents : three arrays (U, columns) of float
        Distinct exponents of each part.
    scale : two arrays (U,) of float
        Logs of constants that were taken out of K into A and B.
    ends, second : (A + 1,) and (N,) array of int
        Pairs of a and b that occur: those of the i-th a are ``ends[i]:ends[i + 1]``, with their b.
    weights : sequence of sparse array (N, D)
        K by pair and d; then the same times the women who received 1, ..., M embryos.
    """

    columns: Sequence[Sequence[int]]
    exponents: tuple[Floats, Floats, Floats]
    scale: tuple[Floats, Floats]
    ends: Ints
    second: Ints
    weights: Sequence[sparse.csr_array]

    def add_up(self, terms: Floats, label: Floats | None, *, with_women: bool) -> tuple[Floats, Floats]:
        """Log of the sums (G, J) and mean allocations (G, J, M), or (G, J, 0) unless wanted, at log terms (G, F).

        Parameters
        ----------
        terms : (G, F) array of float
        label : (A,) array of float or None
            Of each a: one sum for each distinct label, ascending. None: one sum of all.
        with_women : bool
        """
        order = np.argsort(label, kind="stable") if label is not None else np.arange(len(self.scale[0]))
        starts = np.array([0]) if label is None else np.unique(label[order], return_index=True)[1]
        matrices = self.weights if with_women else self.weights[:1]
        log_total = np.empty((len(terms), len(starts)))
        women = np.empty((len(terms), len(starts), len(matrices) - 1))
        for points in _of_one_icc(terms[:, self.columns[2]]):
            sums, shift = self._sums(terms[points], matrices, order, starts)
            total = np.where(sums[0] > _LEAST, sums[0], np.nan)
            log_total[points] = (np.log(total) + shift).T
            women[points] = (sums[1:] / total).transpose(2, 1, 0)
        return log_total, women

    def _sums(
        self, terms: Floats, matrices: Sequence[sparse.csr_array], order: Ints, starts: Ints
    ) -> tuple[Floats, Floats]:
        """Scaled sums (1 + M, J, G) at points with the same icc, and the log of what they were divided by, (J, G)."""
        log_a, log_b = (
            self.exponents[part] @ terms[:, self.columns[part]].T + self.scale[part][:, None] for part in (0, 1)
        )
        log_d = self.exponents[2] @ terms[0, self.columns[2]]
        log_a = log_a[order]
        top = np.maximum.reduceat(log_a, starts)
        sizes = np.diff(np.append(starts, len(order)))
        a = np.exp(log_a - np.repeat(top, sizes, axis=0))
        top_b = log_b.max(axis=0)
        b = np.exp(log_b - top_b)
        d = np.exp(log_d - log_d.max())
        shape = len(order), len(b)
        by_a = [sparse.csr_array((matrix @ d, self.second, self.ends), shape=shape) @ b for matrix in matrices]
        sums = np.stack([np.add.reduceat(a * each[order], starts) for each in by_a])
        return sums, top + top_b + log_d.max()


def _of_one_icc(terms: Floats) -> Iterator[Ints]:
    """Points (G,) that have the same terms (G, F), group by group."""
    _, which = np.unique(terms, axis=0, return_inverse=True)
    which = which.reshape(-1)
    order = np.argsort(which, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(which[order])) + 1)


def factor(
    constants: Floats, exponents: Floats, allocation: Floats, columns: Sequence[Sequence[int]]
) -> FactoredTables:
    """Take rows apart; see `rows.MergedTables` for what they are.

    Parameters
    ----------
    constants, exponents, allocation
        Of R rows.
    columns : three sequences of int
        From `terms.term_groups`.
    """
    parts = [distinct_rows(exponents[:, part].astype(np.int64)) for part in columns]
    a, b, d = (member for _, member in parts)
    # constants in reach of floating-point numbers: the largest of each a, then of each b, are taken out
    scale_a = np.full(len(parts[0][0]), -np.inf)
    np.maximum.at(scale_a, a, constants)
    scale_b = np.full(len(parts[1][0]), -np.inf)
    np.maximum.at(scale_b, b, constants - scale_a[a])
    weight = np.exp(constants - scale_a[a] - scale_b[b])
    pairs, pair = np.unique(a * len(scale_b) + b, return_inverse=True)
    shape = len(pairs), len(parts[2][0])
    weights = tuple(
        sparse.csr_array((weight * each, (pair.reshape(-1), d)), shape=shape)
        for each in (np.ones(len(weight)), *allocation.T)
    )
    return FactoredTables(
        columns,
        (parts[0][0].astype(float), parts[1][0].astype(float), parts[2][0].astype(float)),
        (scale_a, scale_b),
        np.append(0, np.cumsum(np.bincount(pairs // len(scale_b), minlength=len(scale_a)))),
        pairs % len(scale_b),
        weights,
    )


def distinct_rows(exponents: Ints) -> tuple[Ints, Ints]:
    """Distinct rows and the row of each, by one mixed-radix key per row."""
    low = exponents.min(axis=0)
    span = exponents.max(axis=0) - low + 1
    if float(np.prod(span.astype(float))) >= 2.0**62:  # keys would overflow 64 bits
        distinct, member = np.unique(exponents, axis=0, return_inverse=True)
        return distinct, member.reshape(-1)
    radix = np.concatenate([[1], np.cumprod(span[:-1])])
    _, first, member = np.unique((exponents - low) @ radix, return_index=True, return_inverse=True)
    return exponents[first], member.reshape(-1)
