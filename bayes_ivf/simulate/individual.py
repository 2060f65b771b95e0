"""Embryos of women who each have an intercept, one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def simulate_rows(
    rng: np.random.Generator, log_odds: float, sigma: float, received: npt.ArrayLike
) -> tuple[Ints, Ints]:
    """Simulate an arm, one row per embryo.

    Parameters
    ----------
    rng : numpy.random.Generator
    log_odds : float
        Of an embryo of a woman with intercept 0.
    sigma : float
        Standard deviation of the women's intercepts, log odds.
    received : array_like of int, shape (woman,)
        Embryos of each woman.

    Returns
    -------
    woman, implanted : array of int, shape (embryo,)
        Position of the woman; 0 or 1.
    """
    received = np.asarray(received)
    intercepts = sigma * rng.standard_normal(len(received))
    woman = np.repeat(np.arange(len(received)), received)
    chance = 1 / (1 + np.exp(-np.clip(log_odds + intercepts, -700, 700)))
    return woman, (rng.random(len(woman)) < chance[woman]).astype(np.int64)
