"""The P and the t that a paper prints after a two-sided, equal-variance t test of values that are drawn one by one."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy import special


def simulate_p_value(
    rng: np.random.Generator, effect: float, sizes: tuple[int, int], decimals: int = 3
) -> tuple[Literal["higher", "lower"], str, str]:
    """Simulate a trial, and the direction, P and size of t that its test gives.

    Parameters
    ----------
    rng : numpy.random.Generator
    effect : float
        Standardized mean difference, treatment minus control.
    sizes : (int, int)
        Women in the treatment and the control arm.
    decimals : int
        Of the printed P; t has two.

    Returns
    -------
    (str, str, str)
        ``("higher", "P=0.044", "t(78) = 2.05")``.
    """
    treatment = effect + rng.standard_normal(sizes[0])
    control = rng.standard_normal(sizes[1])
    df = sizes[0] + sizes[1] - 2
    pooled = (((treatment - treatment.mean()) ** 2).sum() + ((control - control.mean()) ** 2).sum()) / df
    t = (treatment.mean() - control.mean()) / math.sqrt(pooled * (1 / sizes[0] + 1 / sizes[1]))
    p = 2 * special.stdtr(df, -abs(t))
    return ("higher" if t > 0 else "lower"), f"P={p:.{decimals}f}", f"t({df}) = {abs(t):.2f}"
