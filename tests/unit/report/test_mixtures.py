"""A run tells outcomes of which several readings are open: in a table, on the page, and to whoever verifies it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bayes_ivf as bi
from bayes_ivf.reading_choices import mixed_readings
from bayes_ivf.report.mixtures import mixture_rows
from bayes_ivf.report.rebuilt import Rebuilt
from bayes_ivf.report.verify_mixtures import mixture_differences
from bayes_ivf.report.write import context_in_memory

PERCENTS = """
schema_version = 1
id = "percents"
title = "Percentages without denominators"
[arms.treatment]
label = "a"
n = 60
[arms.control]
label = "b"
n = 60
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "percent"
per = "woman"
benefit = "higher"
mcid = 0.05
n = { treatment = "55-60", control = "55-60" }
treatment = "40%"
control = "30%"
[[outcomes]]
id = "birth"
label = "Live birth"
kind = "counts"
per = "woman"
benefit = "higher"
treatment = "20/60"
control = "15/60"
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "percents.toml"
    path.write_text(PERCENTS, encoding="utf-8")
    return bi.reanalyze(path, models=["two_arm"], priors=["weakly_informative", "reference"], engine="exact")


def test_the_table_has_every_open_choice(result):
    (row,) = result.mixtures.to_dict("records")
    assert (row["outcome"], row["choice"], row["per"], row["share"]) == ("cpr", "decoding", "woman", pytest.approx(1))
    found = bi.readings(result.study, "cpr")
    assert row["readings"] == row["levels"] == len(found.each)
    assert row["p_benefit"] == pytest.approx(found.p_benefit)
    assert (row["p_benefit_min"], row["p_benefit_max"]) == pytest.approx(found.range_of_benefit)
    assert result.seconds["readings"] >= 0


def test_every_digit_of_the_page_has_a_key(result):
    context = context_in_memory(result)
    (row,) = mixture_rows(context)
    assert row["number"].value == len(bi.readings(result.study, "cpr").each)
    low, high = row["likely"][1:]
    assert low.value <= row["likely"][0].value <= high.value
    assert low.key != high.key
    assert row["choices"][0][1].text == "100"


def test_page_and_verification(result, tmp_path):
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What the paper leaves open, mixed" in page
    assert "counts behind the percentages of Clinical pregnancy" in page
    context = context_in_memory(result)
    assert mixture_differences(Rebuilt(context)) == []
    other = replace(context, mixed=(replace(context.mixed[0], p_benefit=0.5),))
    (difference,) = mixture_differences(Rebuilt(other))
    assert "cpr per woman, decoding" in difference.where


def test_only_what_the_run_has_and_what_is_quick(result):
    assert mixed_readings(result.study, (), result.sets[0], 0.95) == ()
    index = bi.load_study("lei-2026")
    found = mixed_readings(index, result.cards, result.sets[0], 0.95)
    # spreads that the audit doubts; embryos would need a model that this run has not
    assert {(each.outcome, each.choice) for each in found} == {(name, "spread") for name in ("fsh", "e2", "lh")}
