"""Which names count as letters, because something beside references may look them up.

A reference counts as what it refers to, so the letters of most names decide nothing. They count where they are text to somebody:
a name that also occurs in a string, a keyword, a field of a class, a method that a library's base may call.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

from bayes_ivf.versions.names import Definition
from bayes_ivf.versions.refs import Word
from bayes_ivf.versions.walk import INERT, Walk

_OBJECTS = (ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
"""Values of which two are two, however alike."""


class Letters:
    """Names of all that a walk has reached.

    Parameters
    ----------
    walk : Walk
        At its end.
    """

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._texts = frozenset[str]().union(*(each.texts for each in walk.meanings))
        self._keywords = frozenset[str]().union(*(each.keywords for each in walk.meanings))
        self._fields = frozenset[str]().union(*(each.fields for each in walk.meanings))
        self._kept: set[str | Definition] = set()
        self._methods: dict[str, list[Definition]] = defaultdict(list)
        self._called: set[str] = set()
        """Names by which a library may call methods."""
        self._foreign: set[Definition] = set()
        """Classes with bases from elsewhere."""
        self._members: set[str] = set()
        """Names in modules whose members are looked for."""
        for definition in walk.found:
            if definition.part and self._is_class(definition):
                self._methods[definition.part].append(definition)
        for module, name in {(each.module, each.name) for each in walk.found if self._is_class(each)}:
            family, bases = walk.index.family(module, name)
            if bases - INERT:
                self._foreign.add(Definition(module, name))
                for each in family:
                    self._called.update(walk.index.module(each.module).methods(each.name))
        for module in {each.module for each in walk.found}:
            if walk.is_open(module):
                self._members.update(walk.index.module(module).statements)

    def _is_class(self, definition: Definition) -> bool:
        return definition.name in self._walk.index.module(definition.module).classes

    def keep(self, names: Iterable[str | Definition]) -> bool:
        """Let names count that nothing else tells apart; return whether there is one that did not count before."""
        before = len(self._kept)
        self._kept.update(names)
        return len(self._kept) > before

    def of(self, word: Word, definition: Definition) -> str:
        """Return the letters of a name in a definition that count, if any."""
        name = word.text
        if word.kind == "parameter":
            owner = Definition(definition.module, definition.name)
            by_name = name in self._keywords or self._is_text(name)
            return name if by_name or (definition.part and owner in self._foreign) else ""
        if word.kind == "own":
            asked = self._walk.is_open(definition.module) and self._walk.is_asked(name)
            return name if asked or self._is_text(name) or definition in self._kept else ""
        return "" if self.methods(name) else name

    def methods(self, name: str) -> list[Definition]:
        """Return what an attribute stands for; nothing if its letters count."""
        if name[:2] == "__" == name[-2:] or name in self._kept or name in self._called:
            return []
        if name in self._fields or name in self._members or self._is_text(name):
            return []
        return self._methods.get(name, [])

    def _is_text(self, name: str) -> bool:
        return name in self._texts or self._walk.has_beginning(name)

    def is_one_of_a_kind(self, definition: Definition) -> bool:
        """Whether a definition makes an object that is not the same as one that is made alike."""
        module = self._walk.index.module(definition.module)
        if definition.part or not definition.name:
            return False
        nodes = module.statements.get(definition.name, [])
        return any(
            isinstance(node, ast.ClassDef) or isinstance(getattr(node, "value", None), _OBJECTS) for node in nodes
        )
