"""From a study file to a frozen `Study`; every fault of the file is reported at once, of keys and of what was printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.answers import answer_faults
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.arms_reader import parse_many
from bayes_ivf.study.arms_schema import has_many_arms
from bayes_ivf.study.data import Percent
from bayes_ivf.study.denominators import Known
from bayes_ivf.study.facts import Outcome
from bayes_ivf.study.individual import restore_rows
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.order import by_dependence
from bayes_ivf.study.outcome_row import read_outcome_row
from bayes_ivf.study.schema import SYNONYMS, ArmTable, OutcomeTable, StudyTable
from bayes_ivf.study.trial import Study
from bayes_ivf.tables import table_faults

MOST_DECODINGS = 200_000
"""Pairs of whole numbers that all percentages of a study may stand for together."""
SHOWN_IDS = 40
_FILLERS: dict[str, Any] = {"id": "unnamed", "label": "?", "benefit": "none"}
"""What stands for a required key that is a fault already, so that the rest of the outcome can be read."""


@dataclass(frozen=True)
class _Row:
    """An outcome's table as far as its keys are right."""

    place: int
    table: OutcomeTable
    broken: frozenset[str]

    @property
    def name(self) -> str:
        """Its id, or its place if the id is a fault."""
        return f"outcomes.{self.place + 1}" if "id" in self.broken else self.table.id


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
    if has_many_arms(values):
        return parse_many(values, source, parse_study)
    table, faults, places = table_faults(StudyTable, values, source, SYNONYMS)
    rows = (
        [_Row(place, row, frozenset()) for place, row in enumerate(table.outcomes)]
        if table is not None
        else _usable_rows(values, places)
    )
    sizes = _sizes(values, places)
    if not any(place[:1] == ("arms",) for place in places):
        faults += [
            Fault(f"{source}: arms.{arm}", "nothing", "both arms, treatment and control", f"add [arms.{arm}]")
            for arm in ARMS
            if arm not in (values.get("arms") or {})
        ]
        needed = [row.name for row in rows if KINDS[row.table.kind].fewest]
        faults += [
            Fault(f"{source}: arms.{arm}.n", "nothing", "how many women the arm had", f"add n, as {needed[0]} needs it")
            for arm in ARMS
            if needed and arm not in sizes and arm in (values.get("arms") or {})
        ]
    most = None if any(place[:1] == ("max_embryos",) for place in places) else int(values.get("max_embryos", 3))
    outcomes = _read_rows(rows, sizes, most, _sources(values, places), source, faults)
    faults += _unknown_ids(rows, values, source)
    if "answers" in values:
        faults += answer_faults(values["answers"], source)
    if faults or table is None:
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
        external=cast(Any, table.external),
        notes=tuple(table.notes),
        clusters=table.clusters,
        answers=table.answers,
    )
    return restore_rows(study, cast(Any, table.rows), source) if table.rows else study


