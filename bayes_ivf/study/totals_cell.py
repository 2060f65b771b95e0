"""Totals of units nested in women, as the cell of an arm: women, units, women with at least one event, and events."""

from __future__ import annotations

from bayes_ivf.study.scanner import Scanner, refusal, whole_number
from bayes_ivf.study.units import read_unit

TOTALS = (
    '"40 women, 80 embryos, 16 pregnant, 33 implanted", "40 women, 80 cycles, 16 with events, 33 events" or the like'
)
_EVENTS = ("implanted", "event", "events", "pregnancy", "pregnancies", "birth", "births")
Totals = tuple[int, int, int, int]


def read_totals(scanner: Scanner, first: str, text: str) -> tuple[Totals, str]:
    """Read the four totals in this order, each with its name, and the canonical name of what women had several of.

    Parameters
    ----------
    scanner : Scanner
        Behind the number of women and their name.
    first : str
        That number.
    text : str
        The whole cell.

    Raises
    ------
    StudyError
        If one of them is missing or has another name.

    Examples
    --------
    >>> cell = "98 women, 294 cycles, 45 with at least one pregnancy, 60 pregnancies"
    >>> scanner = Scanner(cell)
    >>> first = scanner.number()
    >>> scanner.word("women"), read_totals(scanner, first, cell)
    ('women', ((98, 294, 45, 60), 'cycle'))
    """
    numbers, unit = [whole_number(first, text)], ""
    for named in (_unit, _with_event, _event):
        scanner.take(",", ";")
        number = scanner.number()
        found = named(scanner) if number else ""
        if not found:
            raise refusal(text, TOTALS, "name the four totals in this order")
        unit = unit or found
        numbers.append(whole_number(number, text))
    if not scanner.done:
        raise refusal(text, TOTALS, "name the four totals and nothing else")
    women, units, having, events = numbers
    return (women, units, having, events), unit


def _unit(scanner: Scanner) -> str:
    """Take the name of a unit of which a woman may have several; empty if none comes next."""
    words = []
    while letters := scanner.letters():
        words.append(letters)
    unit = read_unit(" ".join(words)) or "woman"
    return "" if unit == "woman" else unit


def _with_event(scanner: Scanner) -> str:
    """Take what the women with at least one event are called."""
    if scanner.word("pregnant"):
        return "pregnant"
    if not scanner.word("with"):
        return ""
    if scanner.word("at"):
        return scanner.word("least") and scanner.word("one") and (_event(scanner) or "one")
    return _event(scanner)


def _event(scanner: Scanner) -> str:
    live = scanner.word("live")
    return scanner.word("birth", "births") if live else scanner.word(*_EVENTS)
