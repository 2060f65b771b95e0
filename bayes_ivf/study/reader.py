"""From a study file to a frozen `Study`; every fault of the file is reported at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.checks import checked_clusters, checked_counts, checked_mean_sd, read_number
from bayes_ivf.study.decode import decode_percent
from bayes_ivf.study.facts import (
    ARMS,
    ArmName,
    Categories,
    Claim,
    Clusters,
    Counts,
    Datum,
    EffectCI,
    MeanSD,
    Outcome,
    Percent,
    Size,
)
from bayes_ivf.study.individual import restore_rows
from bayes_ivf.study.printed import UNAVAILABLE
from bayes_ivf.study.schema import OutcomeTable, StudyTable
from bayes_ivf.study.trial import Study
from bayes_ivf.tables import check_table

_COUNTS = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*")
_CLUSTERS = re.compile(
    r"(?P<women>\d{1,7}) women, (?P<embryos>\d{1,7}) embryos, "
    r"(?P<pregnant>\d{1,7}) pregnant, (?P<implanted>\d{1,7}) implanted"
)
_MEAN_SD = re.compile(r"\s*(\S+)\s*(?:±|\+/-|\+-)\s*(\S+)\s*")
_EFFECT = ("estimate", "low", "high")
_RANGE = re.compile(r"\s*(\d{1,7})\s*-\s*(\d{1,7})\s*")


def parse_study(values: dict[str, Any], source: str) -> Study:
    """Turn the tables of a study file into a `Study`.

    Parameters
    ----------
    values : dict
        The parsed TOML.
    source : str
        Named in errors.

    Raises
    ------
    StudyError
        With every fault.
    """
    table = check_table(StudyTable, values, source, StudyError)
    faults = [
        Fault(f"{source}: arms.{arm}", "nothing", "both arms, treatment and control", f"add [arms.{arm}]")
        for arm in ARMS
        if arm not in table.arms
    ]
    if faults:
        raise StudyError(faults)
    outcomes: dict[str, Outcome] = {}
    seen: set[str] = set()
    for row in _denominators_first(table.outcomes):
        where = f"{source}: outcome {row.id}"
        if row.id in seen:
            faults.append(Fault(where, "the id twice", "each id once", "rename one of the outcomes"))
            continue
        seen.add(row.id)
        try:
            outcomes[row.id] = _outcome(row, table, outcomes, where)
        except StudyError as error:
            faults.extend(error.faults)
    faults += [
        Fault(
            f"{source}: outcome {row.id}.pregnancies", repr(row.pregnancies), "the id of an outcome", "correct the id"
        )
        for row in table.outcomes
        if row.pregnancies is not None and row.pregnancies not in outcomes
    ]
    if faults:
        raise StudyError(faults)
    study = Study(
        id=table.id,
        title=table.title,
        arms={arm: table.arms[arm].label for arm in ARMS},
        sizes={arm: table.arms[arm].n for arm in ARMS},
        items=tuple(outcomes[row.id] for row in table.outcomes),
        citation=table.citation,
        doi=table.doi,
        year=table.year,
        design_words=tuple(table.design_words),
        randomized=table.randomized,
        max_embryos=table.max_embryos,
        sources=table.sources,
        external=table.external,
        notes=tuple(table.notes),
        clusters=table.clusters,
    )
    return restore_rows(study, cast(Any, table.rows), source) if table.rows else study


def _denominators_first(rows: list[OutcomeTable]) -> list[OutcomeTable]:
    """Order outcomes so that one whose denominators are another's numerators comes after it."""
    return sorted(rows, key=lambda row: row.denominator is not None)


def _outcome(row: OutcomeTable, table: StudyTable, known: dict[str, Outcome], where: str) -> Outcome:
    faults: list[Fault] = []
    data: dict[ArmName, Datum] = {}
    for arm in ARMS:
        try:
            datum = _datum(row, arm, table, known, f"{where}, {arm}")
        except StudyError as error:
            faults.extend(error.faults)
            continue
        if datum is not None:
            data[arm] = datum
    effect = None
    if row.kind == "effect_ci" or row.effect is not None:
        try:
            effect = _effect(row, where)
        except StudyError as error:
            faults.extend(error.faults)
    if row.kind == "claim_only" and (row.claim is None or row.claim.p is None):
        faults.append(
            Fault(f"{where}.claim", "no claim with a P", "direction and p", "add the claim, or use unavailable")
        )
    if row.minimum is not None and row.maximum is not None and not row.minimum < row.maximum:
        faults.append(Fault(where, f"{row.minimum} to {row.maximum}", "minimum < maximum", "correct the range"))
    if row.kind == "unavailable" and not row.note:
        faults.append(Fault(f"{where}.note", "nothing", "why it is unavailable", "say in `note` what was not visible"))
    if faults:
        raise StudyError(faults)
    claim = None
    if row.claim is not None:
        p = None if row.claim.p is None else "P" + re.sub(r"\s", "", row.claim.p)[1:]
        claim = Claim(row.claim.text, row.claim.direction, p)
    return Outcome(
        id=row.id,
        label=row.label,
        kind=row.kind,
        per=row.per,
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
        unit=row.unit,
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
        spread=row.spread,
        of=row.of,
    )


