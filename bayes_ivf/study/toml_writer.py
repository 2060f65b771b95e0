"""The tables of a study file as TOML text that holds nothing a document around it would act on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ACTIVE = re.compile(r"[{}`\x7f]|'(?=')|(?<=')'")


def study_toml(table: Mapping[str, Any]) -> str:
    """Return tables as TOML; texts hold no brace, no backtick and no two apostrophes in a row, but their escapes.

    Parameters
    ----------
    table : mapping
        As `study_table` gives it: texts, numbers, lists, tables, and lists of tables.
    """
    lines = [*_plain(table), ""]
    for name, value in table.items():
        if isinstance(value, Mapping) and value:
            lines += [f"[{toml_key(name)}]", *_plain(value), *_dotted(value), ""]
    for name, value in table.items():
        if _is_list_of_tables(value):
            for each in value:
                lines += [f"[[{toml_key(name)}]]", *_plain(each), *_dotted(each), ""]
    return "\n".join(lines)


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _plain(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if not isinstance(value, Mapping) and not _is_list_of_tables(value):
            yield f"{toml_key(name)} = {_value(value)}"


def _dotted(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Write tables in a table as dotted keys."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            place = f"{before}{toml_key(name)}."
            yield from (f"{place}{line}" for line in _plain(value))
            yield from _dotted(value, place)


def toml_key(name: str) -> str:
    """Return a key, in quotes if it needs them."""
    return name if _BARE.fullmatch(name) else _text(name)


def toml_value(value: Any) -> str:
    """Return one value as it stands behind a key: a text, number, truth value, list, or a table in one line."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{toml_key(name)} = {toml_value(each)}' for name, each in value.items())} }}"
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(each) for each in value)}]"
    return str(int(value)) if isinstance(value, Integral) else repr(float(value))


def _text(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _ACTIVE.sub(lambda found: f"\\u{ord(found.group()):04X}", quoted)
