"""One value per key: what goes to a template is looked through before a page is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from bayes_ivf.report.rows import Row
from bayes_ivf.results import Said, Value


def values_in(tree: Any) -> Iterator[Value]:
    """Walk through what a template is given: mappings, sequences, frozen rows."""
    found: list[Value] = []
    _collect(tree, found)
    return iter(found)


def _collect(tree: Any, found: list[Value]) -> None:
    kind = type(tree)
    if kind in _PLAIN:
        return
    if isinstance(tree, Value):
        found.append(tree)
    elif isinstance(tree, Mapping):
        for each in tree.values():
            _collect(each, found)
    elif isinstance(tree, list | tuple):
        for each in tree:
            _collect(each, found)
    else:
        for name in _field_names(kind):  # type: ignore[arg-type]
            _collect(getattr(tree, name), found)


_PLAIN = frozenset({str, int, float, bool, type(None), type})


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def in_study(row: Row, study: str) -> Row:
    """Return a row whose values carry their study in their key, for a table of many studies."""

    def named(said: Said) -> Said:
        return tuple(
            replace(part, outcome=f"{study}:{part.outcome}") if isinstance(part, Value) else part for part in said
        )

    return replace(
        row,
        frequentist=named(row.frequentist),
        p=named(row.p),
        effect=named(row.effect),
        effect_range=named(row.effect_range),
        likely=named(row.likely),
        likely_range=named(row.likely_range),
        readings=tuple((label, named(said)) for label, said in row.readings),
    )


def one_value_per_key(tree: Any) -> dict[str, Value]:
    """Return every value by its key.

    Raises
    ------
    ValueError
        If a key has two values, or one value is written in two ways.
    """
    found: dict[str, Value] = {}
    for value in values_in(tree):
        other = found.setdefault(value.key, value)
        if (other.value, other.text) != (value.value, value.text):
            raise ValueError(
                f"two values of {value.key}: {other.value!r} {other.text!r}, {value.value!r} {value.text!r}"
            )
    return found
