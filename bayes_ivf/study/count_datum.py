"""From a printed count, percentage or category of one arm to its datum; what cannot hold is a finding."""

from __future__ import annotations

from dataclasses import replace

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.cell_read import Read
from bayes_ivf.study.checks import checked_clusters, names_of_totals
from bayes_ivf.study.data import Categories, Counts, Datum, Percent, Unusable
from bayes_ivf.study.decode import cut_off, decode_percent
from bayes_ivf.study.denominators import Known, arm_size, denominators, placed, stated
from bayes_ivf.study.facts import Impossible
from bayes_ivf.study.forms import CountCell, read_categories, read_counts, read_percent
from bayes_ivf.study.schema import OutcomeTable
from bayes_ivf.study.units import plural

MANY = 1000
"""Units of one woman beyond which totals contradict themselves."""


def counts_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of counts says."""
    with placed(where):
        cell = read_counts(text)
    return _from_cell(cell, text, row, unit, arm, known, where)


def percent_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of a percentage says: its counts, or every pair that prints so."""
    with placed(where):
        cell = read_percent(text)
    if cell.events is None and cell.percent is not None:
        return _percent(cell, text, row, unit, arm, known, where)
    return _from_cell(cell, text, row, unit, arm, known, where)


def _from_cell(
    cell: CountCell, text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str
) -> Read:
    if cell.totals is not None:
        return _clusters(cell, text, row, unit, arm, known, where)
    declared = stated(row, arm, known, where)
    women = known.sizes.get(arm)
    if cell.n is None:
        return _events(cell, text, row, unit, arm, known, where)
    if cell.events is None:
        return Read()
    if declared is not None and cell.n and not declared[0] <= cell.n <= declared[1]:
        raise StudyError(
            Fault(where, f"{text!r} beside n = {declared[0]}", "one denominator", "correct n, or leave it out")
        )
    beyond = declared is None and row.denominator is None and unit == "woman" and women is not None and cell.n > women
    if beyond and not known.broken & {"per", "n", "denominator"}:
        raise StudyError(
            Fault(
                where,
                f"{cell.events}/{cell.n} in an arm of {women}",
                f"a denominator of at most the {women} women of the arm, or a declared one",
                'say what was counted, such as per = "cycle", or give n',
            )
        )
    return Read(*_pair(cell, text, row, arm))


def _pair(cell: CountCell, text: str, row: OutcomeTable, arm: ArmName) -> tuple[Datum, list[Impossible]]:
    events, n = cell.events or 0, cell.n or 0
    if n == 0 and events == 0:
        why = impossible.nobody(arm, row.label)
    elif events > n:
        why = impossible.too_many_events(arm, events, n, row.label)
    else:
        pair = Counts(events, n)
        odd = cell.percent is not None and not _fits(pair, cell)
        return pair, [impossible.other_percent(arm, pair, cell.percent, row.label)] if odd and cell.percent else []
    return Unusable(text, why.why, (n, n) if n else None), [why]


def _fits(pair: Counts, cell: CountCell) -> bool:
    low, high = cell.percent.interval if cell.percent is not None else (0, 100)
    return low * pair.n <= 100 * pair.events <= high * pair.n


