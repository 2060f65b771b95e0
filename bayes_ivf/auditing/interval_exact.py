"""Exact confidence intervals for two arms of counts: conditional on the margins, or at the worst common risk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import product
from math import exp, inf, sqrt

import numpy as np

from bayes_ivf.auditing.boschloo import binomial, highest
from bayes_ivf.auditing.count_tests import TIE, Floats, log_hypergeometric
from bayes_ivf.auditing.interval_formulas import Interval
from bayes_ivf.study import Counts

FARTHEST = 16.0
"""Largest absolute log ratio that is searched."""
STEPS = 50
LARGEST = 10_000
"""Tables (n_treatment x n_control) up to which unconditional limits are computed; papers use them for small arms."""
_RISKS, _PER_ROOT = 121, 6
"""Common risks that are looked at: so many, or so many for each root of the larger arm (two a standard deviation)."""
_PLACES = 201
"""Differences at which the tables as extreme as the observed one are listed beforehand."""
_COARSE = 22
"""Halvings that place a limit that is the only one, to 5e-7."""
_WIDTH, _INNER, _FINE = 1e-4, 1e-3, 10
"""Width (difference or log ratio) of what is missed before the first turn of a P, and after; halvings that place it."""
_FEW = 30
"""Size of an arm, for each number of events looked up, from which its chances are not summed one by one."""


def conditional(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield intervals of the odds ratio given all margins, beside the conditional or the sample's own estimate.

    Two tails of equal size (what R's fisher.test prints), and all tables that are no likelier than the observed one
    (Baptista and Pike, what Prism prints); each exact and with the observed table counted by half. The P of Baptista
    and Pike may cross its limit several times: first comes the interval of all odds ratios within the outermost
    crossings, then those of the others, which software prints as well.

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

        low = 0.0 if bottom else exp(_turn(above, -FARTHEST, FARTHEST))
        high = inf if top else exp(_turn(below, -FARTHEST, FARTHEST))
        yield name if share else f"conditional {name}", (value, low, high)
        lows = [exp(x) for x in _no_likelier(logp, at, alpha, share)]
        highs = [exp(-x) for x in _no_likelier(logp[::-1], logp.size - 1 - at, alpha, share)]
        for ends in product(lows, highs):
            yield f"Baptista-Pike {name}", (sample, *ends)


def _no_likelier(logp: Floats, at: int, alpha: float, share: float) -> Iterator[float]:
    """Yield where, up to the odds at which the observed table is the likeliest, Baptista and Pike's P crosses alpha."""
    if at == 0:
        yield -inf
        return
    k = np.arange(logp.size)
    # log odds from which a table below is no likelier; they rise with the table
    enters = (logp[:at] - logp[at]) / (at - k[:at])

    @lru_cache(maxsize=16)
    def parts(x: float) -> tuple[Floats, float, int]:
        weights = logp + k * x
        weights = np.exp(weights - weights.max())
        sums = np.concatenate(((0.0,), np.cumsum(weights / weights.sum())))
        tail = 1 - sums[at] - share * (sums[at + 1] - sums[at])
        return sums, float(tail), int(np.searchsorted(enters, x + TIE, side="right"))

    def above(x: float, other: float) -> bool:
        # the upper tail grows with the odds, the chance of given tables at the other end shrinks
        return parts(x)[1] + float(parts(other)[0][parts(x)[2]]) > alpha

    yield from _turns(above, -FARTHEST, float(enters[-1]))


def _turn(above: Callable[[float], bool], low: float, high: float, steps: int = STEPS) -> float:
    """Where a condition begins to hold."""
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return (low + high) / 2


def _turns(above: Callable[[float, float], bool], low: float, high: float) -> Iterator[float]:
    """Yield every place where a P begins or ceases to be above its limit, from below.

    ``above(x, other)`` bounds the P of all places between the two. With x the larger: whether it may be above anywhere,
    by what grows with the place taken at x and with every table that is as extreme at one of them. With x the smaller:
    whether it is above everywhere, with the tables that are as extreme at both.
    """
    now, width, spans = False, _WIDTH, [(low, high)]
    while spans:
        low, high = spans.pop()
        may = above(high, low)
        must = may and above(low, high)
        if may != must and high - low > width:
            spans += [((low + high) / 2, high), (low, (low + high) / 2)]
            continue
        then = must or (may and above(high, high))
        if then != now:

            def turned(x: float, then: bool = then) -> bool:
                return above(x, x) == then

            yield _turn(turned, low, high, _FINE)
            width = _INNER
        now = then


