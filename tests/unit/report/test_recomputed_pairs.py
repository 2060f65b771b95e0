"""A recomputed test of percentages that stand for several pairs of counts: with its effect where one is left, else not at all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi

TRIAL = """
schema_version = 1
id = "trial"
title = "A trial"
max_embryos = 3
[arms]
treatment = {{ label = "T", n = 52 }}
control = {{ label = "C", n = 50 }}
[[outcomes]]
id = "x"
label = "X"
kind = "percent"
per = "transfer"
benefit = "higher"
treatment = "16.6%"
control = "6.6%"
n = {{ treatment = "{0}", control = "{1}" }}
claim = {{ text = "{2}", direction = "higher", p = "P<0.05" }}
"""


def row_of(tmp_path, *printed):
    path = tmp_path / "trial.toml"
    path.write_text(TRIAL.format(*printed), encoding="utf-8")
    result = bi.reanalyze(path, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    (row,) = result.comparison.to_dict("records")
    return row, result.fits[0].problem.data


def test_one_pair_that_the_rest_leaves_has_effect_and_test(tmp_path):
    row, data = row_of(tmp_path, "140-150", "118-124", "RR = 2.5 (1.18 to 5.41)")
    assert data["events"].tolist() == [24, 8]
    treatment, control = zip(data["events"].tolist(), data["n"].tolist(), strict=True)
    assert row["freq_test"] == "Fisher"
    assert row["freq_effect"] == pytest.approx(24 / data["n"][0] - 8 / data["n"][1])
    table = [[k, n - k] for k, n in (treatment, control)]
    assert row["freq_p"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_several_pairs_name_no_test_and_say_how_many_there_are(tmp_path):
    row, data = row_of(tmp_path, "100-160", "90-150", "higher")
    assert data["events"].ndim == 2
    assert len(data["events"]) > 1
    assert np.isnan(row["freq_effect"])
    assert np.isnan(row["freq_p"])
    assert row["freq_test"] == ""
    assert "pairs of counts" in row["reading"]
