"""One probability of every interval in a folder: kept with it, taken up again, never mixed with another."""

from __future__ import annotations

import json
import shutil

import pytest
from marked import Numbers

import bayes_ivf as bi
from bayes_ivf.batches import rebuild_pages
from bayes_ivf.batches.store import Store
from bayes_ivf.cli import run
from bayes_ivf.spreadsheet import read_table

SETS = ["optimistic_moderate", "pessimistic_moderate"]
"""Whose own sentences name no probability."""


def go(source, out, **options):
    return bi.batch(source, "two_arm", SETS, out=out, engine="exact", executor="serial", **options)


def read(folder):
    """Every text of a folder but the manifest, by name."""
    paths = (path for path in folder.rglob("*") if path.suffix in (".csv", ".html"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture
def kept(some, tmp_path):
    """A finished batch at the default level."""
    return go(some, tmp_path / "kept").folder


def test_no_text_of_a_batch_tells_another_level(some, kept, tmp_path):
    narrow = go(some, tmp_path / "narrow", ci_prob=0.9)
    before, after = read(kept), read(narrow.folder)
    assert set(before) == set(after)
    assert not [name for name, text in after.items() if "95%" in text]
    pages = [name for name in after if name.endswith(".html")]
    assert len(pages) > 3
    assert all(after[name].count("90%") >= before[name].count("95%") > 0 for name in pages)
    assert set(narrow.effects.ci_level) == {0.9}
    row = narrow.effects.query("estimand == 'risk_difference'").iloc[0]
    path = some.read_text(encoding="utf-8").splitlines()[1].split(",")
    counts = [int(number) for number in path[3:]]
    study = bi.Study.from_counts(counts[:2], counts[2:], outcome="x", benefit="higher")
    single = bi.fit(study, prior=SETS[0], engine="exact")
    ends = [single.quantile("risk_difference", share) for share in (0.05, 0.95)]
    assert [row.ci_low, row.ci_high] == pytest.approx(ends, abs=1e-8)


def test_another_level_is_computed_anew_and_the_first_one_found_again(some, kept, tmp_path):
    before = read(kept)
    narrow = go(some, kept, ci_prob=0.9)
    assert (narrow.tally.kept, narrow.tally.fitted) == (0, narrow.tally.total)
    assert read(kept) == read(go(some, tmp_path / "alone", ci_prob=0.9).folder)
    wide = go(some, kept, ci_prob=0.95)
    assert (wide.tally.kept, wide.tally.fitted) == (wide.tally.total, 0)
    assert read(kept) == before


def test_a_batch_that_is_taken_up_has_the_level_of_its_folder(some, table, tmp_path):
    folder = go(some, tmp_path / "out", ci_prob=0.9).folder
    assert go(some, folder).tally.fitted == 0
    more = go(table("new,o0,higher,16,40,12,40", name="more.csv"), folder)
    assert set(more.effects.ci_level) == {0.9}
    assert set(more.effects.study) > {"new", "s0"}
    assert json.loads((folder / "manifest.json").read_text())["ci_prob"] == 0.9


def test_a_killed_batch_knows_its_level(some, tmp_path, monkeypatch):
    from bayes_ivf.batches import run as batch_run

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(batch_run, "write_batch", killed)
        with pytest.raises(SystemExit):
            go(some, tmp_path / "out", ci_prob=0.9)
    result = go(some, tmp_path / "out")
    assert (result.tally.fitted, set(result.effects.ci_level)) == (0, {0.9})


def test_rows_of_two_levels_never_lie_side_by_side(some, table, kept, faults_of):
    before = read(kept)
    other = table("new,o0,higher,16,40,12,40", name="other.csv")
    (fault,) = faults_of(go, other, kept, ci_prob=0.9)
    assert "18 fits with 95% intervals" in fault.found
    assert "s0/o0/two_arm" in fault.found
    assert "--interval 0.95" in fault.action
    assert read(kept) == before
    assert go(some, kept).tally.fitted == 0


def test_pages_are_made_again_at_the_level_of_the_folder(some, tmp_path):
    folder = go(some, tmp_path / "out", ci_prob=0.9).folder
    before = read(folder)
    assert run(["report", str(folder)]) == 0
    assert read(folder) == before


def test_a_store_of_another_level_than_its_manifest_is_refused(some, kept, tmp_path, faults_of):
    """A batch that was killed while it went to another level."""
    narrow = go(some, tmp_path / "narrow", ci_prob=0.9).folder
    shutil.copy(narrow / "store.sqlite", kept / "store.sqlite")
    (fault,) = faults_of(rebuild_pages, kept)
    assert "other intervals than the 95%" in fault.found


def test_probabilities_have_no_level(some, tmp_path, faults_of):
    options = {"quantities": "probabilities"}
    (fault,) = faults_of(go, some, tmp_path / "out", ci_prob=0.9, **options)
    assert fault.where == "ci_prob"
    folder = go(some, tmp_path / "out", **options).folder
    with Store(folder) as store:
        assert len(store.index) > 10
    result = go(some, folder, ci_prob=0.9)  # beside what has no interval, any level may be chosen
    assert set(result.effects.dropna(subset="ci_low").ci_level) == {0.9}
    assert go(some, folder, **options).tally.fitted == 0


@pytest.mark.parametrize(
    ("value", "action"), [(95, "write 0.95"), ("90%", "write 0.9"), (1.0, "write 0.9, for example")]
)
def test_what_is_no_level_is_refused(value, action, some, tmp_path, faults_of):
    (fault,) = faults_of(go, some, tmp_path / "out", ci_prob=value)
    assert (fault.where, fault.found, fault.action) == ("ci_prob", repr(value), action)
    assert not (tmp_path / "out").exists()


def test_the_command_takes_the_level(some, tmp_path):
    words = ["--models", "two_arm", "--priors", SETS[0], "--interval", "0.875", "--out", str(tmp_path / "out")]
    assert run(["batch", str(some), *words]) == 0
    assert set(read_table(tmp_path / "out/effects.csv").ci_level) == {0.875}
    assert "its 87.5% credible interval" in Numbers((tmp_path / "out/index.html").read_text(encoding="utf-8")).words
