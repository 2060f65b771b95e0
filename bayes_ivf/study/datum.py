"""From the cell of one arm to its datum, by the kind of its outcome."""

from __future__ import annotations

from collections.abc import Callable

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.cell_read import Read, women_of
from bayes_ivf.study.count_datum import categories_of_cell, counts_of_cell, percent_of_cell
from bayes_ivf.study.data import Categories, Counts, MeanSD, Percent, Quantiles, Rate, Size
from bayes_ivf.study.denominators import Known
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.measured_datum import mean_of_cell, quantiles_of_cell, rate_of_cell
from bayes_ivf.study.printed import UNAVAILABLE
from bayes_ivf.study.schema import OutcomeTable

_Reader = Callable[[str, OutcomeTable, str, ArmName, Known, str], Read]
_READERS: dict[type, _Reader] = {Counts: counts_of_cell, Percent: percent_of_cell, Categories: categories_of_cell}
_READERS |= {MeanSD: mean_of_cell, Quantiles: quantiles_of_cell, Rate: rate_of_cell}
"""By what a cell is read to first of all."""


def read_datum(row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what was printed for one arm.

    Parameters
    ----------
    row : OutcomeTable
    unit : str
        Canonical unit of the denominator.
    arm : str
    known : Known
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        If it cannot be read to one meaning.
    """
    kind, text = KINDS[row.kind], getattr(row, arm)
    if kind.rests_on != "arms":
        if not kind.fewest and text is not None and text.strip().lower() != UNAVAILABLE:
            raise StudyError(
                Fault(where, repr(text), "nothing, or the word unavailable", "give the outcome another kind")
            )
        size = women_of(row, arm, known, where) if kind.data else None
        return Read(None if size is None else Size(size))
    if text is None:
        if arm in known.broken:
            return Read()
        raise StudyError(
            Fault(where, "nothing", f"what was printed, for kind {row.kind}", "add it, or use kind = unavailable")
        )
    return _READERS[kind.data[0]](text, row, unit, arm, known, where)
