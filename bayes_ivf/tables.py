"""Reading TOML safely: bytes to text to a checked table, with every fault collected."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import BayesIvfError, Fault
from bayes_ivf.identifiers import is_identifier
from bayes_ivf.toml_text import excess

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_BYTES = 5_000_000
MOST_FAULTS = 300
Synonyms = Mapping[str, Mapping[str, str]]
"""By key: what else people call its values."""
_SHOULD = "Input should be "
_UNQUOTED = (bool, int, float, datetime.date, datetime.time)


def read_toml(path: Path, error: type[BayesIvfError]) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
    error : type of BayesIvfError
        What to raise.

    Raises
    ------
    BayesIvfError
        If the file is missing, too large, not UTF-8 or not TOML.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise error(
                Fault(str(path), f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes", "shorten the file")
            )
        raw = path.read_bytes()
    except OSError as reason:
        raise error(
            Fault(str(path), reason.strerror or "an unreadable file", "a readable file", "check the path")
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        raise error(
            Fault(f"{path}, byte {reason.start}", "bytes that are not UTF-8", "UTF-8 text", "save the file as UTF-8")
        ) from None
    much = excess(text)
    if much is not None:
        line, found, allowed = much
        raise error(Fault(f"{path}, line {line}", found, allowed, "shorten what stands there"))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise error(Fault(str(path), f"broken TOML: {reason}", "valid TOML", "mend the line named here")) from None


def check_table[T: BaseModel](table: type[T], values: dict[str, Any], source: str, error: type[BayesIvfError]) -> T:
    """Check values against a pydantic table and raise every fault at once."""
    checked, faults, _ = table_faults(table, values, source)
    if checked is None:
        raise error(faults)
    return checked


def table_faults[T: BaseModel](
    table: type[T], values: dict[str, Any], source: str, synonyms: Synonyms | None = None
) -> tuple[T | None, list[Fault], list[tuple[Any, ...]]]:
    """Check values against a pydantic table, and return it or every fault with its place.

    Parameters
    ----------
    table : type of pydantic model
    values : dict
    source : str
        Named in the faults.
    synonyms : mapping of str to mapping of str to str, optional
        By key: other words for its values, to ask whether they are meant.

    Returns
    -------
    checked : pydantic model or None
    faults : list of Fault
    places : list of tuple
        Keys and positions that lead to each fault.
    """
    from pydantic import ValidationError

    try:
        return table.model_validate(values), [], []
    except ValidationError as reason:
        problems = _one_each([dict(each) for each in reason.errors(include_url=False)], values)
        faults = [
            _fault(problem, f"{source}: {_place(problem['loc'], values)}", table, synonyms or {})
            for problem in problems[:MOST_FAULTS]
        ]
        if len(problems) > MOST_FAULTS:
            more = f"{len(problems) - MOST_FAULTS} more faults"
            faults.append(Fault(source, more, "a file without faults", "mend those above first"))
        return None, faults, [problem["loc"] for problem in problems]


@cache
def _schema(table: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a table, which takes 30 ms to make, and many files may have faults."""
    return table.model_json_schema()


def _keys(table: type[BaseModel], loc: Sequence[Any] | None = None) -> list[str]:
    """Return the names of all keys of a table and the tables in it, or of the one table at a place."""
    schema = _schema(table)
    defined = schema.get("$defs", {})
    if loc is None:
        return sorted({name for each in (schema, *defined.values()) for name in each.get("properties", {})})
    tables = _alternatives(schema, defined)
    for part in loc:
        inner = [each.get("properties", {}).get(part) or each.get("items" if isinstance(part, int) else "additionalProperties")
                 for each in tables]  # fmt: skip
        tables = [each for found in inner if isinstance(found, dict) for each in _alternatives(found, defined)]
    return [name for each in tables for name in each.get("properties", {})]


