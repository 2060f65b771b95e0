"""Printed means and standard deviations of two arms, and their likelihood.

A sample variance of n normal values is ``s ** 2 ~ Gamma((n - 1) / 2, rate (n - 1) / (2 sigma ** 2))``. With h = (n - 1) / 2 and
``g = 2 (log s - log sigma)`` its log density is ``h (log h + g - exp g) - log Gamma(h) - 2 log s``: one exponential of a
difference, so that a sigma far from s neither overflows nor cancels.

Examples
--------
>>> import numpy as np
>>> from scipy import stats
>>> log_density = log_sd_likelihood(np.log(2.0), np.array(3.0), np.array(20))
>>> bool(abs(log_density - stats.gamma(9.5, scale=2 * 2.0**2 / 19).logpdf(3.0**2)) < 1e-12)
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault
from bayes_ivf.estimands import RATIO_OF_MEANS_CONTROL
from bayes_ivf.priors import BatchedPrior

Array = npt.NDArray[np.float64]

MEAN_ESTIMANDS = (
    "mean_difference",
    "standardized_mean_difference",
    "ratio_of_means",
    "control_mean",
    "treatment_mean",
)
POSITIVE_ENOUGH = RATIO_OF_MEANS_CONTROL
"""A ratio of means is reported only where the control mean is positive with at least this probability."""


@dataclass(frozen=True)
class MeansData:
    """Printed mean, sample sd and number of women of each arm, arrays (B,).

    Of values that are alike in clusters the numbers are effective ones, and the sds have degrees of freedom of their own; else
    these are the numbers less one.
    """

    mean_t: Array
    sd_t: Array
    n_t: Array
    mean_c: Array
    sd_c: Array
    n_c: Array
    # what is left out is filled in below, so that nobody else meets None
    df_t: Array = None  # type: ignore[assignment]
    df_c: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for arm in ("t", "c"):
            if getattr(self, f"df_{arm}") is None:
                object.__setattr__(self, f"df_{arm}", getattr(self, f"n_{arm}") - 1)

    @property
    def size(self) -> int:
        """Number of problems."""
        return len(self.mean_t)

    @property
    def difference(self) -> Array:
        """Printed difference, treatment minus control."""
        return self.mean_t - self.mean_c

    def take(self, index: npt.NDArray[np.intp]) -> MeansData:
        """Return some of the problems."""
        return MeansData(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def log_sd_likelihood(log_sigma: Array, sd: Array, n: Array) -> Array:
    """Log density of a sample variance given log sigma: Gamma((n - 1) / 2, rate (n - 1) / (2 sigma ** 2))."""
    half = (n - 1) / 2
    # 600: exp of it is still finite
    gap = np.minimum(2 * (np.log(sd) - log_sigma), 600.0)
    return np.asarray(half * (np.log(half) + gap - np.exp(gap)) - special.gammaln(half) - 2 * np.log(sd))


def sigma_index(data: MeansData, sigma: BatchedPrior, common: bool, estimand: str) -> Array:
    """Power (B,) with which the posterior of the sigma behind an estimand falls: ``sigma ** -n``, times what a prior adds."""
    tail = sigma.tail_index() if sigma.proper else np.asarray(0.0)
    if sigma.dist == "InverseGamma":
        tail = sigma.parameters["alpha"]
    if common:
        return np.asarray(data.df_t + data.df_c + 1 + tail)
    if estimand == "control_mean":
        return np.asarray(data.df_c + 1 + tail)
    if estimand == "treatment_mean":
        return np.asarray(data.df_t + 1 + tail)
    return np.asarray(np.minimum(data.df_t, data.df_c) + 1 + tail)


@dataclass(frozen=True)
class ArmMean:
    """The posterior ``center + scale * t(df)`` of an arm's mean under flat priors, arrays (B,).

    Parameters
    ----------
    center : array (B,)
        Printed mean.
    sd : array (B,)
        The sd that sigma is known from: of the arm, or pooled.
    n, df : array (B,)
        Women, and degrees of freedom of the sd.
    """

    center: Array
    sd: Array
    n: Array
    df: Array

    @property
    def scale(self) -> Array:
        """Standard error."""
        return np.asarray(self.sd / np.sqrt(self.n))

    def moments(self) -> tuple[Array, Array]:
        """Mean and variance; NaN where they do not exist."""
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = self.scale * self.scale * self.df / (self.df - 2)
        return np.where(self.df > 1, self.center, np.nan), np.where(self.df > 2, variance, np.nan)


def arm_means(data: MeansData, common: bool) -> tuple[ArmMean, ArmMean]:
    """Treatment and control arm."""
    if not common:
        return (
            ArmMean(data.mean_t, data.sd_t, data.n_t, data.df_t),
            ArmMean(data.mean_c, data.sd_c, data.n_c, data.df_c),
        )
    df = data.df_t + data.df_c
    share = data.df_t / df
    # by way of the larger one, so that no square leaves the range of floating point
    larger = np.maximum(data.sd_t, data.sd_c)
    pooled = larger * np.sqrt(share * (data.sd_t / larger) ** 2 + (1 - share) * (data.sd_c / larger) ** 2)
    return ArmMean(data.mean_t, pooled, data.n_t, df), ArmMean(data.mean_c, pooled, data.n_c, df)


def read_means(
    df: tuple[npt.ArrayLike, npt.ArrayLike] | None = None, **printed: npt.ArrayLike
) -> tuple[MeansData, list[Fault]]:
    """Means, sds and numbers as float arrays (B,), and what is wrong with them; `df` are those of the sds, unless n - 1."""
    names: tuple[str, ...] = (
        "mean_treatment",
        "sd_treatment",
        "n_treatment",
        "mean_control",
        "sd_control",
        "n_control",
    )
    if df is not None:
        names = (*names, "df_treatment", "df_control")
        printed = {**printed, "df_treatment": df[0], "df_control": df[1]}
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in printed.values()))
    data = dict(zip(printed, arrays, strict=True))
    faults = []
    for arm in ("treatment", "control"):
        whole = (data[f"n_{arm}"] >= 2) & (data[f"n_{arm}"] % 1 == 0)
        effective = data[f"n_{arm}"] > 0
        checks = (
            (f"mean_{arm}", np.isfinite(data[f"mean_{arm}"]), "finite numbers", "correct the mean"),
            (
                f"sd_{arm}",
                np.isfinite(data[f"sd_{arm}"]) & (data[f"sd_{arm}"] > 0),
                "positive numbers",
                "correct the sd; a printed 0 carries no information about sigma",
            ),
            (
                f"n_{arm}",
                np.isfinite(data[f"n_{arm}"]) & (whole if df is None else effective),
                "whole numbers, at least 2" if df is None else "positive numbers",
                "an sd needs two women or more",
            ),
            *(
                (name, np.isfinite(data[name]) & (data[name] > 0), "positive numbers", "correct the degrees of freedom")
                for name in names[6:]
                if name.endswith(arm)
            ),
        )
        for name, valid, allowed, action in checks:
            if not valid.all():
                i = int(np.argmin(valid))
                faults.append(Fault(name, f"{data[name][i]:g} in problem {i}", allowed, action))
    return MeansData(*(np.ascontiguousarray(data[name]) for name in names)), faults
