"""What a name stands for: through imports, doors, folders and bases of classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bayes_ivf.versions.module import Module, read_module
from bayes_ivf.versions.refs import Choice

_LABELS = ("__version__", "__all__", "__author__")
"""What names a module or a release, and computes nothing."""


class Definition(NamedTuple):
    """A definition: a name at the top level of a module, or a part of it; an empty name for what a module runs."""

    module: str
    name: str
    part: str = ""

    def __str__(self) -> str:
        return ":".join([self.module, ".".join(filter(None, (self.name, self.part)))])


class Index:
    """Definitions of a package by what they are called.

    Parameters
    ----------
    sources : mapping of str to str
        Source texts by dotted module name.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self._packages = {name.rpartition(".")[0] for name in sources}
        self._roots = {name.partition(".")[0] for name in sources}

    def owns(self, dotted: str) -> bool:
        """Whether a name lies in the package."""
        return dotted.partition(".")[0] in self._roots

    def module(self, name: str) -> Module:
        """Return a parsed module of the sources."""
        return read_module(name, self.sources[name], name in self._packages)

    def resolve(self, place: str, tail: Iterable[str]) -> list[tuple[Definition, tuple[str, ...]]]:
        """Return the definitions that a name may stand for, each with the attributes that are left over."""
        at, _, name = place.partition(":")
        names = [name, *tail] if name else list(tail)
        if at.partition(".")[0] not in self._roots:
            return []
        while names:
            found = self._member(at, names[0], set())
            if found:
                return [(definition, tuple(names[1:])) for definition in found]
            moved = self._module_behind(at, names[0])
            if moved is None:
                return []
            at = moved
            names.pop(0)
        return []

    def _module_behind(self, at: str, name: str) -> str | None:
        """Return the module that a name of a module stands for."""
        if at in self.sources:
            module = self.module(at)
            for target in (*module.imports.get(name, ()), *module.only_types.get(name, ())):
                dotted: str = target.replace(":", ".")
                if dotted in self.sources:
                    return dotted
        return f"{at}.{name}" if f"{at}.{name}" in self.sources else None

    def _member(self, at: str, name: str, seen: set[tuple[str, str]]) -> list[Definition]:
        """Return the definitions of a name in a module: its own, those that it imports, those that it finds when asked."""
        if at not in self.sources or (at, name) in seen:
            return []
        seen.add((at, name))
        module = self.module(at)
        if name in _LABELS:
            return []
        found = [Definition(at, name)] if name in module.statements else []
        for target in module.imports.get(name, ()):
            found += self._imported(target, seen)
        if not found:
            for star in module.stars:
                found += self._member(star, name, seen)
        if not found and "__getattr__" in module.statements and f"{at}.{name}" not in self.sources and name[:2] != "__":
            found.append(Definition(at, "__getattr__"))
            for target in module.only_types.get(name, ()):
                found += self._imported(target, seen)
            for room in module.meaning("__getattr__").rooms:
                for each in self.below(room):
                    if name in self.module(each).statements:
                        found.append(Definition(each, name))
        if not found:
            for target in module.only_types.get(name, ()):
                found += self._imported(target, seen)
        return list(dict.fromkeys(found))

    def _imported(self, target: str, seen: set[tuple[str, str]]) -> list[Definition]:
        place, _, name = target.partition(":")
        return self._member(place, name, seen) if name else []

    def family(self, module: str, owner: str) -> tuple[list[Definition], set[str]]:
        """Return a class and its bases in this package, in their order, and the last names of all bases from elsewhere."""
        family, foreign = [Definition(module, owner)], set[str]()
        for written, targets in self.module(module).bases(owner):
            own = [Definition(module, written)] if written in self.module(module).classes else []
            for target in targets:
                at, _, name = target.partition(":")
                own += [
                    definition for definition, _ in self.resolve(f"{at}:{name.partition('.')[0]}", name.split(".")[1:])
                ]
            own = [
                each for each in own if each.name in self.module(each.module).classes and each != (module, owner, "")
            ]
            for each in own:
                more, others = self.family(each.module, each.name)
                family += more
                foreign |= others
            if not own:
                foreign.add(written.rpartition(".")[2])
        return list(dict.fromkeys(family)), foreign

    def ancestors(self, module: str, owner: str) -> set[str]:
        """Return the last names of the bases from elsewhere, of a class and of its bases in this package."""
        return self.family(module, owner)[1]

    def matching(self, choice: Choice, known: str | None) -> list[str]:
        """Modules that a choice may mean: one, if the value of its attribute is known."""
        before, after = choice.before, choice.after
        if known is not None:
            return [name for name in [f"{before}{known}{after}"] if name in self.sources]
        names = [name for name in self.sources if name.startswith(before) and name.endswith(after)]
        middles = {name: name[len(before) : len(name) - len(after)] for name in names}
        return [name for name, middle in middles.items() if middle and "." not in middle]

    def below(self, room: str) -> list[str]:
        """Modules whose names begin so; of a folder's name, what lies below it."""
        folder = f"{room}." if room in self.sources else room
        return [name for name in self.sources if name.startswith(folder)]
