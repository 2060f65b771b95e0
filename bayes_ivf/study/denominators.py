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
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.schema import OutcomeTable
from bayes_ivf.study.stage import Stage
from bayes_ivf.study.units import FROM_ARM, UNITS, plural, read_unit

PREGNANCIES = ("pregnancy", "clinical_pregnancy", "ongoing_pregnancy", "miscarriage", "birth", "live_birth")
PARTS = (
    "follicle", "oocyte", "mature_oocyte", "zygote", "embryo", "blastocyst", "blastomere", "biopsy", "implantation",
    "gestational_sac", "fetus", "child", "eye", "ovary",
)  # fmt: skip
"""Units of which one woman may have several."""
STARTS = ("man", "donor", "cycle", "insemination", "retrieval", "warming", "center", "visit")
"""Units that stand at the start: no event of an outcome, unless it counts them itself."""
_LABORATORY: dict[Stage, str] = {
    "retrieved": "oocyte", "mature": "mature_oocyte", "fertilized": "zygote", "good": "embryo", "blastocyst": "blastocyst",
    "frozen": "embryo", "transferred": "embryo", "implantation": "implantation",
}  # fmt: skip
_SHORT = {"cpr": "clinical_pregnancy", "opr": "ongoing_pregnancy", "lbr": "live_birth", "hcg": "pregnancy"}


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
            f"{where.removesuffix(f', {arm}')}.denominator",
            repr(name),
            "the id of an outcome whose counts are known",
            "name the outcome whose events are the denominator, or give n",
        )
    )


def wrong_unit(row: OutcomeTable, unit: str, known: Known, where: str) -> Fault | None:
    """Return what is wrong with the unit of an outcome whose denominators are the events of another; None if nothing is."""
    other = known.outcomes.get(row.denominator or "")
    if other is None or known.broken & {"per", "denominator"} or not KINDS[other.kind].events:
        return None
    allowed = _units_of_events(other)
    if unit in allowed:
        return None
    meant = next(each for each in (_event(other), "clinical_pregnancy", *allowed) if each in allowed)
    said = f"per = {row.per!r}" if "per" in row.model_fields_set else "no per, which is per woman,"
    return Fault(
        f"{where}.per",
        f"{said} beside denominator = {other.id!r}, whose events ({other.label}) are no {plural(unit)}",
        f"what the events of {other.id} are: {', '.join(allowed)}",
        f'write per = "{meant}" if the denominators are the events of {other.id}; if they are {plural(unit)}, leave out '
        "denominator and give n",
    )


def _event(other: Outcome) -> str | None:
    """Return the unit that an event of an outcome is: by its declared stage, else by a label or id that is nothing but one."""
    if other.stage == "transferred" and other.per not in PARTS:
        return "transfer"
    if other.stage is not None:
        return _LABORATORY.get(other.stage, "clinical_pregnancy")
    for text in (other.label, other.id):
        plain = text.lower().removesuffix("(%)").strip().removesuffix("rate").strip()
        unit = _SHORT.get(plain) or read_unit(plain)
        if unit is not None:
            return unit
    return None


def _units_of_events(other: Outcome) -> tuple[str, ...]:
    """Return the units that the events of an outcome may be: what had the event, or what it is itself."""
    event = _event(other)
    if event is None:
        units = [unit for unit in UNITS if unit not in STARTS]
    else:
        units = next((list(family) for family in (PREGNANCIES, PARTS) if event in family), [event])
    if other.per in PARTS and event not in PREGNANCIES:
        units = [unit for unit in units if unit in PARTS]
    else:
        units.append("woman")
    return tuple(dict.fromkeys([*units, other.per]))


def stated(row: OutcomeTable, arm: ArmName, known: Known, where: str) -> tuple[int, int] | None:
    """Return the denominator that the file states for an arm, as a range; None if it states none."""
    if row.n is None or "n" in known.broken:
        return None
    printed = getattr(row.n, arm)
    with placed(f"{where}, n"):
        return read_size(str(printed))


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
