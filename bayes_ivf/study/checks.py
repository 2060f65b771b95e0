"""Checks of single data, shared by study files and constructors: bad numbers stop here."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.facts import Clusters, Counts, MeanSD
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.units import plural

MOST_SMD = 10.0
"""Largest standardized mean difference that can be called the smallest that matters."""


def mcid_fault(mcid: float, kind: str, scale: str, where: str) -> Fault | None:
    """Return what is wrong with a smallest difference that matters; None if nothing is.

    Parameters
    ----------
    mcid : float
        More than 0.
    kind : str
        Of the outcome.
    scale : str
        Of a printed effect, if that is all there is.
    where : str
    """
    measure = KINDS[kind].mcid or scale
    if measure == "risk_difference":
        most, allowed = 1.0, "a risk difference above 0 and below 1; 0.05 is 5 points"
    elif measure == "standardized_mean_difference":
        most, allowed = MOST_SMD, f"a standardized mean difference above 0 and below {MOST_SMD:g}; 0.3 is 0.3 sd"
    else:
        most, allowed = 1e6, "a number above 0 and below 1,000,000"
    if 0 < mcid < most:
        return None
    return Fault(where, f"{mcid:g}", allowed, "correct the MCID")


def read_number(text: str, where: str) -> Printed:
    """Return a printed number, or raise a StudyError that names the place."""
    try:
        return Printed(text)
    except StudyError as error:
        raise StudyError([replace(fault, where=where) for fault in error.faults]) from None


def checked_counts(events: object, n: object, where: str) -> Counts:
    """Return counts, or raise a StudyError unless ``0 <= events <= n`` and ``n >= 1`` are whole numbers."""
    for name, value in (("events", events), ("n", n)):
        if whole(value) is None:
            raise StudyError(Fault(f"{where}, {name}", repr(value), "a whole number", "give a count"))
    events, n = cast(int, whole(events)), cast(int, whole(n))
    if n < 1:
        raise StudyError(Fault(f"{where}, n", str(n), "at least 1", "correct the denominator"))
    if not 0 <= events <= n:
        raise StudyError(Fault(f"{where}, events", f"{events} of {n}", f"0 to {n}", "correct the counts"))
    return Counts(events, n)


def whole(value: object) -> int | None:
    """Return a whole number of Python or NumPy as an int, else None; 40.0 is 40, since a column with a gap holds floats."""
    number = finite(value)
    return None if number is None or number != int(number) else int(cast(Any, value))


def finite(value: object) -> float | None:
    """Return a finite number of Python or NumPy as a float, else None; a truth value is no number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def checked_mean_sd(mean: str, sd: str, n: object, where: str) -> MeanSD:
    """Return a printed mean and sd, or raise a StudyError unless sd > 0 and n >= 2."""
    center, spread = read_number(mean, f"{where}, mean"), read_number(sd, f"{where}, sd")
    datum = MeanSD(center, spread, whole(n) or 0)
    if datum.mean.percent or datum.sd.percent:
        raise StudyError(Fault(where, str(datum), "numbers without a percent sign", "remove the percent sign"))
    if not float(datum.sd) > 0:
        raise StudyError(Fault(f"{where}, sd", sd, "more than 0", "correct the standard deviation"))
    if datum.n < 2:
        raise StudyError(Fault(f"{where}, n", repr(n), "a whole number of at least 2", "correct n"))
    return datum


def names_of_totals(unit: str) -> tuple[str, str, str, str]:
    """Return what the totals of an arm are called whose women have several of a unit.

    Examples
    --------
    >>> names_of_totals("embryo"), names_of_totals("cycle")
    (('women', 'embryos', 'pregnant', 'implanted'), ('women', 'cycles', 'with_events', 'events'))
    """
    had = ("pregnant", "implanted") if unit == "embryo" else ("with_events", "events")
    return ("women", plural(unit).replace(" ", "_"), *had)


def checked_clusters(given: Mapping[str, object], most: int, where: str, unit: str = "embryo") -> Clusters:
    """Return the totals of units nested in women, or raise a StudyError with everything that contradicts."""
    names = names_of_totals(unit)
    if not isinstance(given, Mapping):
        raise StudyError(Fault(where, repr(given), f"a mapping with {', '.join(names)}", "name the totals"))
    faults = [
        Fault(f"{where}, {name}", repr(given.get(name, "nothing")), "a whole number of at least 0", "give the total")
        for name in names
        if (total := whole(given.get(name))) is None or total < 0
    ]
    faults += [
        Fault(f"{where}, {name}", repr(given[name]), ", ".join(names), "remove or rename it")
        for name in given
        if name not in names
    ]
    if faults:
        raise StudyError(faults)
    women, units, having, events = (cast(int, whole(given[name])) for name in names)
    those = "pregnant women" if unit == "embryo" else "women with events"
    checks = (
        (women >= 1, names[0], women, "at least 1"),
        (units >= women, names[1], units, f"at least one for each of {women} women"),
        (units <= women * most, names[1], units, f"at most {most} for each of {women} women"),
        (having <= women, names[2], having, f"at most the {women} women"),
        (events >= having, names[3], events, f"at least one for each of {having} {those}"),
        (events <= units, names[3], events, f"at most the {units} {plural(unit)}"),
    )
    faults = [
        Fault(f"{where}, {name}", str(value), allowed, "check the totals against the paper")
        for holds, name, value, allowed in checks
        if not holds
    ]
    if faults:
        raise StudyError(faults)
    return Clusters(women, units, having, events, unit=unit)
