"""Fixed nodes over the scatter of a pooled standard deviation, for the likelihood of a claim."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

NODES = 64
REACH = 50.0
"""Log density below its peak at which the nodes end; beyond it lies less than 1e-20 of the probability."""


def claim_nodes(n_treatment: int, n_control: int, alpha: float) -> tuple[Array, Array]:
    """Return critical values of the difference in standard errors, over the scatter of the pooled sd.

    With ``df = n_treatment + n_control - 2`` and S = sqrt(chi2_df / df), a two-sided equal-variance t test is
    significant where the standardized difference, in standard errors, exceeds t_crit * S.

    Parameters
    ----------
    n_treatment, n_control : int
        Women in the arms; together at least 3.
    alpha : float
        Two-sided level, between 0 and 1.

    Returns
    -------
    nodes, log_weights : array, shape (64,)
        t_crit * S at Gauss-Legendre nodes, and log probabilities that sum to one.
    """
    df = float(n_treatment + n_control - 2)
    critical = -special.stdtrit(df, alpha / 2)
    half = np.sqrt(REACH / df)
    low, high = max(0.0, 1 - half), 1 + half
    x, weights = np.polynomial.legendre.leggauss(NODES)
    s = low + (high - low) * (x + 1) / 2
    log_density = (df - 1) * np.log(s) - df * s**2 / 2
    log_weights = log_density + np.log(weights)
    return critical * s, log_weights - special.logsumexp(log_weights)
