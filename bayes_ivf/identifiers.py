"""What an id may be: it becomes the name of files, on every system."""

from __future__ import annotations

ID_IN_WORDS = (
    "lower-case letters, digits, - and _, at most 64, and no name that Windows keeps for itself (con, nul, aux, ...)"
)
_ID_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))])


def is_identifier(text: str) -> bool:
    """Whether a text can be an id."""
    return 1 <= len(text) <= 64 and set(text) <= _ID_SIGNS and text[0] not in "_-" and text not in DEVICES


def identifier(text: str) -> str:
    """Return an id, or refuse it in the words of a table's check."""
    from pydantic_core import PydanticCustomError

    if not is_identifier(text):
        raise PydanticCustomError("identifier", "{allowed}", {"allowed": ID_IN_WORDS})
    return text
