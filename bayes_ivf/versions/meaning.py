"""What a definition computes, as text without places, words and names that are its own affair, and what it names.

A local counts as the place of its first use among the names of the scope that binds it: ``def f(x): y = x + 1; return y`` and
``def f(a): b = a + 1; return b`` have one meaning, ``return a`` has another. Names that may have to be kept as letters are
`Word`; what becomes of them is decided in `letters` when all is reached.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterable
from typing import Any

from bayes_ivf.versions import scopes
from bayes_ivf.versions.refs import Choice, Meaning, Raised, Ref, Word
from bayes_ivf.versions.resolver import Names, Resolver
from bayes_ivf.versions.statements import fields_of, loaded, silent

_LOADERS = frozenset(("importlib.import_module", "pkgutil.walk_packages", "__import__"))
_WHOLE = frozenset(("globals", "vars", "dir"))
_TYPES_THAT_ACT = frozenset(("ClassVar", "InitVar", "KW_ONLY"))
_READS_LOCALS = frozenset(("locals", "vars", "dir", "eval", "exec"))  # builtins that see locals by their names
_ASK = ("getattr", "hasattr")
_CODE = re.compile(r"[\w.:]+|.*\b(?:import|lambda)\b.*", re.DOTALL)  # strings that name something, or are code


def meaning(
    nodes: Iterable[ast.AST], module: Names, title: str = "", own: str = "", members: Container[str] = ()
) -> Meaning:
    """Return what statements of a module compute and name.

    Parameters
    ----------
    nodes : iterable of ast.AST
    module : Names
    title : str
        Put before them.
    own : str
        The name that they define.
    members : container of str
        Methods of the class that they belong to.
    """
    nodes = list(nodes)
    writer = _written(nodes, _Writer(module, own, members))
    if writer.reads_locals:
        writer = _written(nodes, _Writer(module, own, members, keep_locals=True))
    parts: list[str | Ref | Word | Raised] = [title]
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
        frozenset(writer.chosen),
        frozenset(writer.handed),
        writer.whole,
        frozenset(writer.texts),
        frozenset(writer.keywords),
        frozenset(writer.at.fields),
    )


def _written(nodes: Iterable[ast.AST], writer: _Writer) -> _Writer:
    for node in nodes:
        writer.write(node)
    return writer


class _Writer:
    def __init__(self, module: Names, own: str, members: Container[str], *, keep_locals: bool = False) -> None:
        self.at = Resolver(module, own, members, keep_locals=keep_locals)
        self.reads_locals = False
        self.out: list[str | Ref | Word | Raised] = []
        self.names: set[str] = set()
        self.beginnings: set[str] = set()
        self.types: set[Ref] = set()
        self.loads: set[str] = set()
        self.rooms: set[str] = set()
        self.chosen: set[Choice] = set()
        self.whole = False
        self.handed: set[str] = set()
        self.asked_at_once: set[int] = set()  # calls whose value has an attribute taken and is then gone
        self.taken: dict[int, str] = {}  # attributes, written out, that are taken of the value of a call
        self.texts: set[str] = set()
        self.keywords: set[str] = set()
        self.special: dict[type, Callable[[Any], None]] = {
            ast.Constant: self._constant,
            ast.Name: self._chain,
            ast.Attribute: self._chain,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
            ast.keyword: self._keyword,
            ast.MatchClass: self._match_class,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._function,
            ast.ClassDef: self._class,
            ast.AnnAssign: self._annotated,
            ast.Raise: self._raise,
            ast.Import: self._import,
            ast.ImportFrom: self._import,
            ast.Global: lambda node: None,  # where a name belongs is found out at each use
            ast.Nonlocal: lambda node: None,
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
        for name in fields_of(kind):
            value = getattr(node, name, None)
            if value is None or value == []:
                continue
            out.append(name)
            if name in ("name", "rest") and isinstance(value, str):  # of a handler or a pattern
                out.append(self.at.bind(value))
            else:
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
        if isinstance(node.value, str):
            if node.value.isidentifier():
                self.names.add(node.value)
            if _CODE.fullmatch(node.value):
                self.texts.update(re.findall(r"\w+", node.value))

    def _keyword(self, node: ast.keyword) -> None:
        self.keywords.add(node.arg or "")
        self._plain(node)

    def _match_class(self, node: ast.MatchClass) -> None:
        self.out.append("MatchClass(")
        self._value([node.cls, *node.patterns])
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            self.names.add(name)
            self.out.append(Word("attribute", name))
            self.write(pattern)
        self.out.append(")")

    def _type(self, annotation: ast.expr | None) -> None:
        """Remember the classes that an annotation names."""
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                try:
                    self._type(ast.parse(node.value, mode="eval").body)
                except SyntaxError:
                    continue
            elif isinstance(node, ast.Name | ast.Attribute):
                self.types.update(self.at.refs(node) or ())

    def _chain(self, node: ast.Name | ast.Attribute) -> None:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.out.append(self.at.bind(node.id))
            return
        if (
            isinstance(node, ast.Name)
            and node.id in self.at.members
            and self.at.in_class()
            and self.at.local(node.id) is None
        ):
            self.names.add(node.id)
            self.out.append(Word("attribute", node.id))
            return
        refs = self.at.refs(node)
        if refs:
            self.out += refs
        elif isinstance(node, ast.Name):
            self.out.append(self.at.local(node.id) or node.id)
        else:
            self.names.add(node.attr)
            self.whole |= node.attr == "__dict__"
            if not isinstance(node.ctx, ast.Load):
                self.at.fields.add(node.attr)
            if isinstance(node.value, ast.Call):
                self.taken[id(node.value)] = node.attr
            self.write(node.value)
            self.out.append(Word("attribute", node.attr))

    def _subscript(self, node: ast.Subscript) -> None:
        """A mapping of this package whose key is an attribute may be narrowed to one value."""
        refs = self.at.refs(node.value)
        if refs and len(refs) == 1 and isinstance(node.slice, ast.Attribute) and isinstance(node.ctx, ast.Load):
            self.out.append("Subscript(")
            self.out.append(refs[0]._replace(key=node.slice.attr))
            self.write(node.slice)
            self.out.append(")")
        else:
            self._plain(node)

    def _call(self, node: ast.Call) -> None:
        refs = self.at.refs(node.func)
        called = refs[0].text if refs else getattr(node.func, "id", "")
        self.reads_locals |= called in _READS_LOCALS and (called in ("eval", "exec") or not node.args)
        if called in _LOADERS and node.args:
            text, complete = self.at.leading_text(node.args[0])
            if complete and called.endswith("import_module"):
                self.loads.add(text)
                self.out.append(Ref(text))
            elif called.endswith("import_module") and (choice := self.at.choice(node.args[0])):
                self.chosen.add(choice._replace(member=self.taken.get(id(node), "")))
            else:
                self.rooms.add(text)
                if id(node) not in self.asked_at_once:
                    self.handed.add(text)
        elif called in _WHOLE:
            self.whole = True
        if called in _ASK and len(node.args) > 1:
            self._ask(called, node)
        else:
            self._plain(node)

    def _ask(self, called: str, node: ast.Call) -> None:
        """Write an attribute that is asked for by text; written out, it is as good as one behind a point."""
        owner, name, *rest = node.args
        if called == "getattr" and isinstance(owner, ast.Call):
            self.asked_at_once.add(id(owner))
        self.out.append(f"Call({called}")
        written = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
        self.taken[id(owner)] = written
        self.write(owner)
        if written:
            self.names.add(written)
            self.out.append(Word("attribute", written))
        else:
            self.write(name)
            if called == "getattr":
                self.whole = True
                text, _ = self.at.leading_text(name)
                if text:
                    self.beginnings.add(text)
        self._value(rest)
        self.out.append(")")

    def _function(self, node: scopes.Function) -> None:
        self.out.append(f"{type(node).__name__}(")
        if not isinstance(node, ast.Lambda):
            self._value(node.decorator_list)
            self.out.append(self.at.bind(node.name))
            self._type(node.returns)
        self._value([*node.args.defaults, *node.args.kw_defaults])
        self.at.scopes.append(scopes.of_function(node, walrus=self.at.module.walrus))
        self._parameters(node.args)
        self._value(node.body)
        self.at.scopes.pop()
        self.out.append(")")

    def _parameters(self, given: ast.arguments) -> None:
        """Write parameters by place; the name of one that may be handed over by it beside that."""
        for mark, group in (("/", given.posonlyargs), ("*", given.args), ("**", given.kwonlyargs)):
            for each in group:
                self._type(each.annotation)
                self.out += [self.at.local(each.arg) or "", ","]
                if given.kwarg is not None:  # it would take what is handed over by another name
                    self.out.append(each.arg)
                elif group is not given.posonlyargs:
                    self.out.append(Word("parameter", each.arg))
            self.out.append(mark)
        for mark, rest in (("*", given.vararg), ("**", given.kwarg)):
            if rest is not None:
                self._type(rest.annotation)
                self.out += [mark, self.at.local(rest.arg) or ""]

    def _class(self, node: ast.ClassDef) -> None:
        self.out += ["ClassDef(", self.at.bind(node.name)]
        self._value([*node.decorator_list, *node.bases, *node.keywords])
        self.at.scopes.append(scopes.of_class(node, walrus=self.at.module.walrus))
        self._value(node.body)
        self.at.scopes.pop()
        self.out.append(")")

    def _comprehension(self, node: Any) -> None:
        self.write(node.generators[0].iter)
        self.at.scopes.append(scopes.of_comprehension(node))
        self._plain(node)
        self.at.scopes.pop()

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._type(node.annotation)
        acting = any(
            getattr(each, "id", getattr(each, "attr", "")) in _TYPES_THAT_ACT for each in ast.walk(node.annotation)
        )
        if self.at.scopes and not self.at.scopes[-1].open:  # a field of a class
            self.out.append("Field(")
            self._value([node.target, node.value, node.annotation if acting else None])
            self.out.append(")")
        elif node.value is not None:
            self.write(ast.Assign([node.target], node.value))

    def _raise(self, node: ast.Raise) -> None:
        """An error ends a computation; its words make no number."""
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        refs = self.at.refs(error) if error is not None else None
        local = self.at.local(error.id) if isinstance(error, ast.Name) and not refs else None
        name = local or str(getattr(error, "attr", getattr(error, "id", "")))
        self.out += ["Raise(", Raised(tuple(refs), name) if refs else name, ")"]

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.loads.update(loaded(node, self.at.module.name, self.at.module.package))
