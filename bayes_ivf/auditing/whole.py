"""Arms of a study whose printed mean and sd belong to whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

from bayes_ivf.auditing.granularity import Feasibility, Rounding, feasibility
from bayes_ivf.auditing.standardized import usable
from bayes_ivf.study import ARMS, ArmName, MeanSD, Outcome, Printed, Study

COUNTED = ("count", "counts", "number", "n", "no.")
"""Units that say that a value is a count, so never below 0."""


@dataclass(frozen=True)
class WholeArm:
    """A mean and sd of whole numbers in one arm.

    Parameters
    ----------
    item : Outcome
    arm : {"treatment", "control"}
    datum : MeanSD
    low, high : int or None
        Smallest and largest value of one woman, times the items of the scale.
    """

    item: Outcome
    arm: ArmName
    datum: MeanSD
    low: int | None
    high: int | None

    @property
    def name(self) -> str:
        """The outcome and the arm, for a sentence."""
        return f"{self.item.label} ({self.arm} arm)"

    @property
    def binary(self) -> bool:
        """Whether one woman can only have 0 or 1."""
        return self.item.items == 1 and self.low == 0 and self.high == 1

    @property
    def assumption(self) -> str:
        """What every statement about this arm rests on."""
        value = "is a whole number"
        if self.item.items > 1:
            value = f"is the mean of {self.item.items} whole numbers"
        bounds = ""
        if self.low is not None and self.high is not None:
            bounds = f" from {self.low / self.item.items:g} to {self.high / self.item.items:g}"
        elif self.low is not None:
            bounds = f" of at least {self.low / self.item.items:g}"
        elif self.high is not None:
            bounds = f" of at most {self.high / self.item.items:g}"
        return f"{self.item.label} {value}{bounds} for each of n = {self.datum.n} women, with nobody missing"

    def feasibility(
        self, rounding: Rounding = "nearest", n: int | None = None, sd: Printed | None = None
    ) -> Feasibility:
        """Look for a sample; `n` and `sd` replace the printed ones for an innocent explanation."""
        datum = self.datum
        return feasibility(
            datum.mean, sd or datum.sd, n or datum.n, self.item.items, self.low, self.high, rounding=rounding
        )


def whole_arms(study: Study) -> Iterator[WholeArm]:
    """Yield every arm with a mean and sd of whole numbers."""
    for item in study.items:
        for arm in ARMS:
            datum = None if item.data is None else item.data.get(arm)
            if item.whole and isinstance(datum, MeanSD) and usable(datum, constant=True):
                counted = item.minimum is None and item.unit.strip().lower() in COUNTED and datum.mean.decimal >= 0
                low = 0.0 if counted else item.minimum
                yield WholeArm(
                    item,
                    arm,
                    datum,
                    None if low is None else ceil(low * item.items),
                    None if item.maximum is None else floor(item.maximum * item.items),
                )
