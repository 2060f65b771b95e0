"""What stands on a page: no leftover of a program, every digit marked or quoted, the same without scripts."""

from __future__ import annotations

import re

import pytest

from tests.browser.known import KNOWN
from tests.marked import NEVER

PAGES = ("index", "rates", "mixed", "one", "nothing", "doses", "hostile", "batch", "batch/mixed", "batch/hostile")
LEFTOVERS = re.compile(
    r"\bNone\b(?! of\b)|\b[Nn]a[Nn]\b|\bundefined\b|\bnull\b(?! hypothes| effect| value)|\[object|\b(True|False)\b|\binf\b"
    r"|\(\s*\)|\(\s*(to|;|,)\s|\bto\s*\)|\s,|,\s*,|\.\s\.|\b[a-z]+_[a-z_]+\b(?!\.)|<built-in|Markup\("
)
"""Values without words, brackets and sentences around nothing, names in code spelling."""
FILES = re.compile(r"\b[\w./-]+\.(csv|json|nc|md|html|toml|xlsx|qmd|docx)\b|bayes_ivf|bayes-ivf[^.\n]*")
"""Files and commands are called as they are."""

DIGITS = """marked => {
  const told = [], heading = each => {
    const all = [...document.querySelectorAll("h1, h2, h3")]
      .filter(other => other.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
    return all.length ? all[all.length - 1].textContent.trim() : "";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (/\\d/.test(node.data) && !parent.closest(`svg, style, script, ${marked}`))
      told.push([heading(parent), parent.tagName.toLowerCase(), node.data.trim().replace(/\\s+/g, " ").slice(0, 90)]);
  }
  return told;
}"""
MARKED = "[data-key], time, .version, .quoted"
LINES = """() => {
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll("noscript, script, style").forEach(each => each.remove());
  return copy.textContent;
}"""


def words(page) -> list[str]:
    return page.locator("body").inner_text().split()


@pytest.mark.parametrize("name", [name for name in PAGES if "hostile" not in name])
def test_nothing_is_left_over_from_a_program(browser_page, name):
    page = browser_page(name, opened=True)
    page.evaluate("document.querySelectorAll('code, pre, .version, .quoted').forEach(each => each.replaceWith('X'))")
    text = FILES.sub("", page.locator("body").inner_text())
    found = [text[max(0, each.start() - 30) : each.end() + 30] for each in LEFTOVERS.finditer(text)]
    assert found == [], "\n".join(found)
    assert [each for each in NEVER if each in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_digit_is_marked_or_quoted(browser_page, name):
    """`KNOWN` names the pages where that is not so yet; it shrinks, and stays empty."""
    found = browser_page(name).evaluate(DIGITS, MARKED)
    if name in KNOWN:
        assert found, f"take {name} out of KNOWN"
    else:
        assert found == [], "\n".join(map(str, found))


@pytest.mark.parametrize("name", PAGES)
def test_a_marked_number_has_one_value_and_one_text(browser_page, name):
    found = browser_page(name).evaluate(
        "[...document.querySelectorAll('[data-key]')].map(each => [each.dataset.key, each.value, each.textContent])"
    )
    seen = {}
    for key, value, text in found:
        assert re.search(r"\d|∞", text), key
        assert seen.setdefault(key, (value, text)) == (value, text), key
    assert name == "nothing" or len(seen) > 5


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_the_same_without_scripts(browser_page, name):
    """Scripts may add controls, and change nothing of what stands there."""
    with_scripts = browser_page(name, opened=True).evaluate(LINES).split()
    without = browser_page(name, javascript=False)
    there = iter(with_scripts)
    missing = [word for word in without.evaluate(LINES).split() if not any(word == other for other in there)]
    assert missing == []
    assert len(words(without)) > 40
    assert without.locator("[data-key]:visible").count() > 2 or name == "nothing"
