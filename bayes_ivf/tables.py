"""Reading TOML safely: bytes to text to a checked table, with every fault collected."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import BayesIvfError, Fault

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

MAX_BYTES = 5_000_000


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
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as reason:
        raise error(
            Fault(f"{path}, byte {reason.start}", "bytes that are not UTF-8", "UTF-8 text", "save the file as UTF-8")
        ) from None
    except tomllib.TOMLDecodeError as reason:
        raise error(Fault(str(path), f"broken TOML: {reason}", "valid TOML", "mend the line named here")) from None


def check_table[T: BaseModel](table: type[T], values: dict[str, Any], source: str, error: type[BayesIvfError]) -> T:
    """Check values against a pydantic table and raise every fault at once."""
    from pydantic import ValidationError

    try:
        return table.model_validate(values)
    except ValidationError as reason:
        raise error(_faults(reason, source)) from None


def _faults(reason: ValidationError, source: str) -> list[Fault]:
    faults = []
    for problem in reason.errors():
        place = ".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
        kind = problem["type"]
        found = "nothing" if kind == "missing" else _short(problem["input"])
        allowed = problem["msg"][0].lower() + problem["msg"][1:]
        action = {"missing": "add this key", "extra_forbidden": "remove or rename this key"}.get(
            kind, "correct the value"
        )
        if kind == "extra_forbidden":
            allowed = "only the known keys"
        faults.append(Fault(f"{source}: {place}", found, allowed, action))
    return faults


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
