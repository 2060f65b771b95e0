"""``bayes-ivf batch`` and ``check``: exit statuses and messages."""

import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from bayes_ivf.cli.main import run
from bayes_ivf.spreadsheet import read_table

ASKED = ["--models", "two_arm", "--priors", "weakly_informative", "--workers", "1"]


def test_a_batch_by_command(some, tmp_path, capsys):
    assert run(["batch", str(some), "--out", str(tmp_path / "out"), *ASKED]) == 0
    assert "12 fitted" in capsys.readouterr().out
    assert len(pd.read_csv(tmp_path / "out/effects.csv")) == 9 * 8 + 4 * 6  # four outcomes have no direction
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
        ["lmwh_ivf", "--keep-draws", "--engine", "exact"],
        ["lei-2026", "--separator", ";"],
        ["lei-2026", "--decimal", ","],
        ["lei-2026", "--fill", "benefit=higher"],
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


def test_damage_is_said_and_what_was_lost_is_computed_again(some, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["batch", str(some), "--out", str(out), *ASKED]) == 0
    whole = (out / "effects.csv").read_bytes()
    assert "damaged" not in capsys.readouterr().err
    with closing(sqlite3.connect(out / "store.sqlite")) as store, store:
        store.execute("UPDATE parts SET body = x'00'")
    assert run(["batch", str(some), "--out", str(out), *ASKED]) == 0
    said = capsys.readouterr().err
    assert "1 record" in said
    assert "12 of 12 fits were computed again" in said
    assert (out / "effects.csv").read_bytes() == whole
    assert run(["batch", str(some), "--out", str(out), *ASKED]) == 0
    assert "damaged" not in capsys.readouterr().err


@pytest.mark.parametrize(("soon", "expected"), [(1e9, [32, 32, 32, 54]), (0, [32, 32, 32, 16, 16, 8, 8, 4, 2])])
def test_the_first_jobs_are_small_so_that_a_kill_loses_little(table, tmp_path, monkeypatch, soon, expected):
    from bayes_ivf.batches import batch, job_sizes, output, work

    sizes = []
    # a picture of 150 outcomes takes longer than their fits
    monkeypatch.setattr(output, "write_pages", lambda *_: None)
    solve = work.solve_exact
    monkeypatch.setattr(work, "solve_exact", lambda found, *a, **k: sizes.append(len(found)) or solve(found, *a, **k))
    monkeypatch.setattr(job_sizes, "SOON", soon)
    monkeypatch.setattr(job_sizes, "LONG", soon)
    monkeypatch.setattr(job_sizes, "SAVES", 0)
    monkeypatch.setattr(job_sizes, "WARM_UP", 1e9)
    path = table(*[f"s,o{i},higher,{i % 19},{20 + i},{i % 7},{30 + i}" for i in range(150)])  # one page
    assert batch(path, "two_arm", "weakly_informative", out=tmp_path / "out", workers=1).tally.fitted == 150
    assert sizes == expected


def test_rows_do_not_depend_on_the_sizes_of_jobs(table, tmp_path, monkeypatch):
    from bayes_ivf.batches import batch, job_sizes

    path = table(*[f"s,o{i},higher,{i % 19},{20 + i},{i % 7},{30 + i}" for i in range(40)])
    found = {}
    for turn, sizes in enumerate([(1024,), (1, 7, 3), (16,)]):
        queue = list(sizes) * 40
        monkeypatch.setattr(job_sizes.JobSizes, "of", lambda *_, queue=queue: queue.pop(0))
        out = tmp_path / f"out{turn}"
        assert batch(path, "two_arm", "weakly_informative", out=out, workers=2).tally.fitted == 40
        found[sizes] = (out / "effects.csv").read_bytes()
    assert len(set(found.values())) == 1


def test_notes_of_a_table_are_printed_and_stand_on_its_page(tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_text("Study,Outcome,Events (drug),Total (drug),Events (placebo),Total (placebo)\n=A,x,16,40,12,40\n")
    out = tmp_path / "out"
    assert run(["batch", str(path), "--out", str(out), *ASKED]) == 2
    assert "--fill benefit=higher|lower|none" in capsys.readouterr().err
    assert run(["batch", str(path), "--out", str(out), "--fill", "benefit=higher", *ASKED]) == 0
    assert "'Events (drug)' as events_treatment" in capsys.readouterr().err
    (page,) = (out / "studies").glob("*.html")
    assert "as events_treatment" in page.read_text(encoding="utf-8")
    for each in out.glob("*.csv"):
        assert not any(
            cell.startswith("=") for line in each.read_text(encoding="utf-8").splitlines() for cell in line.split(",")
        )
    assert set(read_table(out / "effects.csv").study) == {"=A"}
    assert run(["check", str(path), "--fill", "benefit"]) == 2
    assert "COLUMN=VALUE" in capsys.readouterr().err
