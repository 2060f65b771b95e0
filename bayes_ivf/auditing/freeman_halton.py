"""The exact test of two arms over K categories: a network with bounds, and Monte Carlo where that grows too large."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bayes_ivf.auditing.count_tests import TIE, Floats

MOST_PATHS = 200_000
"""Partial tables kept at one stage, beyond which the P is simulated."""
MOST_STEPS = 2_000_000
"""Partial tables that are made at one stage, beyond which the P is simulated."""
MOST_WOMEN = 5_000
DRAWS = 100_000
SEED = 20_261_129


def freeman_halton_p(treatment: Sequence[int], control: Sequence[int]) -> tuple[float, float]:
    """Return the P of all tables with these margins that are at most as likely as the observed one.

    Parameters
    ----------
    treatment, control : sequence of int, length K
        Counts of each category.

    Returns
    -------
    p : float
    error : float
        Monte Carlo standard error; 0 where the P is exact.

    References
    ----------
    Freeman GH, Halton JH (1951). Note on an exact treatment of contingency, goodness of fit and other problems of
    significance. doi 10.1093/biomet/38.1-2.141. Mehta CR, Patel NR (1983). A network algorithm for performing Fisher's
    exact test in r x c contingency tables. doi 10.1080/01621459.1983.10477989.
    """
    kept = [(int(a), int(b)) for a, b in zip(treatment, control, strict=True) if a + b > 0]
    # The largest categories last: their many counts are then summed in one piece, not kept.
    kept.sort(key=sum)
    sizes = [a + b for a, b in kept]
    drawn = sum(a for a, _ in kept)
    if len(kept) < 2 or drawn in (0, sum(sizes)):
        return 1.0, 0.0
    seen = sum(_log_choose(a + b, a) for a, b in kept)
    exact = _network(sizes, drawn, seen)
    return (exact, 0.0) if exact is not None else _simulated(sizes, drawn, seen)


def _network(sizes: list[int], drawn: int, seen: float) -> float | None:
    """Sum over partial tables, category after category; None if too many have to be kept."""
    if sum(sizes) > MOST_WOMEN:
        return None
    whole = _log_choose(sum(sizes), drawn)
    limit = seen + TIE
    weights = [np.array([_log_choose(size, k) for k in range(size + 1)]) for size in sizes]
    bounds = _bounds(weights, drawn)
    used, past, paths = np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1)
    total = 0.0
    for stage, steps in enumerate(weights):
        if used.size * steps.size > MOST_STEPS:
            return None
        now = (used[:, None] + np.arange(steps.size)[None, :]).ravel()
        value = (past[:, None] + steps[None, :]).ravel()
        count = np.repeat(paths, steps.size)
        remaining = sum(sizes[stage + 1 :])
        possible = (now <= drawn) & (drawn - now <= remaining)
        now, value, count = now[possible], value[possible], count[possible]
        low, high = (bound[drawn - now] for bound in bounds[stage + 1])
        every = np.array([_log_choose(remaining, t) for t in range(min(drawn, remaining) + 1)])[drawn - now]
        inside = value + high <= limit
        total += float((count[inside] * np.exp(value[inside] + every[inside] - whole)).sum())
        undecided = ~inside & (value + low <= limit)
        used, past, paths = _merged(now[undecided], value[undecided], count[undecided])
        if used.size > MOST_PATHS:
            return None
    return min(1.0, total)


def _bounds(weights: list[Floats], drawn: int) -> list[tuple[Floats, Floats]]:
    """Least and largest log weight of drawing 0 to `drawn` from the categories from each stage on."""
    none = np.full(drawn + 1, np.inf)
    none[0] = 0.0
    bounds = [(none, -none)]
    bounds[0][1][0] = 0.0
    for steps in reversed(weights):
        low, high = bounds[0]
        least, most = np.full(drawn + 1, np.inf), np.full(drawn + 1, -np.inf)
        for k, step in enumerate(steps[: drawn + 1]):
            np.minimum(least[k:], low[: drawn + 1 - k] + step, out=least[k:])
            np.maximum(most[k:], high[: drawn + 1 - k] + step, out=most[k:])
        bounds.insert(0, (least, most))
    return bounds


def _merged(used: np.ndarray, past: Floats, paths: Floats) -> tuple[np.ndarray, Floats, Floats]:
    """Join partial tables with the same total and the same probability."""
    if not used.size:
        return used, past, paths
    order = np.lexsort((past, used))
    used, past, paths = used[order], past[order], paths[order]
    new = np.concatenate(([True], (np.diff(used) != 0) | (np.diff(past) > 1e-10)))
    return used[new], past[new], np.add.reduceat(paths, np.flatnonzero(new))


def _simulated(sizes: list[int], drawn: int, seen: float) -> tuple[float, float]:
    from scipy.special import gammaln

    rng = np.random.default_rng(SEED)
    tables = rng.multivariate_hypergeometric(sizes, drawn, size=DRAWS)
    m = np.asarray(sizes, dtype=float)
    weights = (gammaln(m + 1) - gammaln(tables + 1) - gammaln(m - tables + 1)).sum(axis=1)
    # The observed table is one of those that could be drawn.
    p = (1 + int((weights <= seen + TIE).sum())) / (DRAWS + 1)
    return p, math.sqrt(p * (1 - p) / DRAWS)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
