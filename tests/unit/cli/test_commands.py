from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from bayes_ivf._version import __version__
from bayes_ivf.batches.trials import COUNTS, MEANS, NAMES, OPTIONAL
from bayes_ivf.cards import bundled_cards
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.study import bundled_studies


@pytest.mark.parametrize("kind", ["study", "model", "prior"])
def test_templates_pass_check(kind, cli, tmp_path):
    path = tmp_path / "mine.toml"
    assert cli("new", kind, path).status == 0
    result = cli("check", path)
    assert (result.status, result.err) == (0, "")
    assert f"a valid {kind}" in result.out.replace("prior set", "prior").replace("model card", "model")
    assert path.read_text(encoding="utf-8").startswith("#")


def test_the_template_of_a_table_passes_check_and_explains_every_column(cli, tmp_path):
    path = tmp_path / "mine.csv"
    assert cli("new", "table", path).status == 0
    result = cli("check", path)
    assert (result.status, result.err) == (0, "")
    assert "a valid table of 3 rows of 2 trials" in result.out
    comments = "".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
    for name in (*NAMES, *OPTIONAL, "events_treatment", "events_control", "mean", "sd"):
        assert name in comments
    assert cli("new", "table", path).status == 2
    assert ".csv" in cli("new", "table", tmp_path / "mine.xlsx").err


def test_the_readme_names_the_columns_of_a_table(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*NAMES, *OPTIONAL, *COUNTS, *MEANS))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("roy-2012", "roy-2012"), ("Roy 2012 (a)", "roy-2012--a"), ("con", "my-trial"), ("é", "my-trial")],
)
def test_a_study_is_named_after_its_file(name, expected, cli, tmp_path):
    from bayes_ivf.study import KINDS, UNITS, read_study

    path = tmp_path / f"{name}.toml"
    assert cli("new", "study", path).status == 0
    study = read_study(path)
    assert study.id == expected
    kinds = {item.kind for item in study.items}
    assert kinds == {kind.name for kind in KINDS.values() if kind.in_files}
    assert {item.per for item in study.items} >= {"woman", "embryo", "cycle", "clinical_pregnancy"}
    text = path.read_text(encoding="utf-8")
    assert all(unit in text for unit in UNITS)
    assert max(map(len, text.splitlines())) <= 140


NOTED = """
schema_version = 1
id = "noted"
title = "Noted"
arms.treatment = {label = "a", n = 40}
arms.control = {label = "b", n = 40}
[[outcomes]]
id = "cpr"
label = "CPR"
kind = "percent"
benefit = "higher"
treatment = "102%"
control = "30%"
[[outcomes]]
id = "mcr"
label = "MCR"
kind = "percent"
per = "clinical_pregnancy"
denominator = "cpr"
benefit = "lower"
treatment = "10%"
control = "25%"
[[outcomes]]
id = "fr"
label = "Fertilization"
kind = "percent"
per = "oocyte"
n = {treatment = "100-400", control = 300}
benefit = "higher"
treatment = "60%"
control = "50%"
[[outcomes]]
id = "lbr"
label = "Live birth"
kind = "counts"
benefit = "higher"
treatment = "16/40"
control = "12/40"
"""


def test_check_notes_what_cannot_hold_and_what_no_model_fits(cli, tmp_path):
    path = tmp_path / "noted.toml"
    path.write_text(NOTED, encoding="utf-8")
    result = cli("check", path)
    assert (result.status, result.err) == (0, "")
    lines = [line.strip() for line in result.out.splitlines()]
    assert lines[0].endswith("noted.toml: a valid study file")
    assert lines[1].startswith("cpr: 102% in the treatment arm lies outside 0% to 100%")
    assert lines[1].endswith("; run leaves it out")
    assert [line.split(".")[0] for line in lines[2:]] == ["mcr: run leaves it out"]
    assert result.out.count("lies outside 0%") == 1  # an impossible number is told once
    assert lines[2].endswith("those cannot be told; see cpr.")
    assert cli("audit", path).status == 0


def test_a_run_leaves_out_what_cannot_hold_and_does_the_rest(tmp_path):
    from bayes_ivf import reanalyze

    path = tmp_path / "noted.toml"
    path.write_text(NOTED, encoding="utf-8")
    result = reanalyze(path, engine="exact", models=["two_arm"], priors=["weakly_informative"])
    assert {fit.problem.outcome for fit in result.fits} == {"fr", "lbr"}
    told = {row.outcome: row.reading for row in result.comparisons}
    assert "lies outside 0% to 100%" in told["cpr"]
    assert "events of cpr" in told["mcr"]
    assert "mixture over" in told["fr"]
    assert "Estimate" in told["lbr"]


