"""What is asked of two arms whose means on the modeled scale are lines in the effect d: thresholds on d.

Given both sigmas and the anchor A, the location of an arm is ``x = A + lean d``. Values are normal around x, or log-normal, and
then ``exp(x)`` is the median and ``exp(x + sigma**2 / 2)`` the mean, with coefficient of variation ``sqrt(exp(sigma**2) - 1)``.
Every contrast rises with d, so that it lies below a value where d lies below a threshold.

Examples
--------
Equal medians of 2 a standard deviation of 0.5 apart on the log scale, asked for their ratio:

>>> lines = Lines(np.array([0.7]), np.array([0.25]), np.array([-0.25]), np.array([0.5]), np.array([0.5]))
>>> d, _ = LOG_NORMAL["ratio_of_medians"](lines, np.array([[np.exp(0.5)]]))
>>> d.round(9)
array([[1.]])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_NEWTON = 7
_SETTLED = 1e-8
"""Step at which Newton's method ends; the next one would be about its square."""
_LARGEST = 200.0


@dataclass(frozen=True)
class Lines:
    """Locations of both arms as lines in d, arrays (C,).

    Parameters
    ----------
    anchor, lean_t, lean_c : array (C,)
    sigma_t, sigma_c : array (C,)
        On the modeled scale.
    """

    anchor: Array
    lean_t: Array
    lean_c: Array
    sigma_t: Array
    sigma_c: Array

    def take(self, index: npt.NDArray[np.bool_ | np.intp]) -> Lines:
        """Return some of them."""
        return Lines(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    @property
    def pooled(self) -> Array:
        """Root mean square of both sigmas."""
        return np.sqrt((self.sigma_t**2 + self.sigma_c**2) / 2)


Threshold = Callable[[Lines, Array], tuple[Array, Array]]
"""From lines (C,) and values (K, 1) to thresholds on d (K, C) and their slopes in the value; a negative slope: d lies above."""


def _difference(lines: Lines, value: Array) -> tuple[Array, Array]:
    slope = 1 / lines.pooled
    return value * slope, np.broadcast_to(slope, (len(value), len(slope)))


def _standardized(lines: Lines, value: Array) -> tuple[Array, Array]:
    d = np.broadcast_to(value, (len(value), len(lines.anchor)))
    return d, np.ones_like(d)


def _treatment(lines: Lines, value: Array) -> tuple[Array, Array]:
    return _crossing(lines.anchor, lines.lean_t, value, np.ones_like(value))


def _control(lines: Lines, value: Array) -> tuple[Array, Array]:
    return _crossing(lines.anchor, lines.lean_c, value, np.ones_like(value))


def _crossing(anchor: Array, lean: Array, value: Array, per_value: Array) -> tuple[Array, Array]:
    lean = np.where(np.abs(lean) < 1e-300, 1e-300, lean)
    return (value - anchor) / lean, per_value / lean


def _log(value: Array) -> tuple[Array, Array]:
    """Log of values and its slope; what is not positive lies below everything."""
    positive = value > 0
    safe = np.where(positive, value, 1.0)
    return np.where(positive, np.log(safe), -np.inf), np.where(positive, 1 / safe, 0.0)


def _log_treatment(shift: float) -> Threshold:
    def threshold(lines: Lines, value: Array) -> tuple[Array, Array]:
        log, slope = _log(value)
        return _crossing(lines.anchor + shift * lines.sigma_t**2 / 2, lines.lean_t, log, slope)

    return threshold


def _log_control(shift: float) -> Threshold:
    def threshold(lines: Lines, value: Array) -> tuple[Array, Array]:
        log, slope = _log(value)
        return _crossing(lines.anchor + shift * lines.sigma_c**2 / 2, lines.lean_c, log, slope)

    return threshold


def _log_ratio(shift: float) -> Threshold:
    def threshold(lines: Lines, value: Array) -> tuple[Array, Array]:
        log, slope = _log(value)
        apart = shift * (lines.sigma_t**2 - lines.sigma_c**2) / 2
        return (log - apart) / lines.pooled, slope / lines.pooled

    return threshold


def _log_difference(shift: float) -> Threshold:
    """``a exp(p d) - b exp(-q d)``, p and q positive, inverted by Newton's method for its arsinh, which is nearly a line."""

    def threshold(lines: Lines, value: Array) -> tuple[Array, Array]:
        p, q = lines.lean_t, -lines.lean_c
        log_a = lines.anchor + shift * lines.sigma_t**2 / 2
        log_b = lines.anchor + shift * lines.sigma_c**2 / 2
        middle = (log_b - log_a) / (p + q)
        log_scale = np.clip((log_a + p * middle), -_LARGEST, _LARGEST)
        scaled = value * np.exp(-log_scale) / 2
        target = np.arcsinh(scaled)
        # exact where both leans are alike
        u = target * 2 / (p + q)
        for _ in range(_NEWTON):
            up, down = (np.exp(np.clip(each, -_LARGEST, _LARGEST)) for each in (p * u, -q * u))
            at = (up - down) / 2
            slope = np.maximum((p * up + q * down) / 2 / np.hypot(1, at), 1e-9 * (p + q))
            step = np.clip((np.arcsinh(at) - target) / slope, -20 / (p + q), 20 / (p + q))
            u = u - step
            if (np.abs(step) * (p + q)).max(initial=0.0) < _SETTLED:
                break
        up, down = (np.exp(np.clip(each, -_LARGEST, _LARGEST)) for each in (p * u, -q * u))
        return middle + u, 2 * np.exp(-log_scale) / (2 * (p * up + q * down))

    return threshold


def _log_standardized(lines: Lines, value: Array) -> tuple[Array, Array]:
    """The difference of means in root mean squares of both standard deviations: a function of the ratio of means."""
    square_t, square_c = (np.expm1(np.minimum(each**2, _LARGEST)) for each in (lines.sigma_t, lines.sigma_c))
    t = value
    a, b = 1 - np.minimum(t * t * square_t / 2, 1e100), 1 - np.minimum(t * t * square_c / 2, 1e100)
    root = np.sqrt(np.maximum(1 - a * b, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(t >= 0, (1 + root) / a, b / (1 + root))
    beyond = np.where(t >= 0, a <= 0, b <= 0)
    safe = np.where(beyond | ~(ratio > 0), 1.0, ratio)
    safe = np.clip(safe, 1e-30, 1e30)
    square = (safe**2 * square_t + square_c) / 2
    slope = 2 * square / (square_c + safe * square_t) * np.sqrt(square) / (safe * lines.pooled)
    d = (np.log(safe) - (lines.sigma_t**2 - lines.sigma_c**2) / 2) / lines.pooled
    end = np.where(t >= 0, np.inf, -np.inf)
    return np.where(beyond, end, d), np.where(beyond, 0.0, slope)


NORMAL: Mapping[str, Threshold] = {
    "mean_difference": _difference,
    "standardized_mean_difference": _standardized,
    "control_mean": _control,
    "treatment_mean": _treatment,
    "median_difference": _difference,
    "control_median": _control,
    "treatment_median": _treatment,
}
"""Of normal values; a ratio is another thing, since means may be negative."""
LOG_NORMAL: Mapping[str, Threshold] = {
    "mean_difference": _log_difference(1),
    "standardized_mean_difference": _log_standardized,
    "ratio_of_means": _log_ratio(1),
    "control_mean": _log_control(1),
    "treatment_mean": _log_treatment(1),
    "median_difference": _log_difference(0),
    "ratio_of_medians": _log_ratio(0),
    "control_median": _log_control(0),
    "treatment_median": _log_treatment(0),
}
"""Of log-normal values."""
OF_SIGMAS = {
    False: ("mean_difference", "standardized_mean_difference", "median_difference"),
    True: ("standardized_mean_difference", "ratio_of_means", "ratio_of_medians"),
}
"""Whose threshold hangs on both sigmas alone and not on the anchor, by whether values are log-normal."""
STANDARDIZED = "standardized_mean_difference"
RATIOS = ("ratio_of_means", "ratio_of_medians")


def values_at(lines: Lines, d: Array, name: str, log_normal: bool) -> Array:
    """Return what is asked at effects d (M, C)."""
    x_t, x_c = lines.anchor + lines.lean_t * d, lines.anchor + lines.lean_c * d
    if name == "standardized_mean_difference" and not log_normal:
        return d
    if log_normal:
        shift = 0.0 if "median" in name else 0.5
        x_t, x_c = (
            np.exp(np.clip(x + shift * sigma**2, -_LARGEST, _LARGEST / 2))
            for x, sigma in ((x_t, lines.sigma_t), (x_c, lines.sigma_c))
        )
    if name == "standardized_mean_difference":
        square_t, square_c = (np.expm1(np.minimum(each**2, _LARGEST)) for each in (lines.sigma_t, lines.sigma_c))
        ratio = x_t / x_c
        return np.asarray((ratio - 1) / np.sqrt((ratio**2 * square_t + square_c) / 2))
    if name.startswith("treatment"):
        return np.asarray(x_t)
    if name.startswith("control"):
        return np.asarray(x_c)
    return np.asarray(x_t / np.where(x_c == 0, 1.0, x_c) if name in RATIOS else x_t - x_c)
