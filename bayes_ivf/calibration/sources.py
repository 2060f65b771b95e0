"""A hash of the code that made a result: it changes with what the code does, not with its comments."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import bayes_ivf

_WITHOUT_EFFECT = ("kind", "type_comment", "annotation", "returns", "type_params")
_PACKAGE = Path(bayes_ivf.__file__).parent


def code_hash(sources: Iterable[str]) -> str:
    """Return a hexadecimal hash of code.

    Parameters
    ----------
    sources : iterable of str
        ``path`` below the package, or ``path:name,name`` for some of its definitions at top level.

    Raises
    ------
    ValueError
        If a file lacks a definition that is named.
    """
    digest = hashlib.sha256()
    for source in sorted(set(sources)):
        digest.update(f"{source}\n{_meaning(source)}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _meaning(source: str) -> str:
    path, _, names = source.partition(":")
    tree = ast.parse((_PACKAGE / path).read_text(encoding="utf-8"))
    if not names:
        return _canonical(tree)
    wanted = names.split(",")
    found = {name: node for node in tree.body for name in _defined(node) if name in wanted}
    if missing := sorted(set(wanted) - set(found)):
        raise ValueError(f"{path} does not define {', '.join(missing)}")
    return "\n".join(_canonical(found[name]) for name in wanted)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _canonical(value: object) -> str:
    """Write a syntax tree as text, without places, docstrings, types and empty fields; the same on every Python."""
    if isinstance(value, ast.AnnAssign) and value.value is not None:
        return _canonical(ast.Assign([value.target], value.value))
    if isinstance(value, ast.AST):
        fields = [
            f"{name}={_canonical(each)}"
            for name, each in ast.iter_fields(value)
            if each is not None and each != [] and name not in _WITHOUT_EFFECT
        ]
        return f"{type(value).__name__}({','.join(fields)})"
    if isinstance(value, list):
        return f"[{','.join(_canonical(each) for each in value if not _silent(each))}]"
    return repr(value)


def _silent(node: object) -> bool:
    """Whether a statement computes nothing: text, or an import that only names types."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.ImportFrom):
        return node.module in ("__future__", "typing", "collections.abc")
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
