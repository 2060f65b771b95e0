"""Nothing is wider than the screen, tables are cards on a telephone, and the answer stands on the first screen."""

from __future__ import annotations

import pytest

PAGES = ("index", "rates", "mixed", "one", "nothing", "doses", "hostile", "batch", "batch/mixed", "batch/hostile")
WIDTHS = (390, 768, 1280)
SCROLLED = "pre, .scroll"
"""What may scroll sideways within itself; on a telephone no table may."""

OVERFLOW = """([scrolled, screen]) => {
  const told = [];
  const hidden = each => {
    for (let part = each; part; part = part.parentElement) {
      const style = getComputedStyle(part);
      if (style.clipPath.startsWith("inset(50%") || (style.overflow === "hidden" && part.clientWidth <= 1)) return true;
    }
    return false;
  };
  const name = each => `${each.tagName.toLowerCase()}${each.id ? "#" + each.id : ""}.${each.className} ` +
    `${Math.round(each.getBoundingClientRect().right)}: ${each.textContent.trim().slice(0, 40)}`;
  const page = document.scrollingElement.scrollWidth;
  if (page > screen) told.push(`the page is ${page} wide`);
  for (const each of document.body.querySelectorAll("*:not(svg *)")) {
    const box = each.getBoundingClientRect();
    if (!box.width || (box.right <= screen + 0.5 && box.left >= -0.5) || hidden(each)) continue;
    const parent = each.parentElement.closest(scrolled);
    if (!parent || (screen < 500 && each.closest("table"))) told.push(name(each));
  }
  return told.slice(0, 8);
}"""
"""Elements that reach beyond the screen, but for those within a part that may scroll."""

CUT = """() => [...document.body.querySelectorAll("*:not(svg *)")].filter(each => {
  const style = getComputedStyle(each);
  return !style.clipPath.startsWith("inset(50%") && ["hidden", "clip"].includes(style.overflowX) &&
    each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1;
}).map(each => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 40)}`)"""

ROWS = """() => [...document.querySelectorAll("table tbody tr")]
  .filter(each => each.getBoundingClientRect().height && getComputedStyle(each).display.startsWith("table"))
  .map(each => `${each.closest("table").className || "table"}: ${each.textContent.trim().slice(0, 40)}`)"""

UNLABELED = """() => [...document.querySelectorAll("table tbody td")].filter(each => {
  const before = getComputedStyle(each, "::before").content;
  return each.getBoundingClientRect().height && each.textContent.trim() && each.colSpan === 1 &&
    (before === "none" || before === "normal" || before === '""') && !each.querySelector(".label");
}).map(each => each.closest("table").className + ": " + each.textContent.trim().slice(0, 40))"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(browser_page, name, width):
    page = browser_page(name, width)
    assert page.evaluate(OVERFLOW, [SCROLLED, width]) == []
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate(OVERFLOW, [SCROLLED, width]) == []
    assert page.evaluate("window.innerWidth") == width  # a telephone zooms out to show what is wider
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", PAGES)
def test_rows_are_cards_on_a_telephone(browser_page, name):
    page = browser_page(name, 390, opened=True)
    assert page.evaluate(ROWS) == []
    assert page.evaluate(UNLABELED) == []


@pytest.mark.parametrize("name", ["index", "rates", "mixed", "one"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_answer_stands_on_the_first_screen(browser_page, name, width):
    page = browser_page(name, width)
    answer = page.locator(".answer").first
    first = answer.locator("p, li, dd, td").first
    box = first.bounding_box()
    assert first.inner_text().strip()
    assert box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize("name", ["index", "batch", "batch/mixed"])
def test_the_page_is_dark_where_the_reader_wants_it_dark(browser_page, name):
    lightness = []
    for dark in (False, True):
        page = browser_page(name, dark=dark)
        color = page.evaluate("""() => {
          const own = getComputedStyle(document.body).backgroundColor;
          return own === "rgba(0, 0, 0, 0)" ? getComputedStyle(document.documentElement).backgroundColor : own;
        }""")
        lightness.append(sum(int(part) for part in color.strip("rgba()").split(",")[:3]))
    assert lightness[0] > 600
    assert lightness[1] < 200
