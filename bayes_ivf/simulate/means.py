"""Mean and standard deviation of values that are drawn one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def simulate_samples(rng: np.random.Generator, mu: float, sigma: float, n: int, trials: int) -> Array:
    """Simulate normal values, shape (trials, n), in the outcome's unit."""
    return mu + sigma * rng.standard_normal((trials, n))


def simulate_means(
    rng: np.random.Generator, mu: npt.ArrayLike, sigma: npt.ArrayLike, n: npt.ArrayLike
) -> tuple[Array, Array]:
    """Simulate what a paper prints of a continuous outcome.

    Parameters
    ----------
    rng : numpy.random.Generator
    mu, sigma : array_like, shape (arm,)
        Mean and standard deviation of one woman's value, in the outcome's unit.
    n : array_like of int, shape (arm,)

    Returns
    -------
    mean, variance : array, shape (arm,)
        Of the sample; the variance with n - 1.
    """
    samples = [
        simulate_samples(rng, float(m), float(s), int(size), 1)[0]
        for m, s, size in zip(*np.broadcast_arrays(mu, sigma, n), strict=True)
    ]
    return np.array([each.mean() for each in samples]), np.array([each.var(ddof=1) for each in samples])
