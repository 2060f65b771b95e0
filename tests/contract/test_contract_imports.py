"""What is loaded when: each claim is checked in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "pymc",
    "pytensor",
    "arviz",
    "arviz_base",
    "arviz_stats",
    "arviz_plots",
    "numba",
    "nutpie",
    "pandas",
    "xarray",
    "matplotlib",
}
SAMPLING = {"pymc", "pytensor", "numba", "nutpie"}
ARVIZ = {"arviz", "arviz_base", "arviz_stats", "arviz_plots"}


def loaded(code, *arguments):
    script = f"import sys\n{code}\nsys.stderr.write(chr(10).join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split("\n"))


def call(*arguments):
    return f"from bayes_ivf.cli import run\nassert run({list(arguments)!r}) == 0"


@pytest.mark.parametrize(
    "code", ["import bayes_ivf", call("--help"), call("run", "--help")], ids=["import", "help", "run help"]
)
def test_nothing_heavy_is_loaded_at_first(code):
    assert loaded(code) & (HEAVY | {"scipy.stats"}) == set()


def test_the_audit_needs_no_sampler():
    assert loaded(call("audit", "lei-2026")) & (SAMPLING | ARVIZ) == set()


@pytest.mark.parametrize(
    "command", [["check", "{file}"], ["list", "models"], ["list", "priors"], ["list", "studies"]], ids=" ".join
)
def test_small_commands_need_no_sampler(command, root):
    file = str(root / "bayes_ivf" / "data" / "lei-2026.toml")
    assert loaded(call(*[word.format(file=file) for word in command])) & (SAMPLING | ARVIZ) == set()


EVERY = """
import importlib, pkgutil
room = importlib.import_module("bayes_ivf." + sys.argv[1])
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
"""


@pytest.mark.parametrize("room", ["study", "priors", "problem", "results"])
def test_facts_load_nothing_heavy(room):
    found = loaded(EVERY, room)
    assert found & (HEAVY | {"scipy.stats"}) == set()


@pytest.mark.parametrize("room", ["auditing", "report", "plots", "effects", "results"])
def test_nothing_but_models_and_samplers_loads_pymc(room):
    assert loaded(EVERY, room) & SAMPLING == set()


def test_an_exact_fit_needs_no_sampler():
    code = (
        "import bayes_ivf as bi\nstudy = bi.Study.from_counts((16, 40), (12, 40))\n"
        "assert bi.fit(study, 'events', prior='reference').engine == 'exact'"
    )
    assert loaded(code) & (SAMPLING | ARVIZ) == set()


def test_pages_of_a_batch_are_drawn_without_matplotlib(tmp_path):
    code = (
        "import bayes_ivf as bi\nstudy = bi.Study.from_counts((16, 40), (12, 40))\n"
        f"bi.batch(study, 'two_arm', 'reference', out={str(tmp_path / 'out')!r}, engine='exact', executor='serial')"
    )
    assert loaded(code) & (SAMPLING | ARVIZ | {"matplotlib"}) == set()
    (page,) = (tmp_path / "out" / "studies").glob("*.html")
    assert page.read_text(encoding="utf-8").count("<svg") == 1


NAMES = """
import bayes_ivf, importlib, inspect, pkgutil
if sys.argv[1] == "all":
    for module in pkgutil.walk_packages(bayes_ivf.__path__, "bayes_ivf."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
for name in bayes_ivf.__all__:
    for value in (getattr(bayes_ivf, name), getattr(bayes_ivf, name)):
        print(name, type(value).__name__, inspect.signature(value) if callable(value) else "")
"""


def test_public_names_stay_what_they_are_whatever_is_imported():
    told = [
        subprocess.run(
            [sys.executable, "-c", f"import sys\n{NAMES}", which], capture_output=True, text=True, check=True
        )
        for which in ("all", "fresh")
    ]
    assert told[0].stdout == told[1].stdout
    assert "audit function (study" in told[0].stdout
    assert "batch function (sources" in told[0].stdout
