"""What is being done, on stderr: a bar, or plain lines now and then where stderr is no terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NOTICE = ("Interrupted", "Report by quadrature")
"""First words of what is said at once, also where there is no bar."""
FIRST = 5.0
"""Seconds before the first line: what is done sooner tells its results alone."""
LOOK = 1.0
"""Seconds between two looks at what is being done: shorter work is not told in lines."""
AGAIN = 30.0
"""Seconds after which a line is written although the same work goes on."""


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that takes what is being done, how much is done and how much there is."""
    if not sys.stderr.isatty():
        with _lines() as tell:
            yield tell
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


@contextmanager
def _lines() -> Iterator[Callable[[str, int, int], None]]:
    """Write a line for each outcome (what stands before the first comma) that takes its time, and for what takes long."""
    start = time.monotonic()
    now = ("", 0, 0)
    ended = threading.Event()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal now
        now = (what, done, total)
        if what.startswith(NOTICE):
            print(what, file=sys.stderr, flush=True)

    def watch() -> None:
        last, at = "", start
        pause = FIRST
        while not ended.wait(pause):
            pause = LOOK
            what, done, total = now
            work, moment = what.partition(",")[0], time.monotonic()
            if not what or what.startswith(NOTICE) or (work == last and moment - at < AGAIN):
                continue
            last, at = work, moment
            minutes, seconds = divmod(round(moment - start), 60)
            count = f" ({done} of {total} done)" if total > 1 else ""
            print(f"{minutes}:{seconds:02d} {what}{count}", file=sys.stderr, flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield tell
    finally:
        ended.set()
        watcher.join()
