"""The document that reruns a reanalysis: its study is the study, its code runs, its numbers are the same."""

from __future__ import annotations

import re

import pytest

import bayes_ivf as bi
from bayes_ivf.report import context_in_memory
from bayes_ivf.study import bundled_studies, parse_study, study_table, study_toml
from bayes_ivf.takehome.rerun import engine_of, inert, report_qmd


def chunks(text):
    return re.findall(r"^```\{python\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def execute(text, folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = {}
    for chunk in chunks(text):
        exec(compile(chunk, "report.qmd", "exec"), names)  # noqa: S102
    return names


def test_it_runs_and_gives_the_same_numbers(tmp_path, monkeypatch):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    result = bi.reanalyze(study, models=["two_arm"], priors=["skeptical_moderate"], engine="exact", ci_prob=0.9)
    names = execute(report_qmd(context_in_memory(result)), tmp_path, monkeypatch)
    assert names["differences"] == {"cpr": 0.0}
    assert names["result"].effects.equals(result.effects)
    assert names["result"].ci_prob == 0.9
    assert [path.name for path in tmp_path.iterdir()] == ["study.from-report.toml"]


def test_code_of_every_chunk_compiles(taken):
    text = (taken[1] / "report.qmd").read_text(encoding="utf-8")
    parts = chunks(text)
    assert len(parts) == 7
    for part in parts:
        compile(part, "report.qmd", "exec")
    assert text.count("```") == 2 * len(parts)


def test_the_study_inside_is_the_study(taken, tmp_path, monkeypatch):
    result, folder, _ = taken
    first, *_ = chunks((folder / "report.qmd").read_text(encoding="utf-8"))
    names = {}
    monkeypatch.chdir(tmp_path)
    exec(compile(first, "report.qmd", "exec"), names)  # noqa: S102
    assert bi.load_study(names["path"]) == result.study


def test_hostile_words_run_nothing(bad):
    text = (bad[1] / "report.qmd").read_text(encoding="utf-8")
    assert "{{" not in text
    assert text.count("`{") == text.count("```{python}")
    assert "`code`" not in text
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"<|\]\(|\$|\*|\\", prose)


def test_settings_are_those_of_the_run(trial):
    text = (trial[1] / "report.qmd").read_text(encoding="utf-8")
    assert "MODELS = ['two_arm']\nPRIORS = ['weakly_informative', 'skeptical_moderate', 'optimistic_moderate']" in text
    assert "    engine='exact',\n    ci_prob=0.95,\n)" in text
    assert "draws=" not in text
    assert engine_of(trial[2]) == "exact"


@pytest.mark.parametrize("engine", ["auto", "nuts"])
def test_a_sampled_run_names_engine_and_settings(engine):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    chosen = {"draws": 200, "tune": 200, "chains": 2, "seed": 5}
    result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine=engine, **chosen)
    text = report_qmd(context_in_memory(result))
    assert (
        f"    engine='{engine}',\n    ci_prob=0.95,\n    draws=200,\n    tune=200,\n    chains=2,\n    seed=5,\n)"
        in text
    )


def test_rows_of_women_stay_at_home():
    import pandas as pd

    frame = pd.DataFrame(
        {"arm": ["treatment"] * 4 + ["control"] * 4, "woman": list("abcdefgh"), "cpr": [1, 1, 1, 0] * 2}
    )
    study = bi.Study.from_frame(frame, "cpr", keep_data=True)
    text = report_qmd(context_in_memory(bi.reanalyze(study, priors=["reference"], engine="exact")))
    assert "Rows of individual women are not part of this document" in text
    assert "rows" not in chunks(text)[0]


def test_a_card_of_ones_own_is_named(tmp_path):
    card = (bi.cards.bundled_cards()["two_arm"]).read_text(encoding="utf-8").replace('id = "two_arm"', 'id = "mine"', 1)
    path = tmp_path / "mine.toml"
    path.write_text(card, encoding="utf-8")
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    result = bi.reanalyze(study, tmp_path / "run", models=[path], priors=["reference"], engine="exact")
    from bayes_ivf.report import read_context

    text = report_qmd(read_context(tmp_path / "run"))
    assert "# of your own, so write the paths of their files here: mine\nMODELS = ['mine']" in text
    assert len(result.fits) == 1


@pytest.mark.parametrize("name", sorted(bundled_studies()))
def test_toml_is_read_back(name, tmp_path):
    study = bi.load_study(name)
    path = tmp_path / "again.toml"
    path.write_text(study_toml(study_table(study)), encoding="utf-8")
    assert bi.load_study(path) == parse_study(study_table(study), "x") == study


def test_signs_of_markdown_are_entities():
    assert inert("a `b` {{< c >}} P<0.05\n_d_") == (
        "a &#96;b&#96; &#123;&#123;&#60; c &#62;&#125;&#125; P&#60;0.05 &#95;d&#95;"
    )
