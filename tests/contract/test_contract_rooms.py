"""One room, one door: a folder is entered through its ``__init__`` alone, files are short, public things are described."""

from __future__ import annotations

import ast
import graphlib
import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import bayes_ivf

PACKAGE = Path(bayes_ivf.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
MODULES = sorted(module.name for module in pkgutil.walk_packages([str(PACKAGE)], "bayes_ivf."))
LONGEST = 330

SIDE_DOORS = {
    "embryo.graph": "loads PyTensor, which the door must not",
    "forms.claim_counts": "the calibration of two arms names this form",
    "forms.claim_only": "a structure that pools claims names this form",
    "forms.counts": "a structure whose stages are counts names this form",
    "forms.decoded_counts": "two arms of ambiguous percentages are this form",
    "forms.effect_ci": "the calibration of two arms names this form",
    "forms.nested_means": "the calibration of two arms names this form",
    "forms.nested_counts": "two arms with a stated correlation are this form",
    "forms.rates": "designs of a calibration use the likelihood and the simulator of their own form",
    "forms.embryo_layout": "part of the layouts of structures of nested embryos",
    "forms.embryo_totals": "structures of nested embryos name this form",
    "forms.mean_sd": "a structure that pools means names this form",
    "forms.p_value": "the calibration of two arms names this form",
    "forms.quantiles": "the calibration of two arms names this form",
    "forms.statistic_counts": "the calibration of two arms names this form",
    "forms.unknown_spread": "two arms choose this form for spreads of unknown kind",
    "forms.embryo_rows": "the structure of rows names this form",
    "inference.run_nuts": "loads PyMC, which the door of inference must not",
    "batches.grid": "the command joins what the function joins",
    "batches.output": "the command joins what the function joins",
    "plots.calibration": "a figure of the calibration alone",
    "priors.families": "the vectorized functions of many priors at once",
    "study.facts": "types that are not public",
    "study.individual": "types that are not public",
}
"""Files inside a room that others enter directly, and why; none may be added without a reason."""


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            through_the_door = (
                getattr(importlib.import_module(node.module), "__all__", ()) if is_module(node.module) else ()
            )
            names = [alias.name for alias in node.names if alias.name not in through_the_door]
            yield from (f"{node.module}.{name}" for name in names if is_module(f"{node.module}.{name}"))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_module(dotted):
    return dotted in MODULES


def has_a_door(dotted):
    return PACKAGE.joinpath(*dotted.split(".")[1:], "__init__.py").exists()


def room_of(dotted):
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "bayes_ivf" and parts[1] in ROOMS else None


def inside(path):
    """Imports from inside another room."""
    own = path.relative_to(PACKAGE).parts[0]
    return {
        dotted
        for dotted in imports(path)
        if room_of(dotted) is not None
        and room_of(dotted) != own
        and len(dotted.split(".")) > 2
        and is_module(dotted)
        and not has_a_door(dotted)
    }


def test_no_room_is_entered_through_a_window():
    found = {(name_of(path), dotted.removeprefix("bayes_ivf.")) for path in FILES for dotted in inside(path)}
    assert {(name, dotted) for name, dotted in found if dotted not in SIDE_DOORS} == set()


def at_import(nodes):
    """Import statements that run when a module is loaded."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from at_import(node.body)
        elif isinstance(node, ast.If) and getattr(node.test, "id", "") != "TYPE_CHECKING":
            yield from at_import(node.body + node.orelse)


def test_imports_form_no_ring():
    needs = {}
    for path in FILES:
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own in ("__init__", "__main__"):
            continue
        for node in at_import(ast.parse(path.read_text(encoding="utf-8")).body):
            parts = (node.module or "").split(".")
            if parts[0] == "bayes_ivf" and len(parts) > 1 and parts[1] != own:
                needs.setdefault(own, set()).add(parts[1])
    order = tuple(graphlib.TopologicalSorter(needs).static_order())  # CycleError names a ring
    assert order.index("study") < order.index("problem") < order.index("inference") < order.index("batches")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "urllib.request",
    "requests",
    "http.client",
    "socket",
    "cloudpickle",
}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_executed_unpickled_or_fetched(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls & FORBIDDEN_CALLS == set()
    assert set(imports(path)) & FORBIDDEN_MODULES == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_error_is_swallowed_whole(path):
    handlers = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ExceptHandler)
    ]
    broad = [
        handler
        for handler in handlers
        if (
            handler.type is None
            or (isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException"))
        )
        and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    ]
    assert broad == []


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name == "__init__.py" and path.parent != PACKAGE], ids=name_of
)
def test_every_folder_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", sorted(ROOMS - {"data", "cli"}))
def test_a_room_says_what_comes_in_and_what_goes_out(room):
    text = importlib.import_module(f"bayes_ivf.{room}").__doc__
    assert all(word in text for word in ("In:", "Out:", "Never:")), text


def public_things():
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module_name:
                continue
            if inspect.isfunction(thing) or inspect.isclass(thing):
                yield f"{module_name}.{name}", thing
            if inspect.isclass(thing) and thing.__doc__ is not None:
                for method_name, method in vars(thing).items():
                    function = method.fget if isinstance(method, property) else getattr(method, "__func__", method)
                    if not method_name.startswith("_") and inspect.isfunction(function):
                        yield f"{module_name}.{name}.{method_name}", function


def test_everything_public_is_described():
    bare = [name for name, thing in public_things() if not (inspect.getdoc(thing) or "").strip()]
    assert bare == []


def test_parameters_that_are_described_exist():
    """A numpydoc section names the parameters that the function has, in groups and in any order."""
    wrong = []
    for name, thing in public_things():
        named = described(thing)
        if not named or not (inspect.isfunction(thing) or is_dataclass(thing)):
            continue
        try:
            known = set(inspect.signature(thing).parameters)
        except (TypeError, ValueError):
            continue
        if not named <= known and not any(parameter.startswith("kw") for parameter in known):
            wrong.append((name, sorted(named - known)))
    assert wrong == []


def described(thing):
    text = inspect.getdoc(thing) or ""
    if "Parameters\n----------\n" not in text:
        return set()
    section = text.split("Parameters\n----------\n")[1].split("\n\nReturns\n")[0].split("\n\nRaises\n")[0]
    lines = [line for line in section.split("\n") if line and not line.startswith(" ") and not set(line) <= {"-"}]
    lines = lines[
        : next(
            (i for i, line in enumerate(lines) if line in ("Returns", "Raises", "References", "Notes", "Examples")),
            None,
        )
    ]
    return {part.strip().lstrip("*") for line in lines if " : " in line for part in line.split(" : ")[0].split(",")}
