"""The hash of a solver: what its definitions compute, wherever they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bayes_ivf.versions.names import Definition
from bayes_ivf.versions.solvers import SOLVERS, Solver
from bayes_ivf.versions.sources import package_sources
from bayes_ivf.versions.walk import Text, Walk

_ROUNDS = 32


def fingerprint(solver: str | Solver, sources: Mapping[str, str] | None = None) -> str:
    """Return a hexadecimal hash of the code that decides a solver's numbers.

    Parameters
    ----------
    solver : str or Solver
        An engine, ``exact`` or ``nuts``, or entry points.
    sources : mapping of str to str, optional
        Source texts by dotted module name; those of the installed package by default.

    Raises
    ------
    LookupError
        If an entry point does not exist.

    Notes
    -----
    Reached is, to be on the safe side: every definition that a name may stand for, through imports, other names and
    doors; for an attribute of an unknown object, every method of that name in modules of which anything is reached;
    members of modules that are discovered; values of registries; what a module runs when it is loaded. Docstrings,
    comments, types, error texts, and where a definition stands leave no trace.
    """
    entries, found = _walk(solver, sources)
    hashes = _hashes(found)
    content = sorted(hashes[entry] for entry in entries), sorted(hashes.values())
    return _digest("\n".join([*content[0], "", *content[1]]))


def reached(solver: str | Solver, sources: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the definitions that a fingerprint covers, as ``module:name`` or ``module:Class.method``."""
    return tuple(sorted(map(str, _walk(solver, sources)[1])))


def _walk(solver: str | Solver, sources: Mapping[str, str] | None) -> tuple[list[Definition], dict[Definition, Text]]:
    solver = SOLVERS[solver] if isinstance(solver, str) else solver
    walk = Walk(package_sources() if sources is None else sources, solver.known)
    entries = [definition for entry in solver.entries for definition in walk.enter(entry)]
    walk.finish()
    return entries, walk.found


def _hashes(found: Mapping[Definition, Text]) -> dict[Definition, str]:
    """Hash every definition with those that it names, and so on until no two that differ look alike."""
    own = {definition: _digest(each.text) for definition, each in found.items()}
    targets = {definition: [each for each in text.targets if each in found] for definition, text in found.items()}
    for definition in sorted(found):  # the order of a walk is that of sets
        if definition.part and Definition(definition.module, definition.name) in found:
            targets[Definition(definition.module, definition.name)].append(definition)
    hashes, kinds = own, len(set(own.values()))
    for _ in range(_ROUNDS):
        hashes = {
            definition: _digest("\n".join([own[definition], *(hashes[target] for target in targets[definition])]))
            for definition in found
        }
        if len(set(hashes.values())) == kinds:
            break
        kinds = len(set(hashes.values()))
    return hashes


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
