"""Results that survive, in one SQLite file.

SQLite, because commits are atomic, one file holds any number of small fits, and it needs nothing but Python.
Fits are kept under their content address, several to a part; a part is committed whole or not at all, so a run killed at any
moment loses the parts in flight and nothing else. Every row carries its own checksum: a row that was tampered with is
dropped and computed again. A file that SQLite itself cannot read is rebuilt from the rows that still check out.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

from bayes_ivf.batches.cells import Cell
from bayes_ivf.batches.part import Part, checksum, decode, encode
from bayes_ivf.batches.salvage import SCHEMA_VERSION, TABLES, connect, rebuild, whole
from bayes_ivf.errors import Fault, OutputError

NAME = "store.sqlite"
CACHED = 256
"""Parts kept in memory while tables are written."""

_PLAIN_NAMES = tuple(field.name for field in fields(Cell) if field.name not in ("key", "spec"))
_PLAIN = attrgetter(*_PLAIN_NAMES)
_UPSERT = (
    "INSERT INTO {} (name, body, checksum) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET body = excluded.body, checksum = excluded.checksum"
)


class Store:
    """The kept fits, cells, studies and failures of one folder.

    Parameters
    ----------
    folder : Path
        Locked by the caller.
    repair : bool
        Whether what is damaged is dropped, to be computed again; else it is refused and stays as it is.

    Attributes
    ----------
    index : dict of bytes to (int, int)
        Part and place of every kept fit.
    levels : set of float
        Probabilities of the intervals of kept fits.
    damaged : int
        Rows that were found damaged and dropped.

    Raises
    ------
    OutputError
        If the file belongs to a newer version of this package, or cannot be written, or is damaged and not to be repaired.
    """

    def __init__(self, folder: Path, *, repair: bool = True) -> None:
        self.path = folder / NAME
        self.damaged = 0
        self.index: dict[bytes, tuple[int, int]] = {}
        self.levels: set[float] = set()
        self._parts: OrderedDict[int, Part] = OrderedDict()
        try:
            if self.path.exists() and not whole(self.path):
                if not repair:
                    raise self._damaged()
                self.damaged += rebuild(self.path)
            self._open(repair)
        except sqlite3.Error as reason:
            raise self._error(reason) from None
        except UnicodeDecodeError:
            raise self._damaged() from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, part: Part) -> None:
        """Keep the fits of a part, all or none; fits that are kept already stay as they are."""
        if all(key in self.index for key in part.keys):
            return
        body = encode(part)
        with self._writing() as connection:
            cursor = connection.execute("INSERT INTO parts (body, checksum) VALUES (?, ?)", (body, checksum(body)))
            connection.executemany("DELETE FROM failures WHERE name = ?", [(key.hex(),) for key in part.keys])
        self._remember(int(cursor.lastrowid or 0), part)

    def find(self, key: bytes) -> tuple[Part, int] | None:
        """Return the part that holds a fit, and its place there."""
        found = self.index.get(key)
        if found is None:
            return None
        number, place = found
        if number not in self._parts:
            (body,) = self._connection.execute("SELECT body FROM parts WHERE id = ?", (number,)).fetchone()
            self._parts[number] = decode(body)
            if len(self._parts) > CACHED:
                self._parts.popitem(last=False)
        self._parts.move_to_end(number)
        return self._parts[number], place

    def holds(self, key: bytes) -> bool:
        """Whether a fit is kept."""
        return key in self.index

    def put_cells(self, cells: Iterable[Cell]) -> None:
        """Keep cells in their order; one of the same name is replaced where it stands, or after damage anew."""
        cells = list(cells)
        if self.damaged:
            self.drop_cells(cells)
        self._put(
            "cells", ((_text(cell.name).decode(), _text([*_PLAIN(cell), cell.key.hex(), cell.spec])) for cell in cells)
        )

    def drop_cells(self, cells: Iterable[Cell]) -> None:
        """Forget cells."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM cells WHERE name = ?", ((_text(cell.name).decode(),) for cell in cells))

    def cells(self) -> Iterator[Cell]:
        """Return every cell, in the order in which they were first kept."""
        for (body,) in self._connection.execute("SELECT body FROM cells ORDER BY id"):
            *values, key, spec = json.loads(body)
            yield Cell(**dict(zip(_PLAIN_NAMES, values, strict=True)), key=bytes.fromhex(key), spec=spec)

    def put_studies(self, studies: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Keep what pages are made from, by study."""
        studies = list(studies)
        if self.damaged:
            with self._writing() as connection:
                connection.executemany("DELETE FROM studies WHERE name = ?", [(name,) for name, _ in studies])
        self._put("studies", ((name, _text(table)) for name, table in studies))

    def studies(self) -> dict[str, dict[str, Any]]:
        """Return what pages are made from, in the order in which the studies were first kept."""
        rows = self._connection.execute("SELECT name, body FROM studies ORDER BY id")
        return {name: json.loads(body) for name, body in rows}

    def put_failure(self, key: bytes, stage: str, reason: str) -> None:
        """Keep why a fit failed."""
        self._put("failures", [(key.hex(), _text([stage, reason]))])

    def failures(self) -> dict[bytes, tuple[str, str]]:
        """Return stage and reason of every fit that failed."""
        rows = self._connection.execute("SELECT name, body FROM failures ORDER BY id")
        return {bytes.fromhex(name): tuple(json.loads(body)) for name, body in rows}

    def _open(self, repair: bool) -> None:
        self._connection = connect(self.path)
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            self._connection.close()
            raise OutputError(
                Fault(
                    str(self.path),
                    f"schema version {version}",
                    f"at most {SCHEMA_VERSION}",
                    "use the version of bayes-ivf that wrote it, or another --out",
                )
            )
        known = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not repair and not known >= set(TABLES):
            self._connection.close()
            raise self._damaged()
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        with self._writing() as connection:
            for name, statement in TABLES.items():
                if name not in known:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._verify(repair)

    def _verify(self, repair: bool) -> None:
        for number, body, kept in self._connection.execute("SELECT id, body, checksum FROM parts"):
            part = _checked(body, kept)
            if part is None:
                self.damaged += 1
            else:
                self._remember(number, part, cache=False)
        bad = {}
        for table in ("cells", "studies", "failures"):
            rows = self._connection.execute(f"SELECT id, name, body, checksum FROM {table}")  # noqa: S608
            bad[table] = [(row[0],) for row in rows if not _intact(*row[1:])]
            self.damaged += len(bad[table])
        if self.damaged and not repair:
            self._connection.close()
            raise self._damaged()
        with self._writing() as connection:
            for table, numbers in bad.items():
                connection.executemany(f"DELETE FROM {table} WHERE id = ?", numbers)  # noqa: S608
            kept_parts = {number for number, _ in self.index.values()}
            stale = [row for row in connection.execute("SELECT id FROM parts") if row[0] not in kept_parts]
            connection.executemany("DELETE FROM parts WHERE id = ?", stale)

    def _remember(self, number: int, part: Part, *, cache: bool = True) -> None:
        for place, key in enumerate(part.keys):
            self.index.setdefault(key, (number, place))
        self.levels.add(part.ci_prob)
        if cache:
            self._parts[number] = part
            if len(self._parts) > CACHED:
                self._parts.popitem(last=False)

    def _put(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        with self._writing() as connection:
            connection.executemany(
                _UPSERT.format(table), ((name, body, checksum(_named(name, body))) for name, body in rows)
            )

    def _writing(self) -> _Transaction:
        return _Transaction(self)

    def _damaged(self) -> OutputError:
        action = "run the same batch again: it keeps what is sound and computes the rest anew"
        return OutputError(Fault(str(self.path), "damaged since it was written", "the file as it was written", action))

    def _error(self, reason: sqlite3.Error) -> OutputError:
        action = "free the folder, or choose another --out; what was finished is kept"
        return OutputError(Fault(str(self.path), str(reason), "a store that can be written", action))


class _Transaction:
    """A write that happens whole or not at all; errors of the file system become errors for the user."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> sqlite3.Connection:
        self.store._connection.execute("BEGIN IMMEDIATE")
        return self.store._connection

    def __exit__(self, kind: object, error: object, _: object) -> None:
        connection = self.store._connection
        try:
            if kind is None:
                connection.execute("COMMIT")
            elif connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error as reason:
            raise self.store._error(reason) from None
        if isinstance(error, sqlite3.Error):
            raise self.store._error(error) from None


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _named(name: str, body: bytes) -> bytes:
    return name.encode() + b"\0" + body


def _intact(name: object, body: object, kept: object) -> bool:
    if not isinstance(name, str) or not isinstance(body, bytes):
        return False
    return bool(checksum(_named(name, body)) == kept)


def _checked(body: object, kept: object) -> Part | None:
    if not isinstance(body, bytes) or checksum(body) != kept:
        return None
    try:
        return decode(body)
    except (ValueError, KeyError, TypeError):
        return None
