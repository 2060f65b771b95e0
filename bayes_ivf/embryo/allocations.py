"""Allocations: how many women received how many embryos, of which papers print only the totals.

An allocation of W women and E embryos is ``w = (w_1, ..., w_M)`` with ``sum_m w_m = W`` and ``sum_m m w_m = E``. Its weight is

* ``equal``: the same for every allocation;
* ``multinomial``: proportional to ``W! / prod_m w_m!``, as if each woman's number was drawn uniformly, given E;
* ``least_spread``: one for the allocation in which women differ by at most one embryo.

Examples
--------
Three women share five embryos, at most three each: (1, 2, 2) or (1, 1, 3).

>>> allocations = list_allocations(women=3, embryos=5, max_embryos=3, weights="multinomial")
>>> allocations.women.tolist()
[[1, 2, 0], [2, 0, 1]]
>>> np.exp(allocations.log_weights).round(6).tolist()  # 3! / (1! 2!) = 3 and 3! / (2! 1!) = 3
[0.5, 0.5]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Allocations:
    """Every feasible number of women by number of embryos received.

    Parameters
    ----------
    women : (A, M) array of int
        ``women[a, m - 1]`` received m embryos in allocation a.
    log_weights : (A,) array of float
        Log prior weight; the weights sum to one.
    """

    women: Ints
    log_weights: Floats


def list_allocations(women: int, embryos: int, max_embryos: int, weights: str) -> Allocations:
    """List the w with ``sum w_m = women`` and ``sum m w_m = embryos``.

    Parameters
    ----------
    women, embryos : int
        Totals of the arm, feasible for `max_embryos`.
    max_embryos : int
        M.
    weights : {"equal", "multinomial", "least_spread"}
        Equal over w; proportional to ``W! / prod w_m!``; or all weight on the w whose women differ by at most one.

    Returns
    -------
    Allocations
    """
    if weights == "least_spread":
        few, more = divmod(embryos, women)
        only = np.zeros((1, max(max_embryos, few + (more > 0))), dtype=np.int64)
        only[0, few - 1] = women - more
        if more:
            only[0, few] = more
        return Allocations(only, np.zeros(1))
    counts = _solutions(women, embryos, max_embryos)
    if weights == "equal":
        return Allocations(counts, np.full(len(counts), -np.log(len(counts))))
    unnormalized = -special.gammaln(counts + 1.0).sum(axis=1)
    return Allocations(counts, unnormalized - special.logsumexp(unnormalized))


def count_allocations(women: int, embryos: int, max_embryos: int, weights: str) -> float:
    """Return how many allocations `list_allocations` would list; 0 for totals that are not feasible.

    Examples
    --------
    >>> count_allocations(40, 80, 3, "equal"), count_allocations(300, 600, 6, "equal")
    (21.0, 3103576.0)
    """
    beyond = embryos - women
    if beyond < 0:
        return 0.0
    if weights == "least_spread":
        return 1.0
    # ways[n, b]: n women with two embryos or more share b beyond the first
    ways = np.zeros((women + 1, beyond + 1))
    ways[0, 0] = 1.0
    for extra in range(1, min(max_embryos - 1, beyond) + 1):
        for number in range(1, women + 1):
            ways[number, extra:] += ways[number - 1, :-extra]
    return float(ways[:, beyond].sum())


def _solutions(women: int, embryos: int, max_embryos: int) -> Ints:
    if max_embryos == 1:
        return np.array([[women]], dtype=np.int64)
    # share the embryos beyond each woman's first over women with M, M - 1, ..., 3; what is left fixes w_2 and w_1
    rows = np.zeros((1, max_embryos), dtype=np.int64)
    beyond = np.array([embryos - women], dtype=np.int64)
    free = np.array([women], dtype=np.int64)
    for size in range(max_embryos, 2, -1):
        # what is left must fit in the women left, at most size - 2 beyond the first each
        low = np.maximum(0, beyond - free * (size - 2))
        high = np.minimum(free, beyond // (size - 1))
        number = np.maximum(high - low + 1, 0)
        parent = np.repeat(np.arange(len(rows)), number)
        chosen = low[parent] + np.arange(len(parent)) - np.repeat(np.cumsum(number) - number, number)
        rows = rows[parent]
        rows[:, size - 1] = chosen
        beyond = beyond[parent] - (size - 1) * chosen
        free = free[parent] - chosen
    rows[:, 1] = beyond
    rows[:, 0] = free - beyond
    return rows[(rows >= 0).all(axis=1)]
