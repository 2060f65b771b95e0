"""From a study file of several arms to one `Study`: every comparison is read as a trial of two arms is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.arms_rows import Rows
from bayes_ivf.study.arms_schema import StudyTable
from bayes_ivf.study.comparisons import arm_faults, cluster_faults, comparison, named_together, read_pairs, read_pools
from bayes_ivf.study.facts import Outcome
from bayes_ivf.study.many_arms import ALL, Comparison, ManyArms
from bayes_ivf.study.schema import MOST_OUTCOMES, SYNONYMS
from bayes_ivf.study.trial import Study
from bayes_ivf.tables import table_faults

OF_ARMS = ("arms", "compare", "pool", "clusters", "external", "outcomes")
"""Keys of a file that have another shape in one of two arms."""
Parse = Callable[[dict[str, Any], str], Study]


def parse_many(values: dict[str, Any], source: str, parse: Parse) -> Study:
    """Turn the tables of a study file with any number of arms into a `Study`.

    Parameters
    ----------
    values : dict
        The parsed TOML.
    source : str
        Named in errors.
    parse : callable
        Reads a file of two arms.

    Raises
    ------
    StudyError
        With every fault: first those of keys, arms and comparisons, then those of what was printed.
    """
    table, faults, _ = table_faults(StudyTable, values, source, SYNONYMS)
    if table is None:
        raise StudyError(faults)
    faults += arm_faults(table, source) + cluster_faults(table, source)
    pools = read_pools(table, source, faults)
    pairs = [] if faults else read_pairs(table, pools, source, faults)
    if faults:
        raise StudyError(faults)
    comparisons = [comparison(pair, table, pools) for pair in pairs]
    if len(comparisons) * len(table.outcomes) > MOST_OUTCOMES:
        found = f"{len(comparisons)} comparisons of {len(table.outcomes)} outcomes"
        allowed = f"at most {MOST_OUTCOMES} outcomes in all comparisons together"
        raise StudyError(Fault(f"{source}: compare", found, allowed, "compare fewer arms, or split the file"))
    rows = Rows(values, table, pools, comparisons, source, parse)
    parts = [rows.study(each) for each in comparisons]
    over_all = rows.over_all()
    if rows.faults:
        raise StudyError(rows.faults)
    many = ManyArms(
        {name: arm.label for name, arm in table.arms.items()},
        {name: arm.n for name, arm in table.arms.items()},
        pools,
        tuple(comparisons),
        over_all,
        json.dumps({name: values[name] for name in OF_ARMS if name in values}, ensure_ascii=False),
    )
    return _joined(parts, many, source)


def _joined(parts: Sequence[Study], many: ManyArms, source: str) -> Study:
    """Join the comparisons; ids of outcomes name theirs where there are several."""
    first = parts[0]
    if len(parts) == 1:
        (only,) = many.comparisons
        named = [(replace(item, comparison=only.id), *_of_all(item, many)) for item in first.items]
        return replace(first, items=tuple(item for both in named for item in both), many=many)
    by_part = [_named(part.items, each) for part, each in zip(parts, many.comparisons, strict=True)]
    # in the paper's order, the comparisons of each outcome together
    together = zip(first.items, zip(*by_part, strict=True), strict=True)
    items = tuple(item for plain, compared in together for item in (*compared, *_of_all(plain, many)))
    _check_ids(items, source)
    external = {each.expanded(name): values for name, values in first.external.items() for each in many.comparisons}
    return replace(
        first,
        items=items,
        arms={arm: _together(many, arm) for arm in ARMS},
        sizes={arm: _women(many, arm) for arm in ARMS},
        clusters={},
        external=external,
        many=many,
    )


def _of_all(item: Outcome, many: ManyArms) -> tuple[Outcome, ...]:
    """Return what stands for the claim about all arms of an outcome; nothing if there is none."""
    return tuple(
        Outcome(
            each.id,
            f"{item.label}: all arms",
            "unavailable",
            item.per,
            item.benefit,
            claim=each.claim,
            source=item.source,
            role=item.role,
            note="the P is over all arms, and no single effect sums them up.",
            comparison=ALL,
        )
        for each in many.over_all
        if each.id == f"{item.id}--{ALL}"
    )


def _named(items: Sequence[Outcome], each: Comparison) -> tuple[Outcome, ...]:
    def other(name: str | None) -> str | None:
        return None if name is None else each.expanded(name)

    return tuple(
        replace(
            item,
            id=each.expanded(item.id),
            label=f"{item.label}: {each.label}",
            denominator_of=other(item.denominator_of),
            pregnancies=other(item.pregnancies),
            comparison=each.id,
        )
        for item in items
    )


def _check_ids(items: Sequence[Outcome], source: str) -> None:
    ids = [item.id for item in items]
    faults = [
        Fault(
            f"{source}: outcome {name}",
            f"{len(name)} characters, with the arms that are compared",
            "at most 64 characters",
            "shorten the ids of arms",
        )
        for name in ids
        if len(name) > 64
    ]
    faults += [
        Fault(f"{source}: outcome {name}", "an id that stands twice", "each id once", "rename the outcome")
        for name in dict.fromkeys(ids)
        if ids.count(name) > 1
    ]
    if faults:
        raise StudyError(faults)


def _sides(many: ManyArms, arm: ArmName) -> dict[str, str]:
    """Labels of everything that stands on one side of the comparisons, by id."""
    return {(each.treatment if arm == "treatment" else each.control): each.arms[arm] for each in many.comparisons}


def _together(many: ManyArms, arm: ArmName) -> str:
    return named_together(list(_sides(many, arm).values()), "or")


def _women(many: ManyArms, arm: ArmName) -> int:
    """Return the women of all arms on one side, each arm once; 0 where one is not known."""
    arms = dict.fromkeys(member for side in _sides(many, arm) for member in many.members(side))
    sizes = [many.sizes[each] for each in arms]
    return sum(sizes) if all(sizes) else 0


def many_table(study: Study, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of the file that a study of several arms was read from, with what else may have been replaced.

    Parameters
    ----------
    study : Study
    plain : mapping
        Its tables as those of two arms.
    """
    assert study.many is not None
    written: dict[str, Any] = json.loads(study.many.table)
    return {name: value for name, value in plain.items() if name not in OF_ARMS} | written
