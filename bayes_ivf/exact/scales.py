"""The coordinate in which each estimand is searched, by its range: log odds of risks, log of ratios, artanh of a risk difference.

Examples
--------
>>> import numpy as np
>>> float(transform_of("risk_difference").forward(np.array(0.5)).round(4))
0.5493
"""

from __future__ import annotations

from functools import cache

from bayes_ivf.estimands import ESTIMANDS
from bayes_ivf.quadrature import Transform, transform_between


@cache
def transform_of(estimand: str) -> Transform:
    """Return the transform of an estimand; ``control_risk[woman]`` has that of ``control_risk``."""
    return transform_between(*ESTIMANDS[estimand.partition("[")[0]].range)


def names_of(arms: str) -> tuple[str, ...]:
    """Return the estimands that are functions of two risks ("risk"), or of what is known of two means ("mean")."""
    return tuple(name for name, each in ESTIMANDS.items() if each.arms == arms)
