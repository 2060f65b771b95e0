"""A page from a stranger: its text and its data, read within limits; nothing of it is run, opened or believed."""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bayes_ivf.defaults import PAGE_MAX_BYTES
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.report.columns import damaged
from bayes_ivf.report.payload import CLOSE, OPEN

DEEPEST = 12
"""Tables and lists within each other at most."""
LARGEST = 2**64
_BLOCK = re.compile(r"<script\b[^>]{0,200}?\bid\s{0,9}=\s{0,9}[\"']?\s{0,9}payload\b", re.IGNORECASE)


def read_page(path: Path) -> str:
    """Return the text of a page.

    Raises
    ------
    OutputError
        If it is no file, too large, or not text in UTF-8.
    """
    where, allowed = str(path), f"a report.html of at most {PAGE_MAX_BYTES} bytes"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            found = "a folder" if path.is_dir() else "no ordinary file"
            raise OutputError(Fault(where, found, allowed, "name the report.html in the folder of a run"))
        with path.open("rb") as file:
            raw = file.read(PAGE_MAX_BYTES + 1)
    except OSError as reason:
        found = reason.strerror or "an unreadable file"
        raise OutputError(Fault(where, found, "a readable report.html", "check the path")) from None
    if len(raw) > PAGE_MAX_BYTES:
        raise OutputError(Fault(where, f"more than {PAGE_MAX_BYTES} bytes", allowed, "name a page of this package"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as reason:
        found = f"bytes that are not UTF-8 (byte {reason.start})"
        raise OutputError(Fault(where, found, "a page of this package", "open the page as it was written")) from None


def parts_of(page: str, where: str) -> tuple[str, str, str]:
    """Return what stands before the data of a page, the data, and what stands behind.

    Raises
    ------
    OutputError
        If it has none, or several.
    """
    action = "name the report.html of a run; `bayes-ivf report DIR` makes one of an earlier version again"
    blocks = max(page.count(OPEN), sum(1 for _ in _BLOCK.finditer(page)))
    if blocks == 0:
        raise OutputError(Fault(where, "no data of this package", "a report.html that embeds what it shows", action))
    if blocks > 1:
        raise damaged(where, f"{blocks} blocks of data")
    before, opened, rest = page.partition(OPEN)
    block, closed, after = rest.partition(CLOSE)
    if not opened or not closed:
        raise damaged(where, "a block of data that does not begin or end as this package writes it")
    return before, block, after


def read_payload(block: str, where: str) -> dict[str, Any]:
    """Return the data of a page, each number finite and of usual size, no key twice, and not too deep.

    Raises
    ------
    OutputError
        If they are no such data.
    """
    try:
        payload = json.loads(
            block, parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_table
        )
    except (ValueError, RecursionError) as reason:
        said = "data nested too deep" if isinstance(reason, RecursionError) else f"broken data: {str(reason)[:200]}"
        raise damaged(where, said) from None
    if not isinstance(payload, dict):
        raise damaged(where, "data that are no table")
    level: list[Any] = [payload]
    for _ in range(DEEPEST):
        level = [each for value in level for each in _inside(value)]
    if level:
        raise damaged(where, f"data nested deeper than {DEEPEST}")
    try:
        block.encode("utf-8")
        json.dumps(payload, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise damaged(where, "half of a character") from None
    return payload


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _constant(name: str) -> None:
    raise ValueError(f"{name}, which is no number of JSON")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or len(text) > 40:
        raise ValueError(f"a number of absurd size, {text[:40]}")
    return number


def _int(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST:
        raise ValueError(f"a number of absurd size, {text[:40]}")
    return int(text)


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key twice")
    return table
