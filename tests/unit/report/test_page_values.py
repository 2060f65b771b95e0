"""A page as a whole: one value per key, the model of record in every column, words and digits."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from marked import NEVER, Numbers

from bayes_ivf import Study, reanalyze
from bayes_ivf.files import sealed
from bayes_ivf.report import rebuild_report
from bayes_ivf.report.values import one_value_per_key
from bayes_ivf.results import Value

SETS = ["weakly_informative", "skeptical_moderate", "optimistic_moderate"]


def numbers(folder):
    return Numbers((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def index(lei, tmp_path_factory):
    """The index trial with rows of a clustered model and of the funnel beside those of two arms, as a full run has them."""
    folder = tmp_path_factory.mktemp("index")
    kept = "cpr eir mcr fsh e2 bhcg ca125 il6 qol_role qol_social qol_mental adverse_reactions age"
    study = replace(lei, items=tuple(item for item in lei.items if item.id in kept.split()))
    reanalyze(study, folder, models=["two_arm"], priors=SETS, engine="exact")
    effects = pd.read_csv(folder / "effects.csv", keep_default_na=False)
    risk = effects.scale == "probability"
    moved = {"median": 0.05, "ci_low": 0.03, "ci_high": 0.07}
    nested = effects[(effects.outcome == "eir") & risk].assign(model="embryo_cluster", options="M=3", p_benefit="0.88")
    funnel = effects[effects.outcome.isin(["cpr", "eir", "mcr"]) & risk & (effects.prior == SETS[0])]
    funnel = funnel.assign(
        model="funnel", engine="nuts", p_benefit="0.87", **{n: funnel[n] + d for n, d in moved.items()}
    )
    nested = nested.assign(**{name: nested[name] - by for name, by in moved.items()})
    women = nested.assign(outcome="cpr", p_benefit="0.87")
    pd.concat([effects, nested, women, funnel]).to_csv(folder / "effects.csv", index=False)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["models"] |= {
        name: {"label": name, "rationale": "", "structure": name, "bundled": True}
        for name in ("embryo_cluster", "funnel")
    }
    refresh(folder, manifest)
    rebuild_report(folder)
    return folder


def refresh(folder, manifest):
    import hashlib

    manifest["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)), encoding="utf-8")


@pytest.fixture(scope="module")
def claims_only(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims")
    names = {"il6": ("lower", "lower"), "ca125": ("lower", "lower"), "mood": ("higher", "higher")}
    parts = [
        Study.from_claim(n=(40, 40), direction=direction, alpha=0.05, outcome=name, benefit=benefit)
        for name, (direction, benefit) in names.items()
    ]
    study = replace(parts[0], items=tuple(part.items[0] for part in parts))
    reanalyze(study, folder, models=["two_arm"], priors=SETS, engine="exact")
    return folder


@pytest.fixture(scope="module")
def counts_only(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counts")
    study = Study.from_counts(treatment=(16, 40), control=(12, 40), outcome="cpr", benefit="higher")
    reanalyze(study, folder, models=["two_arm"], priors=SETS, engine="exact")
    return folder


@pytest.fixture(params=["index", "claims_only", "counts_only"])
def page(request):
    return numbers(request.getfixturevalue(request.param))


def test_a_key_has_one_value_and_one_text(page):
    seen = {}
    for key, value, text, _ in page.values:
        assert len(key.split("/")) == 6, key
        assert seen.setdefault(key, (value, text)) == (value, text), key
    assert len(seen) > 10


def test_digits_come_from_the_value(page):
    for key, value, text, _ in page.values:
        if text.startswith(("<", ">")):
            assert (value > 0.999) if text[0] == ">" else (value < 0.001), key
            continue
        digits = text.rstrip("%")
        unit = 10.0 ** -len(digits.partition(".")[2])
        estimand, statistic = key.split("/")[1], key.split("/")[5]
        hundred = 1.0 if statistic.startswith("p_") else 100.0
        percent = text.endswith("%") or estimand == "risk_difference" or statistic == "shrinkage"
        shown = float(digits) / (hundred if percent else 1.0)
        assert abs(shown - value) <= 0.500001 * unit / (hundred if percent else 1.0), (key, text, value)


def test_words_that_are_never_there(page):
    for words in NEVER:
        assert words not in page.words, words
    assert not {"nan", "None", "NaN", "inf"} & set(page.words.replace("(", " ").replace(")", " ").split())


def test_every_value_is_that_of_the_tables(index):
    effects = pd.read_csv(index / "effects.csv", keep_default_na=False)
    names = effects.model + effects.options.map(lambda text: f"[{text}]" if text else "")
    table = effects.assign(name=names).set_index(["outcome", "estimand", "prior", "name", "engine"]).sort_index()
    mixtures = pd.read_csv(index / "mixtures.csv")
    found = 0
    for key, value, _, _ in numbers(index).values:
        *parts, statistic = key.split("/")
        if "[readings=" in key:  # mixtures over all readings have a table of their own
            mine = mixtures[mixtures.outcome == parts[0]].apply(pd.to_numeric, errors="coerce").to_numpy().ravel()
            assert np.isclose(mine, value / (100 if statistic.startswith("share") else 1), rtol=1e-12).any(), key
            found += 1
            continue
        if (
            "*" in parts
            or parts[4] in ("closed form", "nuts-exact", "none")
            or statistic in ("probability", "shrinkage")
        ):
            continue
        if parts[1] in ("(fit)", "bayes_factor"):  # the worst of several rows; of evidence.csv
            continue
        rows = table.loc[[tuple(parts)]].assign(p_outside_rope=lambda each: 1 - pd.to_numeric(each.p_in_rope))
        assert value in [float(each) for each in rows[[statistic]].to_numpy().ravel()], key
        found += 1
    assert found > 50


def test_the_table_of_priors_has_one_model_in_a_column(index):
    page = numbers(index)
    models, sets = {}, {}
    for key, _, _, section in page.values:
        outcome, _, prior, model, _, _ = key.split("/")
        if section == "priors":
            models.setdefault(outcome, set()).add(model)
            sets.setdefault(outcome, set()).add(prior)
    assert max(map(len, sets.values())) == len(SETS)
    assert models["eir"] == {"embryo_cluster[M=3]"}
    assert models["cpr"] == models["fsh"] == {"two_arm"}


def test_another_model_stands_only_where_it_is_named(index):
    page = numbers(index)
    record = {"cpr": "two_arm", "eir": "embryo_cluster[M=3]", "mcr": "two_arm", "fsh": "two_arm"}
    elsewhere = {
        (key, section)
        for key, _, _, section in page.values
        if (outcome := key.split("/")[0]) in record
        and key.split("/")[3] not in (record[outcome], "Newcombe", "Fisher", "Welch", "audit")
    }
    assert {section for _, section in elsewhere} <= {
        "women",
        "comparison",
        "embryos",
        "computation",
        "engines",
        "readings",
    }
    assert "One model fits all stages together" in page.words
    # within the comparison: only the sentence that says so
    assert [key for key, section in elsewhere if section == "comparison" and "/funnel/" in key] == []


def test_stages_stand_in_the_order_in_which_they_come_to_pass(index):
    rows = numbers(index).rows
    first = next(place for place, row in enumerate(rows) if row and row[0]["text"] == "Stage")
    labels = [row[0]["text"] for row in rows[first + 1 : first + 4]]
    assert labels == ["Embryo implantation", "Clinical pregnancy", "Miscarriage per clinical pregnancy"]


def test_a_finding_marks_its_row(index):
    page = numbers(index)
    place = page.words.index("FSH after treatment 5.81")
    row = page.words[place : place + 900]
    assert "Caution: a difference of 2.7 SD" in row
    assert "agrees with the claim, but caution: a difference of 2.7 SD" in row
    assert "What cannot be right under a stated assumption" in page.words


def test_words_only_are_folded_and_shown_as_a_range(index):
    page = numbers(index)
    row = next(row for row in page.rows if row and row[0]["text"].startswith("CA-125"))
    assert row[0]["text"] == "CA-125, Interleukin-6 and three quality-of-life scores"
    assert row[3]["text"].startswith("words only")
    assert row[4]["text"].startswith("0.50 to 0.998")
    assert {key.split("/")[3] for key in row[4]["keys"]} == {"two_arm[doubt=0]", "two_arm[doubt=1]"}


@pytest.mark.parametrize("folder", ["index", "claims_only"])
def test_the_table_of_words_says_what_the_page_says(folder, request):
    folder = request.getfixturevalue(folder)
    table = pd.read_csv(folder / "comparison.csv").set_index("outcome")
    words = table[table.kind == "claim_only"].dropna(subset="bayes_effect_min")
    assert len(words) > 1
    assert words[["bayes_effect", "bayes_ci_low", "bayes_ci_high", "p_benefit", "p_beyond_mcid"]].isna().all().all()
    shown = {}
    for row in numbers(folder).rows:
        for cell, statistic in zip(row[3:5], ("median", "p_benefit"), strict=False):
            for key, value in zip(cell["keys"], cell["values"], strict=True):
                outcome, *_, found = key.split("/")
                if outcome in words.index and found == statistic and cell["text"].startswith(("words only", "0.50 to")):
                    shown.setdefault((outcome, statistic), []).append(value)
    assert {statistic for (_, statistic), values in shown.items() if len(values) > 1} == {"median", "p_benefit"}
    for (outcome, statistic), values in shown.items():
        name = {"median": "bayes_effect", "p_benefit": "p_benefit"}[statistic]
        ends = [words.loc[outcome, f"{name}_{end}"] for end in ("min", "max")]
        assert sorted(values) == ends or (len(values) == 1 and values[0] in ends)


def test_a_trial_of_words_has_no_bar_from_zero(claims_only):
    page = numbers(claims_only)
    assert page.bars
    assert all("margin-left:50.0%" in style for style in page.bars)
    assert "words only" in page.words
    assert "are known only from words" in page.words


def test_the_range_of_the_estimate_stands_beside_that_of_benefit(counts_only):
    row = pd.read_csv(counts_only / "comparison.csv").iloc[0]
    effects = pd.read_csv(counts_only / "effects.csv")
    mine = effects[effects.estimand == "risk_difference"]
    assert (row.bayes_effect_min, row.bayes_effect_max) == (mine["median"].min(), mine["median"].max())
    assert list(pd.read_csv(counts_only / "comparison.csv").columns)[-4:] == [
        "reading",
        "bayes_effect_min",
        "bayes_effect_max",
        "findings",
    ]
    cell = next(row for row in numbers(counts_only).rows if len(row) > 4 and "points" in row[3]["text"])[3]
    assert f"{100 * row.bayes_effect_min:+.1f} to {100 * row.bayes_effect_max:+.1f} over priors" in cell["text"]


def test_two_values_of_a_key_are_refused():
    value = Value("cpr", "risk_difference", "p", "two_arm", "exact", "median", 0.1, "+10.0")
    assert list(one_value_per_key([value, {"again": (value,)}])) == ["cpr/risk_difference/p/two_arm/exact/median"]
    with pytest.raises(ValueError, match="two values of cpr"):
        one_value_per_key([value, replace(value, value=0.2, text="+20.0")])
    with pytest.raises(ValueError, match="two values"):
        one_value_per_key([value, replace(value, text="+10")])


def test_a_folder_without_readings_in_parts_still_makes_a_page(counts_only, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(counts_only, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]["readings.json"]
    (folder / "readings.json").unlink()
    refresh(folder, manifest)
    rebuild_report(folder)
    reading = pd.read_csv(folder / "comparison.csv").reading[0]
    shown = re.sub(r" (?=[,;:.)%])|(?<=\() ", "", " ".join(numbers(folder).words.split()))
    assert " ".join(reading.split()) in shown


def test_nothing_to_estimate_is_said(tmp_path, capsys):
    from bayes_ivf.cli.main import run

    path = tmp_path / "nothing.toml"
    path.write_text(
        """schema_version = 1
id = "nothing"
title = "Nothing"
[arms.treatment]
label = "t"
n = 40
[arms.control]
label = "c"
n = 40
[[outcomes]]
id = "bhcg"
label = "Beta-hCG"
kind = "unavailable"
benefit = "higher"
note = "not visible"
""",
        encoding="utf-8",
    )
    status = run(["run", str(path), "--out", str(tmp_path / "out")])
    assert status == 1
    assert "Nothing could be estimated" in capsys.readouterr().err
    assert (tmp_path / "out" / "report.html").exists()


def test_a_claim_without_direction_shows_a_size(tmp_path):
    study = Study.from_claim(n=(40, 40), direction="differs", alpha=0.05, outcome="mood", benefit="higher")
    reanalyze(study, tmp_path / "run", models=["two_arm"], priors=SETS[:1], engine="exact")
    page = numbers(tmp_path / "run")
    row = next(row for row in page.rows if len(row) > 4 and row[3]["text"].startswith("words only"))
    assert "size 1." in row[3]["text"]
    assert "sign unknown, if the claim is true" in row[3]["text"]
