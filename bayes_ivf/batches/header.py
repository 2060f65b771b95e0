"""Columns as reviewers head them: read by declared synonyms and said, or refused at once with everything that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bayes_ivf.batches.columns import Columns, capped
from bayes_ivf.batches.headings import ARMS, AUTHORS, BENEFIT, NUMBERED, OUTCOME, STUDY, key_of, meaning, suggestions
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL, SIGNS
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import coded_names

SHOWN = 20
"""Columns that an error names."""
FILLABLE = ("outcome", "benefit", "per", "mcid")
"""Columns that may be given for the whole table."""


def translate_header(columns: Columns, fill: Mapping[str, str]) -> tuple[Columns, list[str]]:
    """Give columns the names of this package.

    Parameters
    ----------
    columns : Columns
    fill : mapping of str to str
        Values of columns that the table lacks, the same in every row.

    Returns
    -------
    columns : Columns
    notes : list of str
        What was read as what.

    Raises
    ------
    RequestError
        One fault for all columns that are missing, with what they may be called; one for each row whose events and women
        without an event do not add up to the women that stand beside them.
    """
    cells = dict(columns.cells)
    told = _rename(cells, _found(cells))
    disagreeing: list[Fault] = []
    for arm in ARMS:
        whole, part = f"n_{arm}", f"nonevents_{arm}"
        if part in cells and f"events_{arm}" in cells:
            events, others = cells[f"events_{arm}"], cells.pop(part)
            sums = [_sum(a, b) if a or b else "" for a, b in zip(events, others, strict=True)]
            if whole not in cells:
                told.append(f"{whole} as the sum of both")
            else:
                disagreeing += _disagreeing(columns, arm, sums, cells[whole], (events, others))
            cells[whole] = [own or total for own, total in zip(cells.get(whole, sums), sums, strict=True)]
    if disagreeing:
        raise RequestError(capped(disagreeing, columns.name))
    notes = [f"{columns.name}: columns read by their names: {', '.join(told)}"] if told else []
    for name, value in fill.items():
        if name not in FILLABLE or name in cells:
            allowed = ", ".join(each for each in FILLABLE if each not in cells) or "nothing: the table has all columns"
            what = f"a column of {columns.name}" if name in cells else "no column that can be filled"
            raise RequestError(Fault(f"--fill {name}", what, allowed, "fill only what the table lacks"))
        if name == "benefit" and value not in SIGNS:
            raise RequestError(Fault("--fill benefit", repr(value), ", ".join(SIGNS), "name one of these"))
        cells[name] = [value] * len(columns)
        notes.append(f"{columns.name}: {name} is {value!r} in every row, as given")
    _check_present(columns.name, cells, len(columns), told)
    return replace(columns, cells=cells), notes


def name_columns(columns: Columns) -> tuple[Columns, list[str]]:
    """Give the columns of names, directions and units those of this package, whatever numbers stand beside them."""
    cells = dict(columns.cells)
    told = _rename(cells, _found_names(cells))
    notes = [f"{columns.name}: columns read by their names: {', '.join(told)}"] if told else []
    return replace(columns, cells=cells), notes


def _rename(cells: dict[str, list[str]], found: Mapping[str, str]) -> list[str]:
    """Rename what was found in place, an author and a year to a study; return what was read as what."""
    told = []
    keys = {key_of(name): name for name in cells}
    author = next((keys[each] for each in AUTHORS if each in keys), None)
    if (
        author
        and "year" in keys
        and key_of(found.get("study", "trial")) in (*AUTHORS, *NUMBERED)
        and "study" not in cells
    ):
        year = keys["year"]
        cells["study"] = [f"{a} {b}".strip() for a, b in zip(cells.pop(author), cells.pop(year), strict=True)]
        told.append(f"{author!r} and {year!r} as study")
    for target, name in found.items():
        if name in cells and target not in cells:
            told.append(f"{name!r} as {target}")
            cells[target] = cells.pop(name)
    return told


def arm_columns(columns: Columns) -> list[str]:
    """Return the columns of events, means and standard deviations, by any name that is read; none unless they are complete."""
    found = _found(columns.cells)
    names = {target: found.get(target, target) for target in (*COUNTS, *MEANS, *(f"nonevents_{arm}" for arm in ARMS))}
    there = {target for target, name in names.items() if name in columns.cells}
    there |= {f"n_{arm}" for arm in ARMS if f"nonevents_{arm}" in there}
    complete = [each for kind in (COUNTS, MEANS) if set(kind) <= there for each in kind]
    return list(dict.fromkeys(names[each] for each in complete if not each.startswith("n_")))


def _check_present(name: str, cells: Mapping[str, object], rows: int, told: Sequence[str]) -> None:
    missing = [each for each in NAMES if each not in cells]
    others = [each for each in cells if each not in (*NAMES, *COUNTS, *MEANS, *OPTIONAL)]
    near = suggestions(others, [each for each in (*NAMES, *COUNTS, *MEANS) if each not in cells])
    if not set(COUNTS) <= set(cells) and not set(MEANS) <= set(cells):
        hinted = {*cells, *(target for targets in near.values() for target in targets)}
        nearer = MEANS if any(each.startswith(("mean_", "sd_")) for each in hinted) else COUNTS
        missing += [each for each in nearer if each not in cells]
    if missing:
        near = {each: [target for target in targets if target in missing] for each, targets in near.items()}
        fills = [
            f"--fill {each}={'|'.join(SIGNS) if each == 'benefit' else 'ID'}"
            for each in FILLABLE[:2]
            if each in missing
        ]
        action = "add or rename columns, or declare headings with --map COLUMN=HEADING (columns= in Python)"
        if fills:
            action += f"; what is the same in every row may be given as {' '.join(fills)} (fill= in Python)"
        perhaps = [f"{other!r} is {' or '.join(targets)}" for other, targets in near.items() if targets]
        if perhaps:
            action += f"; perhaps {', '.join(perhaps)}"
        found = f"no column {', '.join(missing)}"
        unknown = [each for each in others if not near.get(each)]
        if told:
            found += f"; read: {', '.join(told)}"
        if unknown:
            more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
            found += f"; other columns: {', '.join(map(repr, unknown[:SHOWN]))}{more}"
        allowed = (
            f"{', '.join(NAMES)} with {', '.join(COUNTS)} (counts) or {', '.join(MEANS)} (means); optional: "
            f"{', '.join(OPTIONAL)}; every other column is kept as a label"
        )
        raise RequestError(Fault(f"{name}, header", found, allowed, action))
    if not rows:
        raise RequestError(Fault(name, "a header without rows", "one row per study and outcome", "add rows"))


def _found(cells: Mapping[str, object]) -> dict[str, str]:
    """Return which column holds what, for what has no column of its own name."""
    found, keys = _found_names(cells), _keys(cells)
    if set(COUNTS) <= set(cells) or set(MEANS) <= set(cells):
        return found
    if coded := coded_names(keys):
        return found | {target: keys[key] for key, target in coded.items() if target not in cells}
    return found | {target: name for target, name in _by_words(cells).items() if target not in cells}


def _keys(cells: Mapping[str, object]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for name in cells:
        keys.setdefault(key_of(name), name)
    return keys


def _found_names(cells: Mapping[str, object]) -> dict[str, str]:
    """Return which column holds names, directions and units, for what has no column of its own name."""
    found, keys = {}, _keys(cells)
    for target, names in (("study", STUDY), ("outcome", OUTCOME), ("benefit", BENEFIT)):
        if target not in cells and (key := next((each for each in names if each in keys), None)):
            found[target] = keys[key]
    return found | {target: keys[target] for target in OPTIONAL if target not in cells and target in keys}


def _by_words(cells: Mapping[str, object]) -> dict[str, str]:
    """Columns whose names hold one quantity and one arm; an arm of another name is the treatment where it stands for all."""
    found: dict[str, list[str]] = {}
    others: dict[str, dict[str, str]] = {}
    for name in cells:
        quantity, arm = meaning(name)
        if quantity and arm in ARMS:
            found.setdefault(f"{quantity}_{arm}", []).append(name)
        elif quantity and arm:
            others.setdefault(arm, {})[f"{quantity}_treatment"] = name
    certain = {target: names[0] for target, names in found.items() if len(names) == 1}
    controls = {target.replace("_control", "_treatment") for target in certain if target.endswith("_control")}
    fitting = [named for named in others.values() if controls and set(named) == controls]
    if len(fitting) == 1 and not any(target.endswith("_treatment") for target in found):
        certain |= fitting[0]
    return certain


def _disagreeing(
    columns: Columns, arm: str, sums: Sequence[str], sizes: Sequence[str], parts: tuple[Sequence[str], Sequence[str]]
) -> list[Fault]:
    """Return the rows in which an arm's size is not the sum of its parts, where all of them are whole numbers."""
    return [
        Fault(
            columns.where(row, f"n_{arm}"),
            f"{events} with and {others} without an event, of {size}",
            f"{events} + {others} = {total}",
            "correct one of the three numbers",
        )
        for row, (total, size, events, others) in enumerate(zip(sums, sizes, *parts, strict=True))
        if _is_whole(size) and _is_whole(events) and _is_whole(others) and int(size) != int(total)
    ]


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _sum(events: str, others: str) -> str:
    """Both numbers together; shown as they stand where they are no whole numbers."""
    if _is_whole(events) and _is_whole(others):
        return str(int(events) + int(others))
    return f"{events} + {others}"
