"""The index of a batch sorts and filters, by mouse and by keyboard, and leads to the page of every study."""

from __future__ import annotations

import pytest

TEXT, UNIT, DESIGN = "#filters [name=text]", "#filters [name=unit]", "#filters [name=design]"


@pytest.fixture
def index(browser_page):
    return browser_page("batch")


def rows(page):
    return page.locator(".index tbody tr:visible")


def column(page, name):
    """The cells of a column as they stand, what they are sorted by where it is numbers."""
    heads = page.locator(".index thead th").all_text_contents()
    place = heads.index(name) + 1
    return (
        rows(page)
        .locator(f":nth-child({place})")
        .evaluate_all(
            "cells => cells.filter(each => each.matches('tr > *')).map(each => each.dataset.sort ?? each.textContent.trim())"
        )
    )


def head(page, name):
    return page.get_by_role("columnheader", name=name)


@pytest.mark.parametrize("name", ["P, recomputed", "Reanalysis", "Probability of benefit"])
def test_numbers_are_sorted_and_what_has_none_comes_last(index, name):
    button = head(index, name).get_by_role("button")
    before = column(index, name)
    for direction, down in (("ascending", False), ("descending", True)):
        button.click()
        assert head(index, name).get_attribute("aria-sort") == direction
        values = column(index, name)
        known = [float(each) for each in values if each]
        assert known == sorted(known, reverse=down)
        assert values[len(known) :] == [""] * (len(values) - len(known))
        assert sorted(values) == sorted(before)
    assert len(known) > 5


def test_words_are_sorted_and_one_header_says_so(index):
    head(index, "Study").get_by_role("button").click()
    head(index, "Outcome").get_by_role("button").click()
    assert index.locator("[aria-sort]").all_text_contents() == ["Outcome"]
    found = column(index, "Outcome")
    in_order = index.evaluate("texts => texts.toSorted(new Intl.Collator('en', {numeric: true}).compare)", found)
    assert [each.lower() for each in found] == [each.lower() for each in in_order]


def test_a_header_sorts_by_keyboard(index):
    button = head(index, "Probability of benefit").get_by_role("button")
    while not button.evaluate("each => each === document.activeElement"):
        index.keyboard.press("Tab")
    for key, direction in (("Enter", "ascending"), ("Space", "descending")):
        index.keyboard.press(key)
        assert head(index, "Probability of benefit").get_attribute("aria-sort") == direction
    assert button.evaluate("each => each === document.activeElement")


def test_a_text_and_two_lists_filter(index):
    count = rows(index).count()
    index.fill(TEXT, "BERG live")
    assert [study for study, _ in _names(index)] == ["berg"]
    assert index.locator("#shown").inner_text() == "Rows that fit: 1."
    index.fill(TEXT, "")
    assert rows(index).count() == count
    assert index.locator("#shown").inner_text() == "All rows are shown."
    index.select_option(UNIT, "embryo")
    assert set(column(index, "Unit")) == {"embryo"}
    index.select_option(UNIT, "")
    index.select_option(DESIGN, "cohort")
    assert _names(index) == [("berg", "live birth"), ("berg", "loss")]
    index.select_option(UNIT, "pregnancy")
    assert _names(index) == [("berg", "loss")]
    index.fill(TEXT, "no such study")
    assert rows(index).count() == 0


def _names(page):
    return list(
        zip(column(page, "Study"), (each.split("\n")[0].strip() for each in column(page, "Outcome")), strict=True)
    )


def test_rows_that_are_filtered_are_still_sorted(index):
    index.select_option(DESIGN, "randomized")
    head(index, "Reanalysis").get_by_role("button").click()
    values = [float(each) for each in column(index, "Reanalysis") if each]
    assert values == sorted(values)
    assert set(column(index, "Design")) == {"randomized"}


def test_a_row_leads_to_the_page_of_its_study(index):
    index.get_by_role("link", name="carlsen").first.click()
    assert index.url.endswith("studies/carlsen.html")
    assert index.locator("h1").count() == 1
    index.get_by_role("link", name="All studies").click()
    assert index.url.endswith("index.html")


def test_an_outcome_leads_to_its_row(index):
    index.get_by_role("link", name="Endometrial thickness").click()
    assert index.locator(":target").inner_text().startswith("Endometrial thickness")


def test_without_scripts_everything_stands_there_and_nothing_is_offered_that_does_not_work(browser_page):
    page = browser_page("batch", javascript=False)
    assert not page.locator("#filters").is_visible()
    assert page.locator(".index button").count() == 0
    assert rows(page).count() > 10


@pytest.mark.parametrize("width", [390, 768])
def test_cards_can_be_sorted_too(browser_page, width):
    page = browser_page("batch", width)
    button = head(page, "Probability of benefit").get_by_role("button")
    assert button.is_visible()
    button.click()
    known = [float(each) for each in column(page, "Probability of benefit") if each]
    assert known == sorted(known)
    assert (
        page.locator(".index tbody td[data-label=Unit]")
        .first.evaluate("each => getComputedStyle(each, '::before').content")
        .startswith('"Unit')
    )
