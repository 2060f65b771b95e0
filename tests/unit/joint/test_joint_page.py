"""The joint model of a small study, from its draws to the page: a sensitivity beside the result of record."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from marked import NEVER, Numbers

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.planning import load_cards, plan
from bayes_ivf.priors import load_prior_set
from bayes_ivf.report import rebuild_report, running, write_run
from bayes_ivf.study import parse_study

BAD = "<script>alert(1)</script> | [a](javascript:b) `c`"
LABELS = {"pain": f"Pain {BAD}", "cpr": f"Pregnant {BAD}", "fsh": "FSH"}
FAMILY = {"pain": "safety", "cpr": "pregnancy"}
PRIOR = "weakly_informative"
ITEMS = [
    {"id": "pain", "kind": "counts", "per": "woman", "benefit": "lower", "treatment": "4/40", "control": "9/40",
     "family": "safety"},
    {"id": "cpr", "kind": "counts", "per": "woman", "benefit": "higher", "treatment": "16/40", "control": "12/40",
     "family": "pregnancy"},
    {"id": "fsh", "kind": "mean_sd", "benefit": "none", "treatment": "5.8 ± 0.8", "control": "7.9 ± 0.8"},
]  # fmt: skip


def write(result, folder):
    with running(folder, result.study):
        write_run(result, folder, [load_card("two_arm"), load_card("joint")], [load_prior_set(PRIOR)])
    return result, folder


@pytest.fixture(scope="module")
def study():
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    outcomes = [item | {"label": LABELS[item["id"]]} for item in ITEMS]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "s.toml")


@pytest.fixture(scope="module")
def alone(study, tmp_path_factory):
    result = bi.reanalyze(study, models=["two_arm"], priors=[PRIOR], engine="exact")
    return write(result, tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def run(study, alone, tmp_path_factory):
    """Results of record by quadrature; the joint model is what these tests wait for."""
    fit = bi.fit(study, "cpr", model="joint", prior=PRIOR)
    return write(replace(alone[0], fits=(*alone[0].fits, fit)), tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def page(run):
    return Numbers((run[1] / "report.html").read_text(encoding="utf-8"))


def test_a_small_study_is_sampled(run):
    fit = run[0].fits[-1]
    assert fit.verdict.level in ("pass", "warn")
    rows = {(row.outcome, row.estimand): row for row in fit.rows}
    assert {("pain", "risk_difference"), ("cpr", "log_odds_ratio"), ("all_outcomes", "mu")} <= set(rows)
    assert {("family_pregnancy", "tau"), ("family_safety", "mu")} <= set(rows)


def test_the_table_tells_how_far_every_outcome_moves(run):
    table = run[0].joint.set_index("outcome")
    assert set(table.index) == {"pain", "cpr"}
    for outcome, row in table.iterrows():
        fits = run[0].fits
        own = next(each for fit in fits for each in fit.rows if (each.outcome, each.estimand) == (outcome, row.scale))
        joint = next(each for each in fits[-1].rows if (each.outcome, each.estimand) == (outcome, "log_odds_ratio"))
        assert (row.own, row.own_p_benefit, row.joint, row.joint_high) == (
            own.median, own.p_benefit, joint.median, joint.ci_high,
        )  # fmt: skip
        assert row.move == pytest.approx((joint.median - own.median) / own.sd)
    # both point toward benefit: the weaker effect gains by the stronger
    assert table.move["cpr"] > 0.05
    assert table.joint_p_benefit["cpr"] > table.own_p_benefit["cpr"]


def test_the_file_is_the_table(run):
    result, folder = run
    pd.testing.assert_frame_equal(bi.results.JOINT.read(folder), pd.DataFrame(result.joint), check_dtype=False)


def test_the_page_says_what_it_is(page):
    start = page.words.index("Sensitivity: all outcomes of the trial in one hierarchy")
    said = page.words[start : start + 1200]
    assert "beside the result of record, never instead of it" in said
    assert "a strong assumption" in said
    assert [word for word in NEVER if word in page.words] == []


def test_the_page_shows_labels_and_the_numbers_of_the_table(run, page):
    table = run[0].joint.set_index("outcome")
    head = next(row for row in page.rows if [cell["text"] for cell in row][4:5] == ["Move"])
    rows = page.rows[page.rows.index(head) + 1 :][: len(table)]
    assert [row[0]["text"] for row in rows] == [LABELS["pain"], LABELS["cpr"]]
    for outcome, cells in zip(("pain", "cpr"), rows, strict=True):
        told = table.loc[outcome]
        assert cells[2]["values"] == [told.own, told.own_low, told.own_high]
        assert cells[3]["values"] == [told.joint, told.joint_low, told.joint_high]
        assert cells[4]["values"] == [told.move]
        assert float(cells[4]["text"].removesuffix(" sd")) == pytest.approx(told.move, abs=0.05)
        assert cells[5]["values"] == [told.own_p_benefit, told.joint_p_benefit]
        assert cells[1]["text"] == f"{FAMILY[outcome]}, log odds ratio"
    # no outcome's result of record is that of the joint model
    assert {
        key.split("/")[3] for key, _, _, section in page.values if section not in ("joint", "computation")
    }.isdisjoint({"joint"})


def test_a_key_has_one_value_and_one_text(page):
    seen = {}
    for key, value, text, _ in page.values:
        assert seen.setdefault(key, (value, text)) == (value, text), key
    assert sum("/joint/" in key and "(fit)" not in key for key in seen) == 2 * 5


def test_hostile_labels_stay_text(run):
    html, plain = ((run[1] / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    assert "<script>alert" not in html + plain
    part = plain[plain.index("## Sensitivity") : plain.index("## How it was computed")]
    assert "](javascript" not in re.sub(r"\\.", "", part)
    tables = [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)]
    assert [len(lines) for lines in tables] == [4, 3]  # of the hierarchy, of readings
    for lines in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert "strong assumption" in part


def test_the_page_is_the_same_when_made_from_the_folder(run):
    folder = run[1]
    before = [(folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md")]
    rebuild_report(folder)
    assert [(folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md")] == before


def test_without_a_joint_model_nothing_is_said_of_it(alone):
    result, folder = alone
    assert result.joint.empty
    assert not (folder / "joint.csv").exists()
    for name in ("report.html", "report.md"):
        assert "ensitivity: all" not in (folder / name).read_text(encoding="utf-8")


def test_a_later_run_without_it_leaves_no_table_behind(run, alone, tmp_path):
    write(run[0], tmp_path)
    assert (tmp_path / "joint.csv").exists()
    write(alone[0], tmp_path)
    assert not (tmp_path / "joint.csv").exists()


def test_a_batch_keeps_the_same_table(study, run, tmp_path):
    batch = bi.batch([study], ["two_arm", "joint"], [PRIOR], out=tmp_path, executor="serial")
    pd.testing.assert_frame_equal(pd.DataFrame(batch.joint), pd.DataFrame(run[0].joint), check_dtype=False)
    (path,) = (tmp_path / "studies").glob("*.html")
    page = Numbers(path.read_text(encoding="utf-8"))
    assert "Sensitivity: all outcomes of the trial in one hierarchy" in page.words
    assert LABELS["pain"] in page.words


def test_named_alone_it_stands_beside_what_runs_unasked(study):
    usual = [card.id for card in load_cards()]
    assert "joint" not in usual
    assert [card.id for card in load_cards(["joint"])] == [*usual, "joint"]
    assert [card.id for card in load_cards([load_card("joint")])] == [*usual, "joint"]
    assert [card.id for card in load_cards(["two_arm", "joint"])] == ["two_arm", "joint"]
    planned = plan(study, load_cards(["joint"]), [load_prior_set(PRIOR)])
    assert {problem.model for problem in planned.problems} == {"two_arm", "joint"}
