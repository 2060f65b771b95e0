"""What changed between two runs, or two batches."""

from __future__ import annotations

import json
import shutil

import pytest

import bayes_ivf as bi
from bayes_ivf import files
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.results import TABLES, diff, differences


def make(folder, events=16, label="Clinical pregnancy", priors=("weakly_informative",)):
    study = bi.Study.from_counts((events, 40), (12, 40), outcome="cpr", benefit="higher", label=label)
    bi.reanalyze(study, folder, models=["two_arm"], priors=list(priors), engine="exact", workers=1)
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return make(tmp_path_factory.mktemp("first") / "out")


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return make(tmp_path_factory.mktemp("second") / "out", events=17, priors=("weakly_informative", "reference"))


def edited(folder, to, change):
    """Return a copy of a run with a change of its files, sealed again."""
    shutil.copytree(folder, to)
    change(to)
    manifest = files.read_manifest(to)
    manifest["files"] |= {name: files.checksum(to / name) for name in manifest["files"]}
    files.write_manifest(to, manifest)
    return to


def test_the_same_run_is_equal(first, tmp_path, cli):
    other = edited(first, tmp_path / "other", lambda _: None)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    files.write_manifest(other, manifest | {"written_at": "2020-01-01T00:00:00+00:00", "versions": {"python": "4"}})
    found = differences(first, other)
    assert found.changes.empty
    assert found.aside == ("written_at", "versions")
    said = cli("diff", first, other)
    assert said.status == 0
    assert said.out.splitlines() == ["Also different, and not counted: date, versions.", "No difference."]


def test_rows_and_numbers_are_named_by_their_key(first, second, cli):
    found = diff(first, second)
    new = found[(found.table == "effects") & (found.change == "new")]
    assert len(new) > 5
    assert new.key.str.contains("/reference/exact/").all()
    numbers = found[(found.table == "effects") & (found.change == "number") & found.key.str.endswith("risk_difference")]
    median = numbers[numbers.column == "median"].iloc[0]
    assert median["size"] == pytest.approx(median.after - median.before)
    assert set(found[found.table == "claims"].column) >= {"treatment", "recomputed_p"}
    back = diff(second, first)
    assert sorted(back[back.change == "gone"].key) == sorted(found[found.change == "new"].key)
    said = cli("diff", first, second)
    assert said.status == 1
    assert "effects.csv: " in said.out
    assert " new" in said.out
    assert "more; --all names every one" in said.out
    assert len(cli("diff", first, second, "--all").out) > len(said.out)


def test_small_changes_are_told_unless_they_are_tolerated(first, tmp_path, cli):
    def nudge(folder):
        table = TABLES["effects"]
        frame = table.read(folder)
        frame.loc[0, "median"] += 1e-9
        table.write(frame, folder)

    other = edited(first, tmp_path / "other", nudge)
    assert list(diff(first, other).column) == ["median"]
    assert diff(first, other, 1e-6).empty
    assert cli("diff", first, other).status == 1
    assert cli("diff", first, other, "--tolerance", "1e-6").status == 0
    said = cli("diff", first, other, "--tolerance", "nan")
    assert said.status == 2
    assert "a number from 0 on" in said.err


def test_words_of_a_paper_do_nothing_to_a_terminal(first, tmp_path, cli):
    def rename(folder):
        table = TABLES["comparison"]
        table.write(table.read(folder).assign(label="\x1b[31mred\n=1+1"), folder)

    said = cli("diff", first, edited(first, tmp_path / "other", rename))
    assert said.status == 1
    assert "\x1b" not in said.out
    assert "\\x1b[31mred\\n=1+1" in said.out


def test_other_folders_are_refused(first, tmp_path, cli):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    batch = tmp_path / "batch"
    bi.batch([study], ["two_arm"], ["weakly_informative"], out=batch, engine="exact", executor="serial")
    assert diff(batch, batch).empty
    empty, damaged, unfinished = tmp_path / "empty", tmp_path / "damaged", tmp_path / "unfinished"
    empty.mkdir()
    shutil.copytree(first, damaged)
    (damaged / "effects.csv").write_text("study\n", encoding="utf-8")
    shutil.copytree(first, unfinished)
    files.write_manifest(unfinished, files.read_manifest(first) | {"status": "interrupted"})
    for other in (batch, empty, damaged, unfinished, tmp_path / "missing"):
        for pair in ((first, other), (other, first)):
            with pytest.raises(BayesIvfError):
                diff(*pair)
            said = cli("diff", *pair)
            assert said.status == 2
            assert "Error" in said.err
