"""``bayes-ivf diff``: what changed between two runs, or two batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

TOLD = 20
"""Changes of a table that the terminal names, unless all are asked for."""
LONGEST = 70
"""Characters of a text that the terminal shows."""
_NAMES = {"gone": "rows gone", "new": "rows new", "number": "numbers changed", "words": "words changed"}


def command(
    before: Annotated[Path, typer.Argument(metavar="DIR1", help="Folder of a finished run or batch.")],
    after: Annotated[Path, typer.Argument(metavar="DIR2", help="Folder of another one of the same kind.")],
    tolerance: Annotated[float, typer.Option(help="Numbers no farther apart count as equal.")] = 0.0,
    whole: Annotated[bool, typer.Option("--all", help="Name every change.")] = False,
) -> int:
    """Say what changed from one run or batch to another; 1 if anything did, dates and package versions apart."""
    from bayes_ivf.results import differences

    found = differences(before, after, tolerance)
    for name, changes in found.changes.groupby("table", sort=False):
        typer.echo(f"{name}.csv: {_counts(changes)}")
        shown = changes if whole else changes.head(TOLD)
        for change in shown.itertuples(index=False):
            typer.echo(f"  {_line(change)}")
        if len(shown) < len(changes):
            typer.echo(f"  ... and {len(changes) - len(shown)} more; --all names every one")
    if found.aside:
        words = ", ".join(name.replace("written_at", "date").replace("_", " ") for name in found.aside)
        typer.echo(f"Also different, and not counted: {words}.")
    if found.changes.empty:
        typer.echo("No difference.")
        return 0
    return 1


def _counts(changes: pd.DataFrame) -> str:
    count = changes.change.value_counts()
    parts = [f"{count[kind]} {words}" for kind, words in _NAMES.items() if kind in count]
    largest = changes["size"].astype(float).max()
    return ", ".join(parts) + (f" (by {largest:.3g} at most)" if largest == largest else "")


def _line(change: Any) -> str:
    if change.change in ("gone", "new"):
        return f"{change.change}: {_plain(change.key)}"
    size = "" if change.size is None or change.size != change.size else f" (by {change.size:.3g})"
    return f"{_plain(change.key)}: {change.column} {_plain(change.before)} -> {_plain(change.after)}{size}"


def _plain(value: object) -> str:
    """Write a value so that a terminal shows it and does nothing else."""
    if isinstance(value, float):
        return "empty" if value != value else repr(value)
    text = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in str(value))
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}...") or "empty"
