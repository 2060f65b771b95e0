"""``--take-home`` of ``run`` and ``report``."""

from __future__ import annotations

import pytest

from bayes_ivf.takehome import NAMES, office

STUDY = """
schema_version = 1
id = "small"
title = "Small"
arms.treatment = {label = "a", n = 40}
arms.control = {label = "b", n = 40}
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "counts"
benefit = "higher"
treatment = "16/40"
control = "12/40"
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def fast(study):
    return "run", study, "--models", "two_arm", "--priors", "reference", "--engine", "exact", "--out", "out"


def test_run_writes_the_files_and_says_where(cli, study, tmp_path):
    result = cli(*fast(study), "--take-home")
    assert (result.status, "Take-home: out/take-home" in result.out.replace("\\", "/")) == (0, True)
    assert sorted(path.name for path in (tmp_path / "out" / "take-home").iterdir()) == sorted(NAMES)
    again = cli(*fast(study))
    assert again.status == 0
    assert "is of an earlier run; `bayes-ivf report out --take-home` makes it anew" in again.err


def test_report_writes_them_beside_a_finished_run(cli, study, tmp_path):
    first = cli(*fast(study))
    assert "take-home" not in first.out + first.err
    assert cli("report", "out").status == 0
    assert not (tmp_path / "out" / "take-home").exists()
    assert cli("report", "out", "--take-home").status == 0
    assert sorted(path.name for path in (tmp_path / "out" / "take-home").iterdir()) == sorted(NAMES)
    assert cli("diff", "out", "out").status == 0


def test_what_is_missing_is_refused_before_anything_is_done(cli, refused, study, monkeypatch, tmp_path):
    cli(*fast(study))
    monkeypatch.setattr(office, "find_spec", lambda name: None)
    said = refused("report", "out", "--take-home")
    assert "great-tables, python-docx, openpyxl" in said
    assert "pip install 'bayes-ivf[office]'" in said
    assert "great-tables" in refused(*fast(study)[:-1], "elsewhere", "--take-home")
    assert not (tmp_path / "elsewhere").exists()


def test_a_batch_takes_nothing_home(cli, refused, tmp_path):
    (tmp_path / "trials.csv").write_text(
        "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control\na,cpr,higher,16,40,12,40\n",
        encoding="utf-8",
    )
    made = cli("batch", "trials.csv", "--priors", "reference", "--engine", "exact", "--out", "many", "--workers", "1")
    assert made.status == 0, made.err
    assert "the folder of a batch" in refused("report", "many", "--take-home")
