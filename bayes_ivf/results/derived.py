"""Rows of estimands that follow from another one, and the number needed to treat in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from bayes_ivf.effects import DERIVED, FIELDS, REPORTED, derived_figures, derived_ids, number_needed
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import UNIT, Problem
from bayes_ivf.results.digits import digits_of_count, percent
from bayes_ivf.results.row import EffectRow, estimand_id


def with_derived(problem: Problem, rows: Iterable[EffectRow]) -> tuple[EffectRow, ...]:
    """Add the rows of what follows from other rows, behind them; where no direction is benefit there are none.

    Parameters
    ----------
    problem : Problem
    rows : iterable of EffectRow
        Of one fit.
    """
    rows = tuple(rows)
    added = [in_own_unit(row, float(problem.data[UNIT])) for row in rows if scaled_id(problem, row.estimand)]
    for row in rows:
        for each in derived_ids([estimand_id(problem, row)]):
            sign = problem.place(each.place).sign
            if sign:
                source = np.array([[getattr(row, field) for field in FIELDS]], dtype=float)
                numbers = derived_figures(each.estimand, [sign], source)[0].tolist()
                values: dict[str, Any] = {
                    field: None if value != value else value for field, value in zip(FIELDS, numbers, strict=True)
                }
                scale = REPORTED[each.estimand].scale
                added.append(replace(row, estimand=each.estimand, scale=scale, mcid=None, **values))
    return rows + tuple(added)


def without_derived(problem: Problem, rows: Iterable[EffectRow]) -> tuple[EffectRow, ...]:
    """Leave out the rows that `with_derived` adds."""
    scaled = {SCALED[name] for name in SCALED if scaled_id(problem, name)}
    return tuple(row for row in rows if row.estimand not in DERIVED and row.estimand not in scaled)


SCALED = {"standardized_mean_difference": "mean_difference"}
"""Quantities that a standard deviation turns into one in the unit of the outcome, and which."""


def scaled_id(problem: Problem, estimand: str) -> str:
    """Return the quantity in the outcome's own unit that follows from one of a problem; empty if none does."""
    return SCALED.get(estimand, "") if UNIT in problem.data else ""


def in_own_unit(row: EffectRow, unit: float) -> EffectRow:
    """Return the row of a difference that is `unit` times a standardized one."""
    scaled = SCALED[row.estimand]
    moved = ("mean", "median", "sd", "ci_low", "ci_high", "hdi_low", "hdi_high", "mcse")
    values: dict[str, Any] = {name: _times(unit, getattr(row, name)) for name in moved}
    empty: dict[str, Any] = dict.fromkeys(("mcid", "p_beyond_mcid", "p_in_rope"))
    return replace(row, estimand=scaled, scale=REPORTED[scaled].scale, **values, **empty)


def _times(unit: float, value: float | None) -> float | None:
    return None if value is None else unit * value


def number_needed_words(median: float, low: float, high: float, ci_prob: float) -> str:
    """Tell a risk difference as a number needed to treat; where its interval includes 0, in two segments that meet at infinity.

    Parameters
    ----------
    median, low, high : float
        Of the risk difference and its credible interval, positive where treatment helps (probability).
    ci_prob : float
        Probability of that interval.

    References
    ----------
    Altman 1998, doi 10.1136/bmj.317.7168.1309.

    Examples
    --------
    >>> number_needed_words(0.0819, -0.1059, 0.2669, 0.95)
    '12 to benefit (95% credible interval from 3.7 to benefit, through infinity, to 9.4 to harm)'
    >>> number_needed_words(0.2, 0.05, 0.4, 0.95), number_needed_words(-0.1, -0.25, -0.01, 0.9)
    ('5.0 to benefit (95% credible interval 2.5 to 20)', '10 to harm (90% credible interval 4.0 to 100)')
    """
    if low > 0 or high < 0:
        ends = f"{_count(high)} to {_count(low)}" if low > 0 else f"{_count(low)} to {_count(high)}"
    else:
        ends = f"from {_toward(high)}, through infinity, to {_toward(low)}"
    return f"{_toward(median)} ({percent(ci_prob)} credible interval {ends})"


def number_needed_sentence(problem: Problem, rows: Iterable[EffectRow]) -> str:
    """Return the number needed to treat of a fit in one sentence, from its first risk difference.

    Raises
    ------
    RequestError
        If there is no risk difference, or no direction of its outcome is benefit.
    """
    row = next((row for row in rows if row.estimand == "risk_difference"), None)
    place = "" if row is None else estimand_id(problem, row).place
    about = problem.place(place)
    if row is None or not about.sign:
        found = "no risk difference" if row is None else "an outcome of which no direction is benefit"
        raise RequestError(
            Fault("fit.number_needed()", found, "risks, and a direction that is benefit", "set `benefit`")
        )
    # the place of its own may be of embryos or of pregnancies
    unit = problem.per.replace("_", " ")
    said = problem.label.lower().endswith(f"per {unit}")
    per = "" if place or unit == "woman" or said else f", counted per {unit},"
    median, *ends = (about.sign * value for value in (row.median, row.ci_low, row.ci_high))
    words = number_needed_words(median, min(ends), max(ends), row.ci_level)
    return (
        f"{about.label}: number needed to treat {words}{per} under the prior {row.prior}. This is an association under the "
        f"model, causal only if allocation was random. {problem.assumes}"
    ).strip()


def _count(difference: float) -> str:
    count = float(number_needed(abs(difference)))
    return digits_of_count(count)(count)


def _toward(difference: float) -> str:
    """Tell a number needed with its side."""
    return _count(difference) + (" to benefit" if difference > 0 else " to harm" if difference < 0 else "")
