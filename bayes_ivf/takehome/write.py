"""The files that a reader takes home, written whole to a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.lock import locked
from bayes_ivf.report import Context, context_in_memory, read_context
from bayes_ivf.results import (
    CLAIMS,
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    FINDINGS,
    JOINT,
    POOLING,
    STATEMENTS,
    Table,
    joint_effects,
    pooled_effects,
)
from bayes_ivf.takehome.gt_tables import html_table, latex_table
from bayes_ivf.takehome.letter import letter
from bayes_ivf.takehome.methods import methods
from bayes_ivf.takehome.office import require_office
from bayes_ivf.takehome.publication import publication
from bayes_ivf.takehome.rerun import report_qmd
from bayes_ivf.takehome.word_document import word_document
from bayes_ivf.takehome.workbook import workbook

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.run_result import Reanalysis

FOLDER = "take-home"
"""Name of the folder in that of a run."""
NAMES = (
    "comparison-table.html",
    "comparison-table.tex",
    "comparison-table.docx",
    "tables.xlsx",
    "letter.md",
    "methods.md",
    "report.qmd",
)
"""Made from the files of a run, so that they can be made again: its manifest leaves them out."""


def take_home(result: Reanalysis, folder: Path) -> Path:
    """Write the files of a result in memory to a folder, which is made.

    Raises
    ------
    RequestError
        If a package of the extra ``office`` is missing.
    OutputError
        If the folder cannot be written; earlier files then stand as they were.
    """
    require_office()
    return take_home_of_values(context_in_memory(result), result.evidence, folder)


def take_home_of_run(folder: Path) -> Path:
    """Write the files of a run to a folder in its own, from what lies there.

    Raises
    ------
    RequestError
        If a package of the extra ``office`` is missing.
    OutputError
        If the folder holds no run, or one with damaged files.
    """
    require_office()
    manifest = files.read_finished(folder, "run")
    with locked(folder):
        same = files.read_manifest(folder) == manifest
        context = read_context(folder, manifest if same else None)
        return take_home_of_values(context, EVIDENCE.read(folder), folder / FOLDER)


def take_home_of_values(context: Context, evidence: pd.DataFrame, folder: Path) -> Path:
    """Write the files of a context and its table of evidence to a folder; all of them appear, or none."""
    made = _made(context, evidence)
    _make(folder)
    with files.staged(folder) as staging:
        for name, content in made.items():
            (staging / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        found = reason.strerror or "an error of the file system"
        raise OutputError(Fault(f"folder {folder}", found, "a writable folder", "name another folder")) from None


def _made(context: Context, evidence: pd.DataFrame) -> Mapping[str, str | bytes]:
    table = publication(context)
    contents = (
        html_table(table),
        latex_table(table),
        word_document(table),
        workbook(_tables(context, evidence)),
        letter(context),
        methods(context),
        report_qmd(context),
    )
    return dict(zip(NAMES, contents, strict=True))


def _tables(context: Context, evidence: pd.DataFrame) -> list[tuple[Table[Any], pd.DataFrame]]:
    tables: list[tuple[Table[Any], pd.DataFrame]] = [
        (COMPARISON, context.comparison),
        (EFFECTS, context.effects),
        (CLAIMS, CLAIMS.frame(context.audit.ledger)),
        (FINDINGS, FINDINGS.frame(context.audit.found)),
        (EVIDENCE, evidence),
        (POOLING, POOLING.frame(pooled_effects(context.rows))),
        (STATEMENTS, STATEMENTS.frame(context.statements)),
        (CURVES, CURVES.frame(context.curves)),
    ]
    joint = joint_effects(context.rows, context.record)
    return [*tables, (JOINT, JOINT.frame(joint))] if joint else tables
