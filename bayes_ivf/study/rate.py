"""The cell of an arm with events over time: ``12/300.5``, or ``12 events in 300.5 woman-years``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.data import Rate
from bayes_ivf.study.facts import Benefit, Direction
from bayes_ivf.study.one_outcome import both_arms, claim_of, plain_text, single_outcome, unpack
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.scanner import Scanner, decimal_text, refusal, whole_number

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study

RATE = 'events/time such as "12/300.5", or "12 in 300.5 woman-years"'
_LONGEST_UNIT = 30


def read_rate(text: str) -> tuple[Rate, str]:
    """Read events and the time in which they were counted, and the unit of time if it is printed with it.

    Raises
    ------
    StudyError
        If the text has no single meaning; found is the text.

    Examples
    --------
    >>> rate, unit = read_rate("12 events in 300.5 woman-years")
    >>> str(rate), unit
    ('12/300.5', 'woman-years')
    """
    scanner = Scanner(text)
    first = scanner.number()
    scanner.word("events", "event")
    between = first and (scanner.take("/") or scanner.word("in", "over", "during"))
    second = scanner.number() if between else ""
    unit = scanner.rest
    letters = unit.replace("-", "").replace(" ", "")
    if not second or len(unit) > _LONGEST_UNIT or (unit and not letters.isalpha()):
        raise refusal(text, RATE, "write the events and the time in which they were counted")
    time = Printed(decimal_text(second, text))
    if not time.decimal > 0:
        raise refusal(text, "a time above 0", "correct the time")
    return Rate(whole_number(first, text), time), unit


def read_rate_of_arm(text: str, declared: str, per: str, where: str) -> tuple[Rate, str]:
    """Read the cell of an arm in a study file.

    Parameters
    ----------
    text, declared : str
        The cell, and the unit of time that the outcome declares.
    per : str
        What was counted, if not women.
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        If the cell has no single meaning, or what was counted has at most one event each.
    """
    try:
        rate, unit = read_rate(text)
    except StudyError as error:
        raise StudyError([replace(fault, where=where) for fault in error.faults]) from None
    if per:
        raise StudyError(
            Fault(
                f"{where.rpartition(',')[0]}.per",
                f"{per!r} beside kind = 'rates'",
                "events of women over time, which may recur",
                "say kind = counts: at most one event per cycle or transfer is a share of them, and no rate",
            )
        )
    if unit and declared and unit.split() != declared.split():
        raise StudyError(
            Fault(where, f"{text!r} beside unit = {declared!r}", "one unit of time", "correct `unit`, or leave it out")
        )
    return rate, declared or unit


def from_rates(
    treatment: Sequence[float | str],
    control: Sequence[float | str],
    outcome: str = "events",
    benefit: Benefit = "lower",
    *,
    unit: str = "",
    study: str = "study",
    label: str | None = None,
    claim: str | None = None,
    direction: Direction | None = None,
) -> Study:
    """Make a study of one outcome that was counted over time and may recur.

    Parameters
    ----------
    treatment, control : (events, time)
        Events of each arm, and the time in which they were counted, in one unit; text keeps trailing zeros.
    outcome, study : str
        Their ids.
    benefit : {"higher", "lower", "none"}
    unit : str
        Of time, such as ``"woman-years"``.
    label : str, optional
    claim, direction : str, optional
        As in `from_counts`.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        Unless events are whole numbers of at least 0, and times numbers above 0.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_rates((12, "300.5"), (20, 310), outcome="bleeding", unit="woman-years")
    >>> study.outcomes.treatment[0]
    '12/300.5'
    """

    def read(values: object, arm: ArmName) -> Rate:
        events, time = (plain_text(each) for each in unpack(values, ("events", "time"), arm))
        try:
            return read_rate(f"{events}/{time}")[0]
        except StudyError as error:
            raise StudyError([replace(fault, where=arm) for fault in error.faults]) from None

    data = both_arms(treatment, control, read)
    made = single_outcome(
        study, outcome, "rates", benefit, data, dict.fromkeys(ARMS, 0), None, label, claim=claim_of(claim, direction)
    )
    return replace(made, items=(replace(made.items[0], unit=unit),))
