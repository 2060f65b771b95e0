"""What the page is given to integrate another prior: tables that say what the likelihoods say, and text that stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.forms import find_form
from bayes_ivf.report import context_of, page_environment, read_context
from bayes_ivf.report.live import live_of_fits, live_of_study, live_section, live_values, script_json
from bayes_ivf.report.live_tables import NODES, joined, live_entry, live_tables, with_kept_tables
from bayes_ivf.report.script import script_and_hash


def problem_of(study, outcome=None, prior="weakly_informative", **options):
    return bi.fit(study, outcome, prior=prior, engine="exact", **options).problem


@pytest.fixture(scope="module")
def embryos():
    return problem_of("lei-2026", "eir")


@pytest.fixture(scope="module")
def claim():
    return problem_of(bi.Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower", mcid=0.3))


def local(start, step, values, x):
    """Eight-point Lagrange interpolation, as in the page."""
    j = int(np.floor((x - start) / step))
    at = start + step * np.arange(j - 3, j + 5)
    weights = [np.prod([(x - b) / (a - b) for b in at if b != a]) for a in at]
    return float(np.dot(weights, values[j - 3 : j + 5]))


def test_counts_and_means_go_to_the_page_as_printed():
    counts = live_entry([problem_of(bi.Study.from_counts((16, 40), (12, 40), mcid=0.05))])
    assert counts["data"] == {"events": [16, 12], "n": [40, 40]}
    assert (counts["sign"], counts["mcid"]) == (1, 0.05)
    means = live_entry([problem_of(bi.Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 39)))])
    assert means["data"]["mean"] == [5.81, 7.93]
    assert means["data"]["n"] == [40, 39]
    assert means["data"]["sd"] == pytest.approx([0.76, 0.82], rel=1e-15)
    estimate = live_entry([problem_of(bi.Study.from_effect("odds_ratio", "1.61", ci=("1.03", "2.53")))])
    assert estimate["data"]["estimate"] == pytest.approx(np.log(1.61))


def test_only_counts_themselves_are_integrated_as_counts():
    """Decodings and effective counts have the same arrays and more: their likelihood is another one."""
    eyes = problem_of(bi.Study.from_counts((16, 40), (12, 40)))
    assert live_entry([replace(eyes, data=dict(eyes.data) | {"design_effect": np.array([1.5, 1.5])})]) is None
    assert live_entry([replace(eyes, data=dict(eyes.data) | {"weight": np.array([1.0])})]) is None


def sectioned(*studies):
    """The section of a page about some outcomes, and its text."""
    study = bi.Study.combine(list(studies), study="trial")
    context = context_of(bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact"))
    template = page_environment().from_string('{% include "live.html" %}')
    return live_section(context), template.render(live=live_section(context), level="95%")


def test_outcomes_that_the_page_cannot_integrate_are_named_with_the_reason():
    known = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", label="Pregnancy <b>")
    other = bi.Study.from_claim((40, 40), "higher", p="P=0.044", outcome="lh", label="LH <i>")
    section, html = sectioned(known, other)
    assert [row.outcome for row in section.rows] == ["cpr"]
    assert section.absent == ("LH <i>",)
    assert "Not among the choices: " in html
    assert "this was printed in another form, or has a prior that it cannot integrate" in html
    assert "<i>" not in html
    section, html = sectioned(known)
    assert section.absent == ()
    assert "Not among the choices" not in html


def test_a_page_without_any_choice_says_so():
    section, html = sectioned(bi.Study.from_claim((40, 40), "higher", p="P=0.044", outcome="lh", label="LH"))
    assert section.rows == ()
    assert section.absent == ("LH",)
    assert "Not among the choices" in html
    assert 'id="live"' not in html


def test_priors_are_those_of_the_problem_and_what_cannot_be_integrated_is_left_out():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="lower")
    sets = ("weakly_informative", "optimistic_moderate", "beta_uniform")
    entry = live_entry([problem_of(study, prior=name) for name in sets])
    assert list(entry["priors"]) == list(sets)
    assert entry["priors"]["optimistic_moderate"]["effect"]["mu"] == -0.559616  # toward benefit, which is lower
    assert entry["priors"]["beta_uniform"] == {"arms": [{"alpha": 1.0, "beta": 1.0}] * 2}
    assert entry["own"] == {"coding": "average", "first": {"dist": "Normal", "mu": 0, "sigma": 1.5}}
    kinked = problem_of(study, prior={"effect": {"dist": "Laplace", "mu": 0, "b": 1}})
    assert live_entry([kinked]) is None
    first = problem_of(study)
    assert list(live_entry([first, kinked])["priors"]) == ["weakly_informative"]


@pytest.mark.parametrize(
    "study",
    [
        bi.Study.from_effect("mean_difference", "1.5", se="0.4"),
        bi.Study.from_means(("5.8", "0.7", 3), ("7.9", "0.8", 40)),
    ],
    ids=["a difference in a unit that no prior speaks of", "three women"],
)
def test_what_a_page_cannot_integrate_has_no_entry(study):
    effect = {"effect": {"dist": "Normal", "mu": 0, "sigma": 1}}
    assert live_entry([problem_of(study, prior=effect)]) is None


def test_a_claims_table_is_its_likelihood_between_the_points_too(claim):
    data = live_entry([claim])["data"]
    table = data["claim"]
    assert data["doubt"] == 0
    assert "even" not in data
    x = np.array([-2.93, -1.111, -0.4567, 0.017, 0.66])
    exact = find_form(claim).load_part().log_likelihood(dict(claim.data), x, claim.variant)
    found = [local(table["start"], table["step"], table["log"], each) for each in x]
    assert found == pytest.approx(exact.tolist(), abs=1e-8)
    assert table["log"][0] == pytest.approx(0, abs=1e-12)  # certain far out on the claimed side


def test_a_claims_table_ends_where_its_likelihood_is_no_longer_accurate():
    """A claim of no difference is as improbable on either side: to the last digits, where two chances near one would cancel."""
    study = bi.Study.from_claim((12, 14), "none", 0.05, outcome="alike")
    log = np.array(live_entry([problem_of(study)])["data"]["claim"]["log"])
    assert log.tolist() == log[::-1].tolist()
    assert -30 < log[0] < -25
    assert (np.diff(log[: len(log) // 2]) > 0).all()


def test_a_claims_table_does_not_hang_on_the_doubt_of_the_problem(claim):
    study = bi.Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower", mcid=0.3)
    doubted = live_entry([problem_of(study, claim_doubt=0.5)])
    assert doubted["data"]["doubt"] == 0.5
    assert doubted["data"]["claim"] == live_entry([claim])["data"]["claim"]
    differs = bi.Study.from_claim((40, 40), "differs", 0.05, outcome="il6")
    assert live_entry([problem_of(differs)])["data"]["even"] is True


def test_embryos_are_tabulated_by_arm_over_log_odds_and_correlation(embryos):
    table = live_entry([embryos])["data"]["table"]
    assert len(table["nodes"]) == NODES == len(table["arms"][0])
    assert sum(w * np.exp(p) for w, p in zip(table["weights"], table["prior"], strict=True)) == pytest.approx(
        1, abs=1e-9
    )
    for arm, values in zip(find_form(embryos).load_part().arms_of(embryos), table["arms"], strict=True):
        for node in (0, 7, 20, 39):
            for x in (-5.13, -1.04, -0.33, 0.9):
                found = local(table["start"], table["step"], values[node], x)
                exact = float(arm.log_likelihood(x, table["nodes"][node]))
                assert found == pytest.approx(exact, abs=2e-6)


def test_any_correlation_follows_from_the_nodes(embryos):
    """Barycentric interpolation over Gauss-Legendre nodes, as in the page."""
    table = live_entry([embryos])["data"]["table"]
    nodes, weights = np.array(table["nodes"]), np.array(table["weights"])
    arm = find_form(embryos).load_part().arms_of(embryos)[0]
    column = round((-0.5 - table["start"]) / table["step"])
    values = np.array(table["arms"][0])[:, column]
    for rho in (0.01, 0.05, 0.3, 0.77, 0.95):
        share = (-1.0) ** np.arange(NODES) * np.sqrt(nodes * (1 - nodes) * weights) / (rho - nodes)
        assert share @ values / share.sum() == pytest.approx(float(arm.log_likelihood(-0.5, rho)), abs=1e-7)


def test_a_prior_of_the_correlation_is_in_its_table():
    slots = {"icc": {"dist": "Beta", "alpha": 2, "beta": 5}}
    table = live_entry([problem_of("lei-2026", "eir", slots)])["data"]["table"]
    nodes = np.array(table["nodes"])
    assert np.exp(table["prior"]) == pytest.approx(30 * nodes * (1 - nodes) ** 4, rel=1e-9)
    narrow = {"icc": {"dist": "Uniform", "lower": 0.1, "upper": 0.3}}
    nodes = live_entry([problem_of("lei-2026", "eir", narrow)])["data"]["table"]["nodes"]
    assert 0.1 < min(nodes) < 0.101
    assert 0.299 < max(nodes) < 0.3
    infinite = {"icc": {"dist": "Beta", "alpha": 0.5, "beta": 5}}
    assert live_entry([problem_of("lei-2026", "eir", infinite)]) is None


def test_equal_tables_are_kept_once_and_are_the_same_each_time(claim):
    twin = replace(claim, outcome="other")
    found = live_tables([[claim], [twin]])
    assert len(found["tables"]) == 1
    keys = {entry["data"]["claim"] for entry in found["outcomes"].values()}
    assert keys == set(found["tables"])
    assert list(found["outcomes"]) == ["il6", "other"]
    assert json.dumps(found) == json.dumps(live_tables([[claim], [twin]])) == json.dumps(json.loads(json.dumps(found)))
    assert joined({}) == {"tables": {}, "outcomes": {}}


def test_tables_are_rounded_so_that_another_processor_gives_the_same(embryos):
    numbers = np.ravel(live_entry([embryos])["data"]["table"]["arms"])
    assert all(float(f"{number:.11g}") == number for number in numbers[:500])


class Reader(HTMLParser):
    """Elements with their attributes, and the text of scripts."""

    def __init__(self):
        super().__init__()
        self.found, self.scripts = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.found and self.found[-1][0] == "script":
            self.scripts[-1] += data

    def handle_endtag(self, tag):
        self.found.append((f"/{tag}", {}))


@pytest.fixture(scope="module")
def page(run):
    reader = Reader()
    reader.feed((run[1] / "report.html").read_text(encoding="utf-8"))
    return reader


def test_the_tables_of_a_run_are_kept_and_rendered_again(run):
    result, folder = run
    context = read_context(folder)
    assert context.live == json.loads(json.dumps(live_of_fits(result.fits, result.study)))
    assert context.live == json.loads(json.dumps(live_of_study(context)))  # as for folders of earlier versions
    assert live_section(context) == live_section(replace(context, live=None))


def test_static_numbers_are_of_record(run):
    context = read_context(run[1])
    (row,) = live_section(context).rows
    kept = context.of_record("cpr")[0]
    assert (row.median.value, row.low.value, row.likely.value) == (kept.median, kept.ci_low, kept.p_benefit)
    assert row.prior == "Weakly informative"


def test_no_text_of_a_study_leaves_the_data_of_the_script(page, hostile):
    scripts = [attrs for tag, attrs in page.found if tag == "script"]
    assert [attrs.get("id") for attrs in scripts] == ["live", "payload", None]
    data = json.loads(page.scripts[0])
    assert data["outcomes"]["cpr"]["label"] == hostile.outcome("cpr").label
    assert not set("<>&") & set(page.scripts[0])
    assert json.loads(script_json({"a": "</script><!--\u2028&amp;"})) == {"a": "</script><!--\u2028&amp;"}


def test_the_policy_names_the_one_script_and_nothing_else_runs(page):
    import base64
    import hashlib

    policy = next(
        a["content"] for t, a in page.found if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    digest = base64.b64encode(hashlib.sha256(page.scripts[2].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    assert not [name for _, attrs in page.found for name in attrs if name.startswith("on")]


def test_the_script_is_plain():
    script, source = script_and_hash()
    assert script.startswith("'use strict';")
    assert source.startswith("'sha256-")
    assert not re.search(
        r"\b(eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|fetch|XMLHttpRequest|import)\b",
        script,
    )
    assert "<" + "/script" not in script
    assert "<!--" not in script
    assert not re.search(r"`[^`\n]*\n", re.sub(r"`[^`\n]*`", "", script))  # no text over several lines


def test_every_control_has_a_label(page):
    names = {
        attrs["id"]
        for tag, attrs in page.found
        if tag in ("select", "input") and attrs.get("id", "").startswith("live-")
    }
    labels = {attrs["for"] for tag, attrs in page.found if tag == "label" and "for" in attrs}
    assert len(names) >= 9
    assert names - labels == {"live-average"}


def test_a_run_without_anything_to_integrate_has_no_choices(run):
    context = replace(read_context(run[1]), live={"tables": {}, "outcomes": {}})
    section = live_section(context)
    assert section.rows == ()
    assert section.absent == (context.study.outcome("cpr").label,)
    assert live_values(context)["live"] == section


def changed(table, by):
    """The same table with one number moved."""
    return table | {"log": [table["log"][0] + by, *table["log"][1:]]}


def test_tables_of_a_page_take_the_place_of_those_made_anew_where_they_say_the_same(claim):
    made = live_tables([[claim]])
    (key,) = made["tables"]
    table = made["tables"][key]
    assert with_kept_tables(made, json.loads(json.dumps(made))) == (made, ())
    for by, differing in ((1e-11, ()), (1e-6, ("il6",))):
        other = live_tables([[claim]])
        kept = joined({"il6": other["outcomes"]["il6"] | {"data": {"claim": changed(table, by), "doubt": 0.0}}})
        found, named = with_kept_tables(made, kept)
        assert named == differing
        assert found == (made if differing else kept)


@pytest.mark.parametrize(
    "page", [None, [], {}, {"outcomes": 1}, {"outcomes": {"il6": {"data": {"claim": ["x"]}}}, "tables": {}}]
)
def test_a_page_without_the_tables_is_told_so_whatever_it_holds(page, claim):
    made = live_tables([[claim]])
    assert with_kept_tables(made, page) == (made, ("il6",))


def test_a_table_under_a_name_that_is_not_its_own_is_no_table(claim):
    made = live_tables([[claim]])
    (key,) = made["tables"]
    kept = {"tables": {key: changed(made["tables"][key], 1e-12)}, "outcomes": made["outcomes"]}
    kept["tables"][key]["log"][0] = -1.0
    assert with_kept_tables(made, kept)[1] == ("il6",)
