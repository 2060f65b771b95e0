"""From columns of text to a checked `TrialTable`; every fault is listed with its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from bayes_ivf.batches.columns import DECLARE, Columns, capped, read_columns
from bayes_ivf.batches.evidence import is_evidence, translate_evidence
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL, SIGNS, TrialTable
from bayes_ivf.errors import Fault, RequestError

_WHOLE = re.compile(r"\d{1,9}(?:\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+")
LONGEST = 200
"""Characters of a name."""


def read_trials(path: Path, separator: str = ",", decimal: str = ".") -> TrialTable:
    """Read a table of trials.

    Parameters
    ----------
    path : Path
        CSV or Parquet: ``study, outcome, benefit`` with ``events_treatment, n_treatment, events_control, n_control`` or
        ``mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control``. ``per`` (unit of the
        denominator, ``woman``), ``label`` and ``mcid`` are read where they stand; every other column is kept as a label.
    separator, decimal : str
        As in the file, where they are not a comma and a point.

    Raises
    ------
    RequestError
        With every fault and its line, the first twenty in full.
    """
    return check_columns(read_columns(path, separator, decimal))


def check_columns(columns: Columns) -> TrialTable:
    """Turn columns of text into a table of trials; see `read_trials`."""
    if is_evidence(columns):
        columns = translate_evidence(columns)
    _check_present(columns)
    faults: list[Fault] = []
    names = {name: _names(columns, name, faults) for name in ("study", "outcome")}
    sign = [_benefit(columns, row, text, faults) for row, text in enumerate(columns.cells["benefit"])]
    is_counts = _kinds(columns, faults)
    numbers = _numbers(columns, is_counts, faults)
    faults += _duplicates(columns, names["study"], names["outcome"])
    if faults:
        raise RequestError(capped(faults, columns.name))
    used = {*NAMES, *OPTIONAL, *COUNTS, *MEANS}
    count = len(columns)
    label = [text or name for text, name in zip(_optional(columns, "label"), names["outcome"], strict=True)]
    arms = ("treatment", "control")
    empty = np.zeros((count, 2), dtype=np.int64)
    texts = {f"{what}_{arm}": _plain(columns, f"{what}_{arm}") for what in ("mean", "sd") for arm in arms}
    return TrialTable(
        name=columns.name,
        study=names["study"],
        outcome=names["outcome"],
        label=label,
        per=[text or "woman" for text in _optional(columns, "per")],
        sign=np.array(sign, dtype=np.int64).reshape(count),
        mcid=np.array(numbers["mcid"], dtype=float).reshape(count),
        counts=np.array(is_counts, dtype=bool).reshape(count),
        n=np.array([numbers["n_treatment"], numbers["n_control"]], dtype=np.int64).T.reshape(count, 2),
        events=np.array([numbers["events_treatment"], numbers["events_control"]], dtype=np.int64).T.reshape(count, 2)
        if "events_treatment" in numbers
        else empty,
        mean=(texts["mean_treatment"], texts["mean_control"]),
        sd=(texts["sd_treatment"], texts["sd_control"]),
        labels={name: values for name, values in columns.cells.items() if name not in used},
    )


def _check_present(columns: Columns) -> None:
    have = set(columns.cells)
    missing = [name for name in NAMES if name not in have]
    if not set(COUNTS) <= have and not set(MEANS) <= have:
        nearer = MEANS if have & {"mean_treatment", "mean_control", "sd_treatment", "sd_control"} else COUNTS
        missing += [name for name in nearer if name not in have]
    if missing:
        allowed = f"{', '.join(NAMES)} with {', '.join(COUNTS)} or {', '.join(MEANS)}"
        faults = [Fault(f"{columns.name}, header", f"no column {name}", allowed, f"add {name}") for name in missing]
        raise RequestError(faults)
    if not len(columns):
        raise RequestError(Fault(columns.name, "a header without rows", "one row per study and outcome", "add rows"))


def _optional(columns: Columns, name: str) -> list[str]:
    return columns.cells.get(name) or [""] * len(columns)


def _names(columns: Columns, name: str, faults: list[Fault]) -> list[str]:
    for row, text in enumerate(columns.cells[name]):
        if not text or len(text) > LONGEST or not text.isprintable():
            allowed = f"printable text of 1 to {LONGEST} characters"
            faults.append(Fault(columns.where(row, name), repr(text[:60]), allowed, f"name the {name}"))
    return columns.cells[name]


def _benefit(columns: Columns, row: int, text: str, faults: list[Fault]) -> int:
    if text not in SIGNS:
        faults.append(Fault(columns.where(row, "benefit"), repr(text), ", ".join(SIGNS), "name one of these"))
    return SIGNS.get(text, 0)


def _kinds(columns: Columns, faults: list[Fault]) -> list[bool]:
    """Say of each row whether it holds counts, by which of the two kinds of cells are filled."""
    own: dict[str, tuple[str, ...]] = {
        "counts": ("events_treatment", "events_control"),
        "means": ("mean_treatment", "sd_treatment", "mean_control", "sd_control"),
    }
    filled = {
        kind: [any(cells) for cells in zip(*(_optional(columns, name) for name in names), strict=True)]
        for kind, names in own.items()
    }
    complete = {"counts": set(COUNTS) <= set(columns.cells), "means": set(MEANS) <= set(columns.cells)}
    kinds = []
    for row, (counts, means) in enumerate(zip(filled["counts"], filled["means"], strict=True)):
        if counts and means:
            faults.append(
                Fault(columns.where(row, "events and mean"), "both filled", "counts or means", "split the row in two")
            )
        kinds.append(complete["counts"] if not (counts or means) else counts)
    return kinds


def _numbers(columns: Columns, is_counts: Sequence[bool], faults: list[Fault]) -> dict[str, list[float]]:
    """Read every number, and check what numbers must obey within a row."""
    numbers: dict[str, list[float]] = {
        "mcid": [_mcid(columns, row, text, faults) for row, text in enumerate(_optional(columns, "mcid"))]
    }
    for arm in ("treatment", "control"):
        texts = {name: _optional(columns, f"{name}_{arm}") for name in ("events", "n", "mean", "sd")}
        sizes: list[float] = []
        events: list[float] = []
        for row, counts in enumerate(is_counts):
            n = _whole(columns, row, f"n_{arm}", texts["n"][row], 1 if counts else 2, faults)
            sizes.append(n or 0)
            events.append(0)
            if counts:
                found = _whole(columns, row, f"events_{arm}", texts["events"][row], 0, faults)
                if found is not None and n is not None and found > n:
                    where = columns.where(row, f"events_{arm}")
                    faults.append(Fault(where, f"{found} of {n}", f"0 to {n}", "correct the counts"))
                events[-1] = found or 0
            else:
                _real(columns, row, f"mean_{arm}", texts["mean"][row], faults)
                sd = _real(columns, row, f"sd_{arm}", texts["sd"][row], faults)
                if sd is not None and not sd > 0:
                    faults.append(
                        Fault(columns.where(row, f"sd_{arm}"), texts["sd"][row], "more than 0", "correct the sd")
                    )
        numbers[f"n_{arm}"], numbers[f"events_{arm}"] = sizes, events
    return numbers


def _whole(columns: Columns, row: int, name: str, text: str, least: int, faults: list[Fault]) -> int | None:
    plain = text.replace(",", ".") if columns.decimal == "," else text
    if _WHOLE.fullmatch(plain) and (value := int(plain.partition(".")[0])) >= least:
        return value
    faults.append(_fault(columns, row, name, text, f"a whole number of at least {least}"))
    return None


def _real(columns: Columns, row: int, name: str, text: str, faults: list[Fault]) -> float | None:
    plain = text.replace(",", ".") if columns.decimal == "," else text
    if _NUMBER.fullmatch(plain) and np.isfinite(value := float(plain)):
        return value
    faults.append(_fault(columns, row, name, text, "a finite number"))
    return None


def _mcid(columns: Columns, row: int, text: str, faults: list[Fault]) -> float:
    if not text:
        return float("nan")
    value = _real(columns, row, "mcid", text, faults)
    if value is not None and not value > 0:
        faults.append(Fault(columns.where(row, "mcid"), text, "more than 0, or nothing", "correct the MCID"))
    return float("nan") if value is None else value


def _fault(columns: Columns, row: int, name: str, text: str, allowed: str) -> Fault:
    where = columns.where(row, name)
    if columns.decimal == "." and _COMMA.fullmatch(text):
        return Fault(where, f"{text!r}, with a decimal comma", allowed, f"write a decimal point, or {DECLARE}")
    return Fault(where, repr(text[:60]) if text else "nothing", allowed, f"give {name} as a number")


def _plain(columns: Columns, name: str) -> list[str]:
    """Numbers in plain digits with a decimal point; the decimals that were written are kept."""
    return [format(Decimal(text.replace(",", ".")), "f") if text else "" for text in _optional(columns, name)]


def _duplicates(columns: Columns, study: Sequence[str], outcome: Sequence[str]) -> list[Fault]:
    first: dict[tuple[str, str], int] = {}
    faults = []
    for row, key in enumerate(zip(study, outcome, strict=True)):
        before = first.setdefault(key, row)
        if before != row:
            faults.append(
                Fault(
                    columns.where(row, "study and outcome"),
                    f"{key[0]} / {key[1]}, as in line {columns.lines[before]}",
                    "each study and outcome once",
                    "remove the row, or rename the outcome",
                )
            )
    return faults
