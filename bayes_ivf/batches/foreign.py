"""Tables as other programs write them, under this package's names: everything that is read so is said, what is open is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bayes_ivf.batches.columns import Columns, capped
from bayes_ivf.batches.header import arm_columns
from bayes_ivf.batches.headings import key_of
from bayes_ivf.batches.numbers import NoNumber, read_number
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import LOG_SCALES, is_metainsight, log_effect_names, paired_arms, plain_effect, plain_se

EFFECTS = ("measure", "effect", "se", "ci_low", "ci_high", "level", "sides", "adjusted")
"""Columns that only rows of effects have."""
MAPPABLE = (*NAMES, *OPTIONAL, *dict.fromkeys((*COUNTS, *MEANS)), *EFFECTS)
"""Columns that a heading may be declared to be."""
SCALE = ("measure", "scale")
"""Columns that say what an effect is an effect on."""
LARGEST = 700
"""Absolute log of a ratio beyond which it is no number of a computer."""


@dataclass(frozen=True)
class Asked:
    """How tables are read, where that does not follow from them.

    Parameters
    ----------
    fill : mapping of str to str
        Values of columns that a table lacks, the same in every row.
    columns : mapping of str to str
        Heading of the table by column of this package.
    arms : (str, str), optional
        Names of the treatment and the control arm, where a table has a row for each arm.
    benefit : mapping of str to str
        Direction that helps by analysis of a review, whose files do not tell it; of all others under an empty text.
    """

    fill: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    arms: tuple[str, str] | None = None
    benefit: Mapping[str, str] = field(default_factory=dict)


def own_columns(columns: Columns, asked: Asked) -> tuple[Columns, Mapping[str, str], list[str]]:
    """Give columns that other programs head, or that a user declares, the names of this package.

    Parameters
    ----------
    columns : Columns
    asked : Asked

    Returns
    -------
    columns : Columns
    fill : mapping of str to str
        What of the given values is still to be filled in.
    notes : list of str
        What was read as what.

    Raises
    ------
    RequestError
        With every fault.
    """
    columns, notes = _declared(columns, asked.columns)
    keys = {key_of(name): name for name in reversed(columns.cells)}
    whole = set(COUNTS) <= set(columns.cells) or set(MEANS) <= set(columns.cells)
    if not whole and is_metainsight(keys):
        columns, more = _arms(columns, keys, asked.arms)
        notes += more
    elif asked.arms is not None:
        found = f"arms {' and '.join(map(repr, asked.arms))}, and no row or column that names an arm"
        allowed, action = (
            "a table in the form of MetaInsight (T, R, N or T.1, R.1, N.1, ...)",
            "leave out --treatment and --control",
        )
        raise RequestError(Fault(f"{columns.name}, header", found, allowed, action))
    columns, fill, more = _log_effects(columns, asked.fill)
    return columns, fill, [*notes, *more]


def _declared(columns: Columns, named: Mapping[str, str]) -> tuple[Columns, list[str]]:
    cells, faults = dict(columns.cells), []
    for target, heading in named.items():
        where = f"--map {target}={heading}"
        if target not in MAPPABLE:
            faults.append(Fault(where, f"no column {target}", ", ".join(MAPPABLE), "name one of these"))
        elif heading not in columns.cells:
            allowed = ", ".join(map(repr, list(columns.cells)[:20]))
            faults.append(Fault(where, f"no heading {heading!r} in {columns.name}", allowed, "name one of these"))
        elif target in columns.cells and target != heading:
            found = f"a column {target} in {columns.name} already"
            faults.append(Fault(where, found, "a column that the table lacks", "remove one of the two"))
        elif target == "effect" and log_effect_names({key_of(heading), "sei", "se_te"}):
            found, allowed = f"{heading!r}, which is a log where it is of a ratio", "a heading of effects themselves"
            action = "leave this out, and give its scale: --fill measure=log_odds_ratio (fill= in Python)"
            faults.append(Fault(where, found, allowed, action))
        elif list(named.values()).count(heading) > 1:
            found = f"{heading!r} for {' and '.join(each for each in named if named[each] == heading)}"
            faults.append(Fault(where, found, "each heading once", "name another heading"))
    if faults:
        raise RequestError(faults)
    for target, heading in named.items():
        cells[target] = cells.pop(heading)
    told = ", ".join(f"{heading!r} read as {target}" for target, heading in named.items())
    return replace(columns, cells=cells), [f"{columns.name}: as declared: {told}"] if told else []


def _arms(columns: Columns, keys: Mapping[str, str], arms: tuple[str, str] | None) -> tuple[Columns, list[str]]:
    """Put two arms of each study side by side."""
    named = {key: columns.cells[name] for key, name in keys.items()}
    paired = paired_arms(named, arms)
    where = f"{columns.name}, {keys.get('t', keys.get('t_1', 'T'))}"
    names = ", ".join(map(repr, paired.arms[:20]))
    if arms is None:
        found = f"arms {names}, and not which of them is the control"
        action = "give --treatment NAME --control NAME (arms=(treatment, control) in Python)"
        raise RequestError(Fault(where, found, "two arms by their names", action))
    strange = [each for each in arms if each not in paired.arms]
    if strange or arms[0] == arms[1]:
        found = f"no arm {' and no arm '.join(map(repr, strange))}" if strange else f"{arms[0]!r} twice"
        raise RequestError(Fault(where, found, names, "name two of these with --treatment and --control"))
    faults = [
        Fault(columns.where(row, "T"), f"the arm {arm!r} a second time", "each arm of a study once", "correct the name")
        for row, arm in paired.twice
    ]
    if faults:
        raise RequestError(capped(faults, columns.name))
    if not paired.rows:
        found = f"no study with both {arms[0]!r} and {arms[1]!r}"
        raise RequestError(Fault(where, found, "two arms of one study", "name two others"))
    notes = [
        f"{columns.name}: a row or group of columns for each arm: {arms[0]!r} read as treatment, {arms[1]!r} as control"
    ]
    if paired.alone:
        more = f" and {len(paired.alone) - 10} more" if len(paired.alone) > 10 else ""
        notes.append(f"{columns.name}: without both arms, left out: {', '.join(paired.alone[:10])}{more}")
    cells = {keys.get(key, key): values for key, values in paired.cells.items()}
    return replace(columns, cells=cells, lines=[columns.lines[row] for row in paired.rows]), notes


def _log_effects(columns: Columns, fill: Mapping[str, str]) -> tuple[Columns, Mapping[str, str], list[str]]:
    """Turn ``yi`` with ``vi`` or ``sei``, or ``TE, seTE``, to effects with standard errors on a declared scale."""
    cells = dict(columns.cells)
    if SCALE[0] not in cells and SCALE[1] in cells and ("effect" in cells or _effects_in(cells)):
        cells[SCALE[0]] = cells.pop(SCALE[1])
    names = _effects_in(cells)
    if not names:
        return replace(columns, cells=cells), fill, []
    told = ", ".join(f"{heading!r}" for heading in names.values())
    with_arms = [any(cells[name][row] for name in arm_columns(columns)) for row in range(len(columns))]
    if all(with_arms) and with_arms:
        return (
            columns,
            fill,
            [f"{columns.name}: {told} kept as labels: the arms have numbers of their own in every row"],
        )
    faults: list[Fault] = []
    scales = _scales(columns, cells, fill, names)
    made: dict[str, list[str]] = {"effect": [], "se": [], "measure": []}
    for row, scale in enumerate(scales):
        numbers = ("", "")
        if not with_arms[row]:
            numbers = _numbers(columns, row, names, scale, faults)
        made["effect"].append(numbers[0])
        made["se"].append(numbers[1])
        made["measure"].append("" if with_arms[row] else LOG_SCALES[scale])
    if faults:
        raise RequestError(capped(faults, columns.name))
    kept = {name: values for name, values in cells.items() if name not in names.values()} | made
    scale_words = ", ".join(dict.fromkeys(scale for scale, arms in zip(scales, with_arms, strict=True) if not arms))
    read = ", ".join(f"{heading!r} read as {target}" for target, heading in names.items())
    rest = {name: value for name, value in fill.items() if name not in SCALE}
    return replace(columns, cells=kept), rest, [f"{columns.name}: {read} on the scale {scale_words}, as declared"]


def _effects_in(cells: Mapping[str, object]) -> dict[str, str]:
    """Return the headings of foreign effects by what they hold; none beside a column `effect`."""
    if "effect" in cells:
        return {}
    keys = {key_of(name): name for name in cells}
    return {target: keys[key] for key, target in log_effect_names(keys).items()}


def _scales(
    columns: Columns, cells: Mapping[str, list[str]], fill: Mapping[str, str], names: Mapping[str, str]
) -> list[str]:
    """Return the declared scale of each row; a scale that leaves open whether a log is meant is refused."""
    given = next((fill[name] for name in SCALE if name in fill), None)
    scales = cells.get("measure") or [given or ""] * len(columns)
    heading = names["effect"]
    where = f"{columns.name}, scale of {heading}"
    allowed = ", ".join(LOG_SCALES)
    if given is None and "measure" not in cells:
        found = f"{heading!r} without a scale, and none is assumed"
        action = (
            "add a column measure, or give --fill measure=log_odds_ratio (fill= in Python); for ratios, of their logs"
        )
        raise RequestError(Fault(where, found, allowed, action))
    faults = [
        Fault(
            where if given is not None and "measure" not in cells else columns.where(row, "measure"),
            repr(scale),
            allowed,
            f"write log_{scale} for logs; ratios themselves stand in a column effect"
            if f"log_{scale}" in LOG_SCALES
            else "name one of these",
        )
        for row, scale in enumerate(scales)
        if scale not in LOG_SCALES and any(cells[name][row] for name in names.values())
    ]
    if faults:
        raise RequestError(capped(list(dict.fromkeys(faults)), columns.name))
    return [scale if scale in LOG_SCALES else "MD" for scale in scales]


def _numbers(columns: Columns, row: int, names: Mapping[str, str], scale: str, faults: list[Fault]) -> tuple[str, str]:
    """Return effect and standard error of a row."""
    plain = {}
    for target, heading in names.items():
        text = columns.cells[heading][row]
        number = read_number(text, columns.decimal) if text else None
        if isinstance(number, NoNumber):
            action = number.action or f"give {heading} as a number"
            faults.append(Fault(columns.where(row, heading), number.found, "a finite number", action))
            return "", ""
        plain[target] = "" if number is None else format(Decimal(number.text), "f")
    if not plain["effect"]:
        return "", plain.get("se", "")
    if "ratio" in LOG_SCALES[scale] and abs(Decimal(plain["effect"])) > LARGEST:
        where = columns.where(row, names["effect"])
        faults.append(Fault(where, plain["effect"], f"the log of a ratio, at most {LARGEST}", "correct the effect"))
        return "", ""
    se = plain_se(plain.get("se", ""), plain.get("variance", ""))
    if se is None:
        found = f"{plain['se']} beside the variance {plain['variance']}"
        where = columns.where(row, f"{names['se']} and {names['variance']}")
        faults.append(Fault(where, found, "a standard error that is the root of the variance", "correct one of them"))
    return plain_effect(plain["effect"], LOG_SCALES[scale]), se or ""
