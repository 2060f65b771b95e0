"""The checklists that a report fills, item by item; a study file may hold answers to their items."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

_TABLES = {
    "inspect_sr": ("auditing", "tables", "inspect_sr.toml"),
    "barg": ("report", "tables", "barg.toml"),
    "robust": ("report", "tables", "robust.toml"),
}
"""Where the table of each list lies: beside the code that fills it."""


@dataclass(frozen=True)
class Item:
    """One item of a checklist.

    Parameters
    ----------
    id, topic : str
        Its number, and what it is about in our words.
    filled_by : tuple of str
        Names of what can speak to it; empty where nothing but a human can.
    """

    id: str
    topic: str
    filled_by: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
    """A published checklist.

    Parameters
    ----------
    id, title, about, source : str
        Its name in a study file, its own name, what it is about, and its reference.
    items : tuple of Item
    """

    id: str
    title: str
    about: str
    source: str
    items: tuple[Item, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numbers of all items, in the list's order."""
        return tuple(item.id for item in self.items)


@cache
def checklists() -> Mapping[str, Checklist]:
    """Return all checklists by id.

    Examples
    --------
    >>> {name: len(each.items) for name, each in checklists().items()}["inspect_sr"]
    21
    """
    return MappingProxyType({name: _read(name, place) for name, place in _TABLES.items()})


def _read(name: str, place: tuple[str, ...]) -> Checklist:
    path = resources.files("bayes_ivf").joinpath(*place)
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    items = tuple(Item(item["id"], item["topic"], tuple(item["checks"])) for item in table["items"])
    return Checklist(name, table["title"], table["about"], table["source"], items)
