"""From entry points to every definition that may take part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bayes_ivf.versions.names import Definition, Index
from bayes_ivf.versions.refs import Meaning, Raised, Ref, Word

INERT = frozenset(("object", "Protocol", "NamedTuple", "TypedDict", "Generic", "ABC"))
"""Bases from elsewhere that call no method of their own accord."""
_ERRORS = ("Error", "Exception", "Warning")
"""Ends of the names of errors, whose methods only word them."""


class Error(NamedTuple):
    """An error that is raised: its class and the bases of it in this package, and what stands for it beside those."""

    family: tuple[Definition, ...]
    text: str


Part = str | Definition | Word | Error


class Walk:
    """Reaches definitions until nothing is added.

    Parameters
    ----------
    sources : mapping of str to str
        Source texts by dotted module name.
    known : mapping of str to str
        Attributes whose value is known, such as ``structure``: registries and modules that they choose from give that value
        alone.
    """

    def __init__(self, sources: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.index, self.known = Index(sources), known
        self.found: dict[Definition, list[Part]] = {}
        """Text of what is reached, in which definitions and names that may leave no trace stand apart."""
        self.meanings: list[Meaning] = []
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
        self._searched: set[str] = set()
        """Modules that are found, and whose members anything may ask for."""

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
        self.meanings.append(meaning)
        written = self.found[definition]
        for part in meaning.parts:
            if isinstance(part, Ref):
                self._follow(part, written, meaning)
            elif isinstance(part, Raised):
                written.append(self._error(part))
            else:
                written.append(part)
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
        for choice in meaning.chosen:
            for name in self.index.matching(choice, self.known.get(choice.key)):
                self._load(name)
                if choice.member:
                    self._ask_module(name, choice.member)
                else:
                    self._enter_module(name)
                    self._hand_around(name, everything=meaning.whole)
        if not (definition.name == "__getattr__" and not definition.part):
            for room in meaning.rooms:
                self._discover(room)
            for room in meaning.handed:
                self._searched.update(self.index.below(room))

    def _follow(self, ref: Ref, written: list[Part], meaning: Meaning) -> None:
        """Write what a reference stands for, and reach it."""
        if not self.index.owns(ref.text):
            written.append(f"<{ref.text}>")
            return
        found = self.index.resolve(ref.place, ref.tail)
        if not found:
            if ref.text in self.index.sources:  # the module itself is a value
                self._enter_module(ref.text)
                self._hand_around(ref.text, everything=meaning.whole)
            last = ref.text.rpartition(".")[2]
            self._ask(last)
            written.append(f"?{last}")
        for target, rest in found:
            chosen = target
            if ref.key in self.known and not rest:
                registry = self.index.module(target.module).registry(target.name)
                if self.known[ref.key] in registry:
                    chosen = Definition(target.module, target.name, self.known[ref.key])
            self._reach(chosen)
            written += [chosen, *(Word("attribute", name) for name in rest)]
            for name in rest:
                self._ask(name)

    def _error(self, raised: Raised) -> Error:
        """Return what tells an error from others; whatever words it is not reached."""
        family: list[Definition] = []
        foreign: set[str] = set()
        for ref in raised.refs:
            for target, rest in self.index.resolve(ref.place, ref.tail):
                if rest or target.name not in self.index.module(target.module).classes:
                    return Error((), raised.text)
                own, others = self.index.family(target.module, target.name)
                family += own
                foreign |= others
        return Error(tuple(dict.fromkeys(family)), " ".join(sorted(foreign)) if family else raised.text)

    def _reach(self, definition: Definition) -> None:
        if definition in self.found:
            return
        self.found[definition] = []
        self._waiting.append(definition)
        self._enter_module(definition.module)
        module = self.index.module(definition.module)
        if definition.name in module.classes and not definition.part:
            kinds = self.index.ancestors(definition.module, definition.name)
            foreign = [kind for kind in kinds if kind not in INERT]
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

    def _ask_module(self, name: str, member: str) -> None:
        """Reach what a member of a module stands for."""
        for definition, _ in self.index.resolve(f"{name}:{member}", ()):
            self._reach(definition)

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

    def is_asked(self, name: str) -> bool:
        """Whether reached code may look for something of this name, as an attribute or by text."""
        return name in self._names or self.has_beginning(name)

    def has_beginning(self, name: str) -> bool:
        """Whether a name begins as one that reached code puts together."""
        return any(name.startswith(each) for each in self._beginnings)

    def is_open(self, module: str) -> bool:
        """Whether members of a module are attributes of unknown objects, or looked for by name."""
        return module in self._values or module in self._searched
