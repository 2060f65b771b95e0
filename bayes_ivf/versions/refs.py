"""What a definition computes and names, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Ref(NamedTuple):
    """A name in code that may stand for a definition: ``module:name`` or ``module``, and the attributes that follow."""

    place: str
    tail: tuple[str, ...] = ()
    key: str = ""
    """Attribute whose value chooses from a mapping: ``kind`` in ``TABLE[problem.kind]``."""

    @property
    def text(self) -> str:
        """The whole name with points."""
        return ".".join([self.place.replace(":", "."), *self.tail])


@dataclass(frozen=True)
class Meaning:
    """A definition without places, docstrings, types and error texts.

    Parameters
    ----------
    parts : tuple of str or Ref
        Its text, in which names that may be definitions elsewhere stand apart.
    names : frozenset of str
        Attributes of unknown objects, and texts that could be such names.
    beginnings : frozenset of str
        Beginnings of names of attributes that are put together.
    types : frozenset of Ref
        Classes of what is handed in.
    loads : frozenset of str
        Modules that are loaded inside.
    rooms : frozenset of str
        Beginnings of the names of modules that are discovered.
    whole : bool
        Whether members of modules are looked up by names that are not written out.
    """

    parts: tuple[str | Ref, ...]
    names: frozenset[str]
    beginnings: frozenset[str]
    types: frozenset[Ref]
    loads: frozenset[str]
    rooms: frozenset[str]
    whole: bool
