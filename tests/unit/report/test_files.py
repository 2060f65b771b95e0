from __future__ import annotations

import json
from pathlib import Path

import pytest

from bayes_ivf import files
from bayes_ivf.errors import OutputError
from bayes_ivf.files import MANIFEST, claim_folder, read_manifest, staged, write_text


def finished(folder, kind="run", name="lei-2026"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text(json.dumps({"schema_version": 1, "kind": kind, "name": name}), encoding="utf-8")
    return folder


def test_a_new_folder_is_made(tmp_path):
    claim_folder(tmp_path / "a" / "b", "run", "lei-2026")
    assert (tmp_path / "a" / "b").is_dir()
    assert not any((tmp_path / "a" / "b").iterdir())


def test_the_same_study_may_be_run_again(tmp_path):
    claim_folder(finished(tmp_path / "run"), "run", "lei-2026")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [MANIFEST]


def test_leftovers_of_an_interrupted_write_are_no_hindrance(tmp_path):
    (tmp_path / f"{files.STAGING}abc").mkdir()
    claim_folder(tmp_path, "run", "lei-2026")


def a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("x", encoding="utf-8")
    return path


def another_study(tmp_path):
    return finished(tmp_path / "run", name="urman-2009")


def a_batch(tmp_path):
    return finished(tmp_path / "run", kind="batch")


def foreign_files(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    return tmp_path


def broken_manifest(tmp_path):
    (tmp_path / MANIFEST).write_text("{", encoding="utf-8")
    return tmp_path


def foreign_manifest(tmp_path):
    (tmp_path / MANIFEST).write_text("[]", encoding="utf-8")
    return tmp_path


def below_a_file(tmp_path):
    return a_file(tmp_path) / "run"


PLACES = [a_file, another_study, a_batch, foreign_files, broken_manifest, foreign_manifest, below_a_file]


@pytest.mark.parametrize("place", PLACES)
def test_places_that_are_refused_stay_as_they_are(place, tmp_path, faults_of):
    folder = place(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (fault,) = faults_of(claim_folder, folder, "run", "lei-2026")
    assert str(folder) in fault.where
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("step", ["mkdir", "mkdtemp"])
def test_a_folder_that_cannot_be_written_is_refused(step, tmp_path, faults_of, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    if step == "mkdir":
        monkeypatch.setattr(Path, "mkdir", denied)
    else:
        monkeypatch.setattr("tempfile.mkdtemp", denied)
    (fault,) = faults_of(claim_folder, tmp_path / "new", "run", "lei-2026")
    assert fault.found == "Permission denied"


def test_staged_files_appear_together(tmp_path):
    with staged(tmp_path) as staging:
        write_text(staging / "a.csv", "1")
        (staging / "deep").mkdir()
        write_text(staging / "deep" / "b.csv", "2")
        assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(files.STAGING)) == []
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "1"
    assert (tmp_path / "deep" / "b.csv").read_text(encoding="utf-8") == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "deep"]


@pytest.mark.parametrize("reason", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_midway_leaves_what_was_there(reason, tmp_path):
    def strike():
        with staged(tmp_path) as staging:
            write_text(staging / "a.csv", "new")
            raise reason

    write_text(tmp_path / "a.csv", "old")
    with pytest.raises(reason):
        strike()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "old"


def test_a_full_disk_is_said_in_four_parts(tmp_path, faults_of):
    def fill():
        with staged(tmp_path):
            raise OSError(28, "No space left on device")

    (fault,) = faults_of(fill)
    assert fault.found == "No space left on device"
    assert not any(tmp_path.iterdir())


def test_the_manifest_comes_last(tmp_path, monkeypatch):
    order = []
    replace = files.os.replace
    monkeypatch.setattr(files.os, "replace", lambda a, b: (order.append(Path(b).name), replace(a, b)))
    with staged(tmp_path) as staging:
        for name in ("z.csv", MANIFEST, "a.csv"):
            (staging / name).write_text("{}", encoding="utf-8")
    assert order == ["a.csv", "z.csv", MANIFEST]


def test_a_text_that_cannot_be_encoded_leaves_no_file(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a.txt", "\ud800")
    assert not any(tmp_path.iterdir())


def test_text_has_the_same_bytes_everywhere(tmp_path):
    write_text(tmp_path / "a.txt", "é\n±\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\n±\n".encode()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}'])
def test_a_manifest_that_is_none(text, tmp_path):
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(OutputError):
        read_manifest(tmp_path)
