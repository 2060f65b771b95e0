"""Boschloo's unconditional exact test: Fisher's P as the statistic, the worst common risk as the reference."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from bayes_ivf.auditing.count_tests import TIE, Floats, log_hypergeometric

LARGEST = 1_000_000
"""Tables (n_treatment x n_control) beyond which the test is not computed; it then agrees with Pearson's."""
_GRID = 401
_PEAKS = 5


def boschloo_p(events_treatment: int, n_treatment: int, events_control: int, n_control: int) -> float:
    """Two-sided Boschloo P, with tables ordered by their two-sided Fisher P.

    It is never above Fisher's P. With arms of equal size it equals SciPy's ``boschloo_exact``, which doubles a
    one-sided P.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : int

    Returns
    -------
    float
        NaN if ``n_treatment * n_control`` is above `LARGEST`.

    References
    ----------
    Boschloo RD (1970). Raised conditional level of significance for the 2 x 2-table when testing the equality of two
    probabilities. Statistica Neerlandica. doi 10.1111/j.1467-9574.1970.tb00104.x.
    """
    if n_treatment * n_control > LARGEST:
        return math.nan
    fisher = fisher_table(n_treatment, n_control)
    seen = float(fisher[events_treatment, events_control])
    region = (fisher <= seen * (1 + TIE)).astype(float)
    return min(largest_size(region), seen)


def largest_size(region: Floats, difference: float = 0.0, points: int = _GRID) -> float:
    """Return the largest probability of a region of tables over all risks that differ by so much.

    Parameters
    ----------
    region : ndarray, shape (n_treatment + 1, n_control + 1)
        1 for every table inside.
    difference : float
        Risk of the treatment arm minus that of the control arm; 0 for a common risk.
    points : int
        Risks at which the size is looked at, before the largest are looked at again.
    """
    if region.all():
        return 1.0
    least, most = max(0.0, -difference), min(1.0, 1.0 - difference)

    def sizes(angles: Floats) -> Floats:
        # Arcsine spacing: the binomial spread is about the same everywhere on that scale.
        control = least + (most - least) * np.sin(angles) ** 2
        left, right = _binomial(region.shape[0] - 1, control + difference), _binomial(region.shape[1] - 1, control)
        return np.asarray(np.einsum("gx,gx->g", left @ region, right))

    angles = np.linspace(0, math.pi / 2, points)[1:-1]
    values = sizes(angles)
    best = float(values.max())
    inner = np.flatnonzero((values[1:-1] >= values[:-2]) & (values[1:-1] >= values[2:])) + 1
    step = float(angles[1] - angles[0])
    for peak in inner[np.argsort(values[inner])[::-1][:_PEAKS]]:
        best = max(best, float(sizes(np.linspace(angles[peak] - step, angles[peak] + step, 101)).max()))
    return min(1.0, best)


def _binomial(n: int, risk: Floats) -> Floats:
    from scipy.special import gammaln

    k = np.arange(n + 1.0)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    risk = np.clip(risk, 1e-300, 1 - 1e-16)[:, None]
    return np.asarray(np.exp(choose + k * np.log(risk) + (n - k) * np.log1p(-risk)))


@lru_cache(maxsize=16)
def fisher_table(n_treatment: int, n_control: int) -> Floats:
    """Two-sided Fisher P of every table; shape (n_treatment + 1, n_control + 1)."""
    table = np.empty((n_treatment + 1, n_control + 1))
    for total in range(n_treatment + n_control + 1):
        low, logp = log_hypergeometric(total, n_treatment, n_control)
        order = np.sort(logp)
        below = np.cumsum(np.exp(order))
        rows = low + np.arange(logp.size)
        table[rows, total - rows] = below[np.searchsorted(order, logp + TIE, side="right") - 1]
    table = np.minimum(table, 1.0)
    table.flags.writeable = False
    return table
