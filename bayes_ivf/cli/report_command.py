"""``bayes-ivf report``: the report of a finished run, made again without sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf.cli.take_home import TakeHome, refuse_take_home, write_take_home

_STATES = {
    "stopped": " (by quadrature alone: the run was stopped while it sampled)",
    "interrupted": " (of a run that was interrupted)",
}


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
    take_home: TakeHome = False,
) -> int:
    """Rebuild report.html and report.md from the files of a finished run."""
    from bayes_ivf.batches import rebuild_pages
    from bayes_ivf.files import read_manifest
    from bayes_ivf.report import rebuild_report

    batch = read_manifest(folder).get("kind") == "batch"
    if take_home:
        refuse_take_home(batch=batch)
    if batch:
        typer.echo(f"Pages: {rebuild_pages(folder)}")
        return 0
    state = _STATES.get(rebuild_report(folder), "")
    typer.echo(f"Report: {folder / 'report.html'}{state}")
    if take_home:
        write_take_home(folder)
    return 0
