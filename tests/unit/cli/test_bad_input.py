"""Everything that a user can get wrong ends in status 2 with four parts, before any sampling."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(autouse=True)
def no_sampling(monkeypatch):
    """Bad input must be found before any work is done."""
    import bayes_ivf.reanalysis

    def planned(*_, **__):
        raise AssertionError("the work began")

    monkeypatch.setattr(bayes_ivf.reanalysis, "plan", planned)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["run", "lei-2027"], "'lei-2027'"),
        (["run", "missing.toml"], "'missing.toml'"),
        (["run", "--models", "three_arm"], "'three_arm'"),
        (["run", "--priors", "sceptical"], "'sceptical'"),
        (["run", "--engine", "stan"], "'stan'"),
        (["run", "--draws", "0"], "0"),
        (["run", "--draws", "-5"], "-5"),
        (["run", "--draws=1.5"], "1.5"),
        (["run", "--draws", "many"], "many"),
        (["run", "--tune", "0"], "0"),
        (["run", "--chains", "0"], "0"),
        (["run", "--chains", "x"], "x"),
        (["run", "--seed", "-1"], "-1"),
        (["run", "--seed", "1e3"], "1e3"),
        (["run", "--workers", "0"], "0"),
        (["run", "--workers", "-2"], "-2"),
        (["run", "--nothing"], "--nothing"),
        (["run", "a", "b"], "b"),
        (["audit"], "study"),
        (["audit", "nobody"], "'nobody'"),
        (["audit", "lei-2026", "--format", "xml"], "'xml'"),
        (["report", "nowhere"], "manifest"),
        (["check", "nowhere.toml"], "nowhere.toml"),
        (["check"], "FILE..."),
        (["list", "outcomes"], "'outcomes'"),
        (["list"], "what"),
        (["new", "trial", "x.toml"], "'trial'"),
        (["new", "study"], "path"),
        (["new", "study", "no/such/folder/x.toml"], "no folder"),
        (["dance"], "dance"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_bad_words(arguments, found, refused):
    assert found in refused(*arguments)


STUDY = """
schema_version = 1
id = "mine"
title = "Mine"
[arms.treatment]
label = "a"
n = 30
[arms.control]
label = "b"
n = 30
[[outcomes]]
id = "cpr"
label = "CPR"
benefit = "higher"
"""


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        ('kind = "percent"\ntreatment = "a third"\ncontrol = "30%"', "'a third'"),
        ('kind = "counts"\ntreatment = "3/3000"\ncontrol = "3/30"', "3/3000 in an arm of 30"),
        ('kind = "counts"\ntreatment = "3/30"', "nothing"),
        ('kind = "mean_sd"\ntreatment = "3 (1)"\ncontrol = "3 ± 1"', "3 (1)"),
        ('kind = "counts"\ntreatment = "3/30"\ncontrol = "3/30"\nper = "wombat"', "wombat"),
        ('kind = "counts"\ntreatment = 3\ncontrol = "3/30"', "3"),
        ('kind = "claim_only"', "no claim with a P"),
    ],
)
@pytest.mark.parametrize("command", ["run", "audit", "check"])
def test_bad_studies(command, outcome, found, refused, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(STUDY + outcome, encoding="utf-8")
    message = refused(command, path)
    assert found in message
    assert "mine.toml" in message


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"id = ", b'id = "caf\xe9"', b""])
@pytest.mark.parametrize("command", ["run", "audit", "check"])
def test_files_that_are_no_study(command, raw, refused, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(raw)
    assert "mine.toml" in refused(command, path)


@pytest.mark.parametrize("command", ["run", "audit", "check"])
def test_a_folder_is_no_study(command, refused, tmp_path):
    (tmp_path / "folder.toml").mkdir()
    assert "folder.toml" in refused(command, tmp_path / "folder.toml")


def manifest(folder, **change):
    folder.mkdir()
    content = {"schema_version": 1, "kind": "run", "name": "lei-2026"} | change
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("change", [{"name": "urman-2009"}, {"kind": "batch"}])
def test_a_folder_about_something_else(change, refused, tmp_path):
    manifest(tmp_path / "out", **change)
    assert "output folder" in refused("run", "--out", tmp_path / "out")


def test_a_folder_with_foreign_files(refused, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_bytes(b"years of work")
    assert "not a run" in refused("run", "--out", tmp_path / "out")


def test_a_file_where_a_folder_should_be(refused, tmp_path):
    (tmp_path / "out").write_text("x", encoding="utf-8")
    assert "a file" in refused("run", "--out", tmp_path / "out")


def test_a_folder_that_cannot_be_written(refused, tmp_path, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", denied)
    (tmp_path / "out").mkdir()
    assert "Permission denied" in refused("run", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"schema_version": 99, "kind": "run", "name": "lei-2026"}', '{"schema_version": 1, "kind": "batch"}'],
)
def test_a_report_needs_a_finished_run(text, refused, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(text, encoding="utf-8")
    refused("report", tmp_path / "out")


def test_check_names_every_fault_of_every_file(refused, tmp_path):
    (tmp_path / "a.toml").write_text(
        STUDY + 'kind = "counts"\ntreatment = "31/3000"\ncontrol = "0.5/7"', encoding="utf-8"
    )
    (tmp_path / "b.toml").write_text('sentence = "s"\n[log_odds]\neffect = {dist = "X"}', encoding="utf-8")
    (tmp_path / "c.toml").write_text('structure = "three_arm"', encoding="utf-8")
    message = refused("check", tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "c.toml", tmp_path / "d.toml")
    for part in ("31/3000", "'0.5/7'", "b.toml", "c.toml", "d.toml"):
        assert part in message
