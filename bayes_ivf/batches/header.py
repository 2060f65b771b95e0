"""Columns as reviewers head them: read by declared synonyms and said, or refused at once with everything that is missing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bayes_ivf.batches.columns import Columns
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL, SIGNS
from bayes_ivf.errors import Fault, RequestError

STUDY = ("study", "study_id", "study_name", "study_or_subgroup", "studlab", "slab", "author_year", "first_author", "author",
         "reference", "trial", "trial_id", "trial_name")  # fmt: skip
"""Names of the column of studies, best first."""
AUTHORS = ("first_author", "author")
NUMBERED = ("reference", "trial", "trial_id", "trial_name")
"""Names of studies that an author and a year tell better."""
OUTCOME = ("outcome", "outcome_id", "outcome_name", "endpoint")
BENEFIT = ("benefit", "direction_of_benefit")
QUANTITIES = {
    "events": ("events", "event", "cases", "pos", "positive", "positives", "responders"),
    "nonevents": ("neg", "negative", "negatives", "nonevents", "nonevent"),
    "n": ("n", "total", "totals", "size", "denominator"),
    "mean": ("mean", "means"),
    "sd": ("sd", "sds", "std", "stdev"),
}
ARMS = {
    "treatment": ("treatment", "treat", "treated", "trt", "tx", "t", "intervention", "int", "i", "experimental", "exp", "e",
                  "active"),
    "control": ("control", "controls", "ctrl", "ctl", "con", "comparator", "comparison", "placebo", "c"),
}  # fmt: skip
FILLERS = frozenset(
    ("of", "in", "the", "with", "group", "arm", "women", "patients", "participants", "number", "no", "sample")
)
CODED: tuple[Mapping[str, str], ...] = (
    {"tpos": "events_treatment", "tneg": "nonevents_treatment", "cpos": "events_control", "cneg": "nonevents_control"},
    {"ai": "events_treatment", "bi": "nonevents_treatment", "ci": "events_control", "di": "nonevents_control"},
    {"ai": "events_treatment", "n1i": "n_treatment", "ci": "events_control", "n2i": "n_control"},
    {"m1i": "mean_treatment", "sd1i": "sd_treatment", "n1i": "n_treatment",
     "m2i": "mean_control", "sd2i": "sd_control", "n2i": "n_control"},
)  # fmt: skip
"""Sets of columns of other programs; a set counts only whole, since "ci" alone is an interval."""
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
        One fault for all columns that are missing, with what they may be called.
    """
    cells = dict(columns.cells)
    found = _found(cells)
    told = []
    keys = {_key(name): name for name in cells}
    author = next((keys[each] for each in AUTHORS if each in keys), None)
    if (
        author
        and "year" in keys
        and _key(found.get("study", "trial")) in (*AUTHORS, *NUMBERED)
        and "study" not in cells
    ):
        year = keys["year"]
        cells["study"] = [f"{a} {b}".strip() for a, b in zip(cells.pop(author), cells.pop(year), strict=True)]
        told.append(f"{author!r} and {year!r} as study")
    for target, name in found.items():
        if name in cells and target not in cells:
            told.append(f"{name!r} as {target}")
            cells[target] = cells.pop(name)
    for arm in ARMS:
        whole, part = f"n_{arm}", f"nonevents_{arm}"
        if part in cells and f"events_{arm}" in cells and whole not in cells:
            cells[whole] = [_sum(a, b) for a, b in zip(cells[f"events_{arm}"], cells.pop(part), strict=True)]
            told.append(f"{whole} as the sum of both")
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
    _check_present(columns.name, cells, len(columns))
    return replace(columns, cells=cells), notes


