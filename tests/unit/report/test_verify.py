"""A page proves itself: whatever is changed in it is found, and a hostile one is refused."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayes_ivf import BayesIvfError, Study, defaults, load_study, reanalyze
from bayes_ivf.report import Difference, verify_page
from bayes_ivf.report.payload import CLOSE, OPEN, context_from, payload_text
from bayes_ivf.report.render import render_html
from bayes_ivf.report.verify_rows import on_edge, within_errors
from bayes_ivf.report.verify_text import MOST, text_differences, without_pictures

SETS = ["weakly_informative", "optimistic_moderate"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An outcome of the index trial with its P, by quadrature."""
    study = load_study("lei-2026")
    part = replace(study, id="part", items=tuple(item for item in study.items if item.id == "cpr"))
    folder = tmp_path_factory.mktemp("page")
    reanalyze(part, folder, models=["two_arm"], priors=SETS, engine="exact")
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def verify(tmp_path):
    """Verify a text as a page."""

    def call(text, **options):
        path = tmp_path / "report.html"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        before = sorted(tmp_path.iterdir())
        try:
            return verify_page(path, **options)
        finally:
            assert sorted(tmp_path.iterdir()) == before

    return call


def payload(page):
    return json.loads(page.partition(OPEN)[2].partition(CLOSE)[0])


def with_payload(page, changed):
    before, _, rest = page.partition(OPEN)
    return before + OPEN + payload_text(changed) + CLOSE + rest.partition(CLOSE)[2]


def rewritten(changed):
    """A page that says what its changed data say."""
    return with_payload(render_html(context_from(changed)), changed)


def row_at(changed, **wanted):
    """Place of the row of a table of effects."""
    columns = changed["effects"]
    texts = {name: [columns[name]["of"][k] for k in columns[name]["at"]] for name in wanted}
    return next(k for k in range(len(columns["median"])) if all(texts[name][k] == wanted[name] for name in wanted))


CPR = {"outcome": "cpr", "estimand": "risk_difference", "prior": "weakly_informative"}


def test_a_page_as_it_was_written_has_no_difference(verify, page):
    found = verify(page)
    assert found.differences == ()
    assert found.notes == ()
    assert (found.study, found.characters) == ("part", len(page))
    assert found.numbers.exact == page_rows(page) == 16
    assert found.numbers.kept == 0


def page_rows(page):
    return len(payload(page)["effects"]["median"])


MADE = {
    "means": lambda: Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh"),
    "effect": lambda: Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="lbr", benefit="higher"),
    "claim": lambda: Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower"),
}


@pytest.mark.parametrize("name", MADE)
def test_a_study_without_a_file_is_verified_from_the_page_of_its_result(name, tmp_path):
    result = reanalyze(MADE[name](), models=["two_arm"], priors=SETS[:2], engine="exact", ci_prob=0.9)
    found = verify_page(result.report(tmp_path / "page.html"))
    assert (found.differences, found.notes) == ((), ())
    assert found.numbers.exact == len(result.rows) > 0


def test_a_changed_digit_of_the_text_is_found_with_its_place(verify, page):
    key = re.search(
        r'data-key="cpr/risk_difference/weakly_informative/two_arm/exact/median" value="[^"]*"[^>]*>([^<]*)<', page
    )
    start, end = key.span(1)
    (found,) = verify(page[:start] + "+9.9" + page[end:]).differences
    assert "+9.9" in found.found
    assert key[1] in found.expected
    assert "under '" in found.where


@pytest.mark.parametrize(("old", "new"), [("</title>", " !</title>"), (' value="0.', ' value="0.1'), ("<h1>", "<h1 >")])
def test_a_change_that_nobody_sees_is_found(verify, page, old, new):
    (found,) = verify(page.replace(old, new, 1)).text
    assert found.found != found.expected


def test_an_injected_script_is_found_and_told(verify, page):
    found = verify(page.replace("</body>", "<script>alert(1)</script></body>"))
    assert any("<script>alert(1)</script>" in each.found for each in found.text)


