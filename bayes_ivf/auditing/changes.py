"""An outcome with a baseline as what is compared of it: the change of each arm, at a stated correlation of before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import sqrt

from bayes_ivf.study import ARMS, ArmName, Baseline, MeanSD, Outcome, Printed, changes, sd_factor

OF_CHANGES = ", of changes"
"""What is added to the name of a test that compares changes."""
_DECIMALS = 27


@dataclass(frozen=True)
class Derived(Printed):
    """A number that follows from printed ones.

    Parameters
    ----------
    text : str
        With all its digits.
    ends : tuple of Fraction
        What rounding of the printed numbers leaves open.
    """

    ends: tuple[Fraction, Fraction]

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """Closed interval of exact values that the printed numbers leave open."""
        return self.ends


def of_changes(item: Outcome, correlation: float | None = None) -> Outcome:
    """Return an outcome whose arms hold their changes from baseline; one without a baseline as it is.

    Parameters
    ----------
    item : Outcome
    correlation : float, optional
        Of a woman's values before and after; the stated one by default.
    """
    if item.baseline is None or item.data is None:
        return item
    rho = item.baseline.correlation.value if correlation is None else correlation
    found = changes(item, rho)
    if found is None:
        return item
    data = {arm: _change(item, item.baseline, arm, found[arm], rho) for arm in ARMS}
    return replace(item, data=data, baseline=None)


def _change(item: Outcome, baseline: Baseline, arm: ArmName, found: tuple[float, float, int], rho: float) -> MeanSD:
    """Return mean and spread of an arm's change, the spread of the kind that is printed."""
    after, before = (item.data or {})[arm], baseline.data[arm]
    assert isinstance(after, MeanSD)
    _, sd, n = found
    mean = after.mean.decimal - before.mean.decimal
    ends = [after.mean.interval[k] - before.mean.interval[1 - k] for k in (0, 1)]
    factor = sd_factor(item.spread, n) or 1.0
    spans = [[float(end) * (sd_factor(item.spread, x.n) or 1.0) for end in x.sd_interval] for x in (before, after)]
    sds = [sqrt(max(a * a + b * b - 2 * rho * a * b, 0.0)) / factor for a, b in product(*spans)]
    spread = Derived(_text(sd / factor), (Fraction(min(sds)), Fraction(max(sds))))
    return MeanSD(Derived(format(mean, "f"), (ends[0], ends[1])), spread, n)


def _text(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:_DECIMALS]}" if decimals else text
