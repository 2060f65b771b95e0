"""From the cell of one arm to its datum; what cannot hold becomes a finding and is never computed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.checks import checked_clusters
from bayes_ivf.study.data import Categories, Counts, Datum, MeanSD, Percent, Quantiles, Rate, Size, Unusable
from bayes_ivf.study.decode import cut_off, decode_percent
from bayes_ivf.study.denominators import Known, arm_size, denominators, placed, stated
from bayes_ivf.study.facts import Impossible, Spread
from bayes_ivf.study.forms import CountCell, MeanCell, read_categories, read_counts, read_percent
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.mean_interval import SAME_ENDS, bad_mean, read_mean_cell
from bayes_ivf.study.printed import UNAVAILABLE
from bayes_ivf.study.quantile_cell import QUANTILE_WORDS, read_quantiles
from bayes_ivf.study.rate import read_rate_of_arm
from bayes_ivf.study.schema import OutcomeTable

MANY = 1000
"""Embryos for one woman beyond which totals contradict themselves."""


@dataclass
class Read:
    """What the cell of an arm gave."""

    datum: Datum | None = None
    found: list[Impossible] = field(default_factory=list)
    unit: str = ""
    spread: Spread | None = None


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
        size = _women(row, arm, known, where) if kind.data else None
        return Read(None if size is None else Size(size))
    if text is None:
        if arm in known.broken:
            return Read()
        raise StudyError(
            Fault(where, "nothing", f"what was printed, for kind {row.kind}", "add it, or use kind = unavailable")
        )
    return _READERS[kind.data[0]](text, row, unit, arm, known, where)


def _women(row: OutcomeTable, arm: ArmName, known: Known, where: str) -> int | None:
    """Return how many women an arm had, which must be enough for what was printed."""
    n, fewest = arm_size(row, arm, known, where), KINDS[row.kind].fewest
    if n is not None and n < fewest:
        raise StudyError(Fault(f"{where}, n", str(n), f"a whole number of at least {fewest}", "correct n"))
    return n


def _counts(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    with placed(where):
        cell = read_counts(text)
    return _from_cell(cell, text, row, unit, arm, known, where)


def _percents(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    with placed(where):
        cell = read_percent(text)
    if cell.events is None and cell.percent is not None:
        return _percent(cell, text, row, unit, arm, known, where)
    return _from_cell(cell, text, row, unit, arm, known, where)


def _from_cell(
    cell: CountCell, text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str
) -> Read:
    if cell.totals is not None:
        return _clusters(cell.totals, text, row, arm, known, where)
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


def _clusters(
    totals: tuple[int, int, int, int], text: str, row: OutcomeTable, arm: ArmName, known: Known, where: str
) -> Read:
    women, embryos, pregnant, implanted = totals
    size = known.sizes.get(arm)
    if size is not None and women > size and row.n is None:
        raise StudyError(
            Fault(where, f"{women} women in an arm of {size}", f"at most {size} women", "correct the totals, or give n")
        )
    given = {"women": women, "embryos": embryos, "pregnant": pregnant, "implanted": implanted}
    try:
        # More embryos than the study's most for each woman contradict the study file, not each other: the audit says so.
        return Read(checked_clusters(given, MANY, where))
    except StudyError as error:
        said = "; ".join(
            f"{fault.found} {fault.where.rpartition(', ')[2]}, where there can be {fault.allowed}"
            for fault in error.faults
        )
        found = impossible.totals_contradict(arm, text, said, row.label)
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


def _means(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    with placed(where):
        cell = read_mean_cell(text, row.spread)
    _check_spread(cell, text, row, where)
    measure = _measure(cell, text, row, where)
    n = _women(row, arm, known, where)
    if n is None:
        return Read(unit=measure, spread=cell.spread)
    found = bad_mean(cell, text, arm, row.label)
    if found is not None:
        return Read(Unusable(text, found.why, (n, n)), [found], measure, cell.spread)
    # A spread of 0 can be read: it is for the audit to weigh, and nothing to compute with.
    said = [impossible.weeks_and_days(arm, cell.mean, cell.sd, row.label)] if cell.mean.weeks_days else []
    return Read(MeanSD(cell.mean, cell.sd, n, cell.limits), said, measure, cell.spread)


def _check_spread(cell: MeanCell, text: str, row: OutcomeTable, where: str) -> None:
    if cell.bare and row.spread is None:
        raise StudyError(
            Fault(
                where,
                repr(text),
                "a number in brackets whose meaning is declared",
                'say spread = "sd" if it is the standard deviation, or write mean ± sd',
            )
        )
    if row.spread is not None and "quartiles" in row.spread:
        allowed = 'kind = "quantiles" for a median with quartiles'
        raise StudyError(Fault(where, f"spread = {row.spread!r} of a mean", allowed, "correct `spread` or the kind"))
    if cell.spread is not None and row.spread not in (None, cell.spread, *SAME_ENDS.get(cell.spread, ())):
        raise StudyError(Fault(where, repr(text), f"spread = {row.spread!r}, as declared", "correct `spread`"))


def _measure(cell: MeanCell, text: str, row: OutcomeTable, where: str) -> str:
    """Return the unit of the numbers; weeks + days are days."""
    weeks = cell.mean.weeks_days or cell.sd.weeks_days
    if not weeks:
        if cell.unit and row.unit and _same(cell.unit) != _same(row.unit):
            raise StudyError(Fault(where, f"{text!r} beside unit = {row.unit!r}", "one unit", "correct `unit`"))
        return row.unit or cell.unit
    if not (cell.mean.weeks_days and cell.sd.weeks_days):
        raise StudyError(Fault(where, repr(text), "mean and sd both in weeks + days", "write both in one unit"))
    if (row.minimum is not None or row.maximum is not None) and not row.unit.lower().startswith("day"):
        raise StudyError(
            Fault(
                where,
                f"{text!r} with a range",
                'a range in days, and unit = "days"',
                "give minimum and maximum in days",
            )
        )
    return "days"


def _same(unit: str) -> str:
    return "".join(sign for sign in unit.lower().replace("μ", "µ") if not sign.isspace())


def _categories(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
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


def _quantiles(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    if row.spread is not None and not (set(row.spread.split("+")) <= {"quartiles", "range"}):
        allowed = 'spread = "quartiles", "range" or "quartiles+range" beside kind = "quantiles"'
        raise StudyError(Fault(where, f"spread = {row.spread!r}", allowed, "correct `spread` or the kind"))
    with placed(where):
        cell = read_quantiles(text, row.spread)
    n = _women(row, arm, known, where)
    if n is None:
        return Read()
    datum = Quantiles(n, **cell.numbers)
    numbers = list(datum.numbers.items())
    for (name, number), (other, larger) in pairwise(numbers):
        if number.decimal > larger.decimal:
            found = impossible.out_of_order(arm, text, QUANTILE_WORDS[name], QUANTILE_WORDS[other], row.label)
            return Read(Unusable(text, found.why, (n, n)), [found])
    if numbers[0][1].decimal == numbers[-1][1].decimal:
        found = impossible.no_width(arm, text, row.label)
        return Read(Unusable(text, found.why, (n, n)), [found])
    return Read(datum)


def _rates(text: str, row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str) -> Read:
    rate, measure = read_rate_of_arm(text, row.unit, row.per if unit != "woman" else "", where)
    return Read(rate, unit=measure)


_Reader = Callable[[str, OutcomeTable, str, ArmName, Known, str], Read]
_READERS: dict[type, _Reader] = {Counts: _counts, Percent: _percents, MeanSD: _means}
_READERS |= {Quantiles: _quantiles, Rate: _rates, Categories: _categories}
"""By what a cell is read to first of all."""
