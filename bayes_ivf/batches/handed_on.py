"""Tables of trials handed on to other programs: metafor, and RevMan in the form of a Cochrane data package."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bayes_ivf import files
from bayes_ivf.batches.foreign import Asked
from bayes_ivf.batches.sources import Loaded, gather_sources
from bayes_ivf.batches.tabled import item_row, table_rows
from bayes_ivf.errors import Fault, OutputError, RequestError
from bayes_ivf.spreadsheet import safe_text
from bayes_ivf.study import ARMS, Outcome, Percent, Study, metafor, revman

PROGRAMS = {"metafor": (".csv",), "revman": (".csv", ".zip")}
"""Programs, and the endings of files for them."""
NAMES = ("slab", "outcome", "label", "Study", "Analysis name")
"""Columns of text, which a spreadsheet must not run."""


@dataclass(frozen=True)
class Exported:
    """A file that was written for another program.

    Parameters
    ----------
    path : Path
    rows : int
    left_out : tuple of str
        Study and outcome of what the program has no columns for.
    notes : tuple of str
        What was read otherwise than it stands, and what the file does not hold.
    """

    path: Path
    rows: int
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Exported({self.path.name!r}: {self.rows} rows, {len(self.left_out)} left out)"


def export_trials(sources: Any, to: str, out: str | Path, *, fill: Mapping[str, str] | None = None) -> Exported:
    """Write trials for another program.

    Parameters
    ----------
    sources : str, Path, Study, DataFrame or a sequence of these
        As of `batch`: tables of trials, study files, reviews.
    to : {"metafor", "revman"}
        metafor: a CSV file with the columns of ``escalc`` (ai, bi, ci, di, n1i, n2i; m1i, sd1i, ...; yi, sei, of ratios
        their logs). RevMan: the data rows of a Cochrane data package (CSV), or that package (ZIP), which holds the scale of
        effects as well.
    out : str or Path
        File to write; it must not exist yet.
    fill : mapping of str to str, optional
        Values of columns that the tables lack.

    Returns
    -------
    Exported

    Raises
    ------
    BayesIvfError
        If something cannot be read, or the file cannot be written.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher", study="lei")
    >>> bi.export_trials(study, "metafor", "lei.csv")
    Exported('lei.csv': 1 rows, 0 left out)
    """
    return write_export(gather_sources(sources, asked=Asked(fill or {})), to, Path(out))


def write_export(loaded: Loaded, to: str, path: Path) -> Exported:
    """Write what was loaded; see `export_trials`."""
    _check(to, path)
    rows, left_out, decoded = _rows(loaded.sources)
    if not rows:
        found = f"no row that it has columns for: {', '.join(left_out[:5])}"
        raise RequestError(Fault(f"export to {to}", found, "counts, means or printed effects", "give other sources"))
    notes = [*loaded.notes, *decoded]
    if to == "metafor":
        made = [metafor.metafor_row(row) for row in rows]
        content = _csv([name for name in metafor.COLUMNS if any(row.get(name) for row in made)], made)
    else:
        data, settings = revman.revman_rows(rows)
        units = {f"{row['outcome']} per {row['per'].replace('_', ' ')}" for row in rows if row["per"] != "woman"}
        if units:
            notes.append(f"the file does not say what N counts: {', '.join(sorted(units))}")
        content = _csv(revman.ROWS, data)
        if path.suffix.lower() == ".zip":
            content = _package(path.stem, content, _csv(revman.SETTINGS, settings))
        elif any(row.get("measure") for row in rows):
            notes.append("data rows do not say on which scale effects are; a ZIP holds it as well")
    _write(path, content)
    return Exported(path, len(rows), tuple(left_out), tuple(notes))


def _check(to: str, path: Path) -> None:
    if to not in PROGRAMS:
        raise RequestError(Fault("--to", repr(to), ", ".join(PROGRAMS), "name one of these"))
    if path.suffix.lower() not in PROGRAMS[to]:
        allowed = f"a file that ends in {' or '.join(PROGRAMS[to])}"
        raise RequestError(Fault("--out", repr(str(path)), allowed, "name it so"))
    if path.exists():
        raise OutputError(Fault(str(path), "a file that exists", "a new name", "choose another name"))
    if not path.parent.is_dir():
        allowed = "a file in a folder that exists"
        raise OutputError(Fault(str(path), f"no folder {path.parent}", allowed, "make the folder"))


def _rows(sources: Sequence[Any]) -> tuple[list[dict[str, str]], list[str], list[str]]:
    """Return the rows of all sources, what no row can hold, and which percentages were written as counts."""
    rows: list[dict[str, str]] = []
    left_out: list[str] = []
    decoded: list[str] = []
    for source in sources:
        if not isinstance(source, Study):
            values = table_rows(source, np.arange(len(source)).tolist())["rows"]
            rows += [_cells(name, row, None) for name, row in zip(source.study, values, strict=True)]
            continue
        for item in source.items:
            plain = _decoded(item)
            row = item_row(plain)
            if plain is not item and row is not None:
                events = " and ".join(f"{a}/{n}" for a, n in zip(row["events"], row["n"], strict=True))
                decoded.append(f"{source.id}/{item.id}: percentages written as {events}, the only counts that fit")
            if row is None:
                left_out.append(f"{source.id}/{item.id}")
            else:
                rows.append(_cells(source.id, row, item))
    return rows, left_out, decoded


def _decoded(item: Outcome) -> Outcome:
    """Return an outcome with counts in place of percentages that only they fit."""
    data = dict(item.data or {})
    found = {arm: each.candidates[0] for arm, each in data.items() if isinstance(each, Percent) and each.unique}
    return replace(item, data=data | found) if found else item


def _cells(study: str, row: Mapping[str, Any], item: Outcome | None) -> dict[str, str]:
    mcid = row["mcid"]
    cells = {name: str(row[name]) for name in ("outcome", "label", "per", "benefit")}
    cells |= {"study": study, "mcid": "" if mcid is None else f"{mcid:g}"}
    if row.get("effect"):
        assert item is not None
        assert item.effect is not None
        estimate, *_ = item.effect.values
        numbers = {"effect": f"{estimate:.15g}", "se": f"{item.effect.standard_error:.15g}"}
        return cells | {"measure": item.effect.scale} | numbers
    for place, arm in enumerate(ARMS):
        cells[f"n_{arm}"] = str(row["n"][place])
        for name in ("events", "mean", "sd"):
            if row[name] is not None:
                cells[f"{name}_{arm}"] = str(row[name][place])
    return cells


def _csv(names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([safe_text(row.get(name, "")) if name in NAMES else row.get(name, "") for name in names])
    return text.getvalue().encode()


def _package(name: str, rows: bytes, settings: bytes) -> bytes:
    """Pack a data package, the same bytes for the same content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in (("data-rows", rows), ("overall-estimates-and-settings", settings)):
            archive.writestr(zipfile.ZipInfo(f"{name}-analysis-data/{name}-{ending}.csv"), content)
    return packed.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        files.write_bytes(path, content)
    except OSError as reason:
        found = reason.strerror or "an error of the file system"
        raise OutputError(Fault(str(path), found, "a writable folder", "choose another place")) from None
