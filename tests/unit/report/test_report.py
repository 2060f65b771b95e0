from __future__ import annotations

import hashlib
import json
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest

from bayes_ivf import reanalyze
from bayes_ivf.report import rebuild_report
from bayes_ivf.study import parse_study

EFFECTS = [
    "study",
    "outcome",
    "model",
    "options",
    "prior",
    "engine",
    "estimand",
    "scale",
    "mean",
    "median",
    "sd",
    "ci_low",
    "ci_high",
    "ci_level",
    "ci_kind",
    "hdi_low",
    "hdi_high",
    "p_benefit",
    "mcid",
    "p_beyond_mcid",
    "p_in_rope",
    "r_hat",
    "ess_bulk",
    "ess_tail",
    "mcse",
    "verdict",
    "problem",
]
COMPARISON = [
    "study",
    "outcome",
    "label",
    "kind",
    "role",
    "reported_treatment",
    "reported_control",
    "reported_direction",
    "reported_p",
    "effect_scale",
    "freq_effect",
    "freq_ci_low",
    "freq_ci_high",
    "freq_p",
    "freq_test",
    "bayes_effect",
    "bayes_ci_low",
    "bayes_ci_high",
    "p_benefit",
    "p_beyond_mcid",
    "p_benefit_min",
    "p_benefit_max",
    "reading",
    "bayes_effect_min",
    "bayes_effect_max",
    "findings",
]
CLAIMS = [
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
FINDINGS = [
    "study",
    "check",
    "subject",
    "severity",
    "statement",
    "assumption",
    "evidence",
    "alternatives",
]


class Page(HTMLParser):
    """Collects tags, and the loads that a browser would make."""

    LOADING = ("src", "href", "xlink:href", "data", "poster", "srcset", "action", "formaction", "background")

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.loads, self.handlers, self.text, self.scripts, self.policy = [], [], [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        values = dict(attrs)
        if tag == "script":
            self.scripts.append(values)
        self.handlers += [name for name in values if name.startswith("on")]
        self.loads += [(tag, values[name]) for name in self.LOADING if values.get(name)]
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page(run):
    return Page((run[1] / "report.html").read_text(encoding="utf-8"))


def test_nothing_of_a_study_becomes_a_tag(page):
    data = [{"type": "application/json", "id": name} for name in ("live", "payload")]  # which no browser runs
    assert page.scripts == [*data, {}]  # and the page's own, which its policy names
    assert "img" not in page.tags
    assert "iframe" not in page.tags
    assert page.handlers == []


def test_nothing_is_loaded_from_elsewhere(page, run):
    outside = [(tag, value) for tag, value in page.loads if not value.startswith("#")]
    assert [load for load in outside if load[0] != "a"] == []
    style = (run[1] / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"url\(\s*['\"]?(?!#)", style) == []
    assert "@import" not in style


def test_a_policy_forbids_what_is_not_needed(page):
    assert page.policy is not None
    assert page.policy.startswith("default-src 'none'")
    assert re.search(r"; script-src 'sha256-[\w+/=]{44}'$", page.policy)


@pytest.mark.parametrize("mark", ["T", "C", "D", "N", "AT", "AC", "S", "L1", "L4", "L5", "Y"])
def test_every_text_is_shown_as_it_was_written(mark, page):
    shown = " ".join("".join(page.text).split())
    assert f"{mark} <script>alert('x')</script> \"q\" | `code`" in shown


def test_markdown_holds_no_tag_and_no_link(run):
    text = (run[1] / "report.md").read_text(encoding="utf-8")
    bare = re.sub(r"\\.", "", text)
    for raw in ("<script", "<img", "](javascript", "`code`"):
        assert raw not in bare


def test_rows_of_markdown_tables_are_whole(run):
    text = (run[1] / "report.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert blocks
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block.splitlines()[0]


def test_the_tables_are_those_of_the_contract(run):
    _, folder = run
    effects = pd.read_csv(folder / "effects.csv", keep_default_na=False)
    assert list(effects.columns) == EFFECTS
    keys = ["study", "outcome", "model", "options", "prior", "engine", "estimand"]
    assert not effects.duplicated(keys).any()
    comparison = pd.read_csv(folder / "comparison.csv", keep_default_na=False)
    assert list(comparison.columns) == COMPARISON
    claims = pd.read_csv(folder / "claims.csv", keep_default_na=False)
    assert list(claims.columns) == (
        [
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
    )
    findings = pd.read_csv(folder / "findings.csv", keep_default_na=False)
    assert list(findings.columns) == FINDINGS


def test_exact_rows_leave_the_columns_of_simulation_empty(run):
    result, _ = run
    exact = result.effects[result.effects.engine == "exact"]
    nuts = result.effects[result.effects.engine == "nuts"]
    assert len(exact)
    assert len(nuts)
    simulation = ["r_hat", "ess_bulk", "ess_tail", "mcse"]
    assert exact[simulation].isna().all(axis=None)
    moments = nuts.sd.notna()  # a number needed has none, and so no error of its mean
    assert moments.any()
    assert nuts.loc[moments, simulation].notna().all(axis=None)
    assert nuts.loc[~moments, simulation[:-1]].notna().all(axis=None)
    assert nuts.loc[~moments, "mcse"].isna().all()


def test_the_manifest_knows_every_file(run):
    _, folder = run
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema_version"] == 2
    assert {"python", "pymc", "nutpie", "bayes_ivf"} <= set(manifest["versions"])
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert on_disk == set(manifest["files"]) | {"manifest.json", "report.html", "report.md"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_one_posterior_for_each_sampled_fit(run):
    result, folder = run
    sampled = [fit for fit in result.fits if fit.engine == "nuts"]
    assert len(list((folder / "posteriors").glob("*.nc"))) == len(sampled) > 0


def test_the_run_carries_its_study(run, hostile):
    _, folder = run
    assert parse_study(json.loads((folder / "study.json").read_text(encoding="utf-8")), "study.json") == hostile


def test_a_rebuilt_report_is_the_same(run, tmp_path):
    _, folder = run
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for name in ("report.html", "report.md"):
        (copy / name).unlink()
    rebuild_report(copy)
    for name in ("report.html", "report.md"):
        assert (copy / name).read_bytes() == (folder / name).read_bytes()


def test_a_report_alone_is_the_same_page(run, tmp_path):
    result, folder = run
    path = result.report(tmp_path / "deep" / "page.html")

    def body(text):
        return re.sub(r"Written [^<]*|<p><strong>[^<]*</strong> \(two_arm\).*", "", text)

    alone, whole = (body(file.read_text(encoding="utf-8")) for file in (path, folder / "report.html"))
    assert alone.split('id="details"')[0] == whole.split('id="details"')[0]


@pytest.mark.parametrize("name", ["effects.csv", "comparison.csv", "curves.csv", "study.json"])
def test_a_report_says_which_file_is_missing(name, run, tmp_path, faults_of):
    copy = tmp_path / "copy"
    shutil.copytree(run[1], copy)
    (copy / name).unlink()
    (fault,) = faults_of(rebuild_report, copy)
    assert name in fault.where


def test_the_same_study_again_replaces_the_files(run, hostile, tmp_path):
    _, folder = run
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = (copy / "effects.csv").read_bytes()
    reanalyze(hostile, copy, models=["two_arm"], priors=["skeptical_moderate"], engine="exact")
    assert (copy / "effects.csv").read_bytes() != before
    assert list((copy / "posteriors").glob("*.nc")) == []
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((copy / name).read_bytes()).hexdigest() == digest


def test_an_error_while_writing_leaves_the_earlier_run(run, hostile, tmp_path, monkeypatch):
    _, folder = run
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    def strike(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("bayes_ivf.report.write.render_markdown", strike)
    with pytest.raises(ZeroDivisionError):
        reanalyze(hostile, copy, models=["two_arm"], priors=["skeptical_moderate"], engine="exact")
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_another_study_is_refused(run, lei, faults_of):
    (fault,) = faults_of(reanalyze, lei, run[1], engine="exact")
    assert "run of hostile" in fault.found


def test_a_result_shows_itself_escaped(run):
    result, _ = run
    for shown in (result._repr_html_(), result.fits[0]._repr_html_()):
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown
    assert "\n" not in repr(result) + repr(result.fits[0])
