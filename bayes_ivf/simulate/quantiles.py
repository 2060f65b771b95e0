"""Median, quartiles and range of values that are drawn one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def simulate_quantiles(rng: np.random.Generator, mu: float, sigma: float, n: int, ranks: npt.ArrayLike) -> Array:
    """Simulate order statistics of normal values; between two of them a fractional rank lies in proportion.

    Parameters
    ----------
    rng : numpy.random.Generator
    mu, sigma : float
        Mean and standard deviation of one value.
    n : int
        Values.
    ranks : array_like, shape (K,)
        From 1, the smallest value, to n, the largest: ``(n + 1) / 4`` for a lower quartile.

    Returns
    -------
    array, shape (K,)
    """
    values = np.sort(mu + sigma * rng.standard_normal(n))
    return np.asarray(np.interp(np.asarray(ranks, dtype=float), np.arange(1, n + 1), values))
