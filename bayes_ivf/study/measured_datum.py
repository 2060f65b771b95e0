"""From a printed mean, median or rate of one arm to its datum; what cannot hold is a finding."""

from __future__ import annotations

from itertools import pairwise

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.cell_read import Read, women_of
from bayes_ivf.study.data import MeanSD, Quantiles, Unusable
from bayes_ivf.study.denominators import Known, placed
from bayes_ivf.study.forms import MeanCell
from bayes_ivf.study.mean_interval import SAME_ENDS, bad_mean, read_mean_cell
from bayes_ivf.study.quantile_cell import QUANTILE_WORDS, read_quantiles
from bayes_ivf.study.rate import read_rate_of_arm
from bayes_ivf.study.schema import OutcomeTable


def mean_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of a mean with its spread says."""
    with placed(where):
        cell = read_mean_cell(text, row.spread)
    _check_spread(cell, text, row, where)
    measure = _measure(cell, text, row, where)
    n = women_of(row, arm, known, where)
    if n is None:
        return Read(unit=measure, spread=cell.spread)
    found = bad_mean(cell, text, arm, row.label)
    if found is not None:
        return Read(Unusable(text, found.why, (n, n)), [found], measure, cell.spread)
    # A spread of 0 can be read: it is for the audit to weigh, and nothing to compute with.
    said = [impossible.weeks_and_days(arm, cell.mean, cell.sd, row.label)] if cell.mean.weeks_days else []
    return Read(MeanSD(cell.mean, cell.sd, n, cell.limits), said, measure, cell.spread)


def _check_spread(cell: MeanCell, text: str, row: OutcomeTable, where: str) -> None:
    if cell.bare and row.spread is None:
        raise StudyError(
            Fault(
                where,
                repr(text),
                "a number in brackets whose meaning is declared",
                'say spread = "sd" if it is the standard deviation, or write mean ± sd',
            )
        )
    if row.spread is not None and "quartiles" in row.spread:
        allowed = 'kind = "quantiles" for a median with quartiles'
        raise StudyError(Fault(where, f"spread = {row.spread!r} of a mean", allowed, "correct `spread` or the kind"))
    if cell.spread is not None and row.spread not in (None, cell.spread, *SAME_ENDS.get(cell.spread, ())):
        raise StudyError(Fault(where, repr(text), f"spread = {row.spread!r}, as declared", "correct `spread`"))


def _measure(cell: MeanCell, text: str, row: OutcomeTable, where: str) -> str:
    """Return the unit of the numbers; weeks + days are days."""
    weeks = cell.mean.weeks_days or cell.sd.weeks_days
    if not weeks:
        if cell.unit and row.unit and _same(cell.unit) != _same(row.unit):
            raise StudyError(Fault(where, f"{text!r} beside unit = {row.unit!r}", "one unit", "correct `unit`"))
        return row.unit or cell.unit
    if not (cell.mean.weeks_days and cell.sd.weeks_days):
        raise StudyError(Fault(where, repr(text), "mean and sd both in weeks + days", "write both in one unit"))
    if (row.minimum is not None or row.maximum is not None) and not row.unit.lower().startswith("day"):
        raise StudyError(
            Fault(
                where,
                f"{text!r} with a range",
                'a range in days, and unit = "days"',
                "give minimum and maximum in days",
            )
        )
    return "days"


def _same(unit: str) -> str:
    return "".join(sign for sign in unit.lower().replace("μ", "µ") if not sign.isspace())


def quantiles_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of a median with quartiles or its range says."""
    if row.spread is not None and not (set(row.spread.split("+")) <= {"quartiles", "range"}):
        allowed = 'spread = "quartiles", "range" or "quartiles+range" beside kind = "quantiles"'
        raise StudyError(Fault(where, f"spread = {row.spread!r}", allowed, "correct `spread` or the kind"))
    with placed(where):
        cell = read_quantiles(text, row.spread)
    n = women_of(row, arm, known, where)
    if n is None:
        return Read()
    datum = Quantiles(n, **cell.numbers)
    numbers = list(datum.numbers.items())
    for (name, number), (other, larger) in pairwise(numbers):
        if number.decimal > larger.decimal:
            found = impossible.out_of_order(arm, text, QUANTILE_WORDS[name], QUANTILE_WORDS[other], row.label)
            return Read(Unusable(text, found.why, (n, n)), [found])
    if numbers[0][1].decimal == numbers[-1][1].decimal:
        found = impossible.no_width(arm, text, row.label)
        return Read(Unusable(text, found.why, (n, n)), [found])
    return Read(datum)


def rate_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of events in a time says."""
    rate, measure = read_rate_of_arm(text, row.unit, row.per if unit != "woman" else "", where)
    return Read(rate, unit=measure)
