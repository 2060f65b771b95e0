"""``bayes-ivf verify``: a report compared with what it embeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bayes_ivf.report import Verification

TOLD = 40
"""Differences that are named, unless all are asked for."""
FOLLOWING = 10
"""The same where one cause explains many."""


def command(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="A report.html, from whomever, or the folder of a run.")
    ],
    sample: Annotated[bool, typer.Option("--sample", help="Sample anew, too, with the seeds of the page.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Name every difference.")] = False,
    workers: Annotated[int | None, typer.Option(help="Threads; all cores by default.")] = None,
) -> int:
    """Compare a report with what it embeds, and its exact numbers with new ones; exit status 1 if anything differs."""
    from bayes_ivf.cli.progress import bar
    from bayes_ivf.errors import visible
    from bayes_ivf.report import verify_page
    from bayes_ivf.settings import check_workers

    check_workers(workers)
    page = report / "report.html" if (report / "report.html").is_file() else report
    with bar() as progress:
        found = verify_page(page, sample=sample, workers=workers, progress=progress)
    for line in _told(found):
        typer.echo(visible(line))
    if not found.differences:
        typer.echo("No difference.")
        return 0
    for line in _differences(found, whole):
        typer.echo(f"\n{line}")
    return 1


def _differences(found: Verification, whole: bool) -> list[str]:
    """Tell the cause, then what a reader sees; hashes, seeds and keys last, or only where all are asked for."""
    from bayes_ivf.errors import visible

    every = found.differences
    read = [each for each in every if not each.inner]
    chosen = every if whole else (read or every)[: FOLLOWING if found.cause else TOLD]
    lines = [visible(found.cause)] if found.cause else []
    lines += [str(each) for each in chosen]
    if len(chosen) < len(every):
        inner = len(every) - len(read) if read else 0
        kept = f" ({inner:,} of them in hashes, seeds or keys of the data)" if inner else ""
        lines.append(f"... and {len(every) - len(chosen):,} more{kept}; --all names every one")
    why = "; the page was written by another state of bayes_ivf, which may explain "
    why = f"{why}{'it' if len(every) == 1 else 'them'}" if found.other_state else ""
    return [*lines, f"{_counted(len(every), 'difference')}{why}."]


def _told(found: Verification) -> list[str]:
    """Say what was compared, and with what."""
    numbers = found.numbers
    lines = [
        f"Study {found.study}",
        f"Text: {_counted(found.characters, 'character')} compared with the page made anew from what it embeds.",
        f"Exact rows: {numbers.exact:,} computed anew from the embedded study, model cards and prior sets.",
    ]
    if numbers.sampled:
        lines.append(f"Sampled rows: {numbers.sampled:,} drawn anew with the embedded seeds.")
    if numbers.kept:
        lines.append(
            f"Sampled rows: {numbers.kept:,} compared with the embedded table, not recomputed (--sample does)."
        )
    return [*lines, *(f"Note: {note}" for note in found.notes)]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
