"""Events among women, each with her own coin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def simulate_counts(rng: np.random.Generator, risk: npt.ArrayLike, n: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Simulate events among n women.

    Parameters
    ----------
    rng : numpy.random.Generator
    risk : array_like, shape (..., arm)
        Probability of an event.
    n : array_like of int, shape (arm,)
        Women.

    Returns
    -------
    array of int, shape (..., arm)
    """
    risk, n = np.broadcast_arrays(np.asarray(risk, dtype=float), np.asarray(n))
    events = np.empty(risk.shape, dtype=np.int64)
    for place in np.ndindex(risk.shape):
        events[place] = np.count_nonzero(rng.random(int(n[place])) < risk[place])
    return events
