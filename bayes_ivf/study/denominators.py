"""Denominators of an outcome: stated, those of the arm, or the events of another outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.data import Percent, Unusable
from bayes_ivf.study.facts import Outcome
from bayes_ivf.study.forms import read_size
from bayes_ivf.study.schema import OutcomeTable
from bayes_ivf.study.units import FROM_ARM, plural


@dataclass(frozen=True)
class Known:
    """What the rest of the file says, as far as it could be read.

    Parameters
    ----------
    sizes : mapping of arm to int
        Women of each arm; without an arm whose size is a fault already.
    max_embryos : int or None
        None if it is a fault already.
    outcomes : mapping of str to Outcome
        Outcomes that were read before this one, by id; what is a fault already is not among them.
    broken : frozenset of str
        Keys of this outcome that are a fault already.
    """

    sizes: Mapping[ArmName, int]
    max_embryos: int | None
    outcomes: Mapping[str, Outcome]
    broken: frozenset[str] = frozenset()


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Name the place in every fault that is raised inside."""
    try:
        yield
    except StudyError as error:
        raise StudyError([replace(fault, where=where) for fault in error.faults]) from None


Sizes = tuple[int, int, tuple[int, ...] | None]


def denominators(row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Sizes | Unusable | None:
    """Return the first and last denominator to try; None if it is unknown because of another fault."""
    if known.broken & {"n", "per", "denominator"}:
        return None
    declared = stated(row, arm, known, where)
    if declared is not None:
        return (*declared, None)
    if row.denominator is not None:
        return _of_outcome(row.denominator, arm, known, where)
    women = known.sizes.get(arm)
    if unit not in FROM_ARM:
        raise StudyError(
            Fault(
                where,
                f"a percentage per {unit.replace('_', ' ')} without n",
                f"n = {{ treatment = ..., control = ... }}: how many {plural(unit)} there were, or a range such as "
                '"40-60"',
                "give n, or the counts, or the outcome whose events are the denominator",
            )
        )
    if women is None or (unit == "embryo" and known.max_embryos is None):
        return None
    return (
        (women, women, None)
        if unit == "woman" or known.max_embryos is None
        else (women, women * known.max_embryos, None)
    )


def _of_outcome(name: str, arm: ArmName, known: Known, where: str) -> Sizes | Unusable | None:
    """Return the events of another outcome as denominators."""
    other = known.outcomes.get(name)
    if other is None:
        return None
    datum = None if other.data is None else other.data.get(arm)
    if isinstance(datum, Unusable):
        return Unusable("", f"Its denominators are the events of {name}, and those cannot be told: {datum.why}")
    counts = other.counts(arm)
    if counts is not None:
        if counts.events == 0:
            return Unusable("", f"{name} has no event in the {arm} arm, so there is nothing to take a share of.")
        return counts.events, counts.events, None
    if isinstance(datum, Percent):
        events = tuple(sorted({pair.events for pair in datum.candidates} - {0}))
        return (events[0], events[-1], events) if events else Unusable("", f"{name} has no event in the {arm} arm.")
    raise StudyError(
        Fault(
            f"{where}, denominator",
            repr(name),
            "the id of an outcome whose counts are known",
            "name the outcome whose events are the denominator, or give n",
        )
    )


def stated(row: OutcomeTable, arm: ArmName, known: Known, where: str) -> tuple[int, int] | None:
    """Return the denominator that the file states for an arm, as a range; None if it states none."""
    if row.n is None or "n" in known.broken:
        return None
    given = getattr(row.n, arm)
    with placed(f"{where}, n"):
        return read_size(str(given))


def arm_size(row: OutcomeTable, arm: ArmName, known: Known, where: str) -> int | None:
    """Return the one number of women (or other units) of an arm; None if it is unknown because of another fault."""
    if "n" in known.broken:
        return None
    declared = stated(row, arm, known, where)
    if declared is None:
        return known.sizes.get(arm)
    if declared[0] != declared[1]:
        allowed = "one whole number, since a range is for percentages"
        raise StudyError(Fault(f"{where}, n", f"{declared[0]}-{declared[1]}", allowed, "correct n"))
    return declared[0]