def test_a_removed_row_is_one_difference(verify, page):
    start = page.index("<tr", page.index("<tbody") if "<tbody" in page else 0)
    start = page.index("<tr", start + 3)
    end = page.index("</tr>", start) + len("</tr>")
    found = verify(page[:start] + page[end:])
    assert 1 <= len(found.text) <= 3


def test_a_number_changed_in_the_data_alone_is_found_twice(verify, page):
    changed = payload(page)
    at = row_at(changed, **CPR)
    changed["effects"]["median"][at] += 0.01
    found = verify(with_payload(page, changed))
    assert found.text
    assert any("cpr / two_arm" in each.where and "median" in each.where for each in found.numbers.differences)


def everywhere(value, old, new):
    """Data with a number and its text changed wherever they stand."""
    if isinstance(value, dict):
        return {name: everywhere(each, old, new) for name, each in value.items()}
    if isinstance(value, list):
        return [everywhere(each, old, new) for each in value]
    if isinstance(value, str):
        return value.replace(old[1], new[1]) if old[1] else value
    return new[0] if value == old[0] else value


@pytest.mark.parametrize("name", ["median", "ci_low", "p_benefit", "sd", "hdi_high", "ci_level"])
def test_a_number_changed_everywhere_is_found_by_computing_it(verify, page, name):
    changed = payload(page)
    old = changed["effects"][name][row_at(changed, **CPR)]
    changed["effects"] = everywhere(changed["effects"], (old, ""), (old * 1.00001, ""))
    for table in ("comparison", "readings"):
        changed[table] = everywhere(changed[table], (old, ""), (old * 1.00001, ""))
    found = verify(rewritten(changed))
    assert found.text == ()
    assert any(each.where.endswith(f": {name}") for each in found.numbers.differences)


def test_a_digit_changed_in_page_and_data_is_found_by_computing_it(verify, page):
    changed = payload(page)
    old = changed["effects"]["p_benefit"][row_at(changed, **CPR)]
    assert f"{old:.2f}" == "0.80"
    changed = everywhere(changed, (old, "0.80"), (old + 0.01, "0.81"))
    text = rewritten(changed)
    assert '">0.81</data>' in text
    found = verify(text)
    assert found.text == ()
    assert any(each.found.endswith("(0.81)") and each.expected.endswith("(0.80)") for each in found.numbers.differences)


def test_a_row_removed_everywhere_is_missed(verify, page):
    changed = payload(page)
    at = row_at(changed, outcome="cpr", estimand="odds_ratio", prior="optimistic_moderate")
    for column in changed["effects"].values():
        del (column["at"] if isinstance(column, dict) else column)[at]
    found = verify(rewritten(changed)).numbers.differences
    assert [each.found for each in found] == ["no such row"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["comparison", "freq_p", 0], 0.049),
        (["comparison", "bayes_effect", 0], 0.2),
        (["comparison", "p_benefit_max", 0], 0.999),
        (["comparison", "reading", "of", 0], "Everything holds."),
        (["manifest", "priors", "optimistic_moderate", "sentence"], "Knows everything."),
        (["manifest", "models", "two_arm", "rationale"], "Certainly right in every case."),
        (["fits", "seed", "of", 0], 5),
        (["fits", "priors", "of", 0], {"effect": "Normal(mu=9, sigma=9)"}),
        (["evidence", "log_bayes_factor_null", 0], 9.0),
        (["evidence", "null", "of", 0], "no null at all"),
        (["curves", "posterior_density", 0, 100], 9.0),
        (["manifest", "prior_sets", "optimistic_moderate", "log_odds", "effect", "mu"], 0.1),
        (["study", "outcomes", 0, "treatment"], "42.5%"),
    ],
    ids=lambda value: ".".join(map(str, value[:4])) if isinstance(value, list) else "",
)
def test_whatever_does_not_follow_from_the_study_is_found(verify, page, place, value):
    changed = payload(page)
    *parents, last = place
    inside = changed
    for part in parents:
        inside = inside[part]
    assert inside[last] != value
    inside[last] = value
    found = verify(with_payload(page, changed) if place[0] == "study" or "freq_p" in place else rewritten(changed))
    assert found.numbers.differences


