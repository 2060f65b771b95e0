"""The hash of a solver: what its definitions compute, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping

from bayes_ivf.versions.hashes import digest, hashes_of
from bayes_ivf.versions.names import Definition
from bayes_ivf.versions.solvers import SOLVERS, Solver
from bayes_ivf.versions.sources import package_sources
from bayes_ivf.versions.walk import Walk


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

    Nor do names: a reference counts as what it refers to, a local as its place among the locals of its scope, a
    parameter as its place, a method that is asked of an unknown object as all methods of that name. Letters count where
    a name is text to somebody: in the reached code it occurs in a string or (a parameter) as a keyword; it is a field or
    an assigned attribute; it comes from a library, or a method of a class with a base from one; it is looked for in a
    module that is handed around; or without it two classes, objects or attributes would be alike.
    """
    entries, walk = _walk(solver, sources)
    hashes, letters = hashes_of(walk)
    objects = sorted(hashes[each] for each in walk.found if letters.is_one_of_a_kind(each))
    # a definition that is written twice is no other one
    rest = sorted({hashes[each] for each in walk.found if not letters.is_one_of_a_kind(each)})
    return digest("\n".join([*sorted(hashes[entry] for entry in entries), "", *objects, "", *rest]))


def reached(solver: str | Solver, sources: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the definitions that a fingerprint covers, as ``module:name`` or ``module:Class.method``."""
    return tuple(sorted(map(str, _walk(solver, sources)[1].found)))


def _walk(solver: str | Solver, sources: Mapping[str, str] | None) -> tuple[list[Definition], Walk]:
    solver = SOLVERS[solver] if isinstance(solver, str) else solver
    walk = Walk(package_sources() if sources is None else sources, solver.known)
    entries = [definition for entry in solver.entries for definition in walk.enter(entry)]
    walk.finish()
    return entries, walk
