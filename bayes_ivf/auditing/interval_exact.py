"""Exact confidence intervals for two arms of counts: conditional on the margins, or at the worst common risk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import exp, inf

import numpy as np

from bayes_ivf.auditing.boschloo import largest_size
from bayes_ivf.auditing.count_tests import TIE, Floats, log_hypergeometric
from bayes_ivf.auditing.interval_formulas import Interval
from bayes_ivf.study import Counts

FARTHEST = 16.0
"""Largest absolute log ratio that is searched."""
STEPS = 50
LARGEST = 10_000
"""Tables (n_treatment x n_control) up to which unconditional limits are computed; papers use them for small arms."""
_COARSE, _HALVINGS, _RISKS = 22, 30, 121
"""Steps of a search for an unconditional limit, to 5e-7, and for the risks behind a score; common risks looked at."""


def conditional(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of the odds ratio given all margins, beside the conditional or the sample's own estimate.

    Two tails of equal size (what R's fisher.test prints), and all tables that are no likelier than the observed one
    (Baptista and Pike, what Prism prints); each exact and with the observed table counted by half.

    References
    ----------
    Baptista J, Pike MC (1977). Exact two-sided confidence limits for the odds ratio in a 2 x 2 table. Applied
    Statistics 26. doi 10.2307/2347041. Fagerland MW, Lydersen S, Laake P (2015). Recommended confidence intervals for
    two independent binomial proportions. doi 10.1177/0962280211415469.
    """
    first, logp = log_hypergeometric(a.events + b.events, a.n, b.n)
    support = first + np.arange(logp.size)
    seen, at, alpha = a.events, a.events - first, 1 - level
    bottom, top = seen == support[0], seen == support[-1]

    def tilted(x: float) -> Floats:
        weights = logp + support * x
        weights = np.exp(weights - weights.max())
        return np.asarray(weights / weights.sum())

    def limits(low: Callable[[float], bool], high: Callable[[float], bool], *inside: float) -> tuple[float, float]:
        least, most = inside or (FARTHEST, -FARTHEST)
        return (
            0.0 if bottom else exp(_turn(low, -FARTHEST, least)),
            inf if top else exp(_turn(high, most, FARTHEST)),
        )

    middle = _turn(lambda x: float(tilted(x) @ support) >= seen, -FARTHEST, FARTHEST)
    value = 0.0 if bottom else inf if top else exp(middle)
    odds = (a.events * (b.n - b.events), b.events * (a.n - a.events))
    sample = odds[0] / odds[1] if odds[1] else inf
    for name, share in (("exact", 0.0), ("mid-P exact", 0.5)):
        upper, lower = ((side - share * (support == seen)) for side in (support >= seen, support <= seen))

        def above(x: float, tail: Floats = upper) -> bool:
            return float(tilted(x) @ tail) >= alpha / 2

        def below(x: float, tail: Floats = lower) -> bool:
            return float(tilted(x) @ tail) < alpha / 2

        def likely(x: float, share: float = share) -> bool:
            p = tilted(x)
            return float(p[p <= p[at] * (1 + TIE)].sum() - share * p[at]) > alpha

        yield name if share else f"conditional {name}", (value, *limits(above, below))
        # not monotone: sought from where the observed table is the likeliest
        peak = -FARTHEST if bottom else FARTHEST if top else middle
        yield f"Baptista-Pike {name}", (sample, *limits(likely, lambda x: not likely(x), peak, peak))


def _turn(above: Callable[[float], bool], low: float, high: float, steps: int = STEPS) -> float:
    """Where a condition begins to hold."""
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return (low + high) / 2


def unconditional(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield exact unconditional intervals of the risk difference: each tail at its worst common risk.

    Tables ordered by their difference (Santner and Snell, SAS's default), or by its score (Chan and Zhang, Barnard's
    order). None for arms so large that nobody computes them.

    References
    ----------
    Santner TJ, Snell MK (1980). Small-sample confidence intervals for p1 - p2 and p1/p2 in 2 x 2 contingency tables.
    doi 10.2307/2287464. Chan ISF, Zhang Z (1999). Test-based exact confidence intervals for the difference of two
    binomial proportions. doi 10.1111/j.0006-341X.1999.01202.x.
    """
    if a.n * b.n <= LARGEST:
        for order in ("difference", "score"):
            yield f"exact unconditional, by {order}", _worst_case(a.events, a.n, b.events, b.n, level, order)


@lru_cache(maxsize=64)
def _worst_case(k: int, n1: int, j: int, n2: int, level: float, order: str) -> Interval:
    d = k / n1 - j / n2
    x, y = np.arange(n1 + 1.0)[:, None], np.arange(n2 + 1.0)[None, :]

    def possible(shift: float, sign: int) -> bool:
        rank = sign * (x / n1 - y / n2 if order == "difference" else _score(x, n1, y, n2, shift))
        seen = float(rank[k, j])
        region = rank >= seen - TIE * max(1.0, abs(seen))
        return largest_size(region.astype(float), shift, _RISKS) > (1 - level) / 2

    low = -1.0 if d == -1 else _turn(lambda shift: possible(shift, 1), -1.0, d, _COARSE)
    high = 1.0 if d == 1 else _turn(lambda shift: not possible(shift, -1), d, 1.0, _COARSE)
    return d, low, high


def _score(x: Floats, n1: int, y: Floats, n2: int, shift: float) -> Floats:
    """Score statistic of every table for a difference, with the risks that fit it best under that difference."""
    q = np.full(np.broadcast_shapes(x.shape, y.shape), max(0.0, -shift))
    step = min(1.0, 1.0 - shift) - max(0.0, -shift)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_HALVINGS):
            step /= 2
            up, p = q + step, q + step + shift
            # the log likelihood still rises
            rises = x * (1 - p) * up * (1 - up) - (n1 - x) * p * up * (1 - up)
            rises = rises + (y * (1 - up) - (n2 - y) * up) * p * (1 - p)
            q = np.where(rises > 0, up, q)
        p = q + shift
        off = x / n1 - y / n2 - shift
        variance = p * (1 - p) / n1 + q * (1 - q) / n2
        return np.asarray(np.where(np.abs(off) < TIE, 0.0, off / np.sqrt(np.maximum(variance, 1e-300))))
