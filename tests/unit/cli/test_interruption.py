"""Ctrl-C: an answer at once, what is finished kept and said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from bayes_ivf import reanalyze
from bayes_ivf.files import LOCK
from bayes_ivf.inference import Interrupted
from bayes_ivf.study import parse_study

ASKED = {"models": ["two_arm"], "priors": ["skeptical_moderate"], "engine": "exact"}
START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from bayes_ivf.__main__ import main; main()"


@pytest.fixture(scope="module")
def small():
    """Counts, which are solved first, and means."""
    arms = {name: {"label": name, "n": 40} for name in ("treatment", "control")}
    row = {"benefit": "higher", "label": "L"}
    outcomes = [
        {**row, "id": "cpr", "kind": "counts", "treatment": "16/40", "control": "12/40"},
        {**row, "id": "fsh", "kind": "mean_sd", "treatment": "5.81 ± 0.76", "control": "7.93 ± 0.82"},
    ]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "test")


def stopping(at):
    """Make a progress function that strikes when some fits are done."""

    def strike(what, done, _):
        if what == at or (isinstance(at, int) and done >= at and what not in ("audit", "writing")):
            raise KeyboardInterrupt

    return strike


@pytest.fixture
def slow(monkeypatch):
    """Quadrature that never comes to the last groups before it is interrupted."""
    from bayes_ivf.inference import engine

    solve, asked = engine.fit_exact, []

    def fit(group, *rest):
        asked.append(group)
        if len(asked) > 1:
            time.sleep(0.2)
        return solve(group, *rest)

    monkeypatch.setattr(engine, "fit_exact", fit)
    return asked


def test_a_run_keeps_the_tables_of_what_was_finished(slow, small, tmp_path):
    out = tmp_path / "out"

    def strike(what, done, _):
        if done >= 1:
            while not slow[1:]:
                time.sleep(0.01)
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="kept in") as caught:
        reanalyze(small, out, **ASKED, progress=strike)
    assert str(out) in str(caught.value)
    effects = pd.read_csv(out / "effects.csv")
    assert len(effects) > 0
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "interrupted"
    assert len(manifest["fits"]) == len(caught.value.fits) > 0
    comparison = pd.read_csv(out / "comparison.csv", keep_default_na=False)
    assert comparison.reading.str.contains("interrupted").any()
    assert not (out / "report.html").exists()
    whole = reanalyze(small, out, **ASKED)
    pd.testing.assert_frame_equal(
        effects.reset_index(drop=True),
        pd.read_csv(out / "effects.csv")
        .merge(effects[["outcome", "prior", "options", "estimand"]])
        .reset_index(drop=True),
        check_dtype=False,
    )
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["status"] == "finished"
    assert not whole.interrupted


def test_an_earlier_run_is_worth_more_than_part_of_a_new_one(small, tmp_path):
    out = tmp_path / "out"
    reanalyze(small, out, **ASKED)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(Interrupted, match="stays as it was"):
        reanalyze(small, out, **ASKED, progress=stopping("fits done"))
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_before_the_first_fit_nothing_is_written(small, tmp_path):
    with pytest.raises(Interrupted, match="before a fit"):
        reanalyze(small, tmp_path / "out", **ASKED, progress=stopping(0))
    assert not any((tmp_path / "out").iterdir())


def interrupted(arguments, folder, ready, patience=120):
    """Start a command, press Ctrl-C when `ready`, and return how long it took to end, its status and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    started = time.monotonic()
    while not ready() and process.poll() is None and time.monotonic() < started + patience:
        time.sleep(0.05)
    struck = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return time.monotonic() - struck, process.returncode, said


@pytest.mark.skipif(sys.platform == "win32", reason="a console sends Ctrl-C there, no signal")
def test_run_answers_at_once(tmp_path):
    begun = []

    def ready():
        begun.extend([time.monotonic()] if not begun and (tmp_path / "out" / LOCK).exists() else [])
        return begun and time.monotonic() > begun[0] + 3

    took, status, said = interrupted(["run", "--out", "out"], tmp_path, ready)
    assert status == 130
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert took < 10  # 2 s on a machine that does nothing else
    manifest = tmp_path / "out" / "manifest.json"
    assert manifest.exists() == ("kept in" in said)


@pytest.mark.skipif(sys.platform == "win32", reason="a console sends Ctrl-C there, no signal")
def test_batch_answers_at_once_and_goes_on(tmp_path):
    rows = [f"s{i},o,higher,{i % 30 + 1},{i % 30 + 40 + i // 30},{i % 20 + 1},50" for i in range(400)]
    header = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control"
    (tmp_path / "t.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    command = [
        "batch",
        "t.csv",
        "--out",
        "out",
        "--engine",
        "nuts",
        "--priors",
        "weakly_informative",
        "--models",
        "two_arm",
    ]
    store = tmp_path / "out" / "store.sqlite-wal"

    def ready():
        return store.exists() and store.stat().st_size > 400_000  # 260,000 before the first fit

    took, status, said = interrupted(command, tmp_path, ready)
    assert status == 130, said
    assert "Traceback" not in said
    assert "fits are kept in out" in said
    assert "the same command goes on" in said
    assert took < 15
