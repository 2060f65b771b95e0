"""What a paper says after a two-sided, equal-variance t test of values that are drawn one by one."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy import special

Event = Literal["lower", "higher", "no_difference"]


def simulate_claims(rng: np.random.Generator, effect: float, sizes: tuple[int, int], alpha: float) -> Event:
    """Simulate a trial and the words that its t test gives.

    Parameters
    ----------
    rng : numpy.random.Generator
    effect : float
        Standardized mean difference, treatment minus control.
    sizes : (int, int)
        Women in the treatment and the control arm.
    alpha : float
        Two-sided level.

    Returns
    -------
    {"lower", "higher", "no_difference"}
    """
    treatment = effect + rng.standard_normal(sizes[0])
    control = rng.standard_normal(sizes[1])
    df = sizes[0] + sizes[1] - 2
    pooled = (((treatment - treatment.mean()) ** 2).sum() + ((control - control.mean()) ** 2).sum()) / df
    t = (treatment.mean() - control.mean()) / math.sqrt(pooled * (1 / sizes[0] + 1 / sizes[1]))
    if 2 * special.stdtr(df, -abs(t)) >= alpha:
        return "no_difference"
    return "higher" if t > 0 else "lower"
