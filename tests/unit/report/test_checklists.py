"""The checklists of a page: filled from the run, never beyond it; gaps are counted; a human's answers are text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bayes_ivf import Study, reanalyze
from bayes_ivf.checklists import checklists
from bayes_ivf.report.checklists import AUDITED, FACTS, filled_checklists, open_gaps
from bayes_ivf.report.context import read_context
from bayes_ivf.report.opening import answers
from bayes_ivf.report.payload import context_from, payload_of
from bayes_ivf.report.render import render_html, render_markdown
from bayes_ivf.results import Value, text

HOSTILE = "</q><script>alert(1)</script> {{ 7*7 }} | `x` [a](javascript:b) 3 of 4\nnext"
SETS = ["weakly_informative", "skeptical_moderate", "optimistic_moderate"]


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exact")
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher", mcid=0.05)
    study = replace(study, answers={"inspect_sr": {"1.1": HOSTILE}, "barg": {"1.E": "seen", "2.A": "more"}})
    reanalyze(study, folder, models=["two_arm"], priors=SETS, engine="exact")
    return read_context(folder)


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    study = Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower")
    reanalyze(study, folder, models=["two_arm"], priors=SETS[:1], engine="exact")
    return read_context(folder)


@pytest.fixture(scope="module")
def sampled(run):
    return read_context(run[1])


def told(context):
    lists = filled_checklists(context, [each.outcome for each in answers(context)])
    return {(each.checklist.id, row.item): (row.answer, text(row.evidence)) for each in lists for row in each.rows}


def test_every_item_is_filled_by_what_is_known_and_nothing_is_idle():
    used = [
        name for each in checklists().values() if each.id != AUDITED for item in each.items for name in item.filled_by
    ]
    assert set(used) == set(FACTS)


@pytest.mark.parametrize("name", ["exact", "claims", "sampled"])
def test_every_item_stands_once_with_an_answer(name, request):
    context = request.getfixturevalue(name)
    lists = filled_checklists(context, [each.outcome for each in answers(context)])
    assert [tuple(row.item for row in each.rows) for each in lists] == [each.numbers for each in checklists().values()]
    for each in lists[1:]:
        assert {row.answer for row in each.rows} <= {"answered", "in part", "needs a human"}
        assert all(row.evidence for row in each.rows)
        assert each.gaps.value == sum(row.gap for row in each.rows)
    assert open_gaps(lists).value == sum(row.gap for each in lists for row in each.rows)


def test_a_run_by_quadrature(exact):
    found = told(exact)
    assert found["barg", "2.B"] == found["barg", "2.C"]
    assert found["barg", "2.B"][0] == "answered"
    assert "no chains" in found["barg", "2.B"][1]
    assert found["barg", "4.C"] == (
        "in part",
        "Smallest differences that matter, from the study file: risk difference 0.05 for 1 outcome. Why these is for a human "
        "to say.",
    )
    assert found["barg", "5.A"][1].startswith("3 prior sets, probability of benefit over all that apply: ")
    assert found["barg", "2.D"][1].startswith("3 fits by deterministic quadrature, which carries no chance")
    assert found["barg", "3.C"][0] == "in part"
    assert "against odds ratio 1" in found["barg", "3.C"][1]
    for item in ("1.E", "3.A", "4.A", "4.B", "4.D", "5.E"):
        assert found["barg", item][0] == "needs a human"
    assert "95% credible intervals" in found["robust", "7"][1]
    assert "seed" not in found["barg", "6.F"][1]
    assert found["barg", "1.A"][1] == "1 outcome or baseline variable by arm, as the paper prints them."
    assert found["barg", "1.B"][0] == found["barg", "1.D"][0] == "answered"


def test_the_numbers_are_those_of_the_rows(exact):
    rows = exact.of_record("cpr")
    lists = filled_checklists(exact, ["cpr"])
    values = {part.key: part for each in lists for row in each.rows for part in row.evidence if isinstance(part, Value)}
    likely = [row.p_benefit for row in rows]
    ends = [value.value for key, value in values.items() if key.endswith(("p_benefit_min", "p_benefit_max"))]
    assert sorted(ends) == [min(likely), max(likely)]
    medians = [value.value for key, value in values.items() if key.endswith("/median")]
    assert medians == [rows[0].median]


def test_a_sampled_run_tells_its_worst_diagnostics_and_its_seed(sampled):
    found = told(sampled)
    largest = max(row.r_hat for row in sampled.rows if row.r_hat is not None)
    bulk, tail = (
        min(v for r in sampled.rows if (v := getattr(r, name)) is not None) for name in ("ess_bulk", "ess_tail")
    )
    assert found["barg", "2.B"][0] == found["barg", "2.C"][0] == "in part"
    assert f"{largest:.3f}" in found["barg", "2.B"][1]
    assert f"{bulk:.0f} in the bulk, {tail:.0f} in the tails" in found["barg", "2.C"][1]
    settings = sampled.manifest["settings"]
    assert found["barg", "6.F"] == (
        "answered",
        f"{settings['chains']} chains of 200 draws after 200 tuning steps, seed {settings['seed']}.",
    )
    assert "Monte Carlo standard errors" in found["barg", "2.D"][1]


def test_a_failed_fit_is_told(sampled):
    fits = [{**fit, "verdict": "fail: R-hat"} if fit["engine"] == "nuts" else fit for fit in sampled.manifest["fits"]]
    found = told(replace(sampled, manifest={**sampled.manifest, "fits": fits}))
    assert "not to be relied on" in found["barg", "2.B"][1]
    assert "fail for" in found["barg", "2.B"][1]


def test_a_study_of_words_alone_claims_no_more(claims):
    found = told(claims)
    assert found["barg", "3.C"][0] == found["barg", "4.C"][0] == "needs a human"
    assert found["barg", "5.A"] == ("needs a human", "One prior set was fitted, so nothing is told of others.")
    assert "known only from words: 1 variable" in found["barg", "1.A"][1]


def test_without_a_fit_nothing_of_one_is_told(exact):
    bare = replace(exact, rows=(), curves=(), evidence=(), manifest={**exact.manifest, "fits": []})
    found = told(bare)
    for item in ("1.B", "1.C", "2.B", "2.D", "3.B", "5.A", "6.F"):
        assert found["barg", item] == ("needs a human", "Nothing was estimated.")
    assert found["barg", "3.C"][0] == found["barg", "1.D"][0] == "needs a human"


def test_a_page_that_embeds_nothing_does_not_say_so(exact):
    manifest = {name: value for name, value in exact.manifest.items() if name not in ("kind", "cards", "prior_sets")}
    found = told(replace(exact, manifest=manifest))
    assert found["barg", "6.D"][0] == found["barg", "6.E"][0] == "needs a human"
    assert "report.html" not in "".join(evidence for _, evidence in found.values())


class Lists(HTMLParser):
    """Rows of the checklists, and every digit in them that stands neither under a key nor in quoted words."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.loose, self.scripts, self.summary = [], [], [], 0, ""
        self.feed(
            page[page.index('<details id="checklists">') : page.index('<section aria-labelledby="limits">')].rpartition(
                "</section>"
            )[0]
        )

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.scripts += tag == "script"
        if tag == "tr":
            self.rows.append("")
        if tag != "br":
            self.open.append((tag, "data-key" in given or "quoted" in given.get("class", "")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if any(tag == "summary" for tag, _ in self.open):
            self.summary += data
        if self.rows:
            self.rows[-1] += data
        if re.search(r"\d", data) and not any(marked for _, marked in self.open):
            self.loose.append(data)


@pytest.mark.parametrize("name", ["exact", "claims", "sampled"])
def test_every_digit_is_marked_or_quoted(name, request):
    page = Lists(render_html(request.getfixturevalue(name)))
    assert page.loose == []
    assert page.scripts == 0


def test_answers_of_a_human_are_quoted_and_close_their_gap(exact):
    page = Lists(render_html(exact))
    first = next(row for row in page.rows if row.startswith("1.1 "))
    assert HOSTILE in first
    assert first.count("answered in the study file") == 2
    assert "open" not in first
    seen = next(row for row in page.rows if row.startswith("1.E "))
    assert "seen" in seen
    assert "open" not in seen
    more = next(row for row in page.rows if row.startswith("2.A "))
    assert "more" in more
    assert "python" in more
    opened = sum("open: needs a human" in row for row in page.rows)
    assert page.summary == f"Checklists: {opened} items are open for a human"
    without = replace(exact, study=replace(exact.study, answers={}))
    assert Lists(render_html(without)).summary == f"Checklists: {opened + 2} items are open for a human"


def test_markdown_has_the_same_and_no_markup_of_a_human(exact):
    page = render_markdown(exact)
    assert page.count("answered in the study file") == 6
    assert "<script>" not in page
    row = next(line for line in page.splitlines() if line.startswith("| 1.1 "))
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_answers_travel_with_the_page(exact):
    assert context_from(payload_of(exact)).study.answers == exact.study.answers
