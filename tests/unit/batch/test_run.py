"""A batch from end to end: rows, resuming, failures, pages."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import Batch, plan_batch, run_grid, work
from bayes_ivf.batches.executors.local import Threads
from bayes_ivf.batches.store import NAME
from bayes_ivf.problem import Problem
from bayes_ivf.results import COLUMNS

SETS = ["weakly_informative", "beta_uniform"]


def _run(source, out, priors=SETS, **options):
    return bi.batch(source, "two_arm", priors, out=out, workers=1, **options)


def _text(folder, name="effects.csv"):
    return (folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One finished batch of bundled evidence."""
    return bi.batch("lmwh_ivf", "two_arm", SETS, out=tmp_path_factory.mktemp("batch") / "out", workers=2)


def test_the_room_is_callable_and_the_answer_shows_itself(finished):
    assert isinstance(finished, Batch)
    assert finished.ok
    assert "76 fits" in repr(finished)
    assert repr(finished).replace("'", "&#x27;") in finished._repr_html_()


def test_effects_have_the_columns_of_the_main_job(finished):
    assert tuple(finished.effects.columns) == COLUMNS
    assert len(finished.effects) == 38 * 2 * 8
    key = ["study", "outcome", "model", "options", "prior", "engine", "estimand"]
    assert not finished.effects.duplicated(key).any()
    assert finished.effects[["r_hat", "ess_bulk", "ess_tail", "mcse"]].isna().all().all()


def test_rows_are_those_of_single_fits(finished):
    study = bi.Study.from_counts((34, 75), (29, 75), "clinical_pregnancy")
    single = bi.fit(study, "clinical_pregnancy", prior="beta_uniform", engine="exact").effects()
    table = finished.effects
    rows = table[
        (table.study == "Urman_2009") & (table.outcome == "clinical_pregnancy") & (table.prior == "beta_uniform")
    ]
    numbers = [name for name in COLUMNS if table[name].dtype == float]
    assert rows.estimand.tolist() == single.estimand.tolist()
    assert rows.problem.tolist() == single.problem.tolist()
    np.testing.assert_allclose(rows[numbers].to_numpy(), single[numbers].to_numpy(), rtol=1e-7)


@pytest.mark.parametrize("prior", SETS)
def test_evidence_is_that_of_single_fits(finished, prior):
    study = bi.Study.from_counts((34, 75), (29, 75), "clinical_pregnancy")
    single = bi.fit(study, "clinical_pregnancy", prior=prior, engine="exact").evidence
    rows = finished.evidence.query("study == 'Urman_2009' and outcome == 'clinical_pregnancy' and prior == @prior")
    row = rows.iloc[0]
    assert row.effect_prior == single["effect_prior"]
    for name in ("log_marginal_likelihood", "log_bayes_factor_null", "bayes_factor_null"):
        assert row[name] == pytest.approx(single[name], rel=1e-8)


def test_every_study_has_a_page_and_the_index_lists_them(finished):
    index = _text(finished.folder, "index.html")
    links = list(dict.fromkeys(re.findall(r'<th [^>]*><a href="(studies/[^"]+)"', index)))
    assert len(links) == 18
    for link in links:
        page = _text(finished.folder, link)
        assert "<svg" in page
        assert "../index.html" in page
    comparison = finished.comparison
    assert len(comparison) == 38
    row = comparison.query("study == 'Noci_2011' and outcome == 'live_birth'").iloc[0]
    assert (row.reported_treatment, row.reported_control, row.freq_test) == ("15/73", "13/80", "Fisher")
    assert row.p_benefit_min <= row.p_benefit <= row.p_benefit_max
    aside = comparison.query("outcome == 'late_miscarriage_subgroup'").iloc[0]
    assert aside.label == "Late miscarriage (subgroup)"
    assert "not for pooling" in _text(finished.folder, f"studies/{next(p for p in links if 'Sun' in p)[8:]}")


def test_the_manifest_tells_what_was_done(finished):
    manifest = json.loads(_text(finished.folder, "manifest.json"))
    assert (manifest["kind"], manifest["schema_version"], manifest["status"]) == ("batch", 2, "finished")
    assert manifest["counts"] == {
        "cells": 76, "fits": 76, "rows": 608, "failed": 0, "gated": 0, "unfinished": 0
    }  # fmt: skip
    assert {"effects.csv", "evidence.csv", "failures.csv", "comparison.csv", "index.html"} <= set(manifest["files"])


