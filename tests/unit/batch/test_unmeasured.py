"""Rows of a table with numbers that nobody has measured: left out by name, and the rest is done."""

import pytest

from bayes_ivf.batches import batch, plan_batch, read_trials, unmeasured
from bayes_ivf.cli.main import run

HEAD = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control\n"
LEFT_OUT = {
    "a,x,lower,5,1e-300,40,5,1,40": "sd_treatment is 1e-300",
    "b,x,lower,5,1e300,40,5,1,40": "sd_treatment is 1e+300",
    "c,x,lower,1e308,1,40,5,1,40": "mean_treatment is 1e+308",
    "d,x,lower,1e200,1,40,-1e200,1,40": "mean_treatment is 1e+200",
    "e,x,lower,5,1e-10,2,6,1e10,2": "5 (sd 1e-10) and 6 (sd 1e+10): the sds are more than 1e+06 times apart",
    "f,x,higher,0,1e-160,10,1e-170,1e-160,10": "sd_treatment is 1e-160",
    "g,x,higher,0,1e999,10,1,1,10": "sd_treatment is 1e+999",
    "h,x,higher,0,1e-999,10,1,1,10": "sd_treatment is 1e-999",
    "i,x,lower,1e9,1,10,5,1,10": "1e+09 (sd 1) and 5 (sd 1): the means are more than 1e+06 sds apart, as if in two units",
    "k,x,lower,1000001,1,40,0,1,40": "1000001 (sd 1) and 0 (sd 1): the means are more than 1e+06 sds apart",
    "j,x,lower,5,1.0000000000000000000000000000001,40,5,1,40": "sd_treatment has more than 27 decimals",
    "l,x,lower,5,1.0000000000000000000000000001,40,5,1,40": "sd_treatment has more than 27 decimals",
    "m,x,lower,123456789012345.6789012345678901,1,40,5,1,40": "mean_treatment has more than 30 digits",
}
FITTED = (
    "y,x,lower,5,1,999999999,5,1,999999999",
    "z,x,lower,5,1,40,5,1,40",
    f"w,x,none,-0.{'123456789' * 3},1,40,-123.{'123456789' * 3},1,40",
)


@pytest.fixture
def extreme(tmp_path):
    path = tmp_path / "extreme.csv"
    path.write_text(HEAD + "\n".join([*LEFT_OUT, *FITTED]) + "\n", encoding="utf-8")
    return path


def test_each_row_is_a_problem_or_named(extreme):
    grid = plan_batch(extreme, "two_arm", "weakly_informative")
    assert [cell.study for cell in grid.cells] == ["y", "z", "w"]
    assert [study for study, _, _ in grid.unmeasured] == [row[0] for row in LEFT_OUT]
    for (study, outcome, reason), words in zip(grid.unmeasured, LEFT_OUT.values(), strict=True):
        assert reason.startswith(f"{study}/{outcome}: ")
        assert words in reason
    assert not plan_batch([extreme, "lmwh_ivf"], "two_arm", outcomes=["live_birth"]).unmeasured


def test_what_is_left_out_is_said_and_stands_in_a_table(extreme, tmp_path, capsys):
    options = ["--models", "two_arm", "--priors", "weakly_informative", "--out", str(tmp_path / "out")]
    assert run(["batch", str(extreme), *options]) == 0
    said = capsys.readouterr().err
    assert said.count("Left out: ") == 11  # ten rows, and how many more there are
    assert f"Left out: {len(LEFT_OUT) - 10} more rows" in said
    result = batch(extreme, "two_arm", "weakly_informative", out=tmp_path / "out")
    assert set(result.effects.study) == {"y", "z", "w"}
    assert set(result.effects.verdict) <= {"pass", "warn"}
    assert result.failures.study.tolist() == [row[0] for row in LEFT_OUT]
    assert set(result.failures.stage) == {"left out"}
    assert result.failures.reason.str.len().gt(20).all()
    assert (result.ok, result.counts.failed) == (True, 0)


def test_check_names_them_too(extreme, capsys):
    assert run(["check", str(extreme)]) == 0
    said = capsys.readouterr().out
    assert f"a valid table of {len(LEFT_OUT) + len(FITTED)} rows" in said
    assert said.count("batch leaves it out: ") == len(LEFT_OUT)


def test_what_can_be_measured_is_kept(tmp_path):
    path = tmp_path / "table.csv"
    rows = ["a,x,lower,0,1e-15,40,1e-10,1e-15,40", "b,x,lower,1e15,1e14,40,-1e15,1e15,2", "c,x,none,0,0.001,2,0,1000,2"]
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    assert not unmeasured(read_trials(path))


def test_a_study_file_leaves_such_an_outcome_out_as_a_table_does(tmp_path, capsys):
    arms = "".join(f'[arms.{arm}]\nlabel = "{arm}"\nn = 40\n' for arm in ("treatment", "control"))
    outcome = '[[outcomes]]\nid = "x"\nlabel = "X"\nkind = "mean_sd"\nbenefit = "higher"\n'
    means = f'treatment = "5 ± 0.{"0" * 9}1"\ncontrol = "5 ± 1"\n'
    path = tmp_path / "trial.toml"
    path.write_text(f'schema_version = 1\nid = "t"\ntitle = "T"\n{arms}{outcome}{means}', encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert "times apart, as if in two units" in capsys.readouterr().out
    assert run(["audit", str(path)]) == 0
    assert run(["run", str(path), "--engine", "exact", "--out", str(tmp_path / "out")]) == 1
    assert "times apart, as if in two units" in capsys.readouterr().out
