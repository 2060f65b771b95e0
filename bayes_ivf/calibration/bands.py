"""Are ranks uniform? Simultaneous bands of their empirical distribution, and the chance to leave them, both exact.

The counts of ranks up to k form a Markov chain with binomial steps, so that the probability to stay within any limits
is a short sum; nothing is simulated.

References
----------
Säilynoja, Bürkner, Vehtari 2022, doi 10.1007/s11222-022-10090-6.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


def ecdf_p_value(ranks: npt.ArrayLike, draws: int) -> float:
    """Return the probability that uniform ranks stray from their expectation as far as these, at any point.

    Parameters
    ----------
    ranks : array_like of int, shape (simulation,)
        0..draws.
    draws : int
        Posterior draws among which each was ranked.
    """
    ranks = np.asarray(ranks)
    counts = np.cumsum(np.bincount(ranks, minlength=draws + 1))[:-1]
    tails = _tails(len(ranks), draws)
    worst = tails[np.arange(draws), counts].min()
    return float(np.clip(1 - _stay(len(ranks), draws, float(worst)), 0.0, 1.0))


@lru_cache(maxsize=64)
def ecdf_band(simulations: int, draws: int, prob: float) -> tuple[Array, Array, Array]:
    """Return the band that holds the whole empirical distribution of uniform ranks with a probability.

    Parameters
    ----------
    simulations, draws : int
    prob : float
        At least this; ranks are discrete.

    Returns
    -------
    z, low, high : array, shape (draws,)
        Expected share of ranks below each point, and the smallest and largest share within the band.
    """
    # smallest pointwise level that is still safe, by bisection on its logarithm
    safe, unsafe = np.log((1 - prob) / draws), np.log(1 - prob) + np.log(2)
    for _ in range(30):
        middle = (safe + unsafe) / 2
        if _stay(simulations, draws, float(np.exp(middle))) >= prob:
            safe = middle
        else:
            unsafe = middle
    inside = _tails(simulations, draws) > np.exp(safe)
    low = inside.argmax(axis=1)
    high = simulations - inside[:, ::-1].argmax(axis=1)
    return _points(draws), low / simulations, high / simulations


def _points(draws: int) -> Array:
    return np.arange(1, draws + 1) / (draws + 1)


@lru_cache(maxsize=16)
def _tails(simulations: int, draws: int) -> Array:
    """Two-sided tail probability of every count at every point, shape (point, count)."""
    count = np.arange(simulations + 1)
    z = _points(draws)[:, None]
    below = special.bdtr(count, simulations, z)
    above = np.where(count > 0, special.bdtrc(np.maximum(count - 1, 0), simulations, z), 1.0)
    return np.asarray(np.minimum(2 * np.minimum(below, above), 1.0))


def _stay(simulations: int, draws: int, level: float) -> float:
    """Probability that the tail probability exceeds `level` at every point."""
    inside = _tails(simulations, draws) > level
    if not inside.any(axis=1).all():
        return 0.0
    steps = np.arange(min(simulations, _longest_step(simulations, draws)) + 1)
    chance = np.zeros(simulations + 1)
    chance[0] = 1.0
    for k in range(draws):
        held = np.flatnonzero(chance > 0)
        left = simulations - held
        share = 1 / (draws + 1 - k)
        arrive = held[:, None] + steps
        pmf = _binomial(steps, left[:, None], share) * chance[held][:, None]
        ok = arrive <= simulations
        chance = np.bincount(arrive[ok], pmf[ok], minlength=simulations + 1) * inside[k]
    return float(chance.sum())


def _longest_step(simulations: int, draws: int) -> int:
    """Ranks in one bin beyond which the chance is negligible, wherever in the band the curve is."""
    most = simulations / (draws + 1) + 8 * np.sqrt(simulations / (draws + 1))
    return int(most + 10 * np.sqrt(most) + 30)


def _binomial(k: npt.NDArray[np.int64], n: npt.NDArray[np.int64], p: float) -> Array:
    rest = n - k
    valid = rest >= 0
    rest = np.maximum(rest, 0)
    log = special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(rest + 1.0)
    return np.where(valid, np.exp(log + k * np.log(p) + rest * np.log1p(-p)), 0.0)
