"""One source text as definitions: what it binds at its top level, what it runs when it is loaded, what it imports."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import lru_cache

from bayes_ivf.versions.meaning import meaning
from bayes_ivf.versions.refs import Meaning
from bayes_ivf.versions.statements import imported, is_text, is_type_checking, loaded

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.If, ast.Try, ast.For, ast.While, ast.With)
_HARMLESS = frozenset(("collections", "dataclasses", "functools", "itertools", "math", "operator", "pathlib", "re", "threading",
                       "types", "typing"))  # fmt: skip
"""Modules whose functions, called at the top level, only make a value."""
_ACTING = frozenset(("delattr", "eval", "exec", "input", "next", "open", "print", "setattr", "__import__"))
"""Builtins that do more than make a value."""
_WORDS = frozenset(("__repr__", "__str__", "__format__", "__rich__", "__rich_console__", "__dir__"))
"""Methods that Python calls to word an object; everything else between double underscores may take part in numbers."""


class Module:
    """A parsed module.

    Parameters
    ----------
    name : str
        Dotted.
    text : str
        Its source.
    package : bool
        Whether other modules lie below it.
    """

    def __init__(self, name: str, text: str, *, package: bool) -> None:
        self.name, self.package = name, package
        self.walrus = ":=" in text
        self.imports: dict[str, list[str]] = {}
        """Dotted targets of every name that an import binds."""
        self.only_types: dict[str, list[str]] = {}
        """The same for imports that type checkers alone see."""
        self.stars: list[str] = []
        self.loads: list[str] = []
        """What is imported when the module is loaded."""
        self.statements: dict[str, list[ast.stmt]] = {}
        """Statements that bind a name, in their order."""
        self.classes: dict[str, ast.ClassDef] = {}
        self.effects: list[ast.stmt] = []
        """Statements that are run for what they do."""
        self.registered: list[str] = []
        """Definitions that a decorator of this package takes note of when the module is loaded."""
        self._known: dict[tuple[str, str], Meaning] = {}
        for node in ast.parse(text).body:
            self._add(node)

    def _add(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, self.imports)
        elif isinstance(node, ast.If) and is_type_checking(node.test):
            for each in node.body:
                if isinstance(each, ast.Import | ast.ImportFrom):
                    self._import(each, self.only_types)
            for each in node.orelse:
                self._add(each)
        elif isinstance(node, ast.If) and _is_main(node.test):
            return
        elif isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            self.statements.setdefault(node.name, []).append(node)
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            if any(self._is_own(each) for each in node.decorator_list):
                self.registered.append(node.name)
        elif isinstance(node, ast.TypeAlias):
            return
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and (names := _plain_targets(node)):
            for name in names:
                self.statements.setdefault(name, []).append(node)
        elif not is_text(node):
            self.effects.append(node)
            if isinstance(node, _BLOCKS):
                self._look_inside(node)

    def _is_own(self, decorator: ast.expr) -> bool:
        """Whether a decorator comes from this package."""
        while not isinstance(decorator, ast.Name):
            inner = getattr(decorator, "func", getattr(decorator, "value", None))
            if inner is None:
                return True
            decorator = inner
        root = self.name.partition(".")[0]
        targets = self.imports.get(decorator.id, ())
        return decorator.id in self.statements or any(
            each.partition(":")[0].partition(".")[0] == root for each in targets
        )

    def _is_harmless(self, function: ast.expr) -> bool:
        """Whether a call at the top level only makes a value: it is one of Python itself."""
        name = ast.unparse(function)
        root, _, rest = name.partition(".")
        if root in self.imports:
            return all(each.partition(":")[0].partition(".")[0] in _HARMLESS for each in self.imports[root])
        return not rest and root not in self.statements and root not in _ACTING and hasattr(builtins, root)

    def _look_inside(self, block: ast.stmt) -> None:
        """Bind what a block binds; the block as a whole is its definition."""
        for node in ast.walk(block):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node, self.imports)
            elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                self.statements.setdefault(node.name, []).append(block)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.statements.setdefault(node.id, []).append(block)

    def _import(self, node: ast.Import | ast.ImportFrom, into: dict[str, list[str]]) -> None:
        for name, target in imported(node, self.name, self.package):
            if name == "*":
                self.stars.append(target)
            else:
                into.setdefault(name, []).append(target)
        if into is self.imports:
            self.loads += loaded(node, self.name, self.package)

    def methods(self, owner: str) -> Iterator[str]:
        """Names of the methods of a class."""
        for node in self.classes[owner].body:
            if isinstance(node, FUNCTIONS):
                yield node.name

    def special_methods(self, owner: str) -> list[str]:
        """Methods that Python itself calls, those that word an object aside."""
        return [name for name in self.methods(owner) if name[:2] == "__" == name[-2:] and name not in _WORDS]

    def callable_methods(self, owner: str) -> list[str]:
        """Methods that a base from elsewhere may call, those that word an object aside."""
        return [name for name in self.methods(owner) if name not in _WORDS]

    def bases(self, owner: str) -> list[tuple[str, list[str]]]:
        """Return each base of a class: its name as written, and the targets that an import gives it."""
        found = []
        for base in self.classes[owner].bases:
            node = base.value if isinstance(base, ast.Subscript) else base
            written = ast.unparse(node)
            root, _, rest = written.partition(".")
            targets = [f"{each}.{rest}" if rest else each for each in self.imports.get(root, ())]
            found.append((written, targets))
        return found

    def meaning(self, name: str, part: str = "") -> Meaning:
        """Return what a definition computes and names.

        Parameters
        ----------
        name : str
            At top level; empty for the statements that are run for what they do.
        part : str
            A method of a class, or a key of a registry; empty for all of a definition (of a class: without methods).
        """
        if (name, part) not in self._known:
            owner = name in self.classes
            title = part if not owner and self.is_registry(name) else ""
            own = part if owner and part else name
            members = frozenset(self.methods(name)) if owner else frozenset[str]()
            self._known[name, part] = meaning(self._nodes(name, part), self, title, own, members)
        return self._known[name, part]

    def _nodes(self, name: str, part: str) -> list[ast.AST]:
        if not name:
            return list(self.effects)
        if name in self.classes:
            node = self.classes[name]
            if part:
                return [each for each in node.body if isinstance(each, FUNCTIONS) and each.name == part]
            body = [each for each in node.body if not isinstance(each, FUNCTIONS)]
            others = [each for each in self.statements[name] if each is not node]
            bare = ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list, node.type_params)
            return [bare, *others]
        if part:
            return [self.registry(name)[part]]
        return list(dict.fromkeys(self.statements[name]))

    def is_registry(self, name: str) -> bool:
        """Whether a name is a mapping written out with texts as keys, and nothing else."""
        return bool(self.registry(name))

    def registry(self, name: str) -> dict[str, ast.AST]:
        """Return values by key of a mapping that is written out; empty for everything else."""
        found = self.statements.get(name, [])
        value = found[0].value if len(found) == 1 and isinstance(found[0], ast.Assign | ast.AnnAssign) else None
        if not isinstance(value, ast.Dict):
            return {}
        keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
            return {}
        return dict(zip(map(str, keys), value.values, strict=True))

    def text_constant(self, name: str) -> str | None:
        """Return the text that a name stands for, if it is a plain constant."""
        found = self.statements.get(name, [])
        value = found[0].value if len(found) == 1 and isinstance(found[0], ast.Assign | ast.AnnAssign) else None
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None

    def calling_names(self) -> list[str]:
        """Names whose values are made by calls when the module is loaded."""
        return [
            name
            for name, nodes in self.statements.items()
            if name[:2] != "__"
            and any(
                isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
                and any(isinstance(each, ast.Call) and not self._is_harmless(each.func) for each in ast.walk(node))
                for node in nodes
            )
        ]


@lru_cache(maxsize=1024)
def read_module(name: str, text: str, package: bool) -> Module:
    """Return a parsed module; texts that were read before are not parsed again."""
    return Module(name, text, package=package)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _plain_targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
    """Names that an assignment binds; empty if it changes anything else."""
    targets: list[ast.expr] = list(node.targets) if isinstance(node, ast.Assign) else [node.target]
    names = []
    while targets:
        target = targets.pop(0)
        if isinstance(target, ast.Tuple | ast.List):
            targets = [*target.elts, *targets]
        elif isinstance(target, ast.Starred):
            targets = [target.value, *targets]
        elif isinstance(target, ast.Name):
            names.append(target.id)
        else:
            return []
    return names
