"""From the table of one outcome to an `Outcome`, with every fault of what was printed."""

from __future__ import annotations

from dataclasses import dataclass, field

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.checks import mcid_fault, read_number
from bayes_ivf.study.data import Categories, Datum, Percent, Size, Unusable
from bayes_ivf.study.datum import Read, read_datum
from bayes_ivf.study.decode import cut_off
from bayes_ivf.study.denominators import Known, placed, wrong_unit
from bayes_ivf.study.effect import sides_of
from bayes_ivf.study.facts import Claim, EffectCI, Impossible, Outcome, Statistic
from bayes_ivf.study.kinds import KINDS, kind_about
from bayes_ivf.study.mean_interval import known_from_words
from bayes_ivf.study.p_value import read_p
from bayes_ivf.study.printed import Printed
from bayes_ivf.study.schema import ClaimTable, EffectTable, OutcomeTable
from bayes_ivf.study.stage import EVENTS
from bayes_ivf.study.stated_row import read_stated
from bayes_ivf.study.statistic import read_statistic
from bayes_ivf.study.units import OF_EVENTS, UNITS, near_unit, read_unit

_EFFECT = ("estimate", "low", "high", "se")
_PLACES = frozenset(
    ("abstract", "text", "table", "tables", "figure", "figures", "fig", "supplement", "appendix", "page", "pages",
     "title", "results", "methods", "protocol", "registry")
)  # fmt: skip
"""Words for places that every paper has."""


@dataclass
class _Made:
    faults: list[Fault] = field(default_factory=list)
    found: list[Impossible] = field(default_factory=list)


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
    result = _Made()
    row, means, result.found = known_from_words(row)
    unit = _unit(row, known, where, result)
    row = _about(row, unit, where, result)
    read = {arm: _arm(row, unit, arm, known, where, result) for arm in ARMS}
    _one_rounding(read, row, unit, result)
    effect, aside = _effect(row, where, result)
    claim = _claim(row, where, result)
    statistic = _statistic(row, where, result)
    _declared(row, unit, known, sources, where, result)
    icc, baseline, wrong = read_stated(row, unit, known, where)
    result.faults += wrong
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
        pregnancies=row.pregnancies,
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


def _unit(row: OutcomeTable, known: Known, where: str, made: _Made) -> str:
    unit = read_unit(row.per)
    if unit is None and "per" not in known.broken:
        near = near_unit(row.per)
        hint = f"did you mean {near!r}? " if near else ""
        allowed = f"one of {', '.join(UNITS)}, or a usual synonym of one"
        made.faults.append(Fault(f"{where}.per", repr(row.per), allowed, f"{hint}name the unit of the denominator"))
    return unit or "woman"


def _about(row: OutcomeTable, unit: str, where: str, made: _Made) -> OutcomeTable:
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


def _arm(row: OutcomeTable, unit: str, arm: ArmName, known: Known, where: str, made: _Made) -> Read:
    unknown_unit = known.broken | ({"per"} if read_unit(row.per) is None else frozenset())
    seen = Known(known.sizes, known.max_embryos, known.outcomes, frozenset(unknown_unit))
    try:
        read = read_datum(row, unit, arm, seen, f"{where}, {arm}")
    except StudyError as error:
        made.faults += [each for each in error.faults if each not in made.faults]
        return Read()
    made.found.extend(read.found)
    return read


def _one_rounding(read: dict[ArmName, Read], row: OutcomeTable, unit: str, made: _Made) -> None:
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


def _effect(row: OutcomeTable, where: str, made: _Made) -> tuple[EffectCI | None, EffectCI | None]:
    """Return the printed effect, and the one that cannot hold."""
    if row.effect is None:
        if KINDS[row.kind].rests_on == "effect":
            made.faults.append(
                Fault(f"{where}.effect", "nothing", "scale, estimate, and low, high or se", "add the printed effect")
            )
        return None, None
    if row.effect.se is not None and KINDS[row.kind].rests_on != "effect":
        allowed = "low and high, beside the numbers of the arms"
        made.faults.append(
            Fault(f"{where}.effect.se", row.effect.se, allowed, "give the printed limits, or leave it out")
        )
        return None, None
    try:
        effect = _read_effect(row.effect, f"{where}.effect")
    except StudyError as error:
        made.faults.extend(error.faults)
        return None, None
    wrong = impossible.bad_effect(effect, row.label)
    if wrong is None:
        return effect, None
    made.found.append(wrong)
    return None, effect