def _read_rows(
    rows: Sequence[_Row],
    sizes: Mapping[ArmName, int],
    max_embryos: int | None,
    sources: frozenset[str],
    source: str,
    faults: list[Fault],
) -> dict[str, Outcome]:
    """Read every outcome after the one that it hangs on; what hangs on a fault has none of its own."""
    first: dict[str, _Row] = {}
    for row in rows:
        first.setdefault(row.name if row.name not in first else f"{row.name} (outcomes.{row.place + 1})", row)
    named = [row.name for row in rows]
    faults += [
        Fault(f"{source}: outcome {name}", "the id twice", "each id once", "rename one of the outcomes")
        for name in dict.fromkeys(named)
        if named.count(name) > 1
    ]
    hangs_on = {name: row.table.denominator for name, row in first.items()}
    order, circles = by_dependence(hangs_on)
    faults += [
        Fault(
            f"{source}: outcome {circle[0]}.denominator",
            " -> ".join([*circle, circle[0]]),
            "denominators that end in an outcome with denominators of its own",
            "correct one of these denominators",
        )
        for circle in circles
    ]
    faulty = {name for circle in circles for name in circle}
    outcomes: dict[str, Outcome] = {}
    decodings = 0
    for name in order:
        row = first[name]
        where = f"{source}: {name}" if "id" in row.broken else f"{source}: outcome {name}"
        broken = row.broken | ({"denominator"} if name in faulty else frozenset())
        known = Known(sizes, max_embryos, outcomes, broken)
        try:
            row_result = read_outcome_row(row.table, known, sources, where)
        except StudyError as error:
            faults.extend(error.faults)
            continue
        decodings += sum(len(each.candidates) for each in (row_result.data or {}).values() if isinstance(each, Percent))
        if decodings > MOST_DECODINGS:
            allowed = f"percentages that stand for at most {MOST_DECODINGS} pairs of whole numbers together"
            faults.append(Fault(where, f"more than {MOST_DECODINGS} pairs", allowed, "give narrower ranges as n"))
            break
        # where the datum of an arm is missing, a fault elsewhere is why
        whole = len(row_result.data or {}) == len(ARMS) or KINDS[row_result.kind].rests_on != "arms"
        if whole and not broken:
            outcomes[name] = row_result
    return outcomes


def _unknown_ids(rows: Sequence[_Row], values: dict[str, Any], source: str) -> list[Fault]:
    """Return a fault for each key that names no outcome of the file; one that is itself a fault is there all the same."""
    tables = values.get("outcomes")
    ids = [row.get("id") for row in tables if isinstance(row, dict)] if isinstance(tables, list) else []
    known = [each for each in dict.fromkeys(ids) if isinstance(each, str)]
    faults = []
    for row in rows:
        for key in ("denominator", "pregnancies", "women_with_event"):
            other = getattr(row.table, key)
            if other is None or other in known or key in row.broken:
                continue
            others = [each for each in known if each != row.name]
            near = get_close_matches(other, others, 1, 0.6)
            more = f", and {len(others) - SHOWN_IDS} more" if len(others) > SHOWN_IDS else ""
            allowed = f"the id of another outcome: {', '.join(others[:SHOWN_IDS]) or 'there is none'}{more}"
            action = f"did you mean {near[0]!r}? Else correct the id" if near else "correct the id"
            faults.append(Fault(f"{source}: outcome {row.name}.{key}", repr(other), allowed, action))
    return faults


def _usable_rows(values: dict[str, Any], places: Sequence[tuple[Any, ...]]) -> list[_Row]:
    """Return the outcomes of a faulty file without the keys that are a fault already."""
    tables = values.get("outcomes")
    rows = []
    for place, row in enumerate(tables if isinstance(tables, list) else []):
        broken = frozenset(each[2] for each in places if each[:2] == ("outcomes", place) and len(each) > 2)
        if not isinstance(row, dict) or "kind" in broken:
            continue
        kept = _FILLERS | {key: value for key, value in row.items() if key not in broken}
        made, _, _ = table_faults(OutcomeTable, kept, "")
        rows += [] if made is None else [_Row(place, made, broken)]
    return rows


def _sizes(values: dict[str, Any], places: Sequence[tuple[Any, ...]]) -> dict[ArmName, int]:
    arms = values.get("arms")
    sizes: dict[ArmName, int] = {}
    for arm in ARMS:
        printed = arms.get(arm) if isinstance(arms, dict) else None
        table = (
            table_faults(ArmTable, {"label": "?"} | {key: n for key, n in printed.items() if key == "n"}, "")[0]
            if isinstance(printed, dict)
            else None
        )
        if table is not None and table.n:
            sizes[arm] = table.n
    return sizes


def _sources(values: dict[str, Any], places: Sequence[tuple[Any, ...]]) -> frozenset[str]:
    """Return the keys that `source` may name; none if the file lists no sources."""
    sources = None if any(place[:1] == ("sources",) for place in places) else values.get("sources")
    return frozenset(str(key) for key in sources) if isinstance(sources, dict) else frozenset()