def _datum(row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str) -> Datum | None:
    text = getattr(row, arm)
    if row.kind == "unavailable" or (row.kind == "effect_ci" and text is None):
        if text is not None and text != UNAVAILABLE:
            raise StudyError(
                Fault(where, repr(text), "nothing, or the word unavailable", "give the outcome another kind")
            )
        return None
    if row.kind in ("claim_only", "effect_ci"):
        return Size(_size(row, arm, table, where))
    if text is None:
        raise StudyError(
            Fault(where, "nothing", f"what was printed, for kind {row.kind}", "add it, or use kind = unavailable")
        )
    return _PARSERS[row.kind](text, row, arm, table, known, where)


def _size(row: OutcomeTable, arm: ArmName, table: StudyTable, where: str) -> int:
    if row.n is None:
        return table.arms[arm].n
    n = getattr(row.n, arm)
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise StudyError(Fault(f"{where}, n", repr(n), "a whole number of at least 1", "correct n"))
    return n


def _counts(
    text: str, row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str
) -> Counts | Clusters:
    totals = _CLUSTERS.fullmatch(text)
    if totals is not None:
        given = {name: int(number) for name, number in totals.groupdict().items()}
        return checked_clusters(given, table.max_embryos, where)
    match = _COUNTS.fullmatch(text)
    if match is None:
        allowed = 'events/n such as "16/40", or "40 women, 80 embryos, 16 pregnant, 33 implanted"'
        raise StudyError(Fault(where, repr(text), allowed, "write the counts in one of these ways"))
    return checked_counts(int(match[1]), int(match[2]), where)


def _percent(
    text: str, row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str
) -> Percent:
    printed = read_number(text, where)
    low, high = _denominators(row, arm, table, known, where)
    return decode_percent(printed, low, high, where)


def _denominators(
    row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str
) -> tuple[int, int]:
    if row.denominator is not None:
        other = known.get(row.denominator)
        counts = None if other is None else other.counts(arm)
        if counts is None or counts.events < 1:
            raise StudyError(
                Fault(
                    f"{where}, denominator",
                    repr(row.denominator),
                    "the id of an outcome whose counts are known and not zero in this arm",
                    "name the outcome whose events are the denominator, or give n",
                )
            )
        return counts.events, counts.events
    if row.n is not None:
        n = getattr(row.n, arm)
        match = _RANGE.fullmatch(n) if isinstance(n, str) else None
        if match is not None and 1 <= int(match[1]) <= int(match[2]) <= 100_000:
            return int(match[1]), int(match[2])
        n = _size(row, arm, table, where)
        return n, n
    women = table.arms[arm].n
    if row.per == "woman":
        return women, women
    if row.per == "embryo":
        return women, women * table.max_embryos
    return 1, max(women, defaults.DECODE_MAX_DENOMINATOR)


def _mean_sd(
    text: str, row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str
) -> MeanSD:
    match = _MEAN_SD.fullmatch(text)
    if match is None:
        raise StudyError(Fault(where, repr(text), 'mean ± sd such as "5.81 ± 0.76"', "write mean ± sd (or +/-)"))
    # A spread of 0 was printed and can be read: it is for the audit to weigh, and nothing to compute with.
    return checked_mean_sd(match[1], match[2], _size(row, arm, table, where), where, constant=True)


def _categories(
    text: str, row: OutcomeTable, arm: ArmName, table: StudyTable, known: dict[str, Outcome], where: str
) -> Categories:
    labels = tuple(row.categories or ())
    parts = [part.strip() for part in text.split("/")]
    if len(labels) < 2 or len(parts) != len(labels) or not all(part.isdecimal() for part in parts):
        raise StudyError(
            Fault(
                where,
                repr(text),
                f"one count for each of {len(labels)} categories",
                'write "7 / 15 / 18" and categories',
            )
        )
    return Categories(labels, tuple(int(part) for part in parts))


def _effect(row: OutcomeTable, where: str) -> EffectCI:
    if row.effect is None:
        raise StudyError(Fault(f"{where}.effect", "nothing", "scale, estimate, low, high", "add the printed effect"))
    numbers = {name: read_number(getattr(row.effect, name), f"{where}.effect.{name}") for name in _EFFECT}
    effect = EffectCI(row.effect.scale, **numbers, level=row.effect.level, adjusted=row.effect.adjusted)
    values = [float(effect.low), float(effect.estimate), float(effect.high)]
    if not values[0] < values[2] or not values[0] <= values[1] <= values[2]:
        raise StudyError(Fault(f"{where}.effect", str(values), "low <= estimate <= high", "correct the interval"))
    if "ratio" in effect.scale and values[0] <= 0:
        raise StudyError(Fault(f"{where}.effect", str(values), "ratios above 0", "correct the interval"))
    return effect


_Parser = Callable[[str, OutcomeTable, ArmName, StudyTable, dict[str, Outcome], str], Datum]
_PARSERS: dict[str, _Parser] = {"counts": _counts, "percent": _percent, "mean_sd": _mean_sd, "categories": _categories}
