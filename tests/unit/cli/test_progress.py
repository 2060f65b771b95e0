"""Where stderr is no terminal, long work is told in plain lines: one for each outcome, no flood, nothing for short work."""

from __future__ import annotations

import time

import pytest

from bayes_ivf.cli import progress


@pytest.fixture
def quick(monkeypatch):
    """Look every few milliseconds."""
    monkeypatch.setattr(progress, "LOOK", 0.02)
    monkeypatch.setattr(progress, "FIRST", 0.02)


def test_a_line_for_each_outcome(quick, capsys):
    with progress.bar() as tell:
        for place, outcome in enumerate(["cpr", "cpr", "eir", "fsh"]):
            for prior in ("a", "b", "c"):
                tell(f"{outcome}, two_arm, {prior}", place, 4)
            time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["cpr,", "eir,", "fsh,"]
    assert lines[0] == "0:00 cpr, two_arm, c (0 of 4 done)"


def test_long_work_is_told_again(quick, capsys, monkeypatch):
    monkeypatch.setattr(progress, "AGAIN", 0.05)
    with progress.bar() as tell:
        tell("fits, 3 fits/s", 3, 9)
        time.sleep(0.3)
    assert 2 <= len(capsys.readouterr().err.splitlines()) <= 6


def test_short_work_is_not_told_and_an_interruption_at_once(capsys):
    with progress.bar() as tell:
        tell("audit", 0, 1)
        tell("cpr, two_arm, a", 3, 9)
        tell("Interrupted: wait", 0, 1)
        assert capsys.readouterr().err == "Interrupted: wait\n"
    assert capsys.readouterr().err == ""
