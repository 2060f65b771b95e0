"""What is printed of both arms together: an effect with its confidence interval or standard error, and a test statistic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import exp, log
from statistics import NormalDist
from typing import Literal

from bayes_ivf.study.printed import Printed

StatisticName = Literal["t", "F", "r", "chi-square", "z", "Q"]


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


@dataclass(frozen=True)
class Statistic:
    """A printed test statistic.

    Parameters
    ----------
    name : {"t", "F", "r", "chi-square", "z", "Q"}
    value : Printed
        With the decimals that were printed.
    relation : {"=", "<", ">"}
    df : tuple of Decimal
        Degrees of freedom; two of F, none where none are printed.
    n : int or None
        What a chi-square or a correlation was computed from, where that is printed.
    text : str
        As printed.
    """

    name: StatisticName
    value: Printed
    relation: Literal["=", "<", ">"]
    df: tuple[Decimal, ...]
    n: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.head} {self.relation} {self.value}"

    @property
    def head(self) -> str:
        """Name and degrees of freedom, such as ``t(78)``."""
        inside = ", ".join([*(format(each, "f") for each in self.df), *([] if self.n is None else [f"N = {self.n}"])])
        return f"{self.name}({inside})" if inside else self.name

    @property
    def two_sided(self) -> bool:
        """Whether either sign speaks against no difference, so that a one-sided P is half of the usual one."""
        return self.name in ("t", "r", "z")

    @property
    def cannot_be(self) -> str:
        """Why it cannot hold, in half a sentence; empty if it can."""
        if any(each <= 0 for each in self.df):
            return "its degrees of freedom are above 0"
        if not self.two_sided and self.value.decimal < 0:
            return f"{'an' if self.name == 'F' else 'a'} {self.name} is never below 0"
        if self.name == "r" and abs(self.value.decimal) > 1:
            return "a correlation lies between -1 and 1"
        return ""
