"""Where the files to take home lie, when they are refused, and what loads the packages behind them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import bayes_ivf as bi
from bayes_ivf.errors import OutputError, RequestError
from bayes_ivf.takehome import FOLDER, NAMES, office, take_home_of_run

TEXTS = [name for name in NAMES if name.endswith((".html", ".tex", ".md", ".qmd"))]


def test_all_files_lie_there_and_nothing_else(taken):
    _, folder, _ = taken
    assert folder.name == FOLDER
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


def test_the_manifest_leaves_them_out(taken):
    manifest = json.loads((taken[1].parent / "manifest.json").read_text(encoding="utf-8"))
    assert not [name for name in manifest["files"] if name.startswith(FOLDER)]


def test_memory_and_folder_give_the_same_texts(trial, tmp_path):
    result, folder, _ = trial
    assert result.take_home(tmp_path / "deep" / "home") == tmp_path / "deep" / "home"
    for name in TEXTS:
        mine, theirs = ((place / name).read_text(encoding="utf-8") for place in (tmp_path / "deep" / "home", folder))
        when = r"(bayes_ivf [\d.]+, )[^)]+"
        assert _without(when, mine) == _without(when, theirs), name


def _without(pattern, text):
    import re

    return re.sub(pattern, r"\1", text)


def test_made_again_they_are_the_same(trial):
    before = {name: (trial[1] / name).read_bytes() for name in TEXTS}
    take_home_of_run(trial[1].parent)
    assert {name: (trial[1] / name).read_bytes() for name in TEXTS} == before


def test_a_folder_that_is_none_is_refused(trial, tmp_path):
    with pytest.raises(OutputError):
        take_home_of_run(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="name another folder"):
        trial[0].take_home(tmp_path / "file")


@pytest.fixture
def without(monkeypatch):
    """Two of the packages are not there."""
    found = office.find_spec
    monkeypatch.setattr(office, "find_spec", lambda name: None if name in ("docx", "great_tables") else found(name))


def test_missing_packages_are_named(without, trial, tmp_path):
    with pytest.raises(RequestError) as refused:
        trial[0].take_home(tmp_path / "home")
    assert "great-tables, python-docx" in str(refused.value)
    assert "pip install 'bayes-ivf[office]'" in str(refused.value)
    assert "openpyxl" not in str(refused.value)
    assert not (tmp_path / "home").exists()


LOADED = """
import importlib, pkgutil, sys
room = importlib.import_module("bayes_ivf.takehome")
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
sys.stdout.write(" ".join(sys.modules))
"""


def test_nothing_heavy_is_loaded_before_it_is_used():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"great_tables", "docx", "openpyxl", "pymc", "pandas", "matplotlib"} == set()


def test_a_fit_has_methods_without_these_packages(without):
    assert "Posteriors" in bi.fit(bi.Study.from_counts((16, 40), (12, 40)), engine="exact").methods()
