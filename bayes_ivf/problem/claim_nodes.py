"""Fixed nodes over the scatter of a pooled standard deviation, for the likelihood of a claim."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

FEWEST, MOST = 64, 2048
REACH = 50.0
"""Log density below its peak at which the nodes end; beyond it lies less than 1e-20 of the probability."""
_WIDEST = 0.75
# Each node is a step in the probability of the claim, one standard error wide: closer than this they blend to 1e-8.
_AGAINST = 6.0
# A claim is still right where the true difference lies this many standard errors on the other side.
_SPREAD = 8.0


def claim_nodes(n_treatment: int, n_control: int, alpha: float, fewest: int = FEWEST) -> tuple[Array, Array]:
    """Return critical values of the difference in standard errors, over the scatter of the pooled sd.

    With ``df = n_treatment + n_control - 2`` and S = sqrt(chi2_df / df), a two-sided equal-variance t test is
    significant where the standardized difference, in standard errors, exceeds t_crit * S.

    Parameters
    ----------
    n_treatment, n_control : int
        Women in the arms; together at least 3.
    alpha : float
        Two-sided level, between 0 and 1.
    fewest : int
        Nodes at least: claims that are fitted together have equally many.

    Returns
    -------
    nodes, log_weights : array, shape (M,)
        t_crit * S at Gauss-Legendre nodes, and log probabilities that sum to one. M is 64 or, for claims of few women at
        a small level, as many as `near_enough` asks, at most 2048.
    """
    df = float(n_treatment + n_control - 2)
    critical = float(-special.stdtrit(df, alpha / 2))
    half = float(np.sqrt(REACH / df))
    low, high = min(max(0.0, 1 - half), _lowest(df, critical)), 1 + half
    number = fewest
    while number < MOST and critical * (high - low) * np.pi / 2 > _WIDEST * number:
        number *= 2
    x, weights = _legendre(number)
    s = low + (high - low) * (x + 1) / 2
    log_density = (df - 1) * np.log(s) - df * s**2 / 2
    log_weights = log_density + np.log(weights)
    return critical * s, log_weights - special.logsumexp(log_weights)


@cache
def _legendre(number: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights, which are the same for every claim."""
    return np.polynomial.legendre.leggauss(number)


def near_enough(nodes: Array) -> bool:
    """Whether the nodes (..., M) of `claim_nodes` lie so close that a sum over them has no steps."""
    return bool(np.isfinite(nodes).all() and (np.diff(nodes, axis=-1) < _WIDEST).all())


def _lowest(df: float, critical: float) -> float:
    """Smallest S that matters where the critical value is so large that a claim needs a small S.

    With U = Z + ncp and S = U / c, a claim has ``df log u - df (u / c) ** 2 / 2 - (u - ncp) ** 2 / 2`` near its peak.
    """
    narrowed = 1 + (np.sqrt(df) / critical) ** 2
    peak = (np.sqrt(_AGAINST**2 + 4 * df * narrowed) - _AGAINST) / (2 * narrowed)
    return float(max(0.0, peak - _SPREAD / np.sqrt(narrowed + df / peak**2)) / critical)
