"""Which names a function, a class or a comprehension binds itself, as Python's own rules have it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_TARGETS = ("target", "targets", "optional_vars")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """Names that are bound in one scope.

    Parameters
    ----------
    bound : set of str
    imports : dict of str to list of import statements
        Those among them that an import binds.
    open : bool
        False for the body of a class, which its functions do not see.
    function : bool
        Whether names that it does not bind are bound elsewhere only if it says so.
    order : dict of str to int
        Places of names in the order in which they first occur.
    """

    bound: set[str] = field(default_factory=set)
    imports: dict[str, list[ast.Import | ast.ImportFrom]] = field(default_factory=dict)
    open: bool = True
    function: bool = False
    order: dict[str, int] = field(default_factory=dict)

    def place(self, name: str) -> int:
        """Return which of the names of this scope it is, by first occurrence."""
        return self.order.setdefault(name, len(self.order))


def of_function(node: Function, *, walrus: bool) -> Scope:
    """Return the scope of a function; `walrus` tells whether expressions may bind names."""
    scope = Scope(function=True)
    given = node.args
    for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if each is not None:
            scope.bound.add(each.arg)
    _collect([node.body] if isinstance(node, ast.Lambda) else node.body, scope, walrus=walrus)
    return scope


def of_class(node: ast.ClassDef, *, walrus: bool) -> Scope:
    """Return the scope of the body of a class."""
    scope = Scope(open=False)
    _collect(node.body, scope, walrus=walrus)
    return scope


def of_comprehension(node: ast.AST) -> Scope:
    """Return the scope of a comprehension."""
    scope = Scope()
    for generator in getattr(node, "generators", ()):
        _collect([generator.target], scope, walrus=False)
    return scope


def _collect(nodes: Iterable[ast.AST], scope: Scope, *, walrus: bool) -> None:
    elsewhere: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                scope.bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.bound.add(node.name)
        elif isinstance(node, COMPREHENSIONS):
            scope.bound.update(each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
                scope.bound.add(name)
                scope.imports.setdefault(name, []).append(node)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        elif not isinstance(node, ast.Lambda):
            for name in ("name", "rest"):  # of a handler or a pattern
                if isinstance(bound := getattr(node, name, None), str):
                    scope.bound.add(bound)
            waiting += _inside(node, everything=walrus or isinstance(node, ast.expr))
    scope.bound -= elsewhere


def _inside(node: ast.AST, *, everything: bool) -> Iterator[ast.AST]:
    """Children that may bind names; without walruses, expressions do so as targets alone."""
    for name in node._fields:
        value = getattr(node, name, None)
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, ast.AST) and (everything or name in _TARGETS or not isinstance(each, ast.expr)):
                yield each
