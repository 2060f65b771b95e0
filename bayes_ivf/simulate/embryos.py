"""Pregnant women and implanted embryos of an arm, from women who each received some embryos."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=64)
def feasible_allocations(women: int, embryos: int, max_embryos: int, weights: str = "equal") -> tuple[Ints, Floats]:
    """List every way to share out an arm's embryos, with its weight.

    Parameters
    ----------
    women, embryos : int
        Totals of the arm.
    max_embryos : int
        M, the most embryos that one woman received; everyone received at least one.
    weights : {"equal", "multinomial", "least_spread"}
        Equal for every way; in proportion to the number of orders of women that give it; or all on the way whose women
        differ least.

    Returns
    -------
    received : array of int, shape (way, M)
        Women who received 1..M embryos.
    weight : array, shape (way,)
        Sums to one.
    """
    ways = np.array(list(_ways(women, embryos, max_embryos)), dtype=np.int64)
    if weights == "equal":
        weight = np.ones(len(ways))
    elif weights == "multinomial":
        orders = -special.gammaln(ways + 1.0).sum(axis=1)
        weight = np.exp(orders - orders.max())
    else:
        size = np.arange(1, max_embryos + 1)
        spread = (ways * (size - embryos / women) ** 2).sum(axis=1)
        weight = (spread == spread.min()).astype(float)
    return ways, weight / weight.sum()


def _ways(women: int, embryos: int, most: int) -> Iterator[tuple[int, ...]]:
    """Yield the women by embryos received, 1..most, that use up all women and embryos."""
    if most == 1:
        if women == embryos:
            yield (women,)
        return
    for having_most in range(min(women, embryos // most) + 1):
        for rest in _ways(women - having_most, embryos - most * having_most, most - 1):
            yield (*rest, having_most)


def simulate_embryos(
    rng: np.random.Generator,
    log_odds: npt.ArrayLike,
    within: npt.ArrayLike,
    loss: npt.ArrayLike = 0.0,
    *,
    women: int,
    embryos: int,
    max_embryos: int = 3,
    weights: str = "equal",
    mechanism: str = "beta_binomial",
) -> tuple[Ints, Ints]:
    """Simulate the totals of one arm, given its women and embryos.

    Parameters
    ----------
    rng : numpy.random.Generator
    log_odds : array_like, shape (trial,)
        Of the chance per embryo; of receptivity under ``receptivity``.
    within : array_like, shape (trial,)
        Intraclass correlation; under ``receptivity`` the chance per embryo in a receptive woman.
    loss : array_like, shape (trial,)
        Probability that an implantation does not become a clinical pregnancy (``biochemical``).
    women, embryos : int
    max_embryos, weights
        See `feasible_allocations`.
    mechanism : {"beta_binomial", "receptivity", "biochemical"}

    Returns
    -------
    pregnant, implanted : array of int, shape (trial,)
    """
    log_odds, within, loss = np.broadcast_arrays(
        np.atleast_1d(np.asarray(log_odds, dtype=float)), np.asarray(within, dtype=float), np.asarray(loss, dtype=float)
    )
    ways, weight = feasible_allocations(women, embryos, max_embryos, weights)
    chosen = ways[rng.choice(len(ways), size=len(log_odds), p=weight)]
    sizes = np.stack([np.repeat(np.arange(1, max_embryos + 1), way) for way in chosen])
    shape = sizes.shape
    level = special.expit(log_odds)[:, None]
    if mechanism == "receptivity":
        chance = np.where(rng.random(shape) < level, within[:, None], 0.0)
    else:
        spread = (1 - within[:, None]) / within[:, None]
        chance = rng.beta(np.broadcast_to(level * spread, shape), np.broadcast_to((1 - level) * spread, shape))
    implanted = rng.binomial(sizes, chance)
    pregnant = implanted > 0
    if mechanism == "biochemical":
        pregnant &= rng.random(shape) >= loss[:, None]
    return pregnant.sum(axis=1), implanted.sum(axis=1)
