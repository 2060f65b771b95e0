"""What a definition computes, as text without places and words, and what it names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from bayes_ivf.versions import scopes
from bayes_ivf.versions.refs import Meaning, Ref
from bayes_ivf.versions.statements import imported, is_text, is_type_checking, loaded

_SILENT = frozenset(("ctx", "kind", "type_comment", "annotation", "returns", "type_params"))
_LOADERS = frozenset(("importlib.import_module", "pkgutil.iter_modules", "pkgutil.walk_packages", "__import__"))
_WHOLE = frozenset(("globals", "vars", "dir"))
_TYPES_THAT_ACT = frozenset(("ClassVar", "InitVar", "KW_ONLY"))


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


def meaning(nodes: Iterable[ast.AST], module: Names, title: str = "") -> Meaning:
    """Return what statements of a module compute and name; `title` is put before them."""
    writer = _Writer(module)
    writer.out.append(title)
    for node in nodes:
        writer.write(node)
    parts: list[str | Ref] = []
    for each in writer.out:
        if isinstance(each, str) and parts and isinstance(parts[-1], str):
            parts[-1] += each
        else:
            parts.append(each)
    return Meaning(
        tuple(parts),
        frozenset(writer.names),
        frozenset(writer.beginnings),
        frozenset(writer.types),
        frozenset(writer.loads),
        frozenset(writer.rooms),
        writer.whole,
    )


class _Writer:
    def __init__(self, module: Names) -> None:
        self.module = module
        self.out: list[str | Ref] = []
        self.names: set[str] = set()
        self.beginnings: set[str] = set()
        self.types: set[Ref] = set()
        self.loads: set[str] = set()
        self.rooms: set[str] = set()
        self.whole = False
        self.scopes: list[scopes.Scope] = []
        self.special: dict[type, Callable[[Any], None]] = {
            ast.Constant: self._constant,
            ast.Name: self._chain,
            ast.Attribute: self._chain,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
            ast.arg: self._argument,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._function,
            ast.ClassDef: self._class,
            ast.AnnAssign: self._annotated,
            ast.Raise: self._raise,
            ast.Import: self._import,
            ast.ImportFrom: self._import,
            **dict.fromkeys(scopes.COMPREHENSIONS, self._comprehension),
        }

    def write(self, node: ast.AST) -> None:
        special = self.special.get(type(node))
        if special is not None:
            special(node)
        else:
            self._plain(node)

    def _plain(self, node: ast.AST) -> None:
        kind = type(node)
        out = self.out
        out.append(f"{kind.__name__}(")
        for name in _fields(kind):
            value = getattr(node, name, None)
            if value is None or value == []:
                continue
            out.append(name)
            self._value(value)
        out.append(")")

    def _value(self, value: Any) -> None:
        if isinstance(value, ast.AST):
            self.write(value)
        elif isinstance(value, list):
            self.out.append("[")
            for each in value:
                if isinstance(each, ast.Import | ast.ImportFrom):
                    self.write(each)
                elif not silent(each):
                    self._value(each)
                    self.out.append(",")
            self.out.append("]")
        else:
            self.out.append(repr(value))

    def _constant(self, node: ast.Constant) -> None:
        self.out.append(repr(node.value))
        if isinstance(node.value, str) and node.value.isidentifier():
            self.names.add(node.value)

    def _argument(self, node: ast.arg) -> None:
        self.out.append(node.arg)
        self._type(node.annotation)

    def _type(self, annotation: ast.expr | None) -> None:
        """Remember the classes that an annotation names."""
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                try:
                    self._type(ast.parse(node.value, mode="eval").body)
                except SyntaxError:
                    continue
            elif isinstance(node, ast.Name | ast.Attribute):
                self.types.update(self._refs(node) or ())

    def _refs(self, node: ast.expr) -> list[Ref] | None:
        """Return what a name, or a name with attributes, may stand for; None for what is bound inside a function."""
        tail: list[str] = []
        while isinstance(node, ast.Attribute):
            tail.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        for depth, scope in enumerate(reversed(self.scopes)):
            if node.id in scope.bound and (scope.open or depth == 0):
                found = [self._target(each, node.id) for each in scope.imports.get(node.id, ())]
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

    def _chain(self, node: ast.Name | ast.Attribute) -> None:
        stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        refs = None if stored else self._refs(node)
        if refs:
            self.out += refs
        elif isinstance(node, ast.Name):
            self.out.append(node.id)
        else:
            self.names.add(node.attr)
            self.whole |= node.attr == "__dict__"
            self.write(node.value)
            self.out.append(f".{node.attr}")

    def _subscript(self, node: ast.Subscript) -> None:
        """A mapping of this package whose key is an attribute may be narrowed to one value."""
        refs = self._refs(node.value)
        if refs and len(refs) == 1 and isinstance(node.slice, ast.Attribute) and isinstance(node.ctx, ast.Load):
            self.out.append("Subscript(")
            self.out.append(refs[0]._replace(key=node.slice.attr))
            self.write(node.slice)
            self.out.append(")")
        else:
            self._plain(node)

    def _call(self, node: ast.Call) -> None:
        refs = self._refs(node.func)
        called = refs[0].text if refs else getattr(node.func, "id", "")
        if called in _LOADERS and node.args:
            text, complete = self._leading_text(node.args[0])
            if complete and called.endswith("import_module"):
                self.loads.add(text)
                self.out.append(Ref(text))
            else:
                self.rooms.add(text)
        elif called in _WHOLE:
            self.whole = True
        elif called == "getattr" and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
            self.whole = True
            text, _ = self._leading_text(node.args[1])
            if text:
                self.beginnings.add(text)
        self._plain(node)

    def _leading_text(self, node: ast.expr) -> tuple[str, bool]:
        """Return the beginning of a text as far as it is known, and whether that is all of it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value, True
        if isinstance(node, ast.FormattedValue):
            return self._leading_text(node.value)
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            text = ""
            for part in node.values if isinstance(node, ast.JoinedStr) else (node.left, node.right):
                more, complete = self._leading_text(part)
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
            refs = self._refs(node.value)
            return (refs[0].text, True) if refs else ("", False)
        return "", False

    def _function(self, node: scopes.Function) -> None:
        self.out.append(f"{type(node).__name__}(")
        if not isinstance(node, ast.Lambda):
            self._value(node.decorator_list)
            self.out.append(node.name)
            self._type(node.returns)
        given = node.args
        self._value([*given.defaults, *given.kw_defaults])
        self.scopes.append(scopes.of_function(node, walrus=self.module.walrus))
        self._value([*given.posonlyargs, "/", *given.args, "*", given.vararg, "", *given.kwonlyargs, "**", given.kwarg])
        self._value(node.body)
        self.scopes.pop()
        self.out.append(")")

    def _class(self, node: ast.ClassDef) -> None:
        self.out.append(f"ClassDef({node.name}")
        self._value([*node.decorator_list, *node.bases, *node.keywords])
        self.scopes.append(scopes.of_class(node, walrus=self.module.walrus))
        self._value(node.body)
        self.scopes.pop()
        self.out.append(")")

    def _comprehension(self, node: Any) -> None:
        self.write(node.generators[0].iter)
        self.scopes.append(scopes.of_comprehension(node))
        self._plain(node)
        self.scopes.pop()

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._type(node.annotation)
        acting = any(
            getattr(each, "id", getattr(each, "attr", "")) in _TYPES_THAT_ACT for each in ast.walk(node.annotation)
        )
        if self.scopes and not self.scopes[-1].open:  # a field of a class
            self.out.append("Field(")
            self._value([node.target, node.value, node.annotation if acting else None])
            self.out.append(")")
        elif node.value is not None:
            self.write(ast.Assign([node.target], node.value))

    def _raise(self, node: ast.Raise) -> None:
        """An error ends a computation; its words make no number."""
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        self.out.append(f"Raise({getattr(error, 'attr', getattr(error, 'id', ''))})")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.loads.update(loaded(node, self.module.name, self.module.package))


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Fields of a node that decide what it computes."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in kind._fields if name not in _SILENT)
    return _FIELDS[kind]


def silent(node: object) -> bool:
    """Whether a statement computes nothing: text, or imports that type checkers alone see."""
    if type(node) is ast.Expr:
        return is_text(node)
    return type(node) is ast.If and is_type_checking(node.test) and not node.orelse
