"""From columns of text to a checked `TrialTable`; every fault is listed with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from bayes_ivf.batches.columns import DECLARE, Columns, capped, read_columns
from bayes_ivf.batches.evidence import is_evidence, translate_evidence
from bayes_ivf.batches.header import translate_header
from bayes_ivf.batches.numbers import NoNumber, read_count, read_number
from bayes_ivf.batches.totals import total_faults
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL, SIGNS, TrialTable
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import UNITS, mcid_fault, near_unit, read_unit

MOST = 999_999_999
"""Women of an arm."""
LONGEST = 200
"""Characters of a name."""


def read_trials(
    path: Path, separator: str = ",", decimal: str = ".", fill: Mapping[str, str] | None = None
) -> TrialTable:
    """Read a table of trials.

    Parameters
    ----------
    path : Path
        CSV, Parquet or Excel: ``study, outcome, benefit`` with ``events_treatment, n_treatment, events_control, n_control``
        or ``mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control``. ``per`` (unit of the
        denominator, ``woman``), ``label`` and ``mcid`` are read where they stand; every other column is kept as a label.
        Usual other names of these columns are read too, which `TrialTable.notes` says.
    separator, decimal : str
        As in the file, where they are not a comma and a point.
    fill : mapping of str to str, optional
        Values of columns that the table lacks, the same in every row, such as ``{"benefit": "higher"}``.

    Raises
    ------
    RequestError
        With every fault and its line, the first twenty in full.
    """
    return check_columns(read_columns(path, separator, decimal), fill)


def check_columns(columns: Columns, fill: Mapping[str, str] | None = None) -> TrialTable:
    """Turn columns of text into a table of trials; see `read_trials`."""
    if is_evidence(columns):
        columns = translate_evidence(columns)
    columns, notes = translate_header(columns, fill or {})
    faults: list[Fault] = []
    names = {name: _names(columns, name, faults) for name in ("study", "outcome")}
    _names(columns, "label", faults, needed=False)
    sign = [_benefit(columns, row, text, faults) for row, text in enumerate(columns.cells["benefit"])]
    per = [_unit(columns, row, text, faults) for row, text in enumerate(_optional(columns, "per"))]
    is_counts = _kinds(columns, faults)
    cells = _Cells(columns, faults)
    numbers = _numbers(cells, is_counts)
    faults += _duplicates(columns, names["study"], names["outcome"])
    if not faults and columns.totals:
        figures = [tuple(map(int, row)) for row in zip(*(numbers[name] for name in COUNTS), strict=True)]
        faults += total_faults(columns, names["study"], names["outcome"], is_counts, figures)
    if faults:
        raise RequestError(capped(faults, columns.name))
    used = {*NAMES, *OPTIONAL, *COUNTS, *MEANS}
    count = len(columns)
    label = [text or name for text, name in zip(_optional(columns, "label"), names["outcome"], strict=True)]
    texts = cells.texts
    return TrialTable(
        name=columns.name,
        study=names["study"],
        outcome=names["outcome"],
        label=label,
        per=per,
        sign=np.array(sign, dtype=np.int64).reshape(count),
        mcid=np.array(numbers["mcid"], dtype=float).reshape(count),
        counts=np.array(is_counts, dtype=bool).reshape(count),
        n=np.array([numbers["n_treatment"], numbers["n_control"]], dtype=np.int64).T.reshape(count, 2),
        events=np.array([numbers["events_treatment"], numbers["events_control"]], dtype=np.int64).T.reshape(count, 2),
        mean=(texts["mean_treatment"], texts["mean_control"]),
        sd=(texts["sd_treatment"], texts["sd_control"]),
        labels={name: list(map(_shown, values)) for name, values in columns.cells.items() if name not in used},
        notes=(*notes, *cells.notes()),
    )


def _optional(columns: Columns, name: str) -> list[str]:
    return columns.cells.get(name) or [""] * len(columns)


def _names(columns: Columns, name: str, faults: list[Fault], *, needed: bool = True) -> list[str]:
    for row, text in enumerate(_optional(columns, name)):
        if (needed and not text) or len(text) > LONGEST or not text.isprintable():
            allowed = f"printable text of 1 to {LONGEST} characters"
            faults.append(Fault(columns.where(row, name), repr(text[:60]), allowed, f"name the {name}"))
    return _optional(columns, name)


def _shown(text: str) -> str:
    """Return a text of another column on one line, without control characters."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


def _benefit(columns: Columns, row: int, text: str, faults: list[Fault]) -> int:
    if text not in SIGNS:
        faults.append(Fault(columns.where(row, "benefit"), repr(text), ", ".join(SIGNS), "name one of these"))
    return SIGNS.get(text, 0)


