"""The option ``--take-home`` of commands that leave a run in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TakeHome = Annotated[
    bool,
    typer.Option(
        "--take-home",
        help="Also write take-home/: the comparison as HTML, LaTeX and Word, a workbook, a letter, methods, report.qmd.",
    ),
]


def refuse_take_home(*, batch: bool = False) -> None:
    """Refuse, before anything is done, what cannot be written: packages that are missing, or a batch."""
    from bayes_ivf.errors import Fault, RequestError
    from bayes_ivf.takehome import require_office

    if batch:
        raise RequestError(
            Fault("--take-home", "the folder of a batch", "the folder of a run", "leave out --take-home")
        )
    require_office()


def write_take_home(folder: Path) -> None:
    """Write the files of a run and say where."""
    from bayes_ivf.takehome import take_home_of_run

    typer.echo(f"Take-home: {take_home_of_run(folder)}")


def tell_earlier(folder: Path) -> None:
    """Say that files to take home are those of an earlier run, which nobody replaces unasked: they may have been edited."""
    from bayes_ivf.takehome import FOLDER

    if (folder / FOLDER).is_dir():
        told = f"Note: {folder / FOLDER} is of an earlier run; `bayes-ivf report {folder} --take-home` makes it anew"
        typer.echo(told, err=True)
