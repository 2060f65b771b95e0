"""Sampled fits in a batch; one compile serves them all."""

import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import bayes_ivf as bi
from bayes_ivf.batches import work
from bayes_ivf.results import COLUMNS

CHOSEN = ["ongoing_pregnancy", "early_miscarriage"]
OPTIONS = {"draws": 200, "tune": 200, "chains": 2, "seed": 5}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A batch by NUTS, with its draws."""
    folder = tmp_path_factory.mktemp("nuts") / "out"
    return bi.batch(
        "lmwh_ivf", "two_arm", "weakly_informative", out=folder, engine="nuts", outcomes=CHOSEN,
        keep_draws=True, workers=2, **OPTIONS,
    )  # fmt: skip


def test_rows_are_those_of_single_fits(sampled):
    study = bi.Study.from_counts((21, 75), (23, 71), "ongoing_pregnancy")
    single = bi.fit(study, "ongoing_pregnancy", engine="nuts", **OPTIONS).effects()
    rows = sampled.effects.query("study == 'Awwad_2021'")
    numbers = [name for name in COLUMNS if sampled.effects[name].dtype == float]
    assert np.array_equal(rows[numbers].to_numpy(), single[numbers].to_numpy(), equal_nan=True)
    assert rows.verdict.tolist() == single.verdict.tolist()


def test_rows_do_not_depend_on_workers_or_on_resuming(sampled, tmp_path):
    options = {"engine": "nuts", **OPTIONS}
    half = {"outcomes": CHOSEN, "out": tmp_path / "out", **options}
    bi.batch(["lmwh_ivf"], "two_arm", "weakly_informative", **half, executor="serial")
    assert (tmp_path / "out/effects.csv").read_text() == (sampled.folder / "effects.csv").read_text()


def test_failed_gates_are_named_and_fail_the_batch(sampled):
    gated = sampled.effects.query("verdict == 'fail'").problem.nunique()
    assert (sampled.failures.stage == "gate").sum() == gated == sampled.counts.gated
    assert sampled.ok is (gated == 0)
    assert sampled.failures.reason.str.len().gt(0).all()


def test_draws_are_kept_and_missing_ones_made_again(sampled):
    files = sorted((sampled.folder / "posteriors").glob("*.nc"))
    assert len(files) == sampled.counts.fits
    with xr.open_datatree(files[0]) as tree:
        assert tree["posterior"].sizes["draw"] == OPTIONS["draws"]
    files[0].write_bytes(files[0].read_bytes()[:-5])
    again = bi.batch(
        "lmwh_ivf", "two_arm", "weakly_informative", out=sampled.folder, engine="nuts", outcomes=CHOSEN,
        keep_draws=True, workers=1, **OPTIONS,
    )  # fmt: skip
    assert again.tally.fitted == 1


def test_an_exact_answer_that_is_too_inaccurate_is_sampled(tmp_path, monkeypatch):
    from dataclasses import replace

    solve = work.solve_exact

    def doubtful(problems, *arguments, **options):
        solved = solve(problems, *arguments, **options)
        verdicts = tuple(
            replace(verdict, level="fail", reasons=("far off",)) if problem.study == "Awwad_2021" else verdict
            for problem, verdict in zip(problems, solved.verdicts, strict=True)
        )
        return replace(solved, verdicts=verdicts)

    monkeypatch.setattr(work, "solve_exact", doubtful)
    for _ in range(2):
        result = bi.batch(
            "lmwh_ivf",
            "two_arm",
            "weakly_informative",
            out=tmp_path / "out",
            outcomes=CHOSEN,
            workers=1,
            **OPTIONS,
        )
        engines = result.effects.groupby("study").engine.unique()
        assert engines["Awwad_2021"].tolist() == ["nuts"]
        assert {name for each in engines.drop("Awwad_2021") for name in each} == {"exact"}
    assert result.tally.fitted == 0
    other = bi.batch(
        "lmwh_ivf",
        "two_arm",
        "weakly_informative",
        out=tmp_path / "out",
        outcomes=CHOSEN,
        workers=1,
        ci_prob=0.9,
        **OPTIONS,
    )
    assert set(other.effects.ci_level) == {0.9}
    pd.testing.assert_series_equal(other.effects.engine, result.effects.engine)


def test_kept_draws_tell_another_level_without_sampling(sampled, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    shutil.copytree(sampled.folder, folder)
    options = {"engine": "nuts", "outcomes": CHOSEN, "workers": 1, "ci_prob": 0.9, **OPTIONS}
    study = bi.Study.from_counts((21, 75), (23, 71), "ongoing_pregnancy")
    single = bi.fit(study, "ongoing_pregnancy", engine="nuts", ci_prob=0.9, **OPTIONS)
    draws = single.estimands["risk_difference"]
    row = single.row("risk_difference")
    assert (row.ci_low, row.ci_high) == pytest.approx(np.quantile(draws, [0.05, 0.95]), rel=1e-12)
    monkeypatch.setattr(work, "nuts_part", lambda *_: pytest.fail("sampled again"))
    told = bi.batch("lmwh_ivf", "two_arm", "weakly_informative", out=folder, keep_draws=True, **options)
    assert (told.tally.kept, told.tally.fitted) == (told.tally.total, 0)
    rows = told.effects.query("study == 'Awwad_2021'")
    numbers = [name for name in COLUMNS if told.effects[name].dtype == float]
    assert np.array_equal(rows[numbers].to_numpy(), single.effects()[numbers].to_numpy(), equal_nan=True)
    assert sorted(path.name for path in (folder / "posteriors").iterdir()) == sorted(
        path.name for path in (sampled.folder / "posteriors").iterdir()
    )
