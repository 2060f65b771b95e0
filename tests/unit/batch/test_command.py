"""``bayes-ivf batch`` and ``check``: exit statuses and messages."""

import json

import pandas as pd

from bayes_ivf.cli.main import run

ASKED = ["--models", "two_arm", "--priors", "weakly_informative", "--workers", "1"]


def test_a_batch_by_command(some, tmp_path, capsys):
    assert run(["batch", str(some), "--out", str(tmp_path / "out"), *ASKED]) == 0
    assert "12 fitted" in capsys.readouterr().out
    assert len(pd.read_csv(tmp_path / "out/effects.csv")) == 13 * 6
    assert run(["batch", str(some), "--out", str(tmp_path / "out"), *ASKED]) == 0
    assert "12 kept" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(some, tmp_path, capsys):
    assert run(["batch", str(some), "lei-2026", "--out", str(tmp_path / "out"), *ASKED, "--dry-run"]) == 0
    text = capsys.readouterr().out
    assert "two_arm" in text
    assert "exact" in text
    assert "core seconds" in text
    assert not (tmp_path / "out").exists()


def test_bad_input_exits_2_and_leaves_nothing(table, tmp_path, capsys):
    bad = table("a,b,higher,11,10,2,10", "a,b,up,1,10,2,10")
    for arguments in (
        [str(bad)],
        ["nonesuch"],
        ["lmwh_ivf", "--engine", "gpu"],
        ["lmwh_ivf", "--quantities", "few"],
        ["lmwh_ivf", "--workers", "0"],
        ["lmwh_ivf", "--executor", "gpu"],
        ["lmwh_ivf", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"],
        ["lmwh_ivf", "--models", "nonesuch"],
        ["lmwh_ivf", "--outcomes", "nonesuch"],
    ):
        assert run(["batch", *arguments, "--out", str(tmp_path / "out")]) == 2, arguments
        message = capsys.readouterr().err
        assert "allowed:" in message
        assert "Traceback" not in message
        assert not (tmp_path / "out").exists()


def test_a_failure_exits_1_and_is_named(some, tmp_path, capsys, monkeypatch):
    from bayes_ivf.batches import work

    def poisoned(problems, *_, **__):
        raise ValueError("all poison")

    monkeypatch.setattr(work, "solve_exact", poisoned)
    assert run(["batch", str(some), "--out", str(tmp_path / "out"), *ASKED]) == 1
    assert "ValueError: all poison" in capsys.readouterr().err


def test_check_reads_tables(some, table, capsys):
    assert run(["check", str(some)]) == 0
    assert "13 rows of 4 trials" in capsys.readouterr().out
    columns = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control"
    other = table("a;b;none;5,8;0,7;40;7,9;0,8;40", name="semi.csv", header=columns.replace(",", ";"))
    assert run(["check", str(other)]) == 2
    assert "--separator" in capsys.readouterr().err
    assert run(["check", str(other), "--separator", ";", "--decimal", ","]) == 0


def test_report_makes_the_pages_of_a_batch_again(some, tmp_path, capsys):
    out = tmp_path / "out"
    run(["batch", str(some), "--out", str(out), *ASKED])
    names = ["index.html", "comparison.csv", *(f"studies/{path.name}" for path in (out / "studies").iterdir())]
    before = {name: (out / name).read_bytes() for name in names}
    for name in names:
        (out / name).unlink()
    assert run(["report", str(out)]) == 0
    assert {name: (out / name).read_bytes() for name in names} == before
    manifest = json.loads((out / "manifest.json").read_text())
    for change in ({"schema_version": 99}, {"schema_version": 0}):
        (out / "manifest.json").write_text(json.dumps({**manifest, **change}))
        capsys.readouterr()
        assert run(["report", str(out)]) == 2
        assert "schema version" in capsys.readouterr().err
    manifest.pop("counts")
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert run(["report", str(out)]) == 2
