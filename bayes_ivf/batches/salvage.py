"""The file of a store: its tables, whether SQLite can read it, and what can be saved where it cannot."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1

TABLES = {
    "parts": "CREATE TABLE parts (id INTEGER PRIMARY KEY, body BLOB NOT NULL, checksum BLOB NOT NULL)",
    "cells": "CREATE TABLE cells (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL, "
    "checksum BLOB NOT NULL)",
    "studies": "CREATE TABLE studies (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL, "
    "checksum BLOB NOT NULL)",
    "failures": "CREATE TABLE failures (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL, "
    "checksum BLOB NOT NULL)",
}

UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file raises; SQLite quotes the damaged bytes in its message, and Python decodes it."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for one user alone."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    connection.text_factory = _decoded
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    return connection


def _decoded(raw: bytes) -> str:
    """Read text of a damaged file as well; its checksum tells."""
    return raw.decode(errors="replace")


def whole(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with its own file."""
    try:
        with closing(connect(path)) as connection:
            answer: tuple[str, ...] | None = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return answer == ("ok",)
    except UNREADABLE as reason:
        if isinstance(reason, sqlite3.OperationalError) and "locked" in str(reason):
            raise
        return False


def rebuild(path: Path) -> int:
    """Write the readable rows of a damaged file to a fresh one in its place; return 1 for the damage."""
    fresh = path.with_suffix(".rebuilt")
    fresh.unlink(missing_ok=True)
    with closing(connect(fresh)) as target:
        for table, statement in TABLES.items():
            target.execute(statement)
            rows = _readable(path, table)
            if rows:
                marks = ", ".join("?" * len(next(iter(rows.values()))))
                target.execute("BEGIN")
                target.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows.values())  # noqa: S608
                target.execute("COMMIT")
        target.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    for suffix in ("-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(fresh, path)  # noqa: PTH105
    return 1


def _readable(path: Path, table: str) -> dict[int, tuple[Any, ...]]:
    """Read a table from both ends, as far as the damage lets it."""
    rows: dict[int, tuple[Any, ...]] = {}
    for direction in ("ASC", "DESC"):
        try:
            with closing(connect(path)) as connection:
                connection.execute("PRAGMA writable_schema=ON")  # reads a file that is shorter than its header says
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY id {direction}"):  # noqa: S608
                    if isinstance(row[0], int):
                        rows.setdefault(row[0], row)
        except UNREADABLE:
            continue
    return dict(sorted(rows.items()))
