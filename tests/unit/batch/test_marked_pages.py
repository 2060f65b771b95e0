"""Pages of a batch: numbers under their keys, each key with one value, those of the tables of the batch."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from marked import NEVER, Numbers

import bayes_ivf as bi
from bayes_ivf import Study
from bayes_ivf.spreadsheet import read_table

PAGE = "(page)/"
"""Begins the keys of numbers that a page counts of itself."""
SETS = ["weakly_informative", "skeptical_moderate", "beta_uniform"]
TRIALS = """study,outcome,benefit,events_treatment,n_treatment,events_control,n_control
a,cpr,higher,16,40,12,40
b,cpr,higher,30,60,41,64
b,loss,lower,0,30,3,41
c,Clinical pregnancy,higher,29000,30000,100,30000
"""

CLAIMS = """schema_version = 1
id = "s"
title = "Two markers"
randomized = "yes"
arms = { treatment = { label = "T", n = 50 }, control = { label = "C", n = 50 } }
""" + "".join(
    f'''
[[outcomes]]
id = "{name.lower().replace("-", "")}"
label = "{name}"
kind = "claim_only"
benefit = "{direction}"
claim = {{ text = "P<0.05", direction = "{direction}", p = "P<0.05" }}
note = "NOTE-{name.replace("-", "")}"
'''
    for name, direction in (("CRP", "lower"), ("IL-6", "higher"))
)
"""Two outcomes of which words alone are known, mirrored, each with a note."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three trials of a table, and a paper with means and with outcomes known only from words."""
    path = tmp_path_factory.mktemp("batch")
    (path / "trials.csv").write_text(TRIALS, encoding="utf-8")
    claims = [
        Study.from_claim(n=(40, 40), direction=direction, alpha=0.05, outcome=name, benefit="lower")
        for name, direction in (("il6", "lower"), ("ca125", "lower"), ("mood", "differs"))
    ]
    means = Study.from_means(treatment=(5.81, 0.76, 40), control=(7.93, 0.82, 40), outcome="fsh", benefit="none")
    bi.batch([path / "trials.csv", Study.combine([means, *claims])], "two_arm", SETS, out=path / "out", workers=1)
    return path / "out"


@pytest.fixture(scope="module")
def pages(folder):
    return {path.name: Numbers(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}


def test_a_key_has_one_value_and_one_text_on_every_page(pages):
    assert len(pages) == 5
    for name, page in pages.items():
        seen = {}
        for key, value, text, _ in page.values:
            assert len(key.split("/")) == 6, key
            assert seen.setdefault(key, (value, text)) == (value, text), (name, key)
        assert len(seen) > 5, name


def test_the_index_says_what_the_pages_say(folder, pages):
    index = {key: (value, text) for key, value, text, _ in pages["index.html"].values}
    found = 0
    for study in ("a", "b", "c"):
        for key, value, text, _ in pages[f"{study}.html"].values:
            if f"{study}:{key}" in index:
                assert index[f"{study}:{key}"] == (value, text), key
                found += 1
    assert found > 30
    assert all(":" in key.partition("/")[0] for key in index if not key.startswith(PAGE))


def test_every_value_is_that_of_the_tables(folder, pages):
    effects = read_table(folder / "effects.csv").fillna({"options": ""})
    names = effects.model + effects.options.map(lambda text: f"[{text}]" if text else "")
    key = ["study", "outcome", "estimand", "prior", "name", "engine"]
    table = effects.assign(name=names).set_index(key).sort_index()
    comparison = read_table(folder / "comparison.csv").set_index(["study", "outcome"])
    closed = {"estimate": "freq_effect", "ci_low": "freq_ci_low", "ci_high": "freq_ci_high", "p": "freq_p"}
    over = {"median": "bayes_effect", "p_benefit": "p_benefit"}
    seen = set()
    for marked, value, _, _ in pages["index.html"].values:
        if marked.startswith(PAGE):
            continue
        first, *parts, engine, statistic = marked.split("/")
        study, _, outcome = first.partition(":")
        if engine == "closed form":
            told = comparison.loc[(study, outcome), closed[statistic]]
            assert value == (1e-300 if told == "<1e-300" else float(told)), marked
        elif "*" in parts:
            base, _, end = statistic.rpartition("_")
            assert value == comparison.loc[(study, outcome), f"{over[base]}_{end}"], marked
        else:
            (told,) = table.loc[[(study, outcome, *parts, engine)], statistic]
            assert value == pytest.approx(told, rel=1e-15), marked
        seen.add((engine, statistic))
    assert {("closed form", "p"), ("exact", "median"), ("*", "median_min"), ("*", "p_benefit_max")} <= seen


def test_words_only_are_folded_and_have_no_number_of_their_own(folder, pages):
    table = pd.read_csv(folder / "comparison.csv").set_index("outcome")
    assert table.loc[["il6", "ca125", "mood"], ["bayes_effect", "bayes_ci_low", "p_benefit"]].isna().all().all()
    assert table.loc["mood", ["p_benefit_min", "p_benefit_max"]].isna().all()
    row = next(row for row in pages["index.html"].rows if len(row) > 5 and row[1]["text"] == "il6 and ca125")
    assert row[2]["text"] == "not told"
    assert row[6]["text"].startswith("words only")
    assert "if its words say nothing" in row[6]["text"]
    assert row[7]["text"].startswith("0.50 to 0.998")
    mood = next(row for row in pages["index.html"].rows if len(row) > 5 and row[1]["text"] == "mood")
    assert "sign unknown" in mood[6]["text"]
    assert mood[7]["text"].startswith("the claim names no direction")


def test_a_finding_marks_its_row_whatever_the_outcome_is_called(pages):
    row = next(
        row for row in pages["index.html"].rows if len(row) > 1 and row[1]["text"].startswith("Clinical pregnancy")
    )
    assert "caution: a log odds ratio of 9.1" in row[1]["text"]
    assert re.search(r"Caution: a log odds ratio of 9\.1 ?; ?see findings", pages["c.html"].words)
    assert re.search("Known only from words: il6 and ca125", pages["study.html"].words)


def test_words_that_are_never_there(pages):
    for name, page in pages.items():
        for words in NEVER:
            assert words not in page.words, (name, words)
        assert not {"nan", "None", "NaN", "inf"} & set(page.words.replace("(", " ").replace(")", " ").split()), name


def test_notes_of_folded_outcomes_stand_on_the_page_each_with_its_label(tmp_path):
    (tmp_path / "s.toml").write_text(CLAIMS, encoding="utf-8")
    bi.batch(tmp_path / "s.toml", "two_arm", SETS[:1], out=tmp_path / "out", workers=1)
    page = Numbers((tmp_path / "out" / "studies" / "s.html").read_text(encoding="utf-8")).words
    told = page.partition("What else the source says of the outcomes")[2]
    assert told.index("CRP NOTE-CRP") < told.index("IL-6 NOTE-IL6")
