"""Tests and intervals for two arms of counts, on plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_ivf import defaults

Floats = NDArray[np.float64]
Number = np.float64 | Floats

EXACT_TABLES = 200_000
"""Tables with the same margins up to which Fisher's P is summed exactly; beyond, its chi-square limit is as good."""
TIE = 1e-7
"""Relative difference below which two tables count as equally likely, as in R's fisher.test."""
_TABULATED = 1_000_000
"""Largest number whose logarithm is looked up: 16 MB."""


def fisher_p(
    events_treatment: ArrayLike, n_treatment: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> Number:
    """Two-sided Fisher exact P: all tables with these margins that are at most as likely as the observed one.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array_like of int, broadcast together
        ``0 <= events <= n``.

    Returns
    -------
    float or ndarray
        P values, shape of the broadcast arguments. With more than `EXACT_TABLES` tables, Yates's P (for `mid_p`
        Pearson's).

    References
    ----------
    Fisher RA (1935). The logic of inductive inference. doi 10.2307/2342435.
    """

    def one(a: int, n1: int, b: int, n2: int) -> float:
        if many_tables(a, n1, b, n2):
            return float(yates_p(a, n1, b, n2))
        return sum(_split(a, n1, b, n2))

    return _each(one, events_treatment, n_treatment, events_control, n_control)


def mid_p(
    events_treatment: ArrayLike, n_treatment: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> Number:
    """Two-sided mid-P: less likely tables in full and equally likely ones, the observed included, by half.

    Parameters and returns as `fisher_p`.

    References
    ----------
    Lancaster HO (1961). Significance tests in discrete distributions. doi 10.1080/01621459.1961.10482105.
    """

    def one(a: int, n1: int, b: int, n2: int) -> float:
        if many_tables(a, n1, b, n2):
            return float(pearson_p(a, n1, b, n2))
        less, equal = _split(a, n1, b, n2)
        return less + equal / 2

    return _each(one, events_treatment, n_treatment, events_control, n_control)


def pearson_p(
    events_treatment: ArrayLike, n_treatment: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> Number:
    """Pearson's chi-square P without continuity correction (1 df).

    Parameters and returns as `fisher_p`. Without any event, or with nothing but events, the arms agree and P is 1.
    """
    return _chi_square(0.0, events_treatment, n_treatment, events_control, n_control)


def log10_pearson_p(events_treatment: int, n_treatment: int, events_control: int, n_control: int) -> float:
    """Return log10 of Pearson's P, for P values that no float can hold."""
    from scipy.special import log_ndtr

    a, n1, b, n2 = (float(x) for x in (events_treatment, n_treatment, events_control, n_control))
    events, n = a + b, n1 + n2
    if events in (0, n):
        return 0.0
    z = abs(a / n1 - b / n2) / math.sqrt(events / n * (1 - events / n) * (1 / n1 + 1 / n2))
    return float((math.log(2) + log_ndtr(-z)) / math.log(10))


def yates_p(
    events_treatment: ArrayLike, n_treatment: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> Number:
    """Chi-square P with Yates's continuity correction, never correcting beyond zero (1 df).

    Parameters and returns as `fisher_p`. Without any event, or with nothing but events, the arms agree and P is 1.

    References
    ----------
    Yates F (1934). Contingency tables involving small numbers and the chi-square test. doi 10.2307/2983604.
    """
    return _chi_square(0.5, events_treatment, n_treatment, events_control, n_control)


def newcombe_interval(
    events_treatment: ArrayLike,
    n_treatment: ArrayLike,
    events_control: ArrayLike,
    n_control: ArrayLike,
    level: float = defaults.CI_PROB,
) -> tuple[Number, Number, Number]:
    """Risk difference with Newcombe's hybrid score interval (his method 10, no continuity correction).

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array_like of int, broadcast together
    level : float
        Confidence level.

    Returns
    -------
    difference, low, high : float or ndarray
        Treatment minus control, probability scale.

    References
    ----------
    Newcombe RG (1998). Interval estimation for the difference between independent proportions: comparison of eleven
    methods. Statistics in Medicine. doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
    """
    from scipy.special import ndtri

    a, n1, b, n2 = _floats(events_treatment, n_treatment, events_control, n_control)
    z = float(ndtri((1 + level) / 2))
    p1, p2 = a / n1, b / n2
    low1, high1 = _wilson(p1, n1, z)
    low2, high2 = _wilson(p2, n2, z)
    difference = p1 - p2
    low = difference - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = difference + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return difference[()], np.maximum(low, -1.0)[()], np.minimum(high, 1.0)[()]


def chi_square_table_p(treatment: ArrayLike, control: ArrayLike) -> float:
    """Pearson's chi-square P of two arms over K categories.

    Parameters
    ----------
    treatment, control : array_like of int, shape (K,)
        Counts. Categories that are empty in both arms are left out.

    Returns
    -------
    float
        P with (categories - 1) degrees of freedom; 1 if fewer than two categories or an arm are left.
    """
    from scipy.special import chdtrc

    table = np.asarray([treatment, control], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or np.any(table.sum(axis=1) == 0):
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    return float(chdtrc(table.shape[1] - 1, np.sum((table - expected) ** 2 / expected)))


@lru_cache(maxsize=4)
def _log_table(size: int) -> Floats:
    table = np.log(np.arange(1.0, size + 1))
    table.flags.writeable = False
    return table


def _logs(top: int, low: int, high: int) -> Floats:
    """Logs of top - high + 1, ..., top - low."""
    if top > _TABULATED:
        return np.asarray(np.log(np.arange(top - high + 1.0, top - low + 1)))
    return _log_table(1 << max(top, 1).bit_length())[top - high : top - low]


def log_hypergeometric(total: int, n_treatment: int, n_control: int) -> tuple[int, Floats]:
    """Log probabilities of the treatment arm's events given the events of both arms.

    Returns
    -------
    first : int
        Smallest possible number of events in the treatment arm.
    logp : ndarray, shape (possible numbers,)
    """
    low, high = max(0, total - n_control), min(n_treatment, total)
    # Cumulative ratios from one table to the next keep more digits than differences of log factorials.
    falling = _logs(n_treatment, low, high)[::-1] + _logs(total, low, high)[::-1]
    up = falling - _logs(high, 0, high - low) - _logs(n_control - total + high, 0, high - low)
    logp = np.concatenate(([0.0], np.cumsum(up)))
    logp -= logp.max()
    return low, logp - math.log(float(np.exp(logp).sum()))


def many_tables(a: int, n1: int, b: int, n2: int) -> bool:
    """Whether tables with these margins are too many to be summed one by one."""
    return min(n1, a + b) - max(0, a + b - n2) > EXACT_TABLES


def _split(a: int, n1: int, b: int, n2: int) -> tuple[float, float]:
    """Probability of less likely tables, and of equally likely ones with the observed one."""
    low, logp = log_hypergeometric(a + b, n1, n2)
    seen = logp[a - low]
    less = float(np.exp(logp[logp < seen - TIE]).sum())
    equal = float(np.exp(logp[np.abs(logp - seen) <= TIE]).sum())
    total = less + equal
    return (less / total, equal / total) if total > 1 else (less, equal)


def _each(test: Callable[[int, int, int, int], float], *counts: ArrayLike) -> Number:
    arrays = np.broadcast_arrays(*(np.asarray(count, dtype=np.int64) for count in counts))
    flat = [test(int(a), int(n1), int(b), int(n2)) for a, n1, b, n2 in zip(*(x.ravel() for x in arrays), strict=True)]
    return cast(Number, np.asarray(flat, dtype=float).reshape(arrays[0].shape)[()])


def _chi_square(correction: float, *counts: ArrayLike) -> Number:
    from scipy.special import chdtrc

    a, n1, b, n2 = _floats(*counts)
    events, n = a + b, n1 + n2
    scale = n1 * n2 * events * (n - events)
    off = np.abs(a * n2 - b * n1)
    off = np.maximum(off - correction * n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(scale > 0, off**2 * n / scale, 0.0)
    return cast(Number, np.asarray(chdtrc(1, statistic))[()])


def _wilson(p: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    center = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # Exact ends where rounding would leave 1e-17.
    return np.where(p == 0, 0.0, center - half), np.where(p == 1, 1.0, center + half)


def _floats(*counts: ArrayLike) -> list[Floats]:
    return [np.asarray(x, dtype=float) for x in np.broadcast_arrays(*counts)]
