"""The folders of `study/imports` enter each other through their doors, and in one direction."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import bayes_ivf.study.imports

ROOM = Path(bayes_ivf.study.imports.__file__).parent
NAME = "bayes_ivf.study.imports"
FOLDERS = sorted(path.parent.name for path in ROOM.glob("*/__init__.py"))


def imported(path):
    """What a file imports from the room, as parts behind its name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{NAME}."):
            yield node.module.removeprefix(f"{NAME}.").split(".")


def test_a_folder_is_entered_through_its_door():
    assert FOLDERS == ["columns", "registry", "review_files", "tables", "text", "writing"]
    through = [
        (path.relative_to(ROOM).as_posix(), ".".join(parts))
        for path in ROOM.rglob("*.py")
        for parts in imported(path)
        if parts[0] in FOLDERS and len(parts) > 1 and path.parent.name != parts[0]
    ]
    assert through == []


def test_folders_form_no_ring():
    needs = {
        folder: {parts[0] for path in (ROOM / folder).glob("*.py") for parts in imported(path)} - {folder}
        for folder in FOLDERS
    }
    order = tuple(graphlib.TopologicalSorter(needs).static_order())  # CycleError names a ring
    assert order.index("writing") < order.index("text") < order.index("registry")
