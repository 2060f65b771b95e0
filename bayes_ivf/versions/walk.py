"""From entry points to every definition that may take part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bayes_ivf.versions.names import Definition, Index
from bayes_ivf.versions.refs import Meaning, Ref

_INERT = frozenset(("object", "Protocol", "NamedTuple", "TypedDict", "Generic", "ABC"))
"""Bases from elsewhere that call no method of their own accord."""
_ERRORS = ("Error", "Exception", "Warning")
"""Ends of the names of errors, whose methods only word them."""


@dataclass
class Text:
    """A reached definition as text, with the definitions that its references stand for.

    Parameters
    ----------
    text : str
    targets : list of Definition
        In the order of the text.
    """

    text: str = ""
    targets: list[Definition] = field(default_factory=list)


class Walk:
    """Reaches definitions until nothing is added.

    Parameters
    ----------
    sources : mapping of str to str
        Source texts by dotted module name.
    known : mapping of str to str
        Attributes whose value is known, such as ``structure``: registries that they choose from give that value alone.
    """

    def __init__(self, sources: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.index, self.known = Index(sources), known
        self.found: dict[Definition, Text] = {}
        self._waiting: list[Definition] = []
        self._names: set[str] = set()
        self._beginnings: set[str] = set()
        self._modules: set[str] = set()
        """Modules of which something is reached."""
        self._loaded: set[str] = set()
        self._values: set[str] = set()
        """Modules that are handed around: an attribute of an unknown object may be a member of theirs."""
        self._asked: dict[str, list[Definition]] = {}
        """Members by name that become reached when an attribute of that name does."""

    def enter(self, entry: str) -> list[Definition]:
        """Reach an entry point: ``module:name``, or a name that is looked for everywhere.

        Raises
        ------
        LookupError
            If nothing is called so.
        """
        place, _, name = entry.rpartition(":")
        found = self.index.resolve(f"{place}:{name}", ()) if place else []
        if not found:  # a definition may have moved
            holders = [
                each
                for each, text in self.index.sources.items()
                if name in text and name in self.index.module(each).statements
            ]
            found = [(Definition(each, name), ()) for each in holders]
        if not found:
            raise LookupError(f"nothing is called {entry}")
        for definition, _rest in found:
            self._reach(definition)
        return [definition for definition, _ in found]

    def finish(self) -> None:
        """Follow everything that was reached."""
        while self._waiting:
            definition = self._waiting.pop()
            module = self.index.module(definition.module)
            self._read(definition, module.meaning(definition.name, definition.part))
            if not self._waiting:
                self._reach_subclasses()

    def _read(self, definition: Definition, meaning: Meaning) -> None:
        written = self.found[definition]
        texts: list[str] = []
        for part in meaning.parts:
            if isinstance(part, str):
                texts.append(part)
            else:
                self._follow(part, texts, written.targets, meaning)
        written.text = "".join(texts)
        for ref in meaning.types:
            for target, _ in self.index.resolve(ref.place, ref.tail):
                if target.name in self.index.module(target.module).classes:
                    self._reach(target)
        for name in meaning.names:
            self._ask(name)
        for beginning in meaning.beginnings - self._beginnings:
            self._beginnings.add(beginning)
            for name in [each for each in self._asked if each.startswith(beginning)]:
                self._ask(name)
        for dotted in meaning.loads:
            self._load(dotted)
        if not (definition.name == "__getattr__" and not definition.part):
            for room in meaning.rooms:
                self._discover(room)

    def _follow(self, ref: Ref, texts: list[str], targets: list[Definition], meaning: Meaning) -> None:
        """Write what a reference stands for, and reach it."""
        if not self.index.owns(ref.text):
            texts.append(f"<{ref.text}>")
            return
        found = self.index.resolve(ref.place, ref.tail)
        if not found:
            if ref.text in self.index.sources:  # the module itself is a value
                self._enter_module(ref.text)
                self._hand_around(ref.text, everything=meaning.whole)
            last = ref.text.rpartition(".")[2]
            self._ask(last)
            texts.append(f"?{last}")
        for target, rest in found:
            chosen = target
            if ref.key in self.known and not rest:
                registry = self.index.module(target.module).registry(target.name)
                if self.known[ref.key] in registry:
                    chosen = Definition(target.module, target.name, self.known[ref.key])
            self._reach(chosen)
            targets.append(chosen)
            texts.append("@" + ".".join([chosen.name, *rest]))
            for name in rest:
                self._ask(name)

    def _reach(self, definition: Definition) -> None:
        if definition in self.found:
            return
        self.found[definition] = Text()
        self._waiting.append(definition)
        self._enter_module(definition.module)
        module = self.index.module(definition.module)
        if definition.name in module.classes and not definition.part:
            kinds = self.index.ancestors(definition.module, definition.name)
            foreign = [kind for kind in kinds if kind not in _INERT]
            words = any(kind.endswith(_ERRORS) for kind in kinds)
            names = module.callable_methods(definition.name) if foreign else module.special_methods(definition.name)
            for name in () if words else names:
                self._reach(Definition(definition.module, definition.name, name))

    def _enter_module(self, name: str) -> None:
        """Open a module's classes to attributes, and run what loading it runs."""
        if name in self._modules:
            return
        self._modules.add(name)
        module = self.index.module(name)
        for owner in module.classes:
            for method in module.methods(owner):
                self._offer(method, Definition(name, owner, method))
        for each in module.calling_names():
            self._reach(Definition(name, each))
        self._load(name)

    def _load(self, dotted: str) -> None:
        """Reach the statements that run when a module is loaded, and those of all that it loads."""
        parts = dotted.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name in self.index.sources and name not in self._loaded:
                self._loaded.add(name)
                module = self.index.module(name)
                if module.effects:
                    self._reach(Definition(name, ""))
                for each in module.registered:
                    self._reach(Definition(name, each))
                for each in module.loads:
                    self._load(each)

    def _reach_subclasses(self) -> None:
        """Reach classes that their base takes note of."""
        bases = {
            each.name for each in self.found if each.part == "__init_subclass__" or "__subclasses__" in self._names
        }
        for module in map(self.index.module, sorted(self._loaded) if bases else ()):
            for name, node in module.classes.items():
                if bases & {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}:
                    self._reach(Definition(module.name, name))

    def _hand_around(self, name: str, *, everything: bool) -> None:
        if everything:
            self._discover(name, below=False)
        if name not in self._values:
            self._values.add(name)
            for each in self.index.module(name).statements:
                self._offer(each, Definition(name, each))

    def _offer(self, name: str, definition: Definition) -> None:
        """Reach a member as soon as an attribute of its name is."""
        self._asked.setdefault(name, []).append(definition)
        if name in self._names or any(name.startswith(each) for each in self._beginnings):
            self._reach_member(definition)

    def _ask(self, name: str) -> None:
        self._names.add(name)
        for definition in self._asked.get(name, ()):
            self._reach_member(definition)

    def _reach_member(self, definition: Definition) -> None:
        self._reach(definition)
        if definition.part:
            self._reach(Definition(definition.module, definition.name))

    def _discover(self, room: str, *, below: bool = True) -> None:
        for name in self.index.below(room) if below else [room]:
            self._enter_module(name)
            for each in self.index.module(name).statements:
                self._reach(Definition(name, each))
