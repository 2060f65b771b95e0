"""A printed effect of treatment against control, with its confidence interval or its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist

from bayes_ivf.study.printed import Printed


@dataclass(frozen=True)
class EffectCI:
    """A printed effect estimate with its confidence interval, or its standard error.

    Parameters
    ----------
    scale : {"odds_ratio", "risk_ratio", "hazard_ratio", "mean_difference", "risk_difference"}
    estimate, low, high : Printed
        On that scale; no limits where a standard error is printed instead.
    level : float
        Confidence level of the interval, 0.95 unless the paper says otherwise.
    se : Printed or None
        Of the log of a ratio, or of a difference in its own unit.
    adjusted : str
        What the estimate was adjusted for, in the paper's words; empty if it was not.
    """

    scale: str
    estimate: Printed
    low: Printed | None
    high: Printed | None
    level: float = 0.95
    adjusted: str = ""
    se: Printed | None = None

    def __str__(self) -> str:
        return f"{self.estimate} ({self.low} to {self.high})" if self.se is None else f"{self.estimate} (SE {self.se})"

    @property
    def values(self) -> tuple[float, float, float]:
        """Estimate, low and high on the scale itself: a risk difference in percent or beyond 1 is in points.

        Where a standard error is printed instead of limits, they follow from it and the level.
        """
        estimate, *rest = (float(number) / self._unit for number in self._numbers)
        if self.se is None:
            return estimate, rest[0], rest[1]
        half = NormalDist().inv_cdf((1 + self.level) / 2) * rest[0]
        if "ratio" in self.scale:
            return estimate, estimate * exp(-half), estimate * exp(half)
        return estimate, estimate - half, estimate + half

    @property
    def standard_error(self) -> float:
        """As printed, or half the width of the interval over its normal quantile: of a log ratio, or of a difference."""
        if self.se is not None:
            return float(self.se) / self._unit
        _, low, high = self.values
        width = log(high / low) if "ratio" in self.scale else high - low
        return width / (2 * NormalDist().inv_cdf((1 + self.level) / 2))

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """What the printed numbers may be before rounding, each as (least, most) on the scale itself."""
        ends = (number.interval for number in self._numbers)
        return tuple((float(least) / self._unit, float(most) / self._unit) for least, most in ends)

    @property
    def _numbers(self) -> tuple[Printed, ...]:
        """Estimate and limits, or estimate and standard error."""
        return tuple(number for number in (self.estimate, self.low, self.high, self.se) if number is not None)

    @property
    def _unit(self) -> int:
        points = any(number.percent for number in self._numbers) or (
            self.scale == "risk_difference" and any(abs(float(number)) > 1 for number in self._numbers)
        )
        return 100 if points else 1