def _unit(columns: Columns, row: int, text: str, faults: list[Fault]) -> str:
    unit = read_unit(text or "woman")
    if unit is None:
        near = near_unit(text)
        action = f"write {near}" if near else "name what n counts"
        faults.append(Fault(columns.where(row, "per"), repr(text[:60]), ", ".join(UNITS), action))
    return unit or "woman"


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


@dataclass(eq=False)
class _Cells:
    """Reads the numbers of a table; keeps what is wrong, and what was read otherwise than it stands."""

    columns: Columns
    faults: list[Fault]
    grouped: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Means and standard deviations in plain digits; the decimals that were written are kept."""

    def whole(self, row: int, name: str, text: str, least: int) -> int | None:
        """Read a count."""
        allowed = f"a whole number of at least {least}"
        number = read_count(text, self.columns.decimal)
        if isinstance(number, NoNumber):
            self._refuse(row, name, number, allowed)
            return None
        value = int(number.text)
        if not least <= value <= MOST:
            self._refuse(row, name, NoNumber(repr(text)), allowed if value < least else f"at most {MOST:,}")
            return None
        self._note(row, name, text, number.text, number.grouped)
        return value

    def real(self, row: int, name: str, text: str) -> tuple[float, str] | None:
        """Read a number; return it with its text in plain signs."""
        number = read_number(text, self.columns.decimal)
        if isinstance(number, NoNumber):
            self._refuse(row, name, number, "a finite number")
            return None
        self._note(row, name, text, number.text, number.grouped)
        return float(number.text), number.text

    def notes(self) -> list[str]:
        """Say which marks were read as parting thousands."""
        if not self.grouped:
            return []
        more = f", and {len(self.grouped) - 1} more" if len(self.grouped) > 1 else ""
        return [f"{self.columns.name}: marks that part thousands: {self.grouped[0]}{more}"]

    def _refuse(self, row: int, name: str, number: NoNumber, allowed: str) -> None:
        action = f"{number.action} {DECLARE}" if number.action.endswith(" or") else number.action
        where = self.columns.where(row, name)
        self.faults.append(Fault(where, number.found, allowed, action or f"give {name} as a number"))

    def _note(self, row: int, name: str, text: str, plain: str, grouped: bool) -> None:
        if grouped:
            self.grouped.append(f"line {self.columns.lines[row]}, {name}: {text} as {plain}")


def _numbers(cells: _Cells, is_counts: Sequence[bool]) -> dict[str, list[float]]:
    """Read every number, and check what numbers must obey within a row."""
    columns = cells.columns
    numbers: dict[str, list[float]] = {
        "mcid": [_mcid(cells, row, text, is_counts[row]) for row, text in enumerate(_optional(columns, "mcid"))]
    }
    for arm in ("treatment", "control"):
        texts = {name: _optional(columns, f"{name}_{arm}") for name in ("events", "n", "mean", "sd")}
        sizes: list[float] = []
        events: list[float] = []
        plain = {name: cells.texts.setdefault(f"{name}_{arm}", []) for name in ("mean", "sd")}
        for row, counts in enumerate(is_counts):
            n = cells.whole(row, f"n_{arm}", texts["n"][row], 1 if counts else 2)
            sizes.append(n or 0)
            events.append(0)
            if counts:
                found = cells.whole(row, f"events_{arm}", texts["events"][row], 0)
                if found is not None and n is not None and found > n:
                    where = columns.where(row, f"events_{arm}")
                    cells.faults.append(Fault(where, f"{found} of {n}", f"0 to {n}", "correct the counts"))
                events[-1] = found or 0
            for name, kept in plain.items():
                value = None if counts else cells.real(row, f"{name}_{arm}", texts[name][row])
                kept.append("" if value is None else format(Decimal(value[1]), "f"))
                if name == "sd" and value is not None and not Decimal(value[1]) > 0:
                    where = columns.where(row, f"sd_{arm}")
                    cells.faults.append(Fault(where, texts["sd"][row], "more than 0", "correct the sd"))
        numbers[f"n_{arm}"], numbers[f"events_{arm}"] = sizes, events
    return numbers


def _mcid(cells: _Cells, row: int, text: str, counts: bool) -> float:
    value = cells.real(row, "mcid", text) if text else None
    if value is None:
        return float("nan")
    fault = mcid_fault(value[0], "counts" if counts else "mean_sd", "", cells.columns.where(row, "mcid"))
    cells.faults += [] if fault is None else [fault]
    return value[0]


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
