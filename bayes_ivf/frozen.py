"""Frozen values with mappings inside travel: a mapping proxy can neither be pickled nor deep-copied, a dict can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any


def thawed(value: Any) -> Any:
    """Return a value with every mapping proxy, at any depth of mappings and tuples, as a dict."""
    if isinstance(value, Mapping):
        return {name: thawed(inner) for name, inner in value.items()}
    return tuple(map(thawed, value)) if type(value) is tuple else value


def frozen(value: Any) -> Any:
    """Return a value with every dict, at any depth of mappings and tuples, as a mapping proxy.

    Examples
    --------
    >>> frozen({"effect": {"mu": 0.0}})["effect"]
    mappingproxy({'mu': 0.0})
    >>> thawed(frozen({"effect": {"mu": 0.0}}))
    {'effect': {'mu': 0.0}}
    """
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(inner) for name, inner in value.items()})
    return tuple(map(frozen, value)) if type(value) is tuple else value


def reduced(value: Any) -> tuple[Any, ...]:
    """Return what ``__reduce__`` of a frozen dataclass returns."""
    return rebuilt, (type(value), {field.name: thawed(getattr(value, field.name)) for field in fields(value)})


def rebuilt(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """Make a frozen dataclass again from `reduced` values."""
    return kind(**{name: frozen(value) for name, value in values.items()})
