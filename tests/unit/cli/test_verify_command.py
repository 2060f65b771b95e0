"""``bayes-ivf verify``: what it says, and its exit status."""

from __future__ import annotations

import pytest

from bayes_ivf import Study, reanalyze


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
