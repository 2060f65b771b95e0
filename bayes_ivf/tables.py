"""Reading TOML safely: bytes to text to a checked table, with every fault collected."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import BayesIvfError, Fault
from bayes_ivf.toml_text import excess

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_BYTES = 5_000_000
MOST_FAULTS = 300


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
    table: type[T], values: dict[str, Any], source: str
) -> tuple[T | None, list[Fault], list[tuple[Any, ...]]]:
    """Check values against a pydantic table, and return it or every fault with its place.

    Parameters
    ----------
    table : type of pydantic model
    values : dict
    source : str
        Named in the faults.

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
        problems = reason.errors(include_url=False)
        known = _keys(table)
        faults = [_fault(dict(problem), source, known) for problem in problems[:MOST_FAULTS]]
        if len(problems) > MOST_FAULTS:
            more = f"{len(problems) - MOST_FAULTS} more faults"
            faults.append(Fault(source, more, "a file without faults", "mend those above first"))
        return None, faults, [problem["loc"] for problem in problems]


def _keys(table: type[BaseModel]) -> set[str]:
    """Return the names of all keys of a table and the tables in it."""
    schema = table.model_json_schema()
    tables = [schema, *schema.get("$defs", {}).values()]
    return {name for each in tables for name in each.get("properties", {})}


def _fault(problem: dict[str, Any], source: str, known: set[str]) -> Fault:
    parts = [part for part in problem["loc"] if part != "[key]"]
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in parts)
    kind = problem["type"]
    found = "nothing" if kind == "missing" else _short(problem["input"])
    allowed = problem["msg"][0].lower() + problem["msg"][1:]
    action = {"missing": "add this key", "extra_forbidden": "remove or rename this key"}.get(kind, "correct the value")
    if kind == "extra_forbidden":
        allowed = "only the known keys"
        near = get_close_matches(str(parts[-1]).lower(), sorted(known), 1, 0.75)
        action = f"did you mean {near[0]!r}? Else remove or rename this key" if near else action
    return Fault(f"{source}: {place}", found, allowed, action)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
