"""What a name stands for at a place inside a definition: a local of some scope, a definition, or neither."""

from __future__ import annotations

import ast
from collections.abc import Container
from typing import Protocol

from bayes_ivf.versions import scopes
from bayes_ivf.versions.refs import Choice, Ref, Word
from bayes_ivf.versions.statements import imported


class Names(Protocol):
    """What is known of the names of the module around a definition."""

    name: str
    package: bool
    walrus: bool
    imports: dict[str, list[str]]
    only_types: dict[str, list[str]]
    stars: list[str]
    statements: dict[str, list[ast.stmt]]

    def text_constant(self, name: str) -> str | None:
        """Text that a name stands for."""


class Resolver:
    """Scopes around a place, from the outermost function or class of a definition inwards.

    Parameters
    ----------
    module : Names
    own : str
        The name that is defined.
    members : container of str
        Methods of the class that it belongs to.
    keep_locals : bool
        Whether locals count as letters.
    """

    def __init__(self, module: Names, own: str, members: Container[str], *, keep_locals: bool) -> None:
        self.module, self.own, self.members, self.keep_locals = module, own, members, keep_locals
        self.top = scopes.Scope()
        """Names that statements at the top level bind beside the one that is defined."""
        self.scopes: list[scopes.Scope] = []
        self.fields: set[str] = set()
        """Members of classes that are no methods at the top level."""

    def refs(self, node: ast.expr) -> list[Ref] | None:
        """Return what a name, or a name with attributes, may stand for; None for what is bound inside a function."""
        tail: list[str] = []
        while isinstance(node, ast.Attribute):
            tail.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        at = self._level(node.id)
        if at is not None:
            found = [self._target(each, node.id) for each in self.scopes[at].imports.get(node.id, ())]
            return [Ref(target, tuple(tail)) for target in found] or None
        module = self.module
        targets = list(module.imports.get(node.id, ()))
        if node.id in module.statements:
            targets.append(f"{module.name}:{node.id}")
        if not targets:
            targets = module.only_types.get(node.id, []) or [f"{star}:{node.id}" for star in module.stars]
        return [Ref(target, tuple(tail)) for target in targets]

    def _target(self, statement: ast.Import | ast.ImportFrom, name: str) -> str:
        return next(to for bound, to in imported(statement, self.module.name, self.module.package) if bound == name)

    def local(self, name: str) -> str | None:
        """Return the place of a name that a function or a comprehension binds, the name itself in the body of a class."""
        at = self._level(name)
        if at is None:
            return None
        scope = self.scopes[at]
        return f"%{at + 1}.{scope.place(name)};" if scope.open and not self.keep_locals else name

    def _level(self, name: str) -> int | None:
        """Return which of the scopes a name belongs to; the body of a class is seen by itself alone."""
        last = at = len(self.scopes) - 1
        while at >= 0:
            scope = self.scopes[at]
            if name in scope.bound and (scope.open or at == last):
                return at
            at -= 1
        return None

    def bind(self, name: str) -> str | Ref | Word:
        """Return what stands for a name that is bound here."""
        local = self.local(name)
        if local is not None:
            if not self.scopes[-1].open and name in self.scopes[-1].bound:
                self.fields.add(name)
            return local
        if name == self.own:
            return Word("method" if name in self.members else "own", name)
        if not any(each.function for each in self.scopes):
            return f"%0.{self.top.place(name)};"
        return Ref(f"{self.module.name}:{name}") if name in self.module.statements else name

    def in_class(self) -> bool:
        """Whether names are looked up in the body of the class at the top level."""
        return not self.scopes or (len(self.scopes) == 1 and not self.scopes[0].open)

    def choice(self, node: ast.expr) -> Choice | None:
        """Return the modules that a text names whose only open part is an attribute; None if it is put together otherwise."""
        values = node.values if isinstance(node, ast.JoinedStr) else []
        before, at = "", 0
        while at < len(values):
            text, complete = self.leading_text(values[at])
            if not complete:
                break
            before, at = before + text, at + 1
        hole = values[at] if at < len(values) else None
        after = [each.value for each in values[at + 1 :] if isinstance(each, ast.Constant)]
        if not isinstance(hole, ast.FormattedValue) or len(after) < len(values) - at - 1 or not before.endswith("."):
            return None
        chosen = hole.value
        if not isinstance(chosen, ast.Attribute) or hole.conversion != -1 or hole.format_spec is not None:
            return None
        return Choice(before, chosen.attr, "".join(map(str, after)))

    def leading_text(self, node: ast.expr) -> tuple[str, bool]:
        """Return the beginning of a text as far as it is known, and whether that is all of it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value, True
        if isinstance(node, ast.FormattedValue):
            return self.leading_text(node.value)
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            text = ""
            for part in node.values if isinstance(node, ast.JoinedStr) else (node.left, node.right):
                more, complete = self.leading_text(part)
                text += more
                if not complete:
                    return text, False
            return text, True
        if isinstance(node, ast.Name):
            if node.id == "__name__":
                return self.module.name, True
            known = self.module.text_constant(node.id)
            return (known, True) if known is not None else ("", False)
        if isinstance(node, ast.Attribute) and node.attr in ("__name__", "__path__", "__package__"):
            refs = self.refs(node.value)
            return (refs[0].text, True) if refs else ("", False)
        return "", False
