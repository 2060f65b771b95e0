"""Trees of sampled fits are written while others are sampled, and moved into the folder with everything else."""

from __future__ import annotations

import threading

import pytest
import xarray as xr

from bayes_ivf import files, reanalyze
from bayes_ivf.report import trees
from bayes_ivf.study import parse_study

ASKED = {
    "models": ["two_arm"],
    "priors": ["weakly_informative"],
    "engine": "nuts",
    "draws": 50,
    "tune": 50,
    "chains": 2,
}


@pytest.fixture(scope="module")
def study():
    """Two outcomes with the same counts, which are one computation and two trees, and one more."""
    arms = {name: {"label": name, "n": 40} for name in ("treatment", "control")}
    row = {"kind": "counts", "benefit": "higher", "control": "12/40"}
    outcomes = [
        {**row, "id": name, "label": name.upper(), "treatment": print_}
        for name, print_ in (("cpr", "16/40"), ("lbr", "16/40"), ("fhr", "15/40"))
    ]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "test")


@pytest.fixture
def saved(monkeypatch):
    """Names of the trees that were written, each with whether the main thread did it."""
    names = []

    def save(fit, path):
        names.append((path.name, threading.current_thread() is threading.main_thread()))
        save_tree(fit, path)

    save_tree = trees.save_tree
    monkeypatch.setattr(trees, "save_tree", save)
    return names


def in_folder(folder):
    return sorted(path.name for path in (folder / "posteriors").glob("*.nc"))


def test_each_is_written_once_beside_the_sampling(study, tmp_path, saved):
    result = reanalyze(study, tmp_path / "out", **ASKED)
    assert sorted(name for name, _ in saved) == in_folder(tmp_path / "out")
    assert len(saved) == 3
    assert not any(main for _, main in saved)
    assert not list((tmp_path / "out").glob(f"{files.STAGING}*"))
    for fit in result.fits:
        with xr.open_datatree(tmp_path / "out" / "posteriors" / trees.posterior_name(fit), engine="netcdf4") as tree:
            assert tree.attrs["outcome"] == fit.problem.outcome
            assert tree.equals(fit.tree)


def test_one_that_could_not_be_written_is_written_at_the_end(study, tmp_path, saved, monkeypatch):
    full = trees.save_tree

    def save(fit, path):
        if fit.problem.outcome == "lbr" and threading.current_thread() is not threading.main_thread():
            raise OSError(28, "No space left on device")
        full(fit, path)

    monkeypatch.setattr(trees, "save_tree", save)
    reanalyze(study, tmp_path / "out", **ASKED)
    assert [name.partition(".")[0] for name, main in saved if main] == ["lbr"]
    assert len(in_folder(tmp_path / "out")) == 3


def test_another_fault_is_told(study, tmp_path, monkeypatch):
    def save(fit, path):
        raise ValueError("a tree that cannot be")

    monkeypatch.setattr(trees, "save_tree", save)
    with pytest.raises(ValueError, match="cannot be"):
        reanalyze(study, tmp_path / "out", **ASKED)
    assert not (tmp_path / "out" / files.MANIFEST).exists()


def test_no_files_no_trees(study, saved):
    reanalyze(study, **ASKED)
    assert saved == []