def _alternatives(schema: dict[str, Any], defined: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a place may hold, by its own schema."""
    if "$ref" in schema:
        return _alternatives(defined[schema["$ref"].rpartition("/")[2]], defined)
    return [each for any_of in schema.get("anyOf", ()) for each in _alternatives(any_of, defined)] or [schema]


def _place(loc: tuple[Any, ...], values: dict[str, Any]) -> str:
    """Return keys joined by points; a table of a list is named by its id, where that is one, else by its number."""
    parts: list[str] = []
    for depth, part in enumerate(loc):
        among = _at(values, list(loc[:depth])) if isinstance(part, int) else None
        ids = [each.get("id") if isinstance(each, dict) else None for each in among] if isinstance(among, list) else []
        own_id = ids[part] if ids else None
        if isinstance(own_id, str) and is_identifier(own_id) and ids.count(own_id) == 1:
            parts[-1] = f"{parts[-1].removesuffix('s')} {own_id}"
        elif part != "[key]":
            parts.append(str(part + 1) if isinstance(part, int) else part)
    return ".".join(parts)


def _fault(problem: dict[str, Any], where: str, table: type[BaseModel], synonyms: Synonyms) -> Fault:
    key, kind, value = str(problem["loc"][-1]), problem["type"], problem["input"]
    found = "nothing" if kind == "missing" else _short(value)
    said = problem["msg"].removeprefix(_SHOULD)
    allowed = said[0].lower() + said[1:]
    action = {"missing": "add this key", "extra_forbidden": "remove or rename this key"}.get(kind, "correct the value")
    if kind == "extra_forbidden":
        here = _keys(table, problem["loc"][:-1])
        allowed = f"the keys {', '.join(here)}" if here else "only the known keys"
        near = get_close_matches(key.lower(), here, 1, 0.75) or get_close_matches(key.lower(), _keys(table), 1, 0.75)
        action = f"did you mean {near[0]!r}? Else remove or rename this key" if near else action
    elif kind == "literal_error":
        near = _meant(value, re.findall(r"'([^']*)'", problem["ctx"]["expected"]), synonyms.get(key, {}))
        action = f"did you mean {near[0]!r}? Else {action}" if near else action
    elif kind == "string_type" and isinstance(value, _UNQUOTED):
        allowed = "text in quotes"
        action = f'write {key} = "{_toml(value)}", with every digit as it stands in the paper'
    elif kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        plain = _unquoted(value, kind)
        action = f"write {key} = {plain}, without quotes" if plain else action
    return Fault(where, found, allowed, action)


def _meant(given: object, allowed: list[str], synonyms: Mapping[str, str]) -> list[str]:
    """Return the value that a misspelled one or another word stands for; nothing if none is close."""
    words = {**synonyms, **{word: word for word in allowed}}
    text = given.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(given, str) else ""
    return [words[near] for near in get_close_matches(text, list(words), 1, 0.7)]


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unquoted(text: str, kind: str) -> str:
    """Return a quoted number or truth value as TOML wants it; empty if the text is neither."""
    plain = text.strip()
    form = {"int_type": r"[+-]?\d+", "float_type": r"[+-]?\d+(\.\d+)?", "bool_type": "(?i:true|false)"}[kind]
    return plain.lower() if re.fullmatch(form, plain, re.ASCII) else ""


def _one_each(problems: list[dict[str, Any]], values: object) -> list[dict[str, Any]]:
    """Make one problem of those of a value that may be of several types and is of none."""
    kept: list[dict[str, Any]] = []
    for problem in problems:
        *before, tag = problem["loc"]
        several = tag != "[key]" and problem["type"] != "missing" and _at(values, before) is problem["input"]
        if several and kept and kept[-1]["loc"] == tuple(before):
            kept[-1]["msg"] += f" or {problem['msg'].removeprefix(_SHOULD)}"
        else:
            kept.append(problem | {"loc": tuple(before), "type": "several"} if several else problem)
    return kept


def _at(values: Any, loc: list[Any]) -> object:
    for part in loc:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
