"""The structures, found by listing the folder: adding a structure is adding a folder."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from bayes_ivf import structures
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.structures.structure import Structure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bayes_ivf.cards import Card
    from bayes_ivf.problem import Problem


@cache
def all_structures() -> Mapping[str, Structure]:
    """Return every structure by name, in the order of their folders."""
    found = {}
    for info in pkgutil.iter_modules(structures.__path__):
        if info.ispkg:
            member = cast(Structure, import_module(f"{structures.__name__}.{info.name}").STRUCTURE)
            found[member.name] = member
    return MappingProxyType(found)


def structures_of_record() -> tuple[str, ...]:
    """Return the names of the structures whose result may be of record for an outcome, the best first."""
    ranked = [(member.rank, name) for name, member in all_structures().items() if member.rank is not None]
    return tuple(name for _, name in sorted(ranked))


def base_structure() -> str:
    """Return the name of the structure whose result is of record where no other one applies."""
    return structures_of_record()[-1]


def deriving_structures() -> tuple[str, ...]:
    """Return the names of the structures that speak of outcomes which no paper needs to print."""
    return tuple(name for name, member in all_structures().items() if member.derives)


def find_structure(of: Card | Problem) -> Structure:
    """Return the structure of a card or problem: from its own folder, so that a version takes in this one and no other.

    Raises
    ------
    RequestError
        If there is none. A fault inside a structure's folder stays what it is.
    """
    try:
        member = getattr(import_module(f"bayes_ivf.structures.{of.structure}"), "STRUCTURE", None)
    except ModuleNotFoundError as error:
        if error.name != f"bayes_ivf.structures.{of.structure}":
            raise
        member = None
    if not isinstance(member, Structure):
        raise RequestError(
            Fault("structure", repr(of.structure), ", ".join(all_structures()), "name one of them in the model card")
        )
    return member
