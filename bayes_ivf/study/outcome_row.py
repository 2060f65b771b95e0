"""From the table of one outcome to an `Outcome`, with every fault of what was printed."""

from __future__ import annotations

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.cell_read import Read
from bayes_ivf.study.checks import mcid_fault
from bayes_ivf.study.claim_row import claim_of_row, statistic_of_row
from bayes_ivf.study.data import Categories, Datum, Percent, Size, Unusable
from bayes_ivf.study.datum import read_datum
from bayes_ivf.study.decode import cut_off
from bayes_ivf.study.denominators import Known, wrong_unit
from bayes_ivf.study.effect_row import effect_of_row
from bayes_ivf.study.facts import Outcome
from bayes_ivf.study.kinds import KINDS, kind_about
from bayes_ivf.study.mean_interval import known_from_words
from bayes_ivf.study.nested_row import most_of_one_woman
from bayes_ivf.study.noted import Noted
from bayes_ivf.study.schema import OutcomeTable
from bayes_ivf.study.stage import EVENTS
from bayes_ivf.study.stated_row import read_stated
from bayes_ivf.study.units import OF_EVENTS, UNITS, near_unit, read_unit

_PLACES = frozenset(
    ("abstract", "text", "table", "tables", "figure", "figures", "fig", "supplement", "appendix", "page", "pages",
     "title", "results", "methods", "protocol", "registry")
)  # fmt: skip
"""Words for places that every paper has."""


def read_outcome_row(row: OutcomeTable, known: Known, sources: frozenset[str], where: str) -> Outcome:
    """Read one outcome.

    Parameters
    ----------
    row : OutcomeTable
    known : Known
        What the rest of the file says.
    sources : frozenset of str
        Keys that `source` may name; empty if the file lists none.
    where : str
        Named in errors.

    Raises
    ------
    StudyError
        With every fault of this outcome.
    """
    result = Noted()
    row, means, result.found = known_from_words(row)
    unit = _unit(row, known, where, result)
    row = _about(row, unit, where, result)
    read = {arm: _arm(row, unit, arm, known, where, result) for arm in ARMS}
    _one_rounding(read, row, unit, result)
    effect, aside = effect_of_row(row, where, result)
    claim = claim_of_row(row, where, result)
    statistic = statistic_of_row(row, where, result)
    _declared(row, unit, known, sources, where, result)
    icc, baseline, wrong = read_stated(row, unit, known, where)
    most, beyond = most_of_one_woman(row, unit, {arm: cell.datum for arm, cell in read.items()}, where)
    result.faults += [*wrong, *beyond]
    if result.faults:
        raise StudyError(result.faults)
    data: dict[ArmName, Datum] = {arm: cell.datum for arm, cell in read.items() if cell.datum is not None}
    if len(data) < len(ARMS) and not KINDS[row.kind].fewest:
        data = {}  # where nobody need know how many women there were, those of one arm tell nothing
    shown = {
        arm: text
        for arm, datum in data.items()
        if (text := getattr(row, arm)) is not None and text != str(datum) and not isinstance(datum, Size)
    }
    return Outcome(
        id=row.id,
        label=row.label,
        kind=row.kind,
        per=unit,
        benefit=row.benefit,
        mcid=row.mcid,
        data=data or None,
        claim=claim,
        source=row.source,
        role=row.role,
        family=row.family,
        denominator_of=row.denominator,
        pregnancies=row.pregnancies or row.women_with_event,
        most=most,
        whole=row.whole,
        unit=next((cell.unit for cell in read.values() if cell.unit), row.unit),
        note=row.note,
        effect=effect,
        items=row.items,
        minimum=row.minimum,
        maximum=row.maximum,
        stage=row.stage,
        cumulative=row.cumulative,
        paired=row.paired,
        alternative=row.alternative,
        margin=row.margin,
        spread=next((cell.spread for cell in read.values() if cell.spread == "half_range"), None)
        or row.spread
        or next((cell.spread for cell in read.values() if cell.spread), None),
        of=row.of,
        impossible=tuple(result.found),
        as_printed=shown | means,
        set_aside=aside,
        ordered=row.ordered,
        icc=icc,
        baseline=baseline,
        statistic=statistic,
    )


