"""What is printed of both arms together: an effect with its interval, one limit or standard error, and a test statistic."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import exp, inf, log
from statistics import NormalDist
from typing import Literal

from bayes_ivf.study.printed import Printed

StatisticName = Literal["t", "F", "r", "chi-square", "z", "Q"]
SLACK = 0.02
"""Standard errors by which an estimate may lie off the middle of its interval beyond rounding, as after an inversion of
printed numbers: they move a probability by less than 0.01."""
_UNSAID = ("not said", "not stated", "not reported", "not given", "unclear", "unknown", "yes", "adjusted")
"""What a study file may say where a paper says that an effect is adjusted and not for what."""
Middle = Literal["model", "own", "neither"]


@dataclass(frozen=True)
class EffectCI:
    """A printed effect estimate with its confidence interval, one limit of it, or its standard error.

    Parameters
    ----------
    scale : {"odds_ratio", "risk_ratio", "hazard_ratio", "mean_difference", "risk_difference"}
    estimate, low, high : Printed
        On that scale; no limits where a standard error is printed instead, and one where the paper prints one.
    level : float
        Confidence level of the interval, 0.95 unless the paper says otherwise.
    adjusted : str
        What the estimate was adjusted for, in the paper's words; empty if it was not.
    se : Printed or None
        Of the log of a ratio, or of a difference in its own unit.
    sides : {1, 2}
        1 if each limit has the confidence level by itself (one-sided), 2 if both have it together.
    """

    scale: str
    estimate: Printed
    low: Printed | None
    high: Printed | None
    level: float = 0.95
    adjusted: str = ""
    se: Printed | None = None
    sides: int = 2

    def __str__(self) -> str:
        if self.se is not None:
            return f"{self.estimate} (SE {self.se})"
        if self.low is None or self.high is None:
            return f"{self.estimate} (from {self.low})" if self.high is None else f"{self.estimate} (to {self.high})"
        return f"{self.estimate} ({self.low} to {self.high})"

    @property
    def ratio(self) -> bool:
        """Whether it is a ratio, which is modeled on the log scale."""
        return "ratio" in self.scale

    @property
    def adjustment(self) -> str:
        """What follows its numbers where it was adjusted: ", adjusted for age"; else empty."""
        words = self.adjusted.strip()
        if words.lower().rstrip(".") in _UNSAID:
            return ", adjusted"
        return f", {words if words.startswith('adjusted') else f'adjusted for {words}'}" if words else ""

    @property
    def told(self) -> str:
        """Numbers as printed, with what they are adjusted for."""
        return f"{self}{self.adjustment}"

    @property
    def two_sided(self) -> float:
        """Confidence level of the interval between both limits."""
        return self.level if self.sides == 2 else 2 * self.level - 1

    @property
    def interval(self) -> str:
        """What is printed beside the estimate: "a 95% interval", "a one-sided 95% limit", "its standard error"."""
        if self.se is not None:
            return "its standard error"
        level = f"{100 * self.level:.6g}%"
        if self.low is not None and self.high is not None:
            return f"a {level} interval" if self.sides == 2 else f"one-sided {level} limits"
        return f"a one-sided {level} limit" if self.sides == 1 else f"one limit of a {level} interval"

    @property
    def values(self) -> tuple[float, float, float]:
        """Estimate, low and high on the scale itself: a risk difference in percent or beyond 1 is in points.

        A limit that is not printed follows from the standard error and the level.
        """
        estimate, *ends = self.bounds
        if all(map(_finite, ends)):
            return estimate, ends[0], ends[1]
        half = NormalDist().inv_cdf((1 + self.two_sided) / 2) * self.standard_error
        if self.ratio:
            low, high = estimate * exp(-half), estimate * exp(half)
        else:
            low, high = estimate - half, estimate + half
        return estimate, ends[0] if _finite(ends[0]) else low, ends[1] if _finite(ends[1]) else high

    @property
    def bounds(self) -> tuple[float, float, float]:
        """Estimate, low and high on the scale itself as they are printed; infinite where no limit is."""
        low = -inf if self.low is None else float(self.low) / self._unit
        return float(self.estimate) / self._unit, low, inf if self.high is None else float(self.high) / self._unit

    @property
    def side_errors(self) -> tuple[float, ...]:
        """Standard errors by the printed limits alone, lower limit first: distance from the estimate over the normal quantile.

        Of a log ratio, or of a difference; empty where a standard error is printed instead.
        """
        ends = [log(end) if self.ratio else end for end in self.bounds if _finite(end)]
        z = NormalDist().inv_cdf((1 + self.two_sided) / 2)
        return tuple(abs(end - ends[0]) / z for end in ends[1:])

    @property
    def standard_error(self) -> float:
        """As printed, or by the limits: of a log ratio, or of a difference.

        By two limits about the middle of which the estimate lies it is half their distance over the normal quantile; by one
        limit, and the larger one by two others, the distance of the limit from the estimate. By an interval that was made around
        a ratio itself it is that of the ratio over the ratio.
        """
        if self.se is not None:
            return float(self.se) / self._unit
        if self.low is None or self.high is None or self.middle == "neither":
            return max(self.side_errors)
        if self.middle == "own":
            return self.own_error / self.bounds[0]
        _, low, high = self.bounds
        width = log(high / low) if self.ratio else high - low
        return width / (2 * NormalDist().inv_cdf((1 + self.two_sided) / 2))

    @property
    def own_error(self) -> float:
        """Standard error of a ratio itself by both limits, as if the interval had been made around the ratio."""
        _, low, high = self.bounds
        return (high - low) / (2 * NormalDist().inv_cdf((1 + self.two_sided) / 2))

    @property
    def middle(self) -> Middle:
        """Where the estimate lies in the middle of both limits, for some numbers that are printed like these.

        ``"model"``: on the log scale of a ratio, the own scale of a difference (also where fewer than two limits are printed);
        ``"own"``: on the own scale of a ratio; ``"neither"``.
        """
        if self.low is None or self.high is None or self._symmetric(self.ratio):
            return "model"
        return "own" if self.ratio and self._symmetric(False) else "neither"

    def _symmetric(self, logs: bool) -> bool:
        if logs and min(end for span in self.spans for end in span) <= 0:
            return True  # nothing can be said of an interval that is no ratio's
        ends = [log(end) if logs else end for end in self.bounds]
        spans = [[log(end) if logs else end for end in span] for span in self.spans]
        lowest, highest = ((low + high) / 2 for low, high in zip(*spans[1:], strict=True))
        slack = SLACK * (ends[2] - ends[1]) / (2 * NormalDist().inv_cdf((1 + self.two_sided) / 2))
        return bool(spans[0][0] <= highest + slack and spans[0][1] >= lowest - slack)

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """What the printed numbers may be before rounding, each as (least, most) on the scale itself."""
        ends = (number.interval for number in self._numbers)
        return tuple((float(least) / self._unit, float(most) / self._unit) for least, most in ends)

    @property
    def _numbers(self) -> tuple[Printed, ...]:
        """Estimate and what is printed of limits and standard error."""
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


def sides_of(limits: int, declared: int | None) -> int:
    """Return how many sides a confidence level has: as declared, else one where a limit stands alone."""
    return declared or (1 if limits == 1 else 2)


def _finite(value: float) -> bool:
    return abs(value) < inf