def test_a_changed_study_is_the_cause_and_a_changed_seed_is_none(verify, page):
    changed = payload(page)
    changed["study"]["outcomes"][0]["treatment"] = "42.5%"
    found = verify(with_payload(page, changed))
    assert found.cause.startswith("The embedded study gives other problems (of cpr)")
    assert [each.inner for each in found.differences] == sorted(each.inner for each in found.differences)
    assert not found.differences[0].inner
    # nothing is said of a sentence that would be made of rows of another study
    assert not any(each.where.startswith(("sentence", "curve", "comparison")) for each in found.differences)
    changed = payload(page)
    changed["manifest"]["prior_sets"]["optimistic_moderate"]["log_odds"]["effect"]["mu"] += 0.1
    assert verify(with_payload(page, changed)).cause.startswith("The embedded prior sets give other problems (of cpr)")
    changed = payload(page)
    changed["fits"]["seed"]["of"][0] += 1
    found = verify(rewritten(changed))
    assert found.cause == ""
    assert all(each.inner for each in found.numbers.differences)


def test_a_sentence_changed_in_words_and_parts_is_found(verify, page):
    changed = payload(page)
    changed["readings"][0] = ["Everything holds."]
    changed["comparison"]["reading"]["of"][changed["comparison"]["reading"]["at"][0]] = "Everything holds."
    found = verify(rewritten(changed)).numbers.differences
    assert any(each.where == "sentence of cpr" for each in found)


def test_other_characters_of_the_same_data_are_found(verify, page):
    found = verify(page.replace(OPEN + '{"schema_version":1,', OPEN + '{"schema_version": 1,'))
    assert [each.where for each in found.differences] == ["embedded data (the same data in other characters)"]


def test_what_is_cut_off_behind_the_data_is_found(verify, page):
    assert "</html>" in verify(page.removesuffix("</html>")).differences[0].expected