def test_texts_from_a_table_are_escaped(table, tmp_path):
    path = table('"<script>alert(1)</script>, ""x""",o&1,higher,3,10,2,10')
    result = _run(path, tmp_path / "out")
    assert result.effects.study[0] == '<script>alert(1)</script>, "x"'
    pages = _text(tmp_path / "out", "index.html") + "".join(p.read_text() for p in (tmp_path / "out/studies").iterdir())
    assert "<script>alert" not in pages
    assert pages.count("<script") == 1  # the index sorts and filters
    assert "&lt;script&gt;alert" in pages


def test_the_same_command_does_nothing_twice(some, tmp_path):
    first = _run(some, tmp_path / "out")
    before = _text(first.folder)
    again = _run(some, tmp_path / "out")
    assert (again.tally.kept, again.tally.fitted) == (first.tally.fitted, 0)
    assert _text(again.folder) == before


def test_what_is_missing_is_added_in_the_same_order(some, tmp_path):
    whole = _run(some, tmp_path / "whole")
    _run(some, tmp_path / "steps", priors=SETS[:1])
    steps = _run(some, tmp_path / "steps")
    assert steps.tally.kept == steps.tally.fitted == 12
    for name in ("effects.csv", "evidence.csv", "comparison.csv"):
        assert _text(steps.folder, name) == _text(whole.folder, name)


def test_another_source_is_added_beside(some, table, tmp_path):
    _run(some, tmp_path / "out")
    both = _run(table("new,o0,higher,1,10,2,10", name="other.csv"), tmp_path / "out")
    assert set(both.effects.study) == {*(f"s{i}" for i in range(3)), "copy", "new"}


def test_rows_with_the_same_content_are_computed_once(some, tmp_path):
    result = _run(some, tmp_path / "out")
    assert result.tally.fitted == 24
    frame = result.effects.set_index(["study", "outcome", "prior", "estimand"])["median"]
    assert frame.loc["copy"].to_numpy().tolist() == frame.loc["s0"].loc[["o0"]].to_numpy().tolist()


def test_probabilities_alone_are_those_of_the_whole(some, tmp_path):
    whole, few = _run(some, tmp_path / "a"), _run(some, tmp_path / "b", quantities="probabilities")
    left = few.effects
    assert set(left.estimand) == {"risk_difference"}
    assert left[["mean", "median", "sd", "ci_low", "hdi_high"]].isna().all().all()
    right = whole.effects.query("estimand == 'risk_difference'")
    assert left.problem.tolist() == right.problem.tolist()
    np.testing.assert_allclose(left.p_benefit.to_numpy(float), right.p_benefit.to_numpy(float), atol=2e-6)
    assert not few.evidence.size