def _read_effect(table: EffectTable, where: str) -> EffectCI:
    numbers: dict[str, Printed] = {}
    faults: list[Fault] = []
    for name in _EFFECT:
        try:
            if (text := getattr(table, name)) is not None:
                numbers[name] = read_number(text, f"{where}.{name}")
        except StudyError as error:
            faults += error.faults
    if "ratio" in table.scale:
        faults += [
            Fault(f"{where}.{name}", str(number), "a ratio without a percent sign", "write 1.25, not 125%")
            for name, number in numbers.items()
            if number.percent
        ]
    stated = {name for name in _EFFECT if getattr(table, name) is not None}
    sides = sides_of(len(stated & {"low", "high"}), table.sides)
    if len(stated) < 2 or ("se" in stated and len(stated) > 2):
        allowed = "low and high, one of them, or se (of the log of a ratio)"
        faults.append(Fault(where, " and ".join(sorted(stated)), allowed, "give the limits, or the standard error"))
    elif table.sides is not None and "se" in stated:
        faults.append(Fault(f"{where}.sides", str(table.sides), "low or high", "leave it out beside a standard error"))
    elif sides == 1 and not table.level > 0.5:
        faults.append(
            Fault(
                f"{where}.level",
                f"{table.level:g} on one side",
                "more than 0.5",
                "write 0.95 for a one-sided 95% limit",
            )
        )
    elif "se" in numbers and not float(numbers["se"]) > 0:
        faults.append(Fault(f"{where}.se", str(numbers["se"]), "a number above 0", "correct the standard error"))
    elif "se" in numbers and "ratio" in table.scale and not float(numbers["estimate"]) > 0:
        faults.append(
            Fault(f"{where}.estimate", str(numbers["estimate"]), "a ratio above 0", "write the ratio, not its log")
        )
    if faults:
        raise StudyError(faults)
    limits = {name: numbers.get(name) for name in ("low", "high", "se")}
    return EffectCI(table.scale, numbers["estimate"], **limits, level=table.level, adjusted=table.adjusted, sides=sides)


def _claim(row: OutcomeTable, where: str, made: _Made) -> Claim | None:
    """Return the claim with its P in plain signs."""
    table: ClaimTable | None = row.claim
    if KINDS[row.kind].rests_on == "claim" and (table is None or table.p is None) and row.statistic is None:
        made.faults.append(
            Fault(
                f"{where}.claim",
                "no claim with a P",
                "direction and p, or a statistic",
                "add the claim, or use unavailable",
            )
        )
    if table is None or table.p is None:
        return None if table is None else Claim(table.text, table.direction)
    try:
        with placed(f"{where}.claim.p"):
            p = read_p(table.p)
    except StudyError as error:
        made.faults.extend(error.faults)
        return None
    claim = Claim(table.text, table.direction, str(p), "" if table.p == str(p) else table.p)
    if not p.possible:
        made.found.append(impossible.bad_p(claim, row.label))
    elif p.words:
        made.found.append(impossible.words_for_p(claim, row.label))
    if (
        KINDS[row.kind].words
        and p.possible
        and p.relation != "="
        and (claim.relation == ">") != (claim.direction == "none")
    ):
        made.faults.append(
            Fault(
                f"{where}.claim",
                f"direction {claim.direction} with {table.p}",
                "a direction with P<alpha, or none with P>alpha",
                "correct the direction or the P",
            )
        )
    return claim


def _statistic(row: OutcomeTable, where: str, made: _Made) -> Statistic | None:
    """Return the printed test statistic; one that cannot hold is said, and kept as text."""
    if row.statistic is None:
        return None
    try:
        with placed(f"{where}.statistic"):
            statistic = read_statistic(row.statistic)
    except StudyError as error:
        made.faults.extend(error.faults)
        return None
    if statistic.cannot_be:
        made.found.append(impossible.bad_statistic(statistic, row.label))
    return statistic


def _declared(row: OutcomeTable, unit: str, known: Known, sources: frozenset[str], where: str, made: _Made) -> None:
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
