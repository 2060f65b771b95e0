"""Printed means and standard deviations of two arms, and their likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault

Array = npt.NDArray[np.float64]

MEAN_ESTIMANDS = (
    "mean_difference",
    "standardized_mean_difference",
    "ratio_of_means",
    "control_mean",
    "treatment_mean",
)
POSITIVE_ENOUGH = 0.999
"""A ratio of means is reported only where the control mean is positive with at least this probability."""


@dataclass(frozen=True)
class MeansData:
    """Printed mean, sample sd and number of women of each arm, arrays (B,)."""

    mean_t: Array
    sd_t: Array
    n_t: Array
    mean_c: Array
    sd_c: Array
    n_c: Array

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
    # One exponential of a difference, so that a sigma far from the printed sd neither overflows nor cancels.
    gap = np.minimum(2 * (np.log(sd) - log_sigma), 600.0)
    return np.asarray(half * (np.log(half) + gap - np.exp(gap)) - special.gammaln(half) - 2 * np.log(sd))


@dataclass(frozen=True)
class ArmMean:
    """The posterior ``center + scale * t(df)`` of an arm's mean, and the sd that its sigma is known from, arrays (B,)."""

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
            ArmMean(data.mean_t, data.sd_t, data.n_t, data.n_t - 1),
            ArmMean(data.mean_c, data.sd_c, data.n_c, data.n_c - 1),
        )
    df = data.n_t + data.n_c - 2
    share = (data.n_t - 1) / df
    # by way of the larger one, so that no square leaves the range of numbers
    top = np.maximum(data.sd_t, data.sd_c)
    pooled = top * np.sqrt(share * (data.sd_t / top) ** 2 + (1 - share) * (data.sd_c / top) ** 2)
    return ArmMean(data.mean_t, pooled, data.n_t, df), ArmMean(data.mean_c, pooled, data.n_c, df)


def read_means(**given: npt.ArrayLike) -> tuple[MeansData, list[Fault]]:
    """Means, sds and numbers as float arrays (B,), and what is wrong with them."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in given.values()))
    data = dict(zip(given, arrays, strict=True))
    faults = []
    for arm in ("treatment", "control"):
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
                np.isfinite(data[f"n_{arm}"]) & (data[f"n_{arm}"] >= 2) & (data[f"n_{arm}"] % 1 == 0),
                "whole numbers, at least 2",
                "an sd needs two women or more",
            ),
        )
        for name, fine, allowed, action in checks:
            if not fine.all():
                i = int(np.argmin(fine))
                faults.append(Fault(name, f"{data[name][i]:g} in problem {i}", allowed, action))
    names = ("mean_treatment", "sd_treatment", "n_treatment", "mean_control", "sd_control", "n_control")
    return MeansData(*(np.ascontiguousarray(data[name]) for name in names)), faults
