"""A page paints at once, is small, and prints on few pages."""

from __future__ import annotations

import re
from statistics import median

import pytest

PAINTED = """() => new Promise(done => {
  const at = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  const ask = () => at() === undefined ? setTimeout(ask, 10) : done(at());
  ask();
})"""
MOST_BYTES = 3_000_000
MOST_PAGES = 12


def test_the_first_paint_takes_less_than_a_second(browser_page):
    times = [browser_page("index").evaluate(PAINTED) for _ in range(5)]
    assert median(times) < 1000, times


@pytest.mark.parametrize("name", ["index", "mixed", "hostile", "batch", "batch/mixed"])
def test_a_page_is_small(page_file, name):
    assert page_file(name).stat().st_size < MOST_BYTES


@pytest.mark.parametrize("name", ["index", "mixed", "hostile"])
def test_a_page_prints_on_few_sheets(browser_page, name):
    assert sheets(browser_page(name)) <= MOST_PAGES


def test_ink_is_dark_on_white_paper_where_the_screen_is_dark(browser_page):
    page = browser_page("mixed", dark=True)
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert sum(int(part) for part in ink.strip("rgba()").split(",")[:3]) < 300


def sheets(page) -> int:
    """Count the pages of the printed page."""
    printed = page.pdf(format="A4", print_background=True)
    count = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert count > 0
    return count
