"""Every public name has an example, and every example runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import inspect
from functools import cached_property

import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import Audit
from bayes_ivf.batches import Batch
from bayes_ivf.calibration import Calibration
from bayes_ivf.inference import Fit, Verdict
from bayes_ivf.problem import Problem
from bayes_ivf.reanalysis import Reanalysis

MODULES = ("cards", "plots", "priors")
"""Public names that are modules, whose own public names are public, too."""
CLASSES = (
    Audit,
    Batch,
    Calibration,
    Fit,
    Problem,
    Reanalysis,
    Verdict,
)
"""Classes that public functions return."""


def public_things():
    """Every public name with what it stands for."""
    things = {name: getattr(bi, name) for name in bi.__all__ if name not in (*MODULES, "__version__")}
    for room in MODULES:
        things |= {f"{room}.{name}": getattr(getattr(bi, room), name) for name in getattr(bi, room).__all__}
    things |= {kind.__name__: kind for kind in CLASSES}
    return {name: thing for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)}


def members(kind):
    """Public methods and properties of a class, those of its bases in the package included."""
    for base in reversed([each for each in kind.__mro__ if each.__module__.startswith("bayes_ivf.")]):
        for name, member in vars(base).items():
            function = getattr(member, "fget", None) or getattr(member, "func", None) or member
            function = getattr(function, "__func__", function)
            if not name.startswith("_") and inspect.isfunction(function):
                yield name, function, isinstance(member, property | cached_property)


def examples(text):
    return "\n".join(each.source for each in doctest.DocTestParser().get_examples(text or ""))


def documented():
    """Names with their text, and the examples of the class that they belong to."""
    for name, thing in public_things().items():
        yield name, inspect.getdoc(thing), ""
        if inspect.isclass(thing):
            for member, function, _ in members(thing):
                yield f"{name}.{member}", inspect.getdoc(function), examples(inspect.getdoc(thing))


def shown(name, text, of_class):
    """Whether a name has an example of its own, or is used in that of its class."""
    return bool(examples(text)) or f".{name.rpartition('.')[2]}" in of_class


@pytest.mark.parametrize(("name", "text", "of_class"), list(documented()), ids=lambda value: value.split("\n")[0][:60])
def test_a_public_name_has_an_example(name, text, of_class):
    assert shown(name, text, of_class), f"{name} has no example"


def modules_of_public_names():
    names = set()
    for thing in public_things().values():
        names.add(thing.__module__)
        if inspect.isclass(thing):
            names |= {function.__module__ for _, function, _ in members(thing)}
    return sorted(name for name in names if name.startswith("bayes_ivf."))


@pytest.mark.parametrize(
    "module", [*modules_of_public_names(), "bayes_ivf.kept_table", "bayes_ivf.frozen", "bayes_ivf.words"]
)
def test_examples_give_what_they_say(module, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found, options = importlib.import_module(module), doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    runner = doctest.DocTestRunner(optionflags=options)
    for name, text in cached(found):  # which the finder of doctest passes over
        runner.run(doctest.DocTestParser().get_doctest(text, dict(vars(found)), name, found.__file__, None))
    assert doctest.testmod(found, optionflags=options).failed + runner.failures == 0


def cached(module):
    """Names and texts of the cached properties of a module's classes."""
    for kind in vars(module).values():
        if inspect.isclass(kind) and kind.__module__ == module.__name__:
            for name, member in vars(kind).items():
                if isinstance(member, cached_property):
                    yield f"{kind.__name__}.{name}", inspect.getdoc(member.func) or ""
