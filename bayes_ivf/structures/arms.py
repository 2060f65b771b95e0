"""The two arms on the scale on which a structure adds its effect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]


def arm_log_odds(problem: Problem, posterior: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the log odds of treatment and control arm under either coding."""
    effect = posterior["effect"]
    if problem.coding == "average":
        return posterior["average"] + effect / 2, posterior["average"] - effect / 2
    return posterior["control"] + effect, posterior["control"]
