"""What a first touch loads, and which way imports point."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "bayes_ivf"
HEAVY = ("pymc", "pytensor", "arviz", "numba", "pandas", "scipy.stats")
SAMPLERS = ("pymc", "pytensor", "arviz", "nutpie")


def loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines())


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import bayes_ivf", HEAVY),
        ("from bayes_ivf.cli import run; run(['--help'])", HEAVY),
        ("from bayes_ivf.cli import run; assert run(['audit', 'lei-2026']) == 0", (*SAMPLERS, "pandas", "scipy.stats")),
        ("import bayes_ivf.study, bayes_ivf.priors, bayes_ivf.audit, bayes_ivf.problem", HEAVY),
        ("import bayes_ivf.inference, bayes_ivf.effects, bayes_ivf.reanalysis", ("pymc", "pytensor", "nutpie")),
        ("import bayes_ivf.plots, bayes_ivf.report", ("pymc", "pytensor", "nutpie")),
        (
            "from bayes_ivf.api import fit; fit('lei-2026', 'cpr', engine='exact').effects()",
            ("pymc", "pytensor", "nutpie"),
        ),
    ],
    ids=["import", "help", "audit", "facts", "results", "pictures", "exact fit"],
)
def test_what_is_loaded(code: str, forbidden: tuple[str, ...]) -> None:
    assert loaded(code).isdisjoint(forbidden)


ORDER = (
    "study",
    "audit",
    "priors",
    "problem",
    "structures",
    "likelihoods",
    "inference",
    "effects",
    "plots",
    "report",
    "cli",
)
BACKWARD = {("structures", "likelihoods"), ("problem", "likelihoods")}
"""A structure calls likelihoods, and a problem holds the prepared rows of embryo totals."""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.startswith("bayes_ivf.")}


@pytest.mark.parametrize("room", ["study", "priors", "audit", "problem", "plots"])
def test_rooms_of_facts_never_look_ahead(room: str) -> None:
    ahead = {
        "study": {"audit", "problem", "structures", "inference", "effects", "report", "cli", "plots", "batch"},
        "priors": {
            "study",
            "audit",
            "problem",
            "structures",
            "inference",
            "effects",
            "report",
            "cli",
            "plots",
            "batch",
        },
        "audit": {"structures", "inference", "effects", "report", "cli", "plots", "batch"},
        "problem": {"audit", "structures", "inference", "effects", "report", "cli", "plots", "batch"},
        "plots": {"structures", "report", "cli", "batch"},
    }[room]
    for path in (PACKAGE / room).rglob("*.py"):
        rooms = {name.split(".")[1] for name in imported(path)}
        assert not rooms & ahead, f"{path.name} looks ahead to {sorted(rooms & ahead)}"


def test_nobody_but_the_sampling_path_knows_the_sampler() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "import nutpie" in path.read_text(encoding="utf-8")
    }
    assert users == {"inference/nuts.py"}


def test_no_file_houses_two_ideas() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long
