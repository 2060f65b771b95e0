"""Events over time, woman by woman: each has her own rate where events cluster in women."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def simulate_rates(
    rng: np.random.Generator, rate: npt.ArrayLike, time: npt.ArrayLike, dispersion: float = 1.0, women: int = 40
) -> npt.NDArray[np.int64]:
    """Simulate the events of an arm.

    Parameters
    ----------
    rng : numpy.random.Generator
    rate : array_like, shape (..., arm)
        Events per unit of time.
    time : array_like, shape (arm,)
        Of all women together, who share it equally.
    dispersion : float
        Variance of a woman's events over their mean; 1 if events come independently.
    women : int

    Returns
    -------
    array of int, shape (..., arm)
    """
    rate, time = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(time, dtype=float))
    events = np.empty(rate.shape, dtype=np.int64)
    for place in np.ndindex(rate.shape):
        expected = np.full(women, rate[place] * time[place] / women)
        if dispersion > 1:  # a gamma variable of this mean, whose variance is the excess times it
            expected = (dispersion - 1) * rng.standard_gamma(expected / (dispersion - 1))
        events[place] = rng.poisson(expected).sum()
    return events