def _events(cell: CountCell, text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Events with their percentage: the denominator is the stated one, if both fit."""
    sizes = denominators(row, unit, arm, known, where)
    if sizes is None or cell.percent is None or cell.events is None:
        return Read()
    if isinstance(sizes, Unusable):
        return Read(replace(sizes, text=text))
    low, high, among = sizes
    tried = among if among is not None else range(max(low, cell.events), high + 1)
    fits = [n for n in tried if n > 0 and _fits(Counts(cell.events, n), cell)]
    searched = (low, high)
    if cell.events > high:
        found = impossible.too_many_events(arm, cell.events, high, row.label)
    elif len(fits) == 1:
        return Read(Counts(cell.events, fits[0]))
    elif fits:
        return Read(Percent(cell.percent, tuple(Counts(cell.events, n) for n in fits), (low, high)))
    else:
        found = impossible.events_of_other(arm, cell.events, high, cell.percent, unit, row.label)
    return Read(Unusable(text, found.why, searched), [found])


def _clusters(cell: CountCell, text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    totals, nested = cell.totals or (0, 0, 0, 0), cell.unit
    women = totals[0]
    if nested not in ("embryo", unit) and "per" not in known.broken:
        beside = f"totals of {plural(nested)} beside per = {row.per!r}"
        raise StudyError(Fault(where, beside, f'per = "{nested}"', "say in `per` what the totals are of"))
    size = known.sizes.get(arm)
    if size is not None and women > size and row.n is None:
        raise StudyError(
            Fault(where, f"{women} women in an arm of {size}", f"at most {size} women", "correct the totals, or give n")
        )
    given = dict(zip(names_of_totals(nested), totals, strict=True))
    try:
        # More embryos than the study's most for each woman contradict the study file, not each other: the audit says so.
        return Read(checked_clusters(given, MANY, where, nested))
    except StudyError as error:
        said = "; ".join(
            f"{fault.found} {fault.where.rpartition(', ')[2].replace('_', ' ')}, where there can be {fault.allowed}"
            for fault in error.faults
        )
        found = impossible.totals_contradict(arm, text, said, row.label, nested)
        return Read(Unusable(text, found.why), [found])


def _percent(cell: CountCell, text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    printed = cell.percent
    sizes = denominators(row, unit, arm, known, where)
    if printed is None or sizes is None:
        return Read()
    if isinstance(sizes, Unusable):
        return Read(replace(sizes, text=text))
    low, high, among = sizes
    searched = (low, high)
    if not 0 <= printed.decimal <= 100:
        found = impossible.outside_percent(arm, printed)
        return Read(Unusable(text, found.why, searched), [found])
    decoded = decode_percent(printed, low, high, where, among)
    if decoded is not None:
        return Read(decoded)
    cut = cut_off(printed, low) if low == high else None
    if cut is not None:
        found = impossible.read_as_cut_off(arm, printed, cut, unit, row.label)
        return Read(Percent(printed, (cut,), (low, high), truncated=True), [found])
    found = impossible.misfit(arm, printed, low, high, unit, row.label)
    return Read(Unusable(text, found.why, searched), [found])


def categories_of_cell(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    """Read what a cell of several categories says."""
    labels = tuple(row.categories or ())
    if "categories" in known.broken:
        return Read()
    with placed(where):
        if "%" in text and len(labels) == len(text.split("/")) >= 2:
            return _shares(text, labels, row, arm, known, where)
        return Read(Categories(labels, read_categories(text, labels)))


def _shares(text: str, labels: tuple[str, ...], row: OutcomeTable, arm: ArmName, known: Known, where: str) -> Read:
    """Categories with percentages, alone or beside their counts: counts, where the size of the arm fixes each."""
    n = arm_size(row, arm, known, where)
    if n is None:
        return Read()
    counts, found = [], []
    for part in text.split("/"):
        cell = read_percent(part.strip())
        if cell.events is not None and cell.n is None and cell.events <= n:
            pair = Counts(cell.events, n)
            if not _fits(pair, cell) and cell.percent is not None:
                found.append(impossible.other_percent(arm, pair, cell.percent, row.label))
            counts.append(cell.events)
            continue
        alone = "%" in part and cell.percent is not None and cell.events is None
        share = decode_percent(cell.percent, n, n, where) if alone and cell.percent is not None else None
        if share is None or not share.unique:
            allowed = f"percentages that {n} women give with one count each, or counts"
            raise StudyError(Fault(where, repr(text), allowed, 'write the counts, such as "7 / 15 / 18", or give n'))
        counts.append(share.candidates[0].events)
    return Read(Categories(labels, tuple(counts)), found)
