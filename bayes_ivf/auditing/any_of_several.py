"""The chance that at least one of several comparisons comes out by chance alone."""

from __future__ import annotations

import math

import numpy as np

from bayes_ivf.study import ManyArms

NODES = 201


def chance_of_any(many: ManyArms, alpha: float) -> tuple[float, bool]:
    """Return the chance that a two-sided test of any comparison has a P below `alpha` where there is no effect.

    Parameters
    ----------
    many : ManyArms
        With the sizes of all arms that are compared.
    alpha : float

    Returns
    -------
    chance : float
        For tests that are normal; where the comparisons have more in common than one control arm, an upper bound.
    exact : bool
        Whether it is no bound.

    References
    ----------
    Dunnett CW (1955). A multiple comparison procedure for comparing several treatments with a control.
    doi 10.1080/01621459.1955.10501294.
    """
    from scipy.special import ndtr, ndtri

    each = many.comparisons
    arms = [arm for comparison in each for arm in many.members(comparison.treatment)]
    if len({comparison.control for comparison in each}) > 1 or len(arms) > len(set(arms)):
        return min(1.0, alpha * len(each)), False
    (control,) = {sum(many.sizes[arm] for arm in many.members(comparison.control)) for comparison in each}
    sizes = np.array([sum(many.sizes[arm] for arm in many.members(comparison.treatment)) for comparison in each])
    load = np.sqrt(sizes / (sizes + control))[:, None]
    z = float(-ndtri(alpha / 2))
    at, weight = np.polynomial.hermite_e.hermegauss(NODES)
    own = np.sqrt(1 - load**2)
    inside = (ndtr((z - load * at) / own) - ndtr((-z - load * at) / own)).prod(axis=0)
    return 1 - float((weight * inside).sum() / math.sqrt(2 * math.pi)), True
