"""``bayes-ivf report``: the report of a finished run, made again without sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")]) -> int:
    """Rebuild report.html and report.md from the files of a finished run."""
    from bayes_ivf.report import rebuild_report

    rebuild_report(folder)
    typer.echo(f"Report: {folder / 'report.html'}")
    return 0