def _unit(row: OutcomeTable, known: Known, where: str, made: Noted) -> str:
    unit = read_unit(row.per)
    if unit is None and "per" not in known.broken:
        near = near_unit(row.per)
        hint = f"did you mean {near!r}? " if near else ""
        allowed = f"one of {', '.join(UNITS)}, or a usual synonym of one"
        made.faults.append(Fault(f"{where}.per", repr(row.per), allowed, f"{hint}name the unit of the denominator"))
    return unit or "woman"


def _about(row: OutcomeTable, unit: str, where: str, made: Noted) -> OutcomeTable:
    """Return the row with the kind of words that it has: about counts or about a mean, as declared, else as is clear."""
    about = KINDS[row.kind].about
    if not about:
        return row
    clear = "counts" if unit in OF_EVENTS or row.stage in EVENTS else about
    if row.of is not None and about == "counts" and row.of != about:
        made.faults.append(
            Fault(f"{where}.of", repr(row.of), f"counts, as kind = {row.kind!r} says", "correct one of the two")
        )
        return row
    return row.model_copy(update={"kind": kind_about(row.kind, row.of or clear)})


def _arm(row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str, made: Noted) -> Read:
    unknown_unit = known.broken | ({"per"} if read_unit(row.per) is None else frozenset())
    seen = Known(known.sizes, known.max_embryos, known.outcomes, frozenset(unknown_unit))
    try:
        read = read_datum(row, unit, arm, seen, f"{where}, {arm}")
    except StudyError as error:
        made.faults += [each for each in error.faults if each not in made.faults]
        return Read()
    made.found.extend(read.found)
    return read


def _one_rounding(read: dict[ArmName, Read], row: OutcomeTable, unit: str, made: Noted) -> None:
    """Take back that one arm was cut off where the other was rounded up: a row of a table has one convention."""
    percents = {arm: cell.datum for arm, cell in read.items() if isinstance(cell.datum, Percent)}
    rounded = any(
        datum.unique and not datum.truncated and cut_off(datum.printed, datum.candidates[0].n) is None
        for datum in percents.values()
    )
    for arm, datum in percents.items():
        if rounded and datum.truncated:
            found = impossible.misfit(arm, datum.printed, *datum.searched, unit, row.label)
            made.found = [finding for finding in made.found if finding.arm != arm] + [found]
            read[arm].datum = Unusable(getattr(row, arm) or str(datum), found.why, datum.searched)


def _declared(row: OutcomeTable, unit: str, known: Known, sources: frozenset[str], where: str, made: Noted) -> None:
    """Check what does not hang on the arms."""
    if read_unit(row.per) is not None:
        false = wrong_unit(row, unit, known, where)
        made.faults += [] if false is None else [false]
    if row.mcid is not None:
        wrong = mcid_fault(row.mcid, row.kind, "" if row.effect is None else row.effect.scale, f"{where}.mcid")
        made.faults += [] if wrong is None else [wrong]
    if row.minimum is not None and row.maximum is not None and not row.minimum < row.maximum:
        made.faults.append(Fault(where, f"{row.minimum} to {row.maximum}", "minimum < maximum", "correct the range"))
    if row.ordered and Categories not in KINDS[row.kind].data:
        made.faults.append(
            Fault(f"{where}.ordered", f"true beside kind = {row.kind!r}", "categories", "leave out `ordered`")
        )
    if KINDS[row.kind].rests_on == "note" and not row.note and "note" not in known.broken:
        made.faults.append(
            Fault(f"{where}.note", "nothing", "why it is unavailable", "say in `note` what was not visible")
        )
    if row.source and sources and not _named(row.source, sources):
        made.faults.append(
            Fault(
                f"{where}.source",
                repr(row.source),
                f"words that name a key of [sources] ({', '.join(sorted(sources))}) or a place such as Table 2",
                "correct it, or add it to [sources]",
            )
        )


def _named(source: str, sources: frozenset[str]) -> bool:
    """Whether the words of a source name a key of the file, or a place that every paper has."""
    words = "".join(sign if sign.isalnum() or sign in "_-" else " " for sign in source).split()
    return any(word in sources or word.lower() in _PLACES for word in words) or source in sources
