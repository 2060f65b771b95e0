"""The first prior set asked for is the primary one of every outcome to which it applies, and pages name the others."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from marked import Numbers

import bayes_ivf as bi
from bayes_ivf import Study
from bayes_ivf.cli.main import run

ASKED = ["reference", "weakly_informative"]


@pytest.fixture(scope="module")
def study():
    """A claim, to which the reference set does not apply, and then counts."""
    claim = Study.from_claim(n=(50, 50), direction="higher", alpha=0.05, outcome="il6", benefit="lower")
    return Study.combine([claim, Study.from_counts((18, 50), (14, 50), "live_birth")])


def _rows(folder, *names):
    table = pd.read_csv(folder / "comparison.csv").set_index("outcome")
    return table.loc["live_birth", list(names or ("bayes_effect", "bayes_ci_low", "bayes_ci_high", "p_benefit"))]


@pytest.fixture(scope="module")
def folders(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("primary")
    bi.batch(study, "two_arm", ASKED, out=path / "both", workers=1)
    bi.batch(study, "two_arm", ASKED, out=path / "one", outcomes=["live_birth"], workers=1)
    return path


def test_the_headline_does_not_hang_on_other_outcomes(folders):
    assert _rows(folders / "both").equals(_rows(folders / "one"))
    effects = pd.read_csv(folders / "both" / "effects.csv").query("estimand == 'risk_difference'")
    assert effects.prior.tolist() == ASKED
    assert _rows(folders / "both", "bayes_effect").item() == pytest.approx(effects["median"].iloc[0], rel=1e-12)


def test_pages_name_the_prior_of_rows_under_another(folders):
    page = Numbers((folders / "both" / "studies" / "study.html").read_text(encoding="utf-8"))
    index = Numbers((folders / "both" / "index.html").read_text(encoding="utf-8"))
    assert re.search("under the prior “ ?Reference ?” unless the row names another", index.words)
    for each in (page, index):
        shown = {name: row for row in reversed(each.rows) for name in ("il6", "live_birth") if _about(row, name)}
        assert re.search("under weakly.informative", _all(shown["il6"]), re.IGNORECASE)
        assert "under reference" not in _all(shown["live_birth"]).lower()
        assert "under weakly" not in _all(shown["live_birth"]).lower()


def _about(row, name):
    return any(cell["text"].strip().lower().replace(" ", "_").startswith(name) for cell in row[:2])


def _all(row):
    return " ".join(cell["text"] for cell in row)


def test_report_and_a_second_step_keep_the_order(folders, study, tmp_path):
    before = (folders / "both" / "comparison.csv").read_bytes()
    assert run(["report", str(folders / "both")]) == 0
    assert (folders / "both" / "comparison.csv").read_bytes() == before
    bi.batch(study, "two_arm", ASKED[1:], out=tmp_path / "out", workers=1)
    bi.batch(study, "two_arm", ASKED, out=tmp_path / "out", workers=1)
    assert _rows(tmp_path / "out").equals(_rows(folders / "one"))
    assert run(["report", str(tmp_path / "out")]) == 0
    assert _rows(tmp_path / "out").equals(_rows(folders / "one"))


def test_the_report_of_a_run_names_it_too(study, tmp_path):
    out = tmp_path / "out"
    bi.reanalyze(study, out, models=["two_arm"], priors=ASKED, engine="exact")
    for name in ("report.html", "report.md"):
        words = (out / name).read_text(encoding="utf-8").replace("\\", "")
        assert "under the prior “Reference” unless" in words
        assert words.count("under Weakly informative") == 1