def unconditional(a: Counts, b: Counts, level: float) -> Iterator[tuple[str, Interval]]:
    """Yield exact unconditional intervals of the risk difference: each tail at its worst common risk.

    Tables ordered by their difference (Santner and Snell, SAS's default), or by its score (Chan and Zhang, Barnard's
    order). The P of the score may cross its limit several times (Roehmel): first comes the interval of all differences
    within the outermost crossings, then those of the others, which software prints as well. None for arms so large that
    nobody computes them.

    References
    ----------
    Santner TJ, Snell MK (1980). Small-sample confidence intervals for p1 - p2 and p1/p2 in 2 x 2 contingency tables.
    doi 10.2307/2287464. Chan ISF, Zhang Z (1999). Test-based exact confidence intervals for the difference of two
    binomial proportions. doi 10.1111/j.0006-341X.1999.01202.x. Roehmel J (2005). Problems with existing procedures to
    calculate exact unconditional p-values for non-inferiority/superiority and confidence intervals for two binomials
    and how to resolve them. Biometrical Journal 47.
    """
    if a.n * b.n <= LARGEST:
        d = a.events / a.n - b.events / b.n
        for order in ("difference", "score"):
            arms = a.events, a.n, b.events, b.n
            highs = [-x for x in _lowest(*arms[2:], *arms[:2], level, order)]
            for ends in product(_lowest(*arms, level, order), highs):
                yield f"exact unconditional, by {order}", (d, *ends)


@lru_cache(maxsize=256)
def _lowest(k: int, n1: int, j: int, n2: int, level: float, order: str) -> tuple[float, ...]:
    """Lower limits of the difference of k of n1 and j of n2, the outermost first."""
    if n1 > n2:
        # the same tables by their women without the event: the larger arm is looked up at the fewer events of the other
        return _lowest(n2 - j, n2, n1 - k, n1, level, order)
    d, bar = k / n1 - j / n2, (1 - level) / 2
    if d == -1:
        return (-1.0,)
    points = max(_RISKS, int(_PER_ROOT * sqrt(n2)))
    x = np.arange(n1 + 1.0)

    def rank(x: Floats, y: Floats, shift: Floats) -> Floats:
        return x / n1 - y / n2 if order == "difference" else _score(x, n1, y, n2, shift)

    def regions(shifts: Floats) -> Floats:
        """For each x, the largest y of a table as extreme as the observed one, -1 without any: ranks fall with y."""
        seen = rank(np.array(k), np.array(j), shifts)
        seen = seen - TIE * np.maximum(1.0, np.abs(seen))
        least, most = np.full((shifts.size, n1 + 1), -1.0), np.full((shifts.size, n1 + 1), float(n2))
        while (least < most).any():
            y = np.ceil((least + most) / 2)
            inside = rank(x, y, shifts) >= seen
            least, most = np.where(inside, y, least), np.where(inside, most, y - 1)
        return least

    @cache
    def exceeds(shift: float, inside: tuple[float, ...]) -> bool:
        def sizes(control: Floats) -> Floats:
            return np.asarray((binomial(n1, control + shift) * _at_most(np.array(inside), n2, control)).sum(axis=1))

        return highest(sizes, max(0.0, -shift), min(1.0, 1.0 - shift), points, bar) > bar

    one = cache(lambda shift: regions(np.array([[shift]])))
    places = np.linspace(-1.0, d, _PLACES if order == "score" else 0)
    table = regions(places[:, None])

    def above(shift: float, other: float) -> bool:
        between = table[(places > min(shift, other)) & (places < max(shift, other))]
        every = np.concatenate((one(shift), one(other), between))
        return exceeds(shift, tuple(every.max(axis=0) if shift > other else every.min(axis=0)))

    if order == "difference":
        return (_turn(lambda shift: above(shift, shift), -1.0, d, _COARSE),)
    return tuple(_turns(above, -1.0, d))


def _at_most(most: Floats, n: int, risk: Floats) -> Floats:
    """Chances of at most so many events at each risk; shape (risks, numbers)."""
    from scipy.special import bdtr

    among = np.maximum(most, 0.0)
    if n > _FEW * most.size:
        chances = bdtr(among, n, risk[:, None])
    else:
        chances = np.cumsum(binomial(n, risk), axis=1)[:, among.astype(int)]
    return np.where(most < 0, 0.0, chances)


def _score(x: Floats, n1: int, y: Floats, n2: int, shift: Floats) -> Floats:
    """Score statistic of tables for a difference, with the risks that fit each best under that difference."""
    n, events, least, most = n1 + n2, x + y, np.maximum(0.0, -shift), np.minimum(1.0, 1.0 - shift)
    two = ((n1 + 2 * n2) * shift - n - events) / (3 * n)
    one = ((n2 * shift - n - 2 * y) * shift + events) / (3 * n)
    half = two * two * two - 1.5 * one * two + y * shift * (1 - shift) / (2 * n)
    root = np.copysign(np.sqrt(np.maximum(two * two - one, 0.0)), half)
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.nan_to_num(half / (root * root * root))
        q = np.clip(2 * root * np.cos((np.pi + np.arccos(np.clip(turn, -1, 1))) / 3) - two, least, most)
        # one step of Newton gives back the digits that the arc cosine costs
        p = q + shift
        step = x / p - (n1 - x) / (1 - p) + y / q - (n2 - y) / (1 - q)
        step /= x / p**2 + (n1 - x) / (1 - p) ** 2 + y / q**2 + (n2 - y) / (1 - q) ** 2
    q = np.clip(q + np.where(np.isfinite(step), step, 0.0), least, most)
    p = np.clip(q + shift, 0.0, 1.0)
    off = x / n1 - y / n2 - shift
    variance = p * (1 - p) / n1 + q * (1 - q) / n2
    return np.asarray(np.where(np.abs(off) < TIE, 0.0, off / np.sqrt(np.maximum(variance, 1e-300))))
