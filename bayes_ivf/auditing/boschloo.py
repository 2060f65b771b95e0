"""Boschloo's unconditional exact test: Fisher's P as the statistic, the worst common risk as the reference."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from bayes_ivf.auditing.count_tests import TIE, Floats, log_hypergeometric

LARGEST, LONGEST = 1_000_000, 20_000
"""Tables (n_treatment x n_control), and women in one arm, beyond which no unconditional test is computed."""
_CHANCES = 500_000
"""Chances of the larger arm that are held at a time: 4 MB."""
_GRID = 401
_PEAKS = 5
_WORTH = 0.8
"""Share of a bar from which a peak between two risks may rise above it."""


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
        NaN if the arms are `too_large`.

    References
    ----------
    Boschloo RD (1970). Raised conditional level of significance for the 2 x 2-table when testing the equality of two
    probabilities. Statistica Neerlandica. doi 10.1111/j.1467-9574.1970.tb00104.x.
    """
    if too_large(n_treatment, n_control):
        return math.nan
    fisher = fisher_table(n_treatment, n_control)
    seen = float(fisher[events_treatment, events_control])
    region = (fisher <= seen * (1 + TIE)).astype(float)
    return min(largest_size(region), seen)


def too_large(n_treatment: int, n_control: int) -> bool:
    """Whether unconditional tests of the arms would take too long."""
    return n_treatment * n_control > LARGEST or max(n_treatment, n_control) > LONGEST


def largest_size(region: Floats) -> float:
    """Return the largest probability of a region of tables over all common risks.

    Parameters
    ----------
    region : ndarray, shape (n_treatment + 1, n_control + 1)
        1 for every table inside.
    """
    if region.all():
        return 1.0

    def sizes(risks: Floats) -> Floats:
        parts = np.array_split(risks, len(risks) * max(region.shape) // _CHANCES + 1)
        sums_of_tails = []
        for part in parts:
            left, right = (binomial(n - 1, part) for n in region.shape)
            sums_of_tails.append(np.einsum("gx,gx->g", left @ region, right))
        return np.concatenate(sums_of_tails)

    return min(1.0, highest(sizes, 0.0, 1.0, _GRID))


def highest(
    sizes: Callable[[Floats], Floats], least: float, most: float, points: int, bar: float | None = None
) -> float:
    """Return the largest size over a range of risks, both ends included.

    Parameters
    ----------
    sizes : callable
        Sizes at risks.
    least, most : float
        Ends of the range.
    points : int
        Risks that are looked at first; around the largest of them the range is looked at again.
    bar : float, optional
        If it only matters whether the largest size is above this, what cannot change the answer is left out.
    """

    def at(angles: Floats) -> Floats:
        # Arcsine spacing: the binomial spread is about the same everywhere on that scale.
        return sizes(least + (most - least) * np.sin(angles) ** 2)

    end = math.pi / 2
    angles = np.linspace(0, end, points)
    values = at(angles)
    best = float(values.max())
    if bar is not None and best > bar:
        return best
    around = np.pad(values, 1, constant_values=-math.inf)
    worth = (values >= around[:-2]) & (values >= around[2:]) & (values > (0.0 if bar is None else _WORTH * bar))
    peaks, step = np.flatnonzero(worth), end / (points - 1)
    for peak in angles[peaks[np.argsort(values[peaks])[::-1][:_PEAKS]]]:
        best = max(best, float(at(np.linspace(max(0.0, peak - step), min(end, peak + step), 101)).max()))
    return best


def binomial(n: int, risk: Floats) -> Floats:
    """Return the chances of 0 to n events at each risk; shape (risks, n + 1)."""
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
