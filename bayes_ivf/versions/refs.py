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


class Choice(NamedTuple):
    """A module that is chosen by an attribute: ``f"p.parts.{part.folder}.solve"``. Such a name has no points in it."""

    before: str
    key: str
    after: str
    member: str = ""
    """What is taken of the module, if that is all; empty if the module is handed around."""


class Word(NamedTuple):
    """A name whose letters count only where something may look it up by them; that is known when all is reached."""

    kind: str
    """``own``: of a definition; ``method``: of a method; ``attribute``: of an object; ``parameter``: of a function."""
    text: str


class Raised(NamedTuple):
    """The error that a statement raises; its definition is reached only if something else names it."""

    refs: tuple[Ref, ...]
    text: str


@dataclass(frozen=True)
class Meaning:
    """A definition without places, docstrings, types and error texts.

    Parameters
    ----------
    parts : tuple of str, Ref, Word or Raised
        Its text, in which names that may be definitions elsewhere, and names that may leave no trace, stand apart.
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
    chosen : frozenset of Choice
        Modules that are loaded by the value of an attribute, and handed around.
    handed : frozenset of str
        Those among them whose modules may be handed around.
    whole : bool
        Whether members of modules are looked up by names that are not written out.
    texts : frozenset of str
        Words of strings that could be names.
    keywords : frozenset of str
        Names by which arguments are handed over.
    fields : frozenset of str
        Attributes that are assigned, and members of classes that are no methods at the top level.
    """

    parts: tuple[str | Ref | Word | Raised, ...]
    names: frozenset[str]
    beginnings: frozenset[str]
    types: frozenset[Ref]
    loads: frozenset[str]
    rooms: frozenset[str]
    chosen: frozenset[Choice]
    handed: frozenset[str]
    whole: bool
    texts: frozenset[str]
    keywords: frozenset[str]
    fields: frozenset[str]
