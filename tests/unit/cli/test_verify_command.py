"""``bayes-ivf verify``: what it says, and its exit status."""

from __future__ import annotations

import re

import pytest

from bayes_ivf import Study, reanalyze
from bayes_ivf.report.payload import OPEN


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    reanalyze(study, folder, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    return folder / "report.html"


def test_a_page_as_it_was_written_is_0(cli, page):
    result = cli("verify", page)
    assert result.status == 0
    assert "Exact rows: 8 computed anew" in result.out
    assert result.out.rstrip().endswith("No difference.")
    assert "not recomputed" not in result.out


def test_a_folder_is_its_page(cli, page, tmp_path):
    assert cli("verify", page.parent).out == cli("verify", page).out
    assert cli("verify", tmp_path).status == 2


def test_a_changed_page_is_1_and_says_what_differs(cli, page, tmp_path):
    text = page.read_text(encoding="utf-8")
    other = tmp_path / "other.html"
    other.write_text(text.replace("16/40", "19/40\x1b[2J", 1), encoding="utf-8")
    result = cli("verify", other)
    assert result.status == 1
    assert "19/40" in result.out
    assert "16/40" in result.out
    assert "\x1b" not in result.out
    assert list(tmp_path.iterdir()) == [other]


def test_differences_are_named_to_a_number_and_all_on_request(cli, page, tmp_path):
    other = tmp_path / "other.html"
    other.write_text(page.read_text(encoding="utf-8").replace("<td", "<td x"), encoding="utf-8")
    result = cli("verify", other)
    assert result.status == 1
    assert "more; --all names every one" in result.out
    whole = cli("verify", other, "--all")
    assert whole.status == 1
    assert "more; --all" not in whole.out
    assert whole.out.count("found:") > result.out.count("found:") == 40


def test_what_is_no_page_is_2(refused, page, tmp_path):
    other = tmp_path / "other.html"
    other.write_text("<html></html>", encoding="utf-8")
    assert "no data of this package" in refused("verify", other)
    assert "a folder" in refused("verify", tmp_path)
    refused("verify", tmp_path / "nothing.html")
    refused("verify", page, "--workers", "0")


def test_a_digit_changed_in_the_study_is_named_as_the_cause(cli, page, tmp_path):
    text = page.read_text(encoding="utf-8")
    before, opened, data = text.partition(OPEN)
    other = tmp_path / "other.html"
    assert '"16/40"' in data
    other.write_text(before + opened + data.replace('"16/40"', '"19/40"', 1), encoding="utf-8")
    result = cli("verify", other)
    assert result.status == 1
    told = result.out[result.out.index("\n\n") :].strip()
    assert told.startswith("The embedded study gives other problems (of cpr) than those the page was made from;")
    assert ": problem" not in told
    assert ": seed" not in told
    assert "hashes, seeds or keys" in told
    assert "another state" not in told
    whole = cli("verify", other, "--all").out
    assert whole.index(": problem") > whole.index(": median")
    assert ": seed" in whole


def test_a_page_of_another_state_says_so_beside_the_count(cli, page, tmp_path):
    text = page.read_text(encoding="utf-8").replace("16/40", "19/40", 1)
    other = tmp_path / "other.html"
    other.write_text(re.sub(r'"code":"[0-9a-f]', '"code":"x', text, count=1), encoding="utf-8")
    last = cli("verify", other).out.strip().splitlines()[-1]
    assert re.fullmatch(
        r"\d+ differences?; the page was written by another state of bayes_ivf, which may explain .*", last
    )
