"""Small questions about statements."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_SILENT = frozenset(("ctx", "kind", "type_comment", "annotation", "returns", "type_params"))


def imported(node: ast.Import | ast.ImportFrom, module: str, package: bool) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, and their targets: ``module`` or ``module:name``."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        return
    base = node.module or ""
    if node.level:
        above = module.split(".")
        above = above[: len(above) - node.level + (1 if package else 0)]
        base = ".".join([*above, base] if base else above)
    for alias in node.names:
        yield ("*", base) if alias.name == "*" else (alias.asname or alias.name, f"{base}:{alias.name}")


def loaded(node: ast.Import | ast.ImportFrom, module: str, package: bool) -> list[str]:
    """Return dotted names that an import loads as far as they are modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [target.replace(":", ".") for _, target in imported(node, module, package)]


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or a text that describes a constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition holds for type checkers alone."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """Fields of a node that decide what it computes."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in kind._fields if name not in _SILENT)
    return _FIELDS[kind]


def silent(node: object) -> bool:
    """Whether a statement computes nothing: text, or imports that type checkers alone see."""
    if type(node) is ast.Expr:
        return is_text(node)
    return type(node) is ast.If and is_type_checking(node.test) and not node.orelse
