"""One writer per folder: a lock that the operating system drops when its holder dies, on Windows too."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.files import LOCK, remove_leftovers


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs; what killed writers left there is removed first.

    The lock is an open exclusive transaction on an empty SQLite file: nothing can become stale, because there is no
    process id to compare, and SQLite has solved the locking of files on every system that Python runs on.

    Raises
    ------
    OutputError
        If another run holds it, or the folder cannot hold one.
    """
    path = folder / LOCK
    with closing(_take(folder, path)) as connection:
        try:
            remove_leftovers(folder)
            yield
        finally:
            with suppress(OSError):  # where an open file cannot be removed, it stays, empty
                path.unlink()
            connection.rollback()


def _take(folder: Path, path: Path) -> sqlite3.Connection:
    while True:
        try:
            path.touch()
            before = path.stat()
            connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as reason:
            raise _refused(folder, f"no lock could be made ({reason})", "check that the folder is writable") from None
        try:
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("BEGIN EXCLUSIVE")
            with suppress(FileNotFoundError):
                if os.path.samestat(before, path.stat()):
                    return connection
            # whoever held it removed the file between opening and locking: this lock is of a file without a name
        except sqlite3.OperationalError as reason:
            connection.close()
            if "locked" in str(reason) or "busy" in str(reason):
                action = "wait until it has finished, or choose another --out"
                raise _refused(folder, "another run that is writing to it now", action) from None
            raise _refused(folder, str(reason), "check that the folder is writable") from None
        except sqlite3.DatabaseError:
            connection.close()
            raise _refused(folder, f"{LOCK}, which is no lock of this package", "delete that file") from None
        connection.close()


def _refused(folder: Path, found: str, action: str) -> OutputError:
    return OutputError(Fault(f"output folder {folder}", found, "a folder with one writer at a time", action))
