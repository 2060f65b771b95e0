"""One value per key: what goes to a template is looked through before a page is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from bayes_ivf.report.rows import Row
from bayes_ivf.results import Said, Value


def values_in(tree: Any) -> Iterator[Value]:
    """Walk through what a template is given: mappings, sequences, frozen rows."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, Mapping):
        for each in tree.values():
            yield from values_in(each)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from values_in(each)
    elif is_dataclass(tree) and not isinstance(tree, type):
        for field in fields(tree):
            yield from values_in(getattr(tree, field.name))


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
