"""Values of women or embryos from a column: 0 and 1, or measurements; a coding that could be read as a mean is refused."""

from __future__ import annotations

import math
import numbers
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Any

from bayes_ivf.errors import Fault

AT = Callable[[str, Sequence[bool], str, str], None]
"""Adds a fault about rows of the column: what, which rows, what is allowed, what to do."""
WORDS = {"yes": 1.0, "no": 0.0}
SYSTEM_MISSING = 2.0**1023
"""From here on a number is how SPSS (-1.8e308) and Stata (9e307) write a missing one."""
LARGEST = 1e30
"""No measurement is larger."""
CODES = frozenset((-99, -9, -8, -1, 8, 9, 88, 98, 99, 888, 999, 9999))
"""What coded columns hold where a value is missing."""
RECODE = "recode to 0 and 1, or give event= the value that means the event"


def missing(value: Any) -> bool:
    """Whether a cell is None, NaN, pandas' NA or NaT, blank, or the missing number of a statistics program."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value) or SYSTEM_MISSING <= abs(value) < math.inf
    return False


def read_values(cells: Sequence[Any], event: Any, faults: list[Fault], at: AT) -> list[float]:
    """Return the numbers of a column, NaN where there is none; what is wrong is added to `faults`.

    Parameters
    ----------
    cells : sequence
    event : object
        The value that means the event; None if the column holds 0 and 1, yes and no, or measurements.
    faults : list of Fault
    at : callable
    """
    gone = [missing(each) for each in cells]
    at("missing or not finite", [lost or _infinite(each) for each, lost in zip(cells, gone, strict=True)],
       "a finite number in every row", "remove or mend these rows")  # fmt: skip
    present = [each for each, lost in zip(cells, gone, strict=True) if not lost]
    if event is not None:
        return _events(cells, gone, event, faults)
    texts = [isinstance(each, str) for each in present]
    if texts and all(texts):
        return _words(cells, gone, faults, at)
    values = [math.nan if lost else _number(each) for each, lost in zip(cells, gone, strict=True)]
    wrong = [value is None for value in values]
    at("no numbers", wrong, "0 or 1, or a number", "recode these values")
    read = [math.nan if value is None else value for value in values]
    if any(wrong):
        return read
    large = [LARGEST < abs(value) < math.inf for value in read]
    at(f"numbers beyond {LARGEST:g}", large, "measurements", "remove or mend these rows")
    flags = [_is_flag(each) for each in present]
    if any(flags) and not all(flags):
        _refuse(faults, "True and False beside numbers", RECODE)
    elif not any(large):
        _coding(sorted({value for value in read if math.isfinite(value)}), faults)
    return read


def _coding(distinct: Sequence[float], faults: list[Fault]) -> None:
    """Refuse two values that are no 0 and 1, and a third that is a usual code of a missing one."""
    if len(distinct) == 2 and set(distinct) != {0.0, 1.0}:
        _refuse(faults, f"two different values{_shown(distinct)}, which are not 0 and 1", RECODE)
    coded = [value for value in distinct if value in CODES]
    if len(distinct) == 3 and any(
        {0.0, 1.0} == set(distinct) - {x} or {1.0, 2.0} == set(distinct) - {x} for x in coded
    ):
        words = f"three values{_shown(distinct)}, as where one is the code of a missing value"
        _refuse(faults, words, f"remove the rows of the code, then {RECODE}")


def _shown(values: Sequence[float]) -> str:
    """Show codes; anything that could be a measurement stays out of a message."""
    if not all(value.is_integer() and abs(value) < 10_000 for value in values):
        return ""
    return f" ({', '.join(f'{value:.0f}' for value in values)})"


def _events(cells: Sequence[Any], gone: Sequence[bool], event: Any, faults: list[Fault]) -> list[float]:
    wanted = _key(event)
    keys = [None if lost else _key(cell) for cell, lost in zip(cells, gone, strict=True)]
    others = {key for key in keys if key is not None and key != wanted}
    if wanted not in keys:
        allowed = "a value of the column, of the same type"
        faults.append(Fault("event", f"{event!r}, which no row has", allowed, "name the value that means the event"))
    elif len(others) > 1:
        _refuse(faults, f"{len(others)} values beside the event", "remove rows that are neither, or recode to 0 and 1")
    return [math.nan if key is None else float(key == wanted) for key in keys]


def _words(cells: Sequence[Any], gone: Sequence[bool], faults: list[Fault], at: AT) -> list[float]:
    """Read yes and no; other texts are refused."""
    read = [
        math.nan if lost else WORDS.get(str(cell).strip().casefold()) for cell, lost in zip(cells, gone, strict=True)
    ]
    wrong = [value is None for value in read]
    if len({str(cell).strip() for cell, lost in zip(cells, gone, strict=True) if not lost}) <= 2 and any(wrong):
        _refuse(faults, "texts, which are not yes and no", RECODE)
    else:
        at("no numbers", wrong, "0 or 1, yes or no, or a number", "recode these values")
    return [math.nan if value is None else value for value in read]


def _refuse(faults: list[Fault], found: str, action: str) -> None:
    allowed = "0 and 1 (or False and True, yes and no), or measurements with more than two values"
    faults.append(Fault("column of value", found, allowed, action))


def _is_flag(value: Any) -> bool:
    return type(value).__name__ in ("bool", "bool_")


def _infinite(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)


def _number(value: Any) -> float | None:
    """Return a number, or None if it is something else."""
    if _is_flag(value):
        return float(bool(value))
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if not isinstance(value, numbers.Real):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond what a float holds
        return 10 * LARGEST


def _key(value: Any) -> Hashable:
    """What makes two cells the same: type and value."""
    if isinstance(value, str):
        return "text", unicodedata.normalize("NFC", value).strip()
    return ("flag" if _is_flag(value) else "number", _number(value)) if _number(value) is not None else repr(value)


def plain_id(value: Any) -> str:
    """Return an id without what typing adds: spaces, case, the type of a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFC", str(value)).strip().casefold()
