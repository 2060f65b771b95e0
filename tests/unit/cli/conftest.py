from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch):
    """Run the command line in this process, in an empty folder."""
    from bayes_ivf.cli import run

    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err, folder=tmp_path)

    return call


@pytest.fixture
def refused(cli):
    """Run a command that must be refused: status 2, four parts, no traceback, nothing written."""

    def call(*arguments, **more):
        before = snapshot(more.get("folder"))
        result = cli(*arguments)
        assert result.status == 2, result
        for part in ("Error", "found:", "allowed:", "to do:"):
            assert part in result.err + "Error", result.err
        assert "Traceback" not in result.err
        assert snapshot(more.get("folder")) == before
        return result.err

    def snapshot(folder):
        from pathlib import Path

        root = folder or Path()
        return {path: path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}

    return call
