"""``bayes-ivf export``: tables of trials for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf.cli.table_options import (
    Benefits,
    Control,
    Fills,
    Maps,
    Treatment,
    arms_of,
    benefits_of,
    fills_of,
    maps_of,
    separator_of,
)
from bayes_ivf.errors import visible


def command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Tables of trials, study files, reviews.")],
    to: Annotated[str, typer.Option(help="metafor (CSV), or revman (CSV of data rows, or ZIP with their settings).")],
    out: Annotated[Path, typer.Option(help="File to write; it must not exist yet.")],
    separator: Annotated[
        str | None, typer.Option(help="Between the cells of CSV tables; \\t or 'tab' for tabs.  [default: ,]")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark of CSV tables.  [default: .]")] = None,
    fill: Fills = None,
    maps: Maps = None,
    treatment: Treatment = None,
    control: Control = None,
    benefit: Benefits = None,
) -> int:
    """Write trials in the columns of metafor or RevMan."""
    from bayes_ivf.batches import Asked, gather_sources, write_export

    asked = Asked(fills_of(fill), maps_of(maps), arms_of(treatment, control), benefits_of(benefit))
    mark = None if separator is None else separator_of(separator)
    written = write_export(gather_sources(sources, mark, decimal, asked), to, out)
    for note in written.notes:
        typer.echo(f"Note: {note}", err=True)
    for left_out in written.left_out:
        typer.echo(f"Left out: {left_out}: no counts, means or printed effect of it", err=True)
    typer.echo(f"{written.rows} rows in {visible(str(out))}")
    return 0
