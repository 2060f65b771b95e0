"""What `check` says of a valid study file: how it was read, and what run will do with it."""

from __future__ import annotations

HEAD = """
schema_version = 1
id = "small"
title = "Small"
arms.treatment = {label = "a", n = 40}
arms.control = {label = "b", n = 40}
"""
ALONE = """
[[outcomes]]
id = "il6"
label = "IL-6"
kind = "claim_only"
benefit = "lower"
paired = true
claim = {text = "lower", direction = "lower", p = "P=1e-28"}
"""
COUNTS = """
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "counts"
per = "woman"
benefit = "higher"
treatment = "16/40"
control = "12/40"
"""
MEANS = """
[[outcomes]]
id = "fsh"
label = "FSH"
kind = "mean_sd"
benefit = "none"
treatment = "9.8 ± 1.6"
control = "9.5 ± 1.7"
"""


def test_check_says_what_run_does_where_nothing_can_be_estimated(cli, tmp_path):
    path = tmp_path / "alone.toml"
    path.write_text(HEAD + ALONE, encoding="utf-8")
    checked = cli("check", path)
    assert checked.status == 0
    reason = "P=1e-28 of the same women, or matched pairs, in both arms: a check only"
    assert reason in checked.out
    assert "nothing can be estimated: run writes the audit and the report, and exits with status 1" in checked.out
    ran = cli("run", path, "--engine", "exact")
    assert ran.status == 1
    assert reason in ran.out
    assert "Nothing could be estimated" in ran.err


def test_run_says_which_options_of_sampling_changed_nothing(cli, tmp_path):
    path = tmp_path / "counts.toml"
    path.write_text(HEAD + COUNTS, encoding="utf-8")
    words = ("run", path, "--models", "two_arm", "--priors", "reference")
    said = cli(*words, "--draws", "400", "--seed", "0").err
    assert "--draws, --seed changed nothing: quadrature answered every fit, none was sampled" in said
    assert "changed nothing" not in cli(*words).err


def test_a_spread_that_nothing_declares_is_said_once(cli, tmp_path):
    path = tmp_path / "means.toml"
    path.write_text(HEAD + MEANS + MEANS.replace("fsh", "lh"), encoding="utf-8")
    checked = cli("check", path).out
    (line,) = [line.strip() for line in checked.splitlines() if "±" in line]
    assert line.startswith("fsh, lh: ± is read as a standard deviation")
    assert 'spread = "se"' in line
    assert "nothing can be estimated" not in checked
    small = ("--models", "two_arm", "--priors", "weakly_informative", "--engine", "exact")
    assert cli("run", path, *small).err.count("± is read as a standard deviation") == 1
    batch = ("batch", path, "--out", tmp_path / "out", "--dry-run", *small)
    assert cli(*batch).err.count("small: fsh, lh: ± is read as a standard deviation") == 1
    assert cli(*batch, "--outcomes", "lh").err.count("small: lh: ± is read as a standard deviation") == 1
    worded = MEANS.replace("± 1.6", "(SD 1.6)").replace("± 1.7", "(SD 1.7)")
    path.write_text(HEAD + worded + MEANS.replace("fsh", "lh") + 'spread = "sd"', encoding="utf-8")
    assert "±" not in cli("check", path).out
    assert "±" not in cli(*batch).err
