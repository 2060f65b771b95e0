"""A change from baseline, from the values before and after: its standard deviation needs their correlation, which is stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.data import MeanSD
from bayes_ivf.study.nested import StatedCorrelation
from bayes_ivf.study.spread import sd_factor

if TYPE_CHECKING:
    from bayes_ivf.study.facts import Outcome


@dataclass(frozen=True)
class Baseline:
    """What was printed of each arm before treatment, in the outcome's own unit.

    Parameters
    ----------
    data : mapping of arm to MeanSD
    correlation : StatedCorrelation
        Of the values of one woman before and after, as stated, with its range.
    """

    data: Mapping[ArmName, MeanSD]
    correlation: StatedCorrelation

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def __reduce__(self) -> tuple[object, ...]:
        return Baseline, (dict(self.data), self.correlation)


def changes(outcome: Outcome, correlation: float) -> dict[ArmName, tuple[float, float, int]] | None:
    """Return mean, standard deviation and number of women of each arm's change; None if no baseline was printed.

    With standard deviations a before and b after, that of the change is the root of ``a^2 + b^2 - 2 correlation a b``.

    Parameters
    ----------
    outcome : Outcome
    correlation : float
        Of the values of one woman before and after.
    """
    if outcome.baseline is None or outcome.data is None:
        return None
    found: dict[ArmName, tuple[float, float, int]] = {}
    for arm in ARMS:
        after, before = outcome.data.get(arm), outcome.baseline.data[arm]
        if not isinstance(after, MeanSD):
            return None
        a, b = (float(each.sd) * (sd_factor(outcome.spread, each.n) or 1.0) for each in (before, after))
        sd = sqrt(max(a * a + b * b - 2 * correlation * a * b, 0.0))
        found[arm] = (float(after.mean) - float(before.mean), sd, min(after.n, before.n))
    return found
