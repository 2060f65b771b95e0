"""Denominators of an outcome as far as a text tells them: printed ones, those of the arm, or the events of another outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bayes_ivf.study.imports.glossary import Entry
from bayes_ivf.study.imports.text.abstract import Reading
from bayes_ivf.study.imports.text.cells import Group
from bayes_ivf.study.imports.text.marks import Mark
from bayes_ivf.study.units import FROM_ARM

_PER = re.compile(
    r"(?:\bper|/)\s?(?P<unit>(?:embryo )?transfers?|(?:started |initiated )?cycles?|retrievals?|embryos?|oocytes?)\b",
    re.IGNORECASE,
)
_UNITS = {"transfer": "transfer", "cycle": "cycle", "retrieval": "retrieval", "embryo": "embryo", "oocyte": "oocyte"}
_SHARES_OF = {"clinical_pregnancy": "cpr"}


@dataclass(frozen=True)
class Denominators:
    """What one unit is, and how many there were in each arm.

    Parameters
    ----------
    per : str
    sizes : (int, int)
        Treatment and control; 0 where they are not known.
    stated : bool
        Whether they have to stand in the file, since they are not those of the arms.
    comment : str
        Where they stand in the text.
    denominator : str
        Outcome whose events they are.
    remarks : tuple of str
        What to confirm.
    """

    per: str
    sizes: tuple[int, int] = (0, 0)
    stated: bool = False
    comment: str = ""
    denominator: str = ""
    remarks: tuple[str, ...] = ()


def women(reading: Reading, arm: int) -> int:
    """Return how many women an arm had; all arms but the control arm together if it is -1, and 0 if it is not known."""
    if arm >= 0:
        return reading.arms[arm].n
    return sum(each.n for place, each in enumerate(reading.arms) if place != reading.pair[1])


def denominators(reading: Reading, entry: Entry, group: Group) -> Denominators:
    """Return the denominators of an outcome with counts or percentages."""
    treatment, control = (group.cells[arm] for arm in reading.pair)
    sizes = women(reading, reading.pair[0]), women(reading, reading.pair[1])
    if treatment.parts.get("bare"):
        return Denominators("woman", sizes, remarks=("the denominators are taken as the women of the arms",))
    said = _said(reading, group)
    printed = _printed(treatment), _printed(control)
    if all(printed):
        return _of_printed(entry, printed, sizes, said)
    units = _units(reading)
    if treatment.kind == control.kind == "count":
        return _of_events(entry, (treatment, control), sizes, units, said)
    if entry.per in _SHARES_OF:
        return Denominators(entry.per, denominator=_SHARES_OF[entry.per])
    per = said or entry.per
    if per in units and per != "woman":
        return Denominators(
            per,
            units[per],
            True,
            "printed with the arms",
            remarks=(f"the denominators are the {per}s printed with the arms",),
        )
    if per not in FROM_ARM and _women_fit((treatment, control), sizes):
        why = (
            f"the unit is not said: per {per.replace('_', ' ')} is usual, and the percentages fit the women of the arms"
        )
        return Denominators("woman", remarks=(why,))
    return Denominators(per)


def _women_fit(cells: tuple[Mark, Mark], sizes: tuple[int, int]) -> bool:
    """Whether each percentage is one of a whole number of women."""
    shares = [mark.parts.get("percent") or (mark.text.rstrip("% \t") if mark.kind == "share" else "") for mark in cells]
    return all(
        n and share and any(_fits_number(events, n, share) for events in range(n + 1))
        for share, n in zip(shares, sizes, strict=True)
    )


def _printed(mark: Mark) -> int:
    text = mark.parts.get("n", "").replace(",", "")
    return int(text) if text else 0


def _said(reading: Reading, group: Group) -> str:
    """Return the unit that stands beside the outcome, as in "per transfer"; empty if none does."""
    start = group.outcome.start if group.outcome is not None else group.start
    found = _PER.search(reading.signs, min(start, group.start), group.end + 40)
    if found is None:
        return ""
    return next(unit for word, unit in _UNITS.items() if word in found["unit"].lower())


def _units(reading: Reading) -> dict[str, tuple[int, int]]:
    """Return other denominators that are printed for both arms."""
    if -1 in reading.pair:
        return {}
    one, other = (reading.arms[arm] for arm in reading.pair)
    return {unit: (one.units[unit][0], other.units[unit][0]) for unit in one.units if unit in other.units}


def _of_printed(entry: Entry, printed: tuple[int, int], sizes: tuple[int, int], said: str) -> Denominators:
    per = said or ("woman" if printed == sizes else entry.per)
    if printed == sizes and per == "woman":
        return Denominators("woman", printed)
    asks = () if said else (f"what one unit of the denominators {printed[0]} and {printed[1]} is",)
    return Denominators(per, printed, True, "as printed in the cells", remarks=asks)


def _of_events(
    entry: Entry, cells: tuple[Mark, Mark], sizes: tuple[int, int], units: dict[str, tuple[int, int]], said: str
) -> Denominators:
    """Find the denominators that events and percentages fit, among those that the text prints."""
    among = {"woman": sizes} | units
    fitting = {
        unit: pair for unit, pair in among.items() if all(_fits(mark, n) for mark, n in zip(cells, pair, strict=True))
    }
    if said in fitting:
        fitting = {said: fitting[said]}
    if len(fitting) != 1:
        return Denominators(
            said or entry.per, remarks=("no single denominator of the text fits events and percentages",)
        )
    ((unit, pair),) = fitting.items()
    if unit == "woman":
        return Denominators("woman", pair)
    return Denominators(
        unit, pair, True, "printed with the arms", remarks=(f"the denominators are the {unit}s printed with the arms",)
    )


def _fits(mark: Mark, n: int) -> bool:
    """Whether a percentage is that of the events among n, rounded or cut off."""
    events = int(mark.parts["events"].replace(",", ""))
    return 0 < events <= n and _fits_number(events, n, mark.parts["percent"])


def _fits_number(events: int, n: int, percent: str) -> bool:
    plain = percent.replace("·", ".").replace(",", ".")
    unit = 10.0 ** -len(plain.partition(".")[2])
    return abs(100 * events / n - float(plain)) < unit
