"""A progress bar on stderr; nothing where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NOTICE = "Interrupted"
"""First word of what is said at once, also where there is no bar."""


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that takes what is being done, how much is done and how much there is."""
    if not sys.stderr.isatty():
        yield lambda what, *_: _tell(what)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("starting")

        def show(what: str, done: int, total: int) -> None:
            if what.startswith(NOTICE):
                display.console.print(escape(what))
            display.update(task, description=escape(what), completed=done, total=total)

        yield show


def _tell(what: str) -> None:
    if what.startswith(NOTICE):
        print(what, file=sys.stderr, flush=True)
