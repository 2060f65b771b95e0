"""What the table of an outcome states for its model: correlation within clusters, and values before treatment."""

from __future__ import annotations

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ARMS
from bayes_ivf.study.baseline import Baseline
from bayes_ivf.study.data import Counts, MeanSD, Percent
from bayes_ivf.study.datum import read_datum
from bayes_ivf.study.denominators import Known
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.nested import StatedCorrelation, stated_icc
from bayes_ivf.study.schema import OutcomeTable


def _no_place_for_icc(row: OutcomeTable, where: str) -> list[Fault]:
    """Return that a stated correlation within clusters would change nothing, where it would not."""
    if not {Counts, Percent, MeanSD} & set(KINDS[row.kind].data):
        found, action = f"a correlation beside kind = {row.kind!r}", "leave it out; give counts, or means with sds"
    elif row.baseline is not None:
        found, action = "a correlation within clusters beside a baseline", "give means and sds of the changes instead"
    elif row.spread == "unknown":
        found, action = "a correlation beside spread = 'unknown'", "declare the spread"
    else:
        return []
    return [Fault(f"{where}.icc", found, "counts, percentages, or means with a known spread", action)]


def read_stated(
    row: OutcomeTable, unit: str, known: Known, where: str
) -> tuple[StatedCorrelation | None, Baseline | None, list[Fault]]:
    """Return the stated correlation within clusters, the values before treatment, and what is wrong with them.

    Parameters
    ----------
    row : OutcomeTable
    unit : str
        Canonical unit of the denominator.
    known : Known
    where : str
        Named in errors.
    """
    icc: StatedCorrelation | None = None
    faults: list[Fault] = []
    if row.icc is not None:
        icc, faults = stated_icc(row.icc.value, row.icc.low, row.icc.high, f"{where}.icc", row.icc.size)
        faults += _no_place_for_icc(row, where)
    if row.baseline is None:
        return icc, None, faults
    if MeanSD not in KINDS[row.kind].data:
        found = f"values before treatment beside kind = {row.kind!r}"
        return icc, None, [*faults, Fault(f"{where}.baseline", found, "kind = mean_sd", "leave it out")]
    given = row.baseline.correlation
    correlation, wrong = stated_icc(given.value, given.low, given.high, f"{where}.baseline.correlation")
    faults += wrong
    before = row.model_copy(update={arm: getattr(row.baseline, arm) for arm in ARMS})
    data = {}
    for arm in ARMS:
        place = f"{where}.baseline, {arm}"
        try:
            datum = read_datum(before, unit, arm, known, place).datum
        except StudyError as error:
            faults += error.faults
            continue
        if isinstance(datum, MeanSD):
            data[arm] = datum
        else:
            faults.append(
                Fault(place, repr(getattr(before, arm)), "mean ± sd, and the women of the arm", "correct the cell")
            )
    return icc, None if faults or correlation is None else Baseline(data, correlation), faults
