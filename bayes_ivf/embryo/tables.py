"""Tables: women by embryos received m and implanted k, all those that add up to the printed totals.

With ``n_mk`` women of m embryos of which k implanted, ``w_m = sum_k n_mk``, and chances ``p(k | m)``::

    Pr(P, S | parameters) = sum_w v(w) sum_n prod_m [ w_m! / prod_k n_mk! ] prod_k p(k | m)^n_mk

over allocations w (`allocations`) and the tables n with ``sum_(k >= 1) n_mk = P`` and ``sum k n_mk = S``. It is a product
over m of multinomials, since the w_m are given, and not one multinomial over all (m, k). Under ``biochemical`` P of the Q >=
P women with an implanted embryo kept it, in ``C(Q, P)`` ways, each of probability ``lambda^(Q - P) (1 - lambda)^P``.

Examples
--------
Two women, three embryos: one has one embryo, the other two. One is pregnant, with one implanted embryo: it may be either.

>>> tables = list_tables(ArmTotals(women=2, embryos=3, pregnant=1, implanted=1), max_embryos=2)
>>> cells(2)
((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))
>>> tables.counts.tolist()
[[0, 1, 1, 0, 0], [1, 0, 0, 1, 0]]

With p(1 | 1) = 0.3 and p(. | 2) = (0.5, 0.4, 0.1), by hand 0.3 x 0.5 + 0.7 x 0.4 = 0.43:

>>> p = np.array([0.7, 0.3, 0.5, 0.4, 0.1])
>>> print(np.exp(tables.constants + tables.counts @ np.log(p)).sum().round(6))
0.43
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.allocations import Allocations, list_allocations
from bayes_ivf.embryo.arm import ArmTotals, check_totals

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TABLES_LIMIT = 20_000
"""Default of `list_tables`: up to here a list takes a megabyte and a sum over it less than a millisecond."""
_PARTIAL_LIMIT = 20 * TABLES_LIMIT
"""Rows that may arise on the way, many of which end in no table: 400,000 take 30 MB."""


@dataclass(frozen=True)
class Tables:
    """The tables of one arm with their multiplicities.

    ``Pr(P, S | theta) = sum_t exp(constants[t] + counts[t] @ log pmf)``, where the pmf is that of K given m *with* its
    binomial coefficient.

    Parameters
    ----------
    counts : (T, C) array of int
        Women by (m, k); the columns run over k = 0..m within m = 1..M, ``C = M (M + 3) / 2``.
    constants : (T,) array of float
        ``log v(w) + sum_m log(w_m! / prod_k n_mk!)``, and under ``biochemical`` also the log number of ways to choose
        the clinically pregnant among the women with an implanted embryo.
    max_embryos : int
        M.
    """

    counts: Ints
    constants: Floats
    max_embryos: int


def cells(max_embryos: int) -> tuple[tuple[int, int], ...]:
    """Return the (m, k) of the columns of a table."""
    return tuple((m, k) for m in range(1, max_embryos + 1) for k in range(m + 1))


def cell_sizes(max_embryos: int) -> Ints:
    """Which m each column belongs to, (C, M) of 0 and 1: ``counts @ cell_sizes(M)`` is the allocation."""
    return np.array([[int(m == size) for size in range(1, max_embryos + 1)] for m, _ in cells(max_embryos)])


def list_tables(
    totals: ArmTotals,
    max_embryos: int,
    weights: str = "equal",
    mechanism: str = "beta_binomial",
    limit: int | None = TABLES_LIMIT,
) -> Tables | None:
    """List the tables of one arm, or return None if there are more than `limit`.

    Parameters
    ----------
    totals : ArmTotals
        As printed.
    max_embryos : int
        M.
    weights, mechanism : str
        See `check_totals`.
    limit : int, optional
        None lists them all.

    Raises
    ------
    RequestError
        If the totals are infeasible or an option is unknown.
    """
    totals = check_totals(totals, max_embryos, weights, mechanism)
    allocations = list_allocations(totals.women, totals.embryos, max_embryos, weights)
    sizes = allocations.women.shape[1]
    carriers = [totals.pregnant]
    if mechanism == "biochemical":
        carriers = list(range(totals.pregnant, min(totals.women, totals.implanted) + 1))
    blocks = []
    constants = []
    total = 0
    for carrying in carriers:
        partial_limit = None if limit is None else max(_PARTIAL_LIMIT, limit)
        enumerated = _enumerate(allocations, carrying, totals.implanted, partial_limit)
        if enumerated is None:
            return None
        counts, log_weights = enumerated
        total += len(counts)
        if limit is not None and total > limit:
            return None
        blocks.append(counts)
        ways = _log_ways(counts, sizes) + log_weights
        if mechanism == "biochemical":
            ways = ways + _log_choose(carrying, totals.pregnant)
        constants.append(ways)
    return Tables(np.concatenate(blocks), np.concatenate(constants), sizes)


def _enumerate(
    allocations: Allocations, carrying: int, implanted: int, limit: int | None
) -> tuple[Ints, Floats] | None:
    """Tables with `carrying` women of K >= 1 and `implanted` embryos; None if more than `limit` arise on the way."""
    sizes = allocations.women.shape[1]
    columns = {cell: position for position, cell in enumerate(cells(sizes))}
    rows = np.zeros((len(allocations.women), len(columns)), dtype=np.int64)
    free = allocations.women.copy()
    source = np.arange(len(rows))
    beyond = np.full(len(rows), implanted - carrying)
    women = np.full(len(rows), carrying)
    # first the women with two or more, who carry all embryos beyond the first; then the women with one
    order = [(m, k) for k in range(sizes, 1, -1) for m in range(sizes, k - 1, -1)]
    order += [(m, 1) for m in range(sizes, 0, -1)]
    for step, (m, k) in enumerate(order):
        extra = k - 1
        last = step + 1 == len(order) or (k == 2 and order[step + 1][1] == 1)
        high = np.minimum(free[:, m - 1], women)
        if extra:
            high = np.minimum(high, beyond // extra)
        low = (beyond if k == 2 else women) if last else _least(order[step + 1 :], k, beyond, women, free)
        number = np.maximum((np.minimum(high, low) if last else high) - low + 1, 0)
        if limit is not None and number.sum() > limit:
            return None
        parent = np.repeat(np.arange(len(rows)), number)
        chosen = low[parent] + np.arange(len(parent)) - np.repeat(np.cumsum(number) - number, number)
        rows, free, source = rows[parent], free[parent], source[parent]
        rows[:, columns[m, k]] = chosen
        free[:, m - 1] -= chosen
        beyond = beyond[parent] - extra * chosen
        women = women[parent] - chosen
    for m in range(1, sizes + 1):
        rows[:, columns[m, 0]] = free[:, m - 1]
    return rows, allocations.log_weights[source]


def _least(rest: list[tuple[int, int]], k: int, beyond: Ints, women: Ints, free: Ints) -> Ints:
    """Fewest women for the present cell, if the cells after it are to hold what remains."""
    if k == 1:
        later = free[:, [m - 1 for m, _ in rest]].sum(axis=1)
        return np.asarray(np.maximum(0, women - later))
    # no woman of this or a later cell takes more than k - 1 beyond her first: more than that cannot be placed
    return np.asarray(np.maximum(0, beyond - (k - 1) * women))


def _log_ways(counts: Ints, sizes: int) -> Floats:
    women = counts @ cell_sizes(sizes)
    return np.asarray(special.gammaln(women + 1.0).sum(axis=1) - special.gammaln(counts + 1.0).sum(axis=1))


def _log_choose(n: int, k: int) -> float:
    return float(special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0))
