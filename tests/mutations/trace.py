"""Which lines and functions of the package run; and the package with one text edited."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType

import bayes_ivf

PACKAGE = Path(bayes_ivf.__file__).parent
_FUNCTION = inspect.CO_OPTIMIZED
"""Of code of functions; modules and bodies of classes lack it."""
_TOOL = sys.monitoring.PROFILER_ID


class Trace:
    """Lines that ran inside functions, by module, and the functions themselves."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self.functions: set[tuple[str, str]] = set()

    def line(self, code: CodeType, number: int) -> object:
        if code.co_filename.startswith(str(PACKAGE)) and code.co_flags & _FUNCTION:
            module = module_of(code.co_filename)
            self.lines.add((module, number))
            self.functions.add((module, code.co_qualname))
        return sys.monitoring.DISABLE


@contextmanager
def traced() -> Iterator[Trace]:
    """Watch everything that runs inside."""
    trace, watch = Trace(), sys.monitoring
    watch.use_tool_id(_TOOL, "mutations")
    watch.register_callback(_TOOL, watch.events.LINE, trace.line)
    watch.set_events(_TOOL, watch.events.LINE)
    watch.restart_events()
    try:
        yield trace
    finally:
        watch.set_events(_TOOL, 0)
        watch.free_tool_id(_TOOL)


def module_of(filename: str) -> str:
    """Dotted name of a file of the package."""
    parts = Path(filename).relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class _Edited(importlib.abc.SourceLoader):
    def __init__(self, name: str, path: str, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def get_filename(self, fullname: str) -> str:
        return self.path

    def get_data(self, path: str) -> bytes:
        return self.text.encode()


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, edits: Mapping[str, str]) -> None:
        self.edits = edits

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.edits:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        loader = _Edited(name, spec.origin, self.edits[name])
        return importlib.util.spec_from_file_location(
            name, spec.origin, loader=loader, submodule_search_locations=spec.submodule_search_locations
        )


@contextmanager
def edited(edits: Mapping[str, str]) -> Iterator[None]:
    """Import the package anew with other texts; afterwards it is as it was."""
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "bayes_ivf"}
    for name in before:
        del sys.modules[name]
    finder = _Finder(edits)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[0] == "bayes_ivf"]:
            del sys.modules[name]
        sys.modules.update(before)
