"""A folder is believed only as it was written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from contextlib import contextmanager

import pytest

from bayes_ivf import files, reanalyze
from bayes_ivf.batches import rebuild_pages
from bayes_ivf.errors import OutputError
from bayes_ivf.files import LOCK, MANIFEST, read_finished, read_manifest, write_manifest
from bayes_ivf.lock import locked
from bayes_ivf.report import rebuild_report, write


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def copied(run, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(run[1], folder)
    return folder


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path):
    path.write_bytes(b"")


def edited(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def nested(path):
    path.write_text("[" * 100_000, encoding="utf-8")


def removed(path):
    path.unlink()


def made_a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = [cut, emptied, edited, nested, removed, made_a_folder]
FILES = ["effects.csv", "comparison.csv", "curves.csv", "statements.csv", "pooling.csv", "study.json", MANIFEST]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_run_is_refused_and_stays(damage, name, copied):
    damage(copied / name)
    before = snapshot(copied)
    with pytest.raises(OutputError, match=MANIFEST if name == MANIFEST else name) as caught:
        rebuild_report(copied)
    assert all(fault.action for fault in caught.value.faults)
    assert snapshot(copied) == before


def test_every_damaged_file_is_named(copied):
    for name in ("effects.csv", "curves.csv"):
        cut(copied / name)
    with pytest.raises(OutputError) as caught:
        rebuild_report(copied)
    assert len(caught.value.faults) == 2


def test_pages_may_be_lost_or_changed(copied):
    page = (copied / "report.html").read_bytes()
    (copied / "report.html").write_text("mine", encoding="utf-8")
    (copied / "report.md").unlink()
    rebuild_report(copied)
    assert (copied / "report.html").read_bytes() == page
    assert (copied / "report.md").exists()


@pytest.mark.parametrize("change", [{"name": "other"}, {"fits": []}, {"status": None}, {"more": [1]}])
def test_an_edited_manifest_is_found(change, copied):
    manifest = json.loads((copied / MANIFEST).read_text(encoding="utf-8"))
    (copied / MANIFEST).write_text(json.dumps(manifest | change), encoding="utf-8")
    with pytest.raises(OutputError, match="changed since"):
        rebuild_report(copied)
    manifest.pop("checksum")
    (copied / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(OutputError, match="changed since"):
        rebuild_report(copied)


def test_a_folder_of_version_0_1_is_refused_by_name(copied):
    manifest = json.loads((copied / MANIFEST).read_text(encoding="utf-8"))
    write_manifest(copied, manifest | {"schema_version": 1})
    with pytest.raises(OutputError, match=r"version 0\.1"):
        rebuild_report(copied)


def test_a_manifest_written_again_is_believed(copied):
    manifest = read_finished(copied, "run")
    write_manifest(copied, manifest)
    assert read_finished(copied, "run") == manifest


def test_one_writer_at_a_time(copied, hostile):
    with locked(copied):
        for write in (lambda: rebuild_report(copied), lambda: reanalyze(hostile, copied)):
            with pytest.raises(OutputError, match="another run"):
                write()
    rebuild_report(copied)
    assert not (copied / LOCK).exists()


def test_a_folder_removed_midway_ends_in_a_sentence(hostile, tmp_path):
    folder = tmp_path / "out"

    def remove(what, *_):
        if what == "writing":
            shutil.rmtree(folder)

    with pytest.raises(OutputError, match="removed while it was in use"):
        reanalyze(hostile, folder, models=["two_arm"], priors=["skeptical_moderate"], engine="exact", progress=remove)


def test_others_may_read_what_the_umask_lets_them(run):
    umask = os.umask(0)
    os.umask(umask)
    for path in run[1].rglob("*"):
        wanted = (0o777 if path.is_dir() else 0o666) & ~umask
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.fixture(scope="module")
def batch(hostile, tmp_path_factory):
    from bayes_ivf import batch

    folder = tmp_path_factory.mktemp("batch")
    batch(hostile, "two_arm", "skeptical_moderate", out=folder, executor="serial", engine="exact", outcomes=["cpr"])
    return folder


@pytest.fixture
def batch_copy(batch, tmp_path):
    shutil.copytree(batch, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["effects.csv", "evidence.csv", "failures.csv", MANIFEST])
def test_a_damaged_batch_is_refused_and_stays(damage, name, batch_copy):
    damage(batch_copy / name)
    before = snapshot(batch_copy)
    with pytest.raises(OutputError, match=name):
        rebuild_pages(batch_copy)
    assert snapshot(batch_copy) == before


@pytest.mark.parametrize("damage", [cut, emptied, removed])
def test_a_damaged_store_is_refused_and_stays(damage, batch_copy):
    damage(batch_copy / "store.sqlite")
    before = snapshot(batch_copy)
    with pytest.raises(OutputError):
        rebuild_pages(batch_copy)
    assert snapshot(batch_copy) == before


@pytest.mark.parametrize(
    "statement", ["DELETE FROM parts", "UPDATE parts SET body = x'00'", "DELETE FROM cells", "DROP TABLE studies"]
)
def test_a_changed_store_is_refused(statement, batch_copy):
    with sqlite3.connect(batch_copy / "store.sqlite") as connection:
        connection.execute(statement)
    connection.close()
    pages = snapshot(batch_copy)
    with pytest.raises(OutputError, match="same batch again"):
        rebuild_pages(batch_copy)
    assert {path: each for path, each in snapshot(batch_copy).items() if path.suffix != ".sqlite"} == {
        path: each for path, each in pages.items() if path.suffix != ".sqlite"
    }


def test_a_rebuild_reads_every_file_once(copied, monkeypatch):
    seen = []
    plain = files.checksum
    monkeypatch.setattr(files, "checksum", lambda path: seen.append(path.name) or plain(path))
    rebuild_report(copied)
    assert len(seen) == len(set(seen)) == len(read_manifest(copied)["files"])


def test_a_run_that_ended_while_a_rebuild_waited_is_compared_again(copied, monkeypatch):
    @contextmanager
    def late(folder):
        cut(folder / "effects.csv")
        manifest = read_manifest(folder)
        write_manifest(folder, manifest | {"written_at": "later"})
        yield

    monkeypatch.setattr(write, "locked", late)
    with pytest.raises(OutputError, match=r"effects\.csv"):
        rebuild_report(copied)
