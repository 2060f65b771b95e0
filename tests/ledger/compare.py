"""What differs between two versions of the ledger, in words that name the number or the line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from tests.ledger.numbers import read_table

MOST = 40
"""Differences of one file that are shown; the rest are counted."""


def differences(name: str, before: str, after: str) -> Iterator[str]:
    """Return a line for each difference, `MOST` of them, and how many there are beyond."""
    found = list(_numbers(before, after) if name.endswith(".csv") else _lines(before, after))
    for line in found[:MOST]:
        yield f"{name}: {line}"
    if len(found) > MOST:
        yield f"{name}: and {len(found) - MOST} more"


def _numbers(before: str, after: str) -> Iterator[str]:
    old, new = read_table(before), read_table(after)
    for key in dict.fromkeys([*old, *new]):
        where = ", ".join(part for part in key if part)
        if key not in new or key not in old:
            yield f"{where}: {'gone' if key in old else 'new'}"
            continue
        for column, value in new[key].items():
            was = old[key].get(column, "")
            if was != value:
                yield f"{where}, {column}: {plain(was)} -> {plain(value)}"


def plain(value: str) -> str:
    """Return a hexadecimal float as a decimal one, and other text as it is."""
    return repr(float.fromhex(value)) if value.lstrip("-").startswith("0x") else value


def _lines(before: str, after: str) -> Iterator[str]:
    for line in unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield line