def _check_present(name: str, cells: Mapping[str, object], rows: int) -> None:
    missing = [each for each in NAMES if each not in cells]
    if not set(COUNTS) <= set(cells) and not set(MEANS) <= set(cells):
        nearer = MEANS if set(cells) & {"mean_treatment", "mean_control", "sd_treatment", "sd_control"} else COUNTS
        missing += [each for each in nearer if each not in cells]
    if missing:
        fills = [
            f"--fill {each}={'|'.join(SIGNS) if each == 'benefit' else 'ID'}"
            for each in FILLABLE[:2]
            if each in missing
        ]
        action = "add or rename columns"
        if fills:
            action += f"; what is the same in every row may be given as {' '.join(fills)} (fill= in Python)"
        near = _near(missing, [each for each in cells if each not in (*NAMES, *COUNTS, *MEANS, *OPTIONAL)])
        if near:
            action += f"; perhaps {', '.join(f'{other!r} is {each}' for each, other in near.items())}"
        allowed = (
            f"{', '.join(NAMES)} with {', '.join(COUNTS)} (counts) or {', '.join(MEANS)} (means); optional: "
            f"{', '.join(OPTIONAL)}; every other column is kept as a label"
        )
        raise RequestError(Fault(f"{name}, header", f"no column {', '.join(missing)}", allowed, action))
    if not rows:
        raise RequestError(Fault(name, "a header without rows", "one row per study and outcome", "add rows"))


def _found(cells: Mapping[str, object]) -> dict[str, str]:
    """Return which column holds what, for what has no column of its own name."""
    found: dict[str, str] = {}
    keys: dict[str, str] = {}
    for name in cells:
        keys.setdefault(_key(name), name)
    for target, names in (("study", STUDY), ("outcome", OUTCOME), ("benefit", BENEFIT)):
        if target not in cells and (key := next((each for each in names if each in keys), None)):
            found[target] = keys[key]
    for target in OPTIONAL:
        if target not in cells and target in keys:
            found[target] = keys[target]
    if set(COUNTS) <= set(cells) or set(MEANS) <= set(cells):
        return found
    for coded in CODED:
        if set(coded) <= set(keys):
            return found | {target: keys[key] for key, target in coded.items() if target not in cells}
    return found | {target: name for target, name in _by_words(cells).items() if target not in cells}


def _by_words(cells: Mapping[str, object]) -> dict[str, str]:
    """Columns whose names hold one quantity and one arm; an arm of another name is the treatment where it stands for all."""
    found: dict[str, list[str]] = {}
    others: dict[str, dict[str, str]] = {}
    for name in cells:
        quantity, arm = _meaning(name)
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


def _meaning(name: str) -> tuple[str, str]:
    """Return quantity and arm of a column's name; an unknown arm is returned in its own words."""
    if "%" in name:
        return "", ""
    words = [word for word in _key(name).split("_") if word not in FILLERS]
    quantities = [what for what, names in QUANTITIES.items() for word in words if word in names]
    if quantities[:1] != quantities[-1:] and set(quantities) == {"events", "n"} and "n" in words:
        words.remove("n")  # "n events" are events
        quantities.remove("n")
    if len(quantities) != 1:
        return "", ""
    rest = [word for word in words if word not in QUANTITIES[quantities[0]]]
    arms = [arm for arm, names in ARMS.items() for word in rest if word in names]
    if len(rest) == 1 and len(arms) == 1:
        return quantities[0], arms[0]
    return (quantities[0], " ".join(rest)) if rest and not arms else ("", "")


def _key(name: str) -> str:
    """Lower-case words joined by ``_``."""
    text = ""
    for before, sign in zip(" " + name, name, strict=False):
        if sign.isupper() and before.islower():
            text += " "
        text += sign.lower() if sign.isalnum() else " "
    return "_".join(text.split())


def _near(missing: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """Return columns that may be misspelled."""
    near: dict[str, str] = {}
    for each in missing:
        close = difflib.get_close_matches(each, [_key(other) for other in others], 1, 0.8)
        if close:
            near[each] = next(other for other in others if _key(other) == close[0])
    return near


def _sum(events: str, others: str) -> str:
    """Both numbers together; shown as they stand where they are no whole numbers."""
    both = (events, others)
    if all(text.isascii() and text.isdigit() and len(text) <= 9 for text in both):
        return str(int(events) + int(others))
    return f"{events} + {others}"
