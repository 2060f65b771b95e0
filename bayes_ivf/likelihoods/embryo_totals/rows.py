"""Tables that always have the same probability, merged into one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf.likelihoods.embryo_totals.tables import Tables, cell_sizes, cells
from bayes_ivf.likelihoods.embryo_totals.terms import cell_exponents, log_binomials

Floats = npt.NDArray[np.float64]

_CHUNK = 1_000_000
"""Numbers held at once when many parameter values are evaluated."""


@dataclass(frozen=True)
class Rows:
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
        flat = terms.reshape(-1, terms.shape[-1])
        out = np.empty(len(flat))
        for part in self._parts(len(flat)):
            exponent, peak = self._exponents(flat[part])
            out[part] = peak + np.log(exponent.sum(axis=1))
        return out.reshape(terms.shape[:-1])

    def mean_allocation(self, terms: npt.ArrayLike) -> Floats:
        """Women by embryos received, averaged over their posterior given parameters; returns (..., M)."""
        terms = np.asarray(terms, dtype=float)
        flat = terms.reshape(-1, terms.shape[-1])
        out = np.empty((len(flat), self.allocation.shape[1]))
        for part in self._parts(len(flat)):
            weight, _ = self._exponents(flat[part])
            out[part] = (weight @ self.allocation) / weight.sum(axis=1, keepdims=True)
        return out.reshape(*terms.shape[:-1], -1)

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
        length = np.diff(np.append(first, len(order)))
        flat = terms.reshape(-1, terms.shape[-1])
        out = np.empty((len(flat), len(values)))
        women = np.empty((len(flat), len(values), self.allocation.shape[1]))
        exponents, constants = self.exponents[order, :column], self.constants[order]
        for part in self._parts(len(flat)):
            exponent = flat[part] @ exponents.T + constants
            peak = np.maximum.reduceat(exponent, first, axis=1)
            exponent -= np.repeat(peak, length, axis=1)
            weight = np.exp(exponent, out=exponent)
            total = np.add.reduceat(weight, first, axis=1)
            out[part] = peak + np.log(total)
            for i, (start, number) in enumerate(zip(first, length, strict=True)):
                rows = slice(start, start + number)
                women[part, i] = weight[:, rows] @ self.allocation[order[rows]] / total[:, i, None]
        shape = terms.shape[:-1]
        return values, out.reshape(*shape, len(values)), women.reshape(*shape, len(values), -1)

    def _parts(self, number: int) -> list[slice]:
        step = max(1, _CHUNK // len(self.constants))
        return [slice(start, start + step) for start in range(0, number, step)]

    def _exponents(self, terms: Floats) -> tuple[Floats, Floats]:
        exponent = terms @ self.exponents.T + self.constants
        peak = exponent.max(axis=1)
        exponent -= peak[:, None]
        return np.exp(exponent, out=exponent), peak


def collapse(tables: Tables, mechanism: str, pregnant: int) -> Rows:
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
    Rows
    """
    sizes = tables.max_embryos
    exponents = tables.counts @ cell_exponents(mechanism, sizes)
    if mechanism == "biochemical":
        carrying = tables.counts @ np.array([int(k > 0) for _, k in cells(sizes)])
        exponents[:, -2] = carrying - pregnant
        exponents[:, -1] = pregnant
    constants = tables.constants + tables.counts @ log_binomials(sizes)
    women = tables.counts @ cell_sizes(sizes)
    distinct, member = _distinct(exponents)
    peak = np.full(len(distinct), -np.inf)
    np.maximum.at(peak, member, constants)
    weight = np.exp(constants - peak[member])
    total = np.bincount(member, weight)
    allocation = [np.bincount(member, weight * women[:, size]) / total for size in range(sizes)]
    return Rows(peak + np.log(total), distinct.astype(float), np.stack(allocation, axis=1))


def _distinct(exponents: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Distinct rows and the row of each, by one mixed-radix key per row."""
    low = exponents.min(axis=0)
    span = exponents.max(axis=0) - low + 1
    if float(np.prod(span.astype(float))) >= 2.0**62:
        distinct, member = np.unique(exponents, axis=0, return_inverse=True)
        return distinct, member.reshape(-1)
    radix = np.concatenate([[1], np.cumprod(span[:-1])])
    _, first, member = np.unique((exponents - low) @ radix, return_index=True, return_inverse=True)
    return exponents[first], member.reshape(-1)
