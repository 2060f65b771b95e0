"""Options of commands that read tables of trials."""

from __future__ import annotations

from collections.abc import Sequence

from bayes_ivf.errors import Fault, RequestError


def separator_of(given: str) -> str:
    """Return the separator that an option names."""
    return {"\\t": "\t", "tab": "\t"}.get(given, given)


def fills_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return the values of columns that an option gives for all rows."""
    fills: dict[str, str] = {}
    for text in given or ():
        name, mark, value = (part.strip() for part in text.partition("="))
        if not (name and mark and value) or name in fills:
            raise RequestError(Fault("--fill", repr(text), "COLUMN=VALUE, each column once", "write benefit=higher"))
        fills[name] = value
    return fills
