"""The report by quadrature, which lies there while a run samples and is replaced when it has finished."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from bayes_ivf import reanalyze
from bayes_ivf.cli import run
from bayes_ivf.errors import OutputError
from bayes_ivf.inference import Interrupted, engine
from bayes_ivf.reanalysis import FIRST
from bayes_ivf.results import differences
from bayes_ivf.study import parse_study

ASKED = {"models": ["two_arm", "outcomes"], "priors": ["weakly_informative"], "draws": 100, "tune": 100, "chains": 2}
GOES_ON = "Sampling (NUTS) goes on beside them"
STOPPED = "was stopped before it had finished"


@pytest.fixture(scope="module")
def study():
    """Two hormones, which are pooled by sampling alone."""
    arms = {name: {"label": name, "n": 40} for name in ("treatment", "control")}
    row = {"kind": "mean_sd", "benefit": "lower", "family": "hormone"}
    outcomes = [
        {**row, "id": "fsh", "label": "FSH <b>", "treatment": "5.81 ± 0.76", "control": "7.93 ± 0.82"},
        {**row, "id": "lh", "label": "LH", "treatment": "4.1 ± 0.9", "control": "4.4 ± 0.8"},
    ]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "test")


def strike(what, *_):
    if what.startswith(FIRST):
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def stopped(study, tmp_path_factory):
    """The folder of a run that was stopped when it began to sample, and what was said."""
    folder = tmp_path_factory.mktemp("stopped") / "out"
    with pytest.raises(Interrupted) as caught:
        reanalyze(study, folder, **ASKED, progress=strike)
    return folder, caught.value


@pytest.fixture
def copy(stopped, tmp_path):
    shutil.copytree(stopped[0], tmp_path / "out")
    return tmp_path / "out"


def read(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def status(folder):
    return json.loads(read(folder, "manifest.json"))["status"]


def test_it_stays_when_sampling_is_interrupted(stopped):
    folder, said = stopped
    assert f"the report by quadrature stays in {folder}" in str(said)
    assert status(folder) == "sampling"
    for name in ("report.html", "report.md"):
        assert "These numbers are by quadrature." in read(folder, name)
        assert "Not there yet" in read(folder, name)
        assert "Effects of one family, pooled: FSH" in read(folder, name)
    assert GOES_ON in read(folder, "report.html")
    assert "FSH &lt;b&gt;" in read(folder, "report.html")
    assert not list(folder.glob("posteriors/*"))
    effects = pd.read_csv(folder / "effects.csv")
    assert set(effects.engine) == {"exact"}
    assert set(effects.outcome) == {"fsh", "lh"}
    assert len(pd.read_csv(folder / "evidence.csv")) > 2
    assert pd.read_csv(folder / "comparison.csv").bayes_effect.notna().all()


def test_its_report_is_made_again_and_says_what_it_is(copy, capsys):
    assert run(["report", str(copy)]) == 0
    assert "by quadrature alone" in capsys.readouterr().out
    assert STOPPED in read(copy, "report.html")
    assert GOES_ON not in read(copy, "report.html")
    assert status(copy) == "sampling"


def test_it_is_not_compared_as_a_finished_run(stopped):
    with pytest.raises(OutputError, match="its numbers are by quadrature"):
        differences(stopped[0], stopped[0])


def test_a_finished_run_replaces_it_and_is_not_replaced(copy, study, tmp_path):
    said = []
    reanalyze(study, copy, **ASKED, progress=lambda what, *_: said.append((what, status(copy))))
    assert [state for what, state in said if what.startswith(FIRST)] == ["sampling"]
    assert status(copy) == "finished"
    assert "by quadrature." not in read(copy, "report.html")
    assert "waiting" not in json.loads(read(copy, "manifest.json"))
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    asked = []

    def last(what, *_):
        asked.append(what)
        if what.startswith(("fsh", "fits done")):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="as it was"):
        reanalyze(study, copy, **ASKED | {"draws": 101}, progress=last)
    assert not any(what.startswith(FIRST) for what in asked)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_where_nothing_is_sampled_there_is_none(study, tmp_path):
    said = []
    reanalyze(
        study, tmp_path / "out", models=["two_arm"], priors=["skeptical_moderate"], engine="exact",
        progress=lambda what, *_: said.append(what),
    )  # fmt: skip
    assert not any(what.startswith(FIRST) for what in said)


def test_quadrature_is_done_before_anything_is_sampled(study, tmp_path, monkeypatch):
    order = []
    exact, sampled = engine.fit_exact, engine._sampled
    monkeypatch.setattr(engine, "fit_exact", lambda group, *rest: order.append("exact") or exact(group, *rest))
    monkeypatch.setattr(engine, "_sampled", lambda *rest: order.append("nuts") or sampled(*rest))
    reanalyze(
        study, tmp_path / "out", **ASKED, progress=lambda what, *_: what.startswith(FIRST) and order.append("page")
    )
    page = order.index("page")
    assert set(order[:page]) == {"exact"}
    assert set(order[page + 1 :]) == {"nuts"}