def test_a_tampered_store_is_mended(some, tmp_path):
    first = _run(some, tmp_path / "out")
    before = _text(first.folder)
    raw = bytearray((first.folder / NAME).read_bytes())
    for place in range(len(raw) // 3, len(raw), 1500):
        raw[place] ^= 0xFF
    (first.folder / NAME).write_bytes(bytes(raw))
    again = _run(some, tmp_path / "out")
    assert again.tally.fitted > 0
    assert _text(again.folder) == before


def test_lost_or_changed_tables_are_written_again(some, tmp_path):
    first = _run(some, tmp_path / "out")
    before = _text(first.folder)
    (first.folder / "effects.csv").write_text(before[: len(before) // 2])
    (first.folder / "evidence.csv").unlink()
    assert _text(_run(some, tmp_path / "out").folder) == before
    assert (first.folder / "evidence.csv").exists()


def _poisoned(monkeypatch, *studies):
    """Make the solver raise for some studies."""
    solve = work.solve_exact

    def poisoned(problems, *arguments, **options):
        found = [problem.study for problem in problems if problem.study in studies]
        if found:
            raise ZeroDivisionError(f"poison of {found[0]}")
        return solve(problems, *arguments, **options)

    monkeypatch.setattr(work, "solve_exact", poisoned)


def test_one_poisonous_problem_stops_nobody(some, tmp_path, monkeypatch):
    good = _run(some, tmp_path / "good").effects
    with monkeypatch.context() as patched:
        _poisoned(patched, "s2")
        bad = _run(some, tmp_path / "bad")
    assert not bad.ok
    assert bad.effects.equals(good[good.study != "s2"].reset_index(drop=True))
    assert set(bad.failures.study) == {"s2"}
    assert bad.failures.reason.str.contains("ZeroDivisionError: poison of s2").all()
    mended = _run(some, tmp_path / "bad")
    assert mended.ok
    assert mended.effects.equals(good)
    assert not len(mended.failures)


def test_a_problem_with_nan_stops_nobody(some, tmp_path):
    grid = plan_batch(some, "two_arm", "weakly_informative", engine="exact")
    block = grid.blocks[0]
    made = block.problem

    def broken(place) -> Problem:
        from dataclasses import replace

        problem = made(place)
        if problem.study != "s1":
            return problem
        return replace(problem, data={**problem.data, "events": np.array([np.nan, np.nan])})

    block.problem = broken
    with np.errstate(all="ignore"):
        result = run_grid(grid, tmp_path / "out", "serial", None)
    assert set(result.failures.study) == {"s1"}
    assert set(result.effects.query("verdict == 'pass'").study) == {"s0", "s2", "copy"}


class _Dying(Threads):
    """An executor whose worker dies whenever it is given one study, and takes all that is out with it."""

    class DiedError(RuntimeError):
        """The end of a worker."""

    def __init__(self, poison, times=10**9):
        super().__init__(2)
        self.poison, self.left, self.revived = poison, times, 0

    def submit(self, given):
        if self.left and any(problem.study == self.poison for problem in given.problems):
            self.left -= 1
            return self._pool.submit(self._die)
        return super().submit(given)

    def _die(self):
        raise self.DiedError

    def died(self, error):
        return isinstance(error, self.DiedError)

    def revive(self):
        self.revived += 1
        return True


def test_a_fit_that_kills_its_worker_is_found(some, tmp_path):
    good = _run(some, tmp_path / "good", priors=SETS[:1]).effects
    executor = _Dying("s2")
    grid = plan_batch(some, "two_arm", SETS[0])
    bad = run_grid(grid, tmp_path / "bad", executor, None)
    assert set(bad.failures.study) == {"s2"}
    assert "died" in bad.failures.reason[0]
    np.testing.assert_allclose(
        bad.effects["median"].to_numpy(), good[good.study != "s2"]["median"].to_numpy(), rtol=1e-7
    )


def test_a_worker_that_dies_once_costs_nothing(some, tmp_path):
    executor = _Dying("s2", times=1)
    result = run_grid(plan_batch(some, "two_arm", SETS[0]), tmp_path / "out", executor, None)
    assert result.ok
    assert executor.revived == 1


def test_an_interruption_leaves_what_is_finished(some, tmp_path, monkeypatch):
    from bayes_ivf.batches import grid as grids

    monkeypatch.setitem(grids.JOB_SIZE, "exact", 3)

    def stop(_what, done, _total):
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(some, tmp_path / "out", progress=stop)
    half = pd.read_csv(tmp_path / "out/effects.csv")
    assert 0 < len(half) < 13 * 2 * 8
    assert json.loads(_text(tmp_path / "out", "manifest.json"))["status"] == "interrupted"
    rest = _run(some, tmp_path / "out")
    assert rest.tally.kept >= 6
    monkeypatch.setitem(grids.JOB_SIZE, "exact", 3)
    assert _text(rest.folder) == _text(_run(some, tmp_path / "whole").folder)


def test_a_folder_of_something_else_is_refused(some, tmp_path, faults_of):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/mine.txt").write_text("mine")
    faults_of(_run, some, tmp_path / "x")
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["mine.txt"]
    faults_of(_run, some, tmp_path / "x/mine.txt")
    for bad in ({"executor": "gpu"}, {"engine": "gpu"}, {"draws": 0}):
        faults_of(bi.batch, some, "two_arm", SETS, out=tmp_path / "new", **bad)
    faults_of(bi.batch, some, "two_arm", SETS, out=tmp_path / "new", workers=0)
    assert not (tmp_path / "new").exists()


def test_exact_that_is_asked_where_it_does_not_apply_is_a_failure(lei, tmp_path, monkeypatch):
    from bayes_ivf.batches import grid as grids

    monkeypatch.setattr(grids, "exact_key", lambda problem: None if problem.outcome == "cpr" else (problem.likelihood,))
    result = bi.batch(lei, "two_arm", SETS[0], out=tmp_path / "out", engine="exact", outcomes=["cpr"], workers=1)
    assert result.ok  # the key was hidden from the plan alone; the solver still finds its way


def test_long_tables_are_written_as_parquet_too(some, tmp_path, monkeypatch):
    from bayes_ivf.batches import csv_file

    monkeypatch.setattr(csv_file, "PARQUET_FROM", 10)
    result = _run(some, tmp_path / "out")
    parquet = pd.read_parquet(result.folder / "effects.parquet")
    numbers = [name for name in COLUMNS if parquet[name].dtype == float]
    assert parquet[numbers].equals(result.effects[numbers].astype(float))
    monkeypatch.undo()
    _run(some, tmp_path / "out")
    assert not (result.folder / "effects.parquet").exists()