@pytest.mark.parametrize("kind", ["study", "model", "prior"])
def test_a_template_never_replaces_a_file(kind, cli, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("mine", encoding="utf-8")
    result = cli("new", kind, path)
    assert result.status == 2
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("what", "names"), [("studies", bundled_studies), ("models", bundled_cards), ("priors", bundled_prior_sets)]
)
def test_list_has_one_line_for_each(what, names, cli):
    lines = cli("list", what).out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert all(len(line.split()) > 2 for line in lines)


def test_every_bundled_file_passes_check(cli):
    files = [*bundled_studies().values(), *bundled_cards().values(), *bundled_prior_sets().values()]
    result = cli("check", *files)
    assert (result.status, result.err) == (0, "")
    assert sum(": a valid " in line for line in result.out.splitlines()) == len(files)


def test_version_and_help(cli):
    assert cli("--version").out == f"bayes-ivf {__version__}\n"
    out = cli("--help").out
    assert all(name in out for name in ("run", "audit", "report", "check", "new", "list"))


@pytest.mark.parametrize("command", ["run", "audit", "report", "check", "new", "list"])
def test_every_command_has_help(command, cli):
    result = cli(command, "--help")
    assert result.status == 0
    assert "Usage: bayes-ivf" in result.out


def test_no_words_show_the_help(cli):
    result = cli()
    assert result.status == 2
    assert "Usage" in result.err + result.out


def test_audit_as_json(cli):
    result = cli("audit", "lei-2026", "--format", "json")
    assert result.status == 0
    assert {"claims", "findings"} <= set(json.loads(result.out))


def test_audit_as_csv(cli):
    result = cli("audit", "lei-2026", "--format", "csv")
    rows = list(csv.reader(io.StringIO(result.out)))
    claims = [
        "study",
        "outcome",
        "claim",
        "treatment",
        "control",
        "test",
        "recomputed_p",
        "supported",
        "least_change",
        "note",
        "p_reproduced",
    ]
    findings = ["study", "check", "subject", "severity", "statement", "assumption", "evidence", "alternatives"]
    assert rows[0] == claims
    assert findings in rows


def test_audit_as_a_table(cli):
    result = cli("audit", "lei-2026")
    assert result.status == 0
    assert "Clinical pregnancy" in result.out


def test_interruption_has_its_own_status(cli, monkeypatch):
    import bayes_ivf.study

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bayes_ivf.study, "load_study", interrupted)
    result = cli("audit", "lei-2026")
    assert result.status == 130
    assert "Traceback" not in result.err


def _unread(tmp_path, *arguments, **streams):
    """Run a batch of two rows, one of them left out, whose named streams lead into a pipe that nobody reads."""
    header = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control"
    rows = ["s,o,higher,5.8,0.7,40,7.9,0.8,40", "s,p,higher,1e16,1,40,7.9,0.8,40"]
    (tmp_path / "t.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bayes_ivf", "batch", "t.csv", "--out", "out", "--models", "two_arm"]
    given = {name: writing if name in streams else subprocess.PIPE for name in ("stdout", "stderr")}
    found = subprocess.run([*command, *arguments], cwd=tmp_path, **given, text=True, check=False)
    os.close(writing)
    return found


def test_a_reader_that_has_read_enough_ends_no_command_in_a_traceback(tmp_path):
    found = _unread(tmp_path, "--dry-run", stdout=True)
    assert found.returncode == 0
    assert "Left out: " in found.stderr  # on a busy machine behind how far it is
    assert len([line for line in found.stderr.splitlines() if " done)" not in line]) == 1


@pytest.mark.parametrize("streams", [{"stderr": True}, {"stdout": True, "stderr": True}])
def test_the_work_goes_on_without_a_reader(streams, tmp_path):
    found = _unread(tmp_path, "--priors", "weakly_informative", "--workers", "1", **streams)
    assert found.returncode == 0
    assert (tmp_path / "out" / "index.html").exists()
    assert "1 fitted" in found.stdout if found.stdout is not None else True


def test_a_pipe_that_breaks_elsewhere_is_no_success(cli, monkeypatch):
    import bayes_ivf.study

    def broken(_):
        raise BrokenPipeError

    monkeypatch.setattr(bayes_ivf.study, "load_study", broken)
    with pytest.raises(BrokenPipeError):
        cli("audit", "lei-2026")
