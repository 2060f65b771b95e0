"""What a paper prints for one arm, as frozen values: nothing here is estimated."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from bayes_ivf.study.printed import Printed
from bayes_ivf.study.units import plural


@dataclass(frozen=True)
class Counts:
    """Events among a denominator.

    Parameters
    ----------
    events, n : int
        ``0 <= events <= n``, ``n >= 1``.
    """

    events: int
    n: int

    def __str__(self) -> str:
        return f"{self.events}/{self.n}"


@dataclass(frozen=True)
class Percent:
    """A printed percentage with the counts it can stand for.

    Parameters
    ----------
    printed : Printed
        The text, for example ``"41.25%"``.
    candidates : tuple of Counts
        Every pair of whole numbers within `searched` that rounds to the text.
    searched : tuple of int
        First and last denominator that were tried.
    truncated : bool
        Whether it fits only if it was cut off after its last digit, not rounded.
    """

    printed: Printed
    candidates: tuple[Counts, ...]
    searched: tuple[int, int]
    truncated: bool = False

    def __str__(self) -> str:
        return self.printed.text

    @property
    def unique(self) -> bool:
        """Whether a single pair of counts fits."""
        return len(self.candidates) == 1

    @property
    def statement(self) -> str:
        """What the search found, in one sentence."""
        low, high = self.searched
        where = f"a denominator of {low}" if low == high else f"denominators from {low} to {high}"
        candidates = ", ".join(str(c) for c in self.candidates[:6]) + (", ..." if len(self.candidates) > 6 else "")
        candidates += ", cut off and not rounded" if self.truncated else ""
        if self.unique:
            return f"{self.printed} is {candidates}: the only whole numbers that fit {where}."
        return f"{self.printed} fits {len(self.candidates)} pairs of whole numbers with {where}: {candidates}."


@dataclass(frozen=True)
class MeanSD:
    """A printed mean and standard deviation, or what is printed instead of it, of n values, in the outcome's own unit.

    Parameters
    ----------
    mean, sd : Printed
    n : int
    limits : tuple of Printed, optional
        Both ends of an interval or a range that is printed instead; `sd` is then half their distance.
    """

    mean: Printed
    sd: Printed
    n: int
    limits: tuple[Printed, Printed] | None = None

    def __str__(self) -> str:
        return (
            f"{self.mean} ± {self.sd}" if self.limits is None else f"{self.mean} ({self.limits[0]} to {self.limits[1]})"
        )

    @property
    def sd_interval(self) -> tuple[Fraction, Fraction]:
        """What the number after ± may have been before rounding."""
        if self.limits is None:
            return self.sd.interval
        (lowest, least), (most, highest) = (end.interval for end in self.limits)
        return max((most - least) / 2, Fraction(0)), (highest - lowest) / 2


@dataclass(frozen=True)
class Quantiles:
    """A printed median of n values with their quartiles, their range, or both, in the outcome's own unit.

    Parameters
    ----------
    n : int
    median : Printed
    q1, q3 : Printed or None
        Lower and upper quartile.
    low, high : Printed or None
        Minimum and maximum.
    """

    n: int
    median: Printed
    q1: Printed | None = None
    q3: Printed | None = None
    low: Printed | None = None
    high: Printed | None = None

    def __str__(self) -> str:
        pairs = [("quartiles", self.q1, self.q3), ("range", self.low, self.high)]
        said = "; ".join(f"{name} {low} to {high}" for name, low, high in pairs if low is not None)
        return f"{self.median} ({said})"

    @property
    def numbers(self) -> dict[str, Printed]:
        """Every printed number by name, from the smallest to the largest as they should be."""
        every = {"low": self.low, "q1": self.q1, "median": self.median, "q3": self.q3, "high": self.high}
        return {name: number for name, number in every.items() if number is not None}


@dataclass(frozen=True)
class Rate:
    """Events counted over a time, such as woman-years, in which they may recur.

    Parameters
    ----------
    events : int
    time : Printed
        More than 0.
    """

    events: int
    time: Printed

    def __str__(self) -> str:
        return f"{self.events}/{self.time}"


@dataclass(frozen=True)
class Clusters:
    """Totals of an arm whose units are nested in women: women, embryos transferred, women clinically pregnant, embryos implanted.

    Of another `unit`, such as a cycle, they are women, units, women with at least one event, and units with the event.
    """

    women: int
    embryos: int
    pregnant: int
    implanted: int
    unit: str = field(default="embryo", kw_only=True)

    def __str__(self) -> str:
        had = "pregnant", "implanted"
        with_event, events = had if self.unit == "embryo" else ("with events", "events")
        units = f"{self.embryos} {plural(self.unit)}"
        return f"{self.women} women, {units}, {self.pregnant} {with_event}, {self.implanted} {events}"


@dataclass(frozen=True)
class Size:
    """Only the number of women in the arm is known."""

    n: int

    def __str__(self) -> str:
        return "not printed"


@dataclass(frozen=True)
class Categories:
    """Counts of mutually exclusive categories."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]

    def __str__(self) -> str:
        return " / ".join(str(count) for count in self.counts)


@dataclass(frozen=True)
class Unusable:
    """What was printed for an arm and cannot hold, or hangs on something that cannot: nothing is computed from it.

    Parameters
    ----------
    text : str
        As printed.
    why : str
        In one sentence.
    sizes : (int, int) or None
        Smallest and largest denominator, where they are not those of the arm.
    """

    text: str
    why: str
    sizes: tuple[int, int] | None = None

    def __str__(self) -> str:
        return self.text


Datum = Counts | Percent | MeanSD | Quantiles | Rate | Clusters | Size | Categories | Unusable
