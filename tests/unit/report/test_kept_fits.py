"""A second run in the same folder fits what has changed, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import xarray as xr

from bayes_ivf import files, reanalyze
from bayes_ivf.cli import run
from bayes_ivf.inference import engine, run_nuts, versions
from bayes_ivf.report import kept_fits
from bayes_ivf.study import parse_study

ASKED = {
    "models": ["two_arm"],
    "priors": ["weakly_informative", "skeptical_moderate"],
    "draws": 100,
    "tune": 100,
    "chains": 2,
}
CPR, FSH = ("16/40", "12/40"), ("5.81 ± 0.76", "7.93 ± 0.82")


def study(cpr=CPR, fsh=FSH):
    arms = {name: {"label": name, "n": 40} for name in ("treatment", "control")}
    outcomes = [
        {"id": "cpr", "label": "CPR", "kind": "counts", "benefit": "higher", "treatment": cpr[0], "control": cpr[1]},
        {"id": "fsh", "label": "FSH", "kind": "mean_sd", "benefit": "lower", "treatment": fsh[0], "control": fsh[1]},
    ]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "test")


EDITED = study(cpr=("17/40", "12/40"))


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before") / "out"
    reanalyze(study(), folder, **ASKED)
    return folder


@pytest.fixture(scope="module")
def anew(tmp_path_factory):
    folder = tmp_path_factory.mktemp("anew") / "out"
    reanalyze(EDITED, folder, **ASKED)
    return folder


@pytest.fixture
def folder(before, tmp_path):
    shutil.copytree(before, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def made(monkeypatch):
    """Engine and outcome of every fit that is computed."""
    found = []
    exact, nuts = engine.fit_exact, run_nuts.sample

    def solve(group, *rest):
        found.extend(("exact", problem.outcome, problem.prior_set) for problem in group)
        return exact(group, *rest)

    def draw(problem, *rest, **options):
        found.append(("nuts", problem.outcome, problem.prior_set))
        return nuts(problem, *rest, **options)

    monkeypatch.setattr(engine, "fit_exact", solve)
    monkeypatch.setattr(run_nuts, "sample", draw)
    return found


EVERY = {(made_by, each, "weakly_informative") for made_by in ("exact", "nuts") for each in ("cpr", "fsh")} | {
    ("exact", each, "skeptical_moderate") for each in ("cpr", "fsh")
}


def tables(folder):
    timed = ("manifest.json", "report.html", "report.md")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in timed and path.suffix != ".nc"
    }


def untimed(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {name: value for name, value in manifest.pop("files").items() if not name.endswith(".nc")}
    return {name: value for name, value in manifest.items() if name not in ("written_at", "seconds", "checksum")}, files


def page(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    return text.partition("Written ")[0]


def same_trees(folder, other):
    names = sorted(path.name for path in (folder / "posteriors").iterdir())
    assert names == sorted(path.name for path in (other / "posteriors").iterdir())
    for name in names:
        with (
            xr.open_datatree(folder / "posteriors" / name) as one,
            xr.open_datatree(other / "posteriors" / name) as two,
        ):
            assert one.attrs | {"sampling_seconds": 0} == two.attrs | {"sampling_seconds": 0}
            for group in two.children:
                assert one[group].to_dataset().drop_attrs().identical(two[group].to_dataset().drop_attrs()), (
                    name,
                    group,
                )


def test_an_edited_outcome_is_fitted_alone(folder, anew, made):
    result = reanalyze(EDITED, folder, **ASKED)
    assert set(made) == {each for each in EVERY if each[1] == "cpr"}
    assert result.kept == 2
    assert tables(folder) == tables(anew)
    assert untimed(folder) == untimed(anew)
    assert page(folder) == page(anew)
    same_trees(folder, anew)


def test_nothing_changed_nothing_is_fitted(folder, before, made):
    result = reanalyze(study(), folder, **ASKED)
    assert made == []
    assert result.kept == len(result.fits) == 4
    assert tables(folder) == tables(before)
    for path in (folder / "posteriors").iterdir():
        assert path.read_bytes() == (before / "posteriors" / path.name).read_bytes()


def test_a_fit_taken_again_is_whole(folder, made):
    result = reanalyze(study(), folder, **ASKED)
    fresh = reanalyze(study(), **ASKED)
    for kept, new in zip(result.fits, fresh.fits, strict=True):
        assert (kept.rows, kept.verdict, kept.evidence) == (new.rows, new.verdict, new.evidence)
        assert kept.problem.key == new.problem.key
        if kept.engine == "nuts":
            assert kept.beside.rows == new.beside.rows
            assert kept.probability(kept.rows[0].estimand, above=0) == new.probability(new.rows[0].estimand, above=0)
            assert list(kept.draws.posterior) == list(new.draws.posterior)
            assert list(kept.draws.stats) == list(new.draws.stats)
            for group, values in new.tree.children.items():
                assert kept.tree[group].to_dataset().drop_attrs().identical(values.to_dataset().drop_attrs()), group


def test_an_outcome_of_another_name_is_taken_again(folder, made):
    arms = {name: {"label": name, "n": 40} for name in ("treatment", "control")}
    item = {
        "id": "other",
        "label": "Other",
        "kind": "counts",
        "benefit": "higher",
        "treatment": CPR[0],
        "control": CPR[1],
    }
    renamed = parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [item]}, "test")
    result = reanalyze(renamed, folder, **ASKED)
    assert made == []
    assert {row.outcome for row in result.rows} == {"other"}
    (path,) = (folder / "posteriors").iterdir()
    with xr.open_datatree(path) as tree:
        assert tree.attrs["outcome"] == "other"


def test_fresh_fits_everything(folder, made):
    assert reanalyze(study(), folder, **ASKED, fresh=True).kept == 0
    assert set(made) == EVERY


def test_other_settings_are_sampled_anew(folder, made):
    reanalyze(study(), folder, **ASKED, seed=5)
    assert set(made) == {each for each in EVERY if each[0] == "nuts"}


def test_another_level_takes_the_draws(folder, made):
    result = reanalyze(study(), folder, **ASKED, ci_prob=0.9)
    assert set(made) == {each for each in EVERY if each[0] == "exact"}
    assert {row.ci_level for row in result.rows} == {0.9}
    assert result.kept == 0


@pytest.mark.parametrize("changed", [{"sources": "0"}, {"versions": {**versions(), "numpy": "0"}}])
def test_other_code_fits_everything(folder, made, changed, monkeypatch):
    other = kept_fits.made_by() | changed
    monkeypatch.setattr(kept_fits, "made_by", lambda: other)
    reanalyze(study(), folder, **ASKED)
    assert set(made) == EVERY


def _edited(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "name", "lost"),
    [
        (_edited, "fits.json", EVERY),
        (_edited, "posteriors/cpr.two_arm.weakly_informative.nc", {("nuts", "cpr", "weakly_informative")}),
        (Path.unlink, "posteriors/cpr.two_arm.weakly_informative.nc", {("nuts", "cpr", "weakly_informative")}),
    ],
)
def test_what_is_damaged_is_fitted_anew(folder, made, damage, name, lost, before):
    damage(folder / name)
    reanalyze(study(), folder, **ASKED)
    assert set(made) == lost
    assert tables(folder) == tables(before)
    files.read_finished(folder, "run")


def test_numbers_that_are_none_are_fitted_anew(folder, made):
    content = json.loads((folder / "fits.json").read_text(encoding="utf-8"))
    for numbers in content["numbers"].values():
        numbers["ids"] = ["nonsense"]
    for tree in content["trees"].values():
        tree["variables"] = ["nonsense"]
    files.write_text(folder / "fits.json", json.dumps(content))
    manifest = files.read_manifest(folder)
    manifest["files"]["fits.json"] = files.checksum(folder / "fits.json")
    files.write_manifest(folder, manifest)
    reanalyze(study(), folder, **ASKED)
    assert set(made) == EVERY


def test_the_terminal_says_what_was_kept(before, tmp_path, capsys):
    shutil.copytree(before, tmp_path / "out")
    rows = 'schema_version = 1\nid = "s"\ntitle = "s"\n[arms]\ntreatment = { label = "treatment", n = 40 }\n'
    rows += 'control = { label = "control", n = 40 }\n[[outcomes]]\nid = "cpr"\nlabel = "CPR"\nkind = "counts"\n'
    rows += 'benefit = "higher"\ntreatment = "16/40"\ncontrol = "12/40"\n'
    (tmp_path / "s.toml").write_text(rows, encoding="utf-8")
    asked = [
        "run",
        str(tmp_path / "s.toml"),
        "--out",
        str(tmp_path / "out"),
        "--models",
        "two_arm",
        "--engine",
        "exact",
    ]
    assert run([*asked, "--priors", "weakly_informative", "--priors", "reference"]) == 0
    assert "1 of 2 fits kept from the earlier run" in capsys.readouterr().err
