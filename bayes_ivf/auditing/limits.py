"""Which values one woman can have: as the study file declares, or as the kind of quantity implies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bayes_ivf.auditing.analytes import analyte_of
from bayes_ivf.auditing.whole import COUNTED
from bayes_ivf.study import MeanSD, Outcome

_CHANGE = re.compile(
    r"chang|differ|increas|decreas|reduc|gain|loss|delta|Δ|score|sds?\b|versus|relative", re.IGNORECASE
)


@dataclass(frozen=True)
class Limits:
    """The range of one woman's value.

    Parameters
    ----------
    low, high : float or None
    declared : bool
        Whether the study file says so; otherwise the unit or the analyte does.
    why : str
        What the limits rest on.
    """

    low: float | None
    high: float | None
    declared: bool
    why: str


def limits(item: Outcome, datum: MeanSD) -> Limits | None:
    """Return the range of an outcome's values; None if nothing is known of it.

    A label that speaks of a change implies nothing, and neither does a mean below 0.

    Parameters
    ----------
    item : Outcome
    datum : MeanSD
        Of one arm.
    """
    if item.minimum is not None or item.maximum is not None:
        return Limits(item.minimum, item.maximum, True, f"each value is {_text(item.minimum, item.maximum)}")
    unit, mean = item.unit.strip().lower(), float(datum.mean)
    if mean < 0 or _CHANGE.search(item.label):
        return None
    if unit in COUNTED and item.whole:
        return Limits(0.0, None, True, "each value is a count, so at least 0")
    if unit in ("%", "percent", "per cent") and mean <= 100:
        return Limits(0.0, 100.0, False, "each value is a percentage from 0 to 100")
    if unit and analyte_of(item) is not None:
        return Limits(0.0, None, False, "each value is at least 0, as a quantity of this kind is")
    return None


def _text(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}, as the study file states"
    if high is None:
        return f"at least {low:g}, as the study file states"
    return f"from {low:g} to {high:g}, as the study file states"