REFUSED = {
    "nothing": lambda page: "",
    "another page": lambda page: "<html><body>hello</body></html>",
    "bytes": lambda page: b"\xff\xfe" + page.encode(),
    "no data": lambda page: page.replace(OPEN, "<script>"),
    "cut off in the data": lambda page: page[: page.index(OPEN) + 5000],
    "cut off before the data": lambda page: page[: page.index(OPEN)],
    "data twice": lambda page: page.replace("</body>", OPEN + "{}" + CLOSE + "</body>"),
    "data twice, written otherwise": lambda page: page.replace("</body>", "<SCRIPT\nID = payload>{}</script></body>"),
    "broken data": lambda page: page.replace(OPEN + "{", OPEN + "{{"),
    "NaN": lambda page: page.replace('"schema_version":1', '"schema_version":NaN', 1),
    "an endless number": lambda page: page.replace('"schema_version":1', '"schema_version":1e999', 1),
    "a huge whole number": lambda page: page.replace('"schema_version":1', '"schema_version":' + "9" * 5000, 1),
    "a key twice": lambda page: page.replace('"schema_version":1', '"schema_version":1,"schema_version":1', 1),
    "half a character": lambda page: page.replace('"title":"', '"title":"\\ud800', 1),
    "deep data": lambda page: page.replace('"schema_version":1', '"schema_version":' + "[" * 20 + "]" * 20, 1),
    "very deep data": lambda page: page.replace('"schema_version":1', '"schema_version":' + "[" * 200_000, 1),
    "a list": lambda page: page[: page.index(OPEN)] + OPEN + "[]" + CLOSE,
    "another schema": lambda page: page.replace('"schema_version":1', '"schema_version":9', 1),
    "arms that are a number": lambda page: page.replace('"arms":{"treatment":{', '"arms":5,"other":{"treatment":{', 1),
    "no seed": lambda page: re.sub(r'"chains":4,"seed":[0-9]+', '"chains":4', page, count=1),
    "an unknown estimand": lambda page: page.replace('"risk_difference"', '"os.system"'),
    "a foreign engine": lambda page: page.replace('"of":["exact"]', '"of":["../../etc/passwd"]'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_or_damaged_page_is_refused(verify, page, name):
    text = REFUSED[name](page)
    assert text != page
    with pytest.raises(BayesIvfError, match=r"report\.html"):
        verify(text)


def test_a_page_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    with path.open("wb") as file:
        file.truncate(100_000_000)  # sparse: it takes no space
    assert path.stat().st_size > defaults.PAGE_MAX_BYTES
    with pytest.raises(BayesIvfError, match="more than"):
        verify_page(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name")
def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "report.html")
    for path in (tmp_path, tmp_path / "report.html", tmp_path / "nothing.html"):
        with pytest.raises(BayesIvfError, match=re.escape(str(path))):
            verify_page(path)


def test_rows_of_women_are_compared_with_the_embedded_table_and_it_is_said(verify, tmp_path):
    rows = pd.DataFrame({"woman": range(40), "arm": ["treatment", "control"] * 20, "cpr": [1, 0, 0, 1, 1, 0, 0, 0] * 5})
    result = reanalyze(Study.from_frame(rows, "cpr"), priors=SETS[:1], models=["individual"], engine="exact")
    found = verify_page(result.report(tmp_path / "page.html"))
    assert found.differences == ()
    assert (found.numbers.exact, found.numbers.women) == (0, len(result.rows))
    assert "numbers of cpr are compared with the embedded table only" in found.notes[0]


def test_a_page_of_an_earlier_folder_says_what_cannot_be_computed(verify, page):
    changed = payload(page)
    del changed["manifest"]["cards"]
    found = verify(rewritten(changed))
    assert found.differences == ()
    assert "cannot be computed anew" in found.notes[0]


def test_a_prior_set_of_a_known_name_and_other_numbers_is_named(verify, page):
    changed = payload(page)
    changed["manifest"]["prior_sets"]["optimistic_moderate"]["log_odds"]["effect"]["mu"] += 0.1
    assert any("prior set optimistic_moderate is not the one" in note for note in verify(rewritten(changed)).notes)


def test_a_study_of_a_known_name_and_other_numbers_is_named(tmp_path):
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", study="lei-2026")
    result = reanalyze(study, models=["two_arm"], priors=SETS[:1], engine="exact")
    found = verify_page(result.report(tmp_path / "page.html"))
    assert found.differences == ()
    assert found.notes == ("The embedded study lei-2026 is not the one of that name in this package.",)


@pytest.mark.parametrize("status", ["interrupted", "stopped", "sampling"])
def test_a_run_that_has_not_finished_is_verified_as_far_as_it_is(verify, page, status):
    changed = payload(page)
    changed["manifest"]["status"] = status
    found = verify(rewritten(changed))
    assert found.differences == ()
    assert found.numbers.exact == page_rows(page)
    assert "has not finished" in found.notes[0]


@pytest.mark.parametrize("name", ["matplotlib", "bayes_ivf", "machine"])
def test_other_versions_are_told(verify, page, name):
    changed = payload(page)
    changed["written_with"][name] = "0.0.1"
    found = verify(with_payload(page, changed))
    assert found.differences == ()
    assert "0.0.1" in found.notes[0]


def test_pictures_are_compared_with_the_same_matplotlib_only(verify, page):
    at = page.index("<svg")
    at = page.index(" d=", at)
    other = page[:at] + page[at:].replace(" d=", " e=", 1)
    assert verify(other).text
    changed = payload(other)
    changed["written_with"]["matplotlib"] = "0.0.1"
    assert verify(with_payload(other, changed)).text == ()


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sampled")
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher", claim="P<0.05", direction="higher")
    reanalyze(study, folder, models=["two_arm"], priors=SETS[:1], draws=100, tune=200)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_draws_are_made_anew_only_if_asked_for(verify, sampled):
    found = verify(sampled)
    assert (found.differences, found.numbers.sampled) == ((), 0)
    assert found.numbers.kept == found.numbers.exact == 8
    again = verify(sampled, sample=True)
    assert (again.differences, again.numbers.sampled, again.numbers.kept) == ((), 8, 0)


def test_a_changed_row_of_draws_is_found_by_drawing_it(verify, sampled):
    changed = payload(sampled)
    at = row_at(changed, engine="nuts", estimand="risk_difference")
    changed["effects"]["mean"][at] += 1e-9
    assert verify(rewritten(changed)).numbers.differences == []
    found = verify(rewritten(changed), sample=True).numbers.differences
    assert [each.where.rpartition(": ")[2] for each in found] == ["mean"]
    changed["written_with"]["machine"] = "another"
    assert verify(rewritten(changed), sample=True).differences == ()
    changed["effects"]["mean"][at] += 0.2
    assert len(verify(rewritten(changed), sample=True).differences) == 1


def test_chance_of_draws_is_judged_by_their_errors(sampled):
    rows = context_from(payload(sampled)).rows
    row = next(row for row in rows if row.engine == "nuts" and row.estimand == "risk_difference")
    for name, by in (("mean", row.mcse), ("median", row.sd / 20), ("p_benefit", 0.03)):
        value = getattr(row, name)
        assert within_errors(row, replace(row, **{name: value + by}), name)
        assert not within_errors(row, replace(row, **{name: value + 20 * by}), name)


def test_a_rounding_edge_allows_one_unit_and_no_more():
    assert on_edge(0.0825 + 1e-10, "+8.2", "+8.3")
    assert not on_edge(0.0826, "+8.2", "+8.3")
    assert not on_edge(0.0825, "+8.1", "+8.3")
    assert not on_edge(0.5, "< 0.001", "0.50")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_character_is_found(page, data):
    body = page.index("<body>")
    visible = [
        k
        for start, end in (
            (m.start(1) + body, m.end(1) + body) for m in re.finditer(r">([^<]+)<", page[body : page.index(OPEN)])
        )
        for k in (start, end - 1)
    ]
    at = data.draw(st.sampled_from(visible) | st.integers(0, page.index(OPEN) - 1))
    sign = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda sign: sign not in ("\0", page[at])))
    found = text_differences(page[:at] + sign + page[at + 1 :], page)
    assert 1 <= len(found) <= 2
    assert all(isinstance(each, Difference) for each in found)


@given(st.text(alphabet="<>ab \n"), st.text(alphabet="<>ab \n"))
def test_two_texts_differ_if_and_only_if_they_are_different(a, b):
    assert bool(text_differences(a, b)) == (a != b)


def test_very_different_texts_are_told_to_a_limit():
    many = "".join(f"<p>{k}</p>" for k in range(20_000))
    other = "".join(f"<p>{k if k % 7 else -k}</p>" for k in range(20_000))
    assert len(text_differences(other, many)) == MOST
    assert len(text_differences("x" * 100_000, many)) == 1
    (moved,) = text_differences(many[:2000] + many[60_000:], many)
    assert moved.found != moved.expected


def test_text_is_told_without_what_a_terminal_obeys():
    (found,) = text_differences("<h2>A</h2> b\x1b[2J\u202e", "<h2>A</h2> b")
    assert "\x1b" not in str(found)
    assert "\\x1b" in str(found)
    assert "under 'A'" in str(found)


def test_pictures_are_emptied():
    assert without_pictures("a<svg x>1</svg>b<svg>2</svg>c<svg>3") == "a</svg>b</svg>c<svg>3"
