"""Tests of two means from printed means, standard deviations and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from bayes_ivf import defaults
from bayes_ivf.auditing.count_tests import Number


@dataclass(frozen=True)
class Welch:
    """Welch's comparison of two means.

    Parameters
    ----------
    difference, low, high : float or ndarray
        Treatment minus control with its confidence interval, in the outcome's unit.
    p : float or ndarray
        Two-sided P.
    se, df : float or ndarray
        Standard error of the difference, and the Welch-Satterthwaite degrees of freedom.
    """

    difference: Number
    low: Number
    high: Number
    p: Number
    se: Number
    df: Number


def welch(
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    level: float = defaults.CI_PROB,
) -> Welch:
    """Compare two means without assuming equal variances.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control : array_like, broadcast together
        Sample means and standard deviations (sd > 0, n >= 2), in the outcome's unit.
    level : float
        Confidence level.

    Returns
    -------
    Welch

    References
    ----------
    Welch BL (1947). The generalization of "Student's" problem when several different population variances are involved.
    doi 10.1093/biomet/34.1-2.28.
    """
    from scipy.special import stdtr, stdtrit

    m1, s1, n1, m2, s2, n2 = (
        np.asarray(x, dtype=float)
        for x in (mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control)
    )
    # Relative to the larger sd, so that very small or large units neither underflow nor overflow.
    unit = np.maximum(s1, s2)
    v1, v2 = (s1 / unit) ** 2 / n1, (s2 / unit) ** 2 / n2
    se = unit * np.sqrt(v1 + v2)
    w1 = v1 / (v1 + v2)
    df = 1 / (w1**2 / (n1 - 1) + (1 - w1) ** 2 / (n2 - 1))
    difference = m1 - m2
    half = stdtrit(df, (1 + level) / 2) * se
    p = 2 * stdtr(df, -np.abs(difference) / se)
    return Welch(
        *(cast(Number, np.asarray(x)[()]) for x in (difference, difference - half, difference + half, p, se, df))
    )


def student_p(
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
) -> Number:
    """Two-sided P of Student's t test (equal variances).

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control : array_like, broadcast together

    Returns
    -------
    float or ndarray

    References
    ----------
    Student (1908). The probable error of a mean. doi 10.2307/2331554.
    """
    from scipy.special import stdtr

    m1, s1, n1, m2, s2, n2 = (
        np.asarray(x, dtype=float)
        for x in (mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control)
    )
    df = n1 + n2 - 2
    unit = np.maximum(s1, s2)
    pooled = np.sqrt(((n1 - 1) * (s1 / unit) ** 2 + (n2 - 1) * (s2 / unit) ** 2) / df)
    t = np.abs(m1 - m2) / (unit * pooled * np.sqrt(1 / n1 + 1 / n2))
    return cast(Number, np.asarray(2 * stdtr(df, -t))[()])
