"""Pages serve readers with a keyboard alone, with a screen reader, and with little sight: axe, headings, tables, focus."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = ("index", "rates", "mixed", "one", "nothing", "doses", "hostile", "batch", "batch/mixed", "batch/hostile")
SERIOUS = ("serious", "critical")

CONTROLS = """() => {
  window.reached = new Set();
  document.addEventListener("focusin", event => window.reached.add(event.target));
  const groups = new Set();
  window.controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(each => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }))
    .filter(each => each.type !== "radio" || each.checked);
  return window.controls.length;
}"""
MISSED = """() => window.controls.filter(each => !window.reached.has(each))
  .map(each => each.outerHTML.slice(0, 100))"""
BACKWARD = """() => window.controls.filter(each => each.tabIndex > 0).length"""

HEADINGS = """() => {
  const level = each => Number(each.tagName[1]), found = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const told = found.map(each => [level(each), each.textContent.trim()]);
  const content = (from, to) => {
    const range = document.createRange();
    range.setStartAfter(from);
    if (to) range.setEndBefore(to); else range.setEndAfter(document.body.lastChild);
    const part = range.cloneContents();
    part.querySelectorAll("style, script").forEach(each => each.remove());
    return part.textContent.trim() || part.querySelector("svg, input, select");
  };
  const empty = found.filter((each, i) => !content(each, found[i + 1]) &&
    !(found[i + 1] && level(found[i + 1]) > level(each))).map(each => each.textContent.trim());
  return { told, empty };
}"""

TABLES = """() => {
  const told = [];
  for (const table of document.querySelectorAll("table")) {
    const name = (table.caption || table).textContent.trim().slice(0, 40);
    const say = what => told.push(`${what}: ${name}`);
    if (!table.caption && !table.getAttribute("aria-label") && !table.getAttribute("aria-labelledby")) say("no caption");
    if (!table.querySelector("thead th[scope=col]")) say("no column headers");
    if (table.querySelector("th:not([scope])")) say("a header without scope");
    if ([...table.querySelectorAll("thead th")].some(each => !each.textContent.trim())) say("an empty header");
    if (!table.querySelector("tbody th[scope=row]")) say("no row headers");
    if (!table.querySelector("tbody tr")) say("no rows");
  }
  return told;
}"""

EMPTY = """() => [...document.querySelectorAll("details, ul, ol, dl, section, figure, p")].filter(each => {
  const copy = each.cloneNode(true);
  copy.querySelectorAll("summary").forEach(part => part.remove());
  return !copy.textContent.trim() && !copy.querySelector("svg, input, select") && !each.closest("[hidden], [role=alert]");
}).map(each => each.outerHTML.slice(0, 80))"""

PICTURES = """() => [...document.querySelectorAll("svg")].filter(each => {
  if (each.getAttribute("aria-hidden") === "true") return false;
  const by = (each.getAttribute("aria-labelledby") || "").split(/\\s+/).filter(Boolean);
  const said = by.map(id => document.getElementById(id)?.textContent.trim());
  return each.getAttribute("role") !== "img" || !(each.getAttribute("aria-label") || (said.length && said.every(Boolean)));
}).map(each => each.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(browser_page, name, dark):
    page = browser_page(name, 390 if dark else 1280, dark=dark, bypass_csp=True, opened=True)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        f"{each['id']} ({each['impact']}, {len(each['nodes'])}): {each['nodes'][0]['target']}"
        for each in found
        if each["impact"] in SERIOUS
    ]
    assert told == []


@pytest.mark.parametrize("name", ["index", "mixed", "hostile", "batch", "batch/mixed"])
def test_a_keyboard_reaches_every_control(browser_page, name):
    page = browser_page(name, opened=True)
    count = page.evaluate(CONTROLS)
    # one more for each part that scrolls and so takes the focus, too
    for _ in range(count + 40):
        page.keyboard.press("Tab")
    assert page.evaluate(MISSED) == []
    assert page.evaluate(BACKWARD) == 0


@pytest.mark.parametrize("name", ["index", "mixed"])
def test_the_focus_is_seen(browser_page, name):
    page = browser_page(name)
    page.keyboard.press("Tab")
    style = page.evaluate("""() => {
      const style = getComputedStyle(document.activeElement);
      return [document.activeElement.tagName, style.outlineStyle, style.boxShadow];
    }""")
    assert style[0] != "BODY"
    assert style[1] != "none" or style[2] != "none"


@pytest.mark.parametrize("name", ["index", "mixed", "hostile"])
def test_collapsed_parts_open_and_close_by_enter(browser_page, name):
    page = browser_page(name)
    parts = page.locator("details")
    for i in range(parts.count()):
        part = parts.nth(i)
        part.evaluate("""each => {
          for (let part = each.parentElement; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
        }""")
        before = part.evaluate("each => each.open")
        for expected in (not before, before):
            part.locator("summary").first.focus()
            page.keyboard.press("Enter")
            assert part.evaluate("each => each.open") == expected


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_in_order_and_none_is_empty(browser_page, name):
    found = browser_page(name).evaluate(HEADINGS)
    levels = [level for level, _ in found["told"]]
    assert levels.count(1) == 1
    assert levels[0] == 1
    jumps = [
        text for (before, _), (after, text) in zip(found["told"], found["told"][1:], strict=False) if after > before + 1
    ]
    assert jumps == []
    assert found["empty"] == []
    assert all(text for _, text in found["told"])


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_headers_and_captions(browser_page, name):
    assert browser_page(name, opened=True).evaluate(TABLES) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_part_is_empty(browser_page, name):
    assert browser_page(name, opened=True).evaluate(EMPTY) == []


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_told_in_words(browser_page, name):
    assert browser_page(name, opened=True).evaluate(PICTURES) == []
    ids = browser_page(name).evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))
