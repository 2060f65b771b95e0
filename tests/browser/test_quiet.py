"""A page asks for nothing, says nothing to the console, keeps its own policy, and shows hostile text as text."""

from __future__ import annotations

import pytest

from tests.browser.studies import ALL, BRACES, HEBREW, HOSTILE_TEXTS, LONG, SCRIPT

PAGES = ("index", "rates", "mixed", "one", "nothing", "doses", "hostile", "batch", "batch/mixed", "batch/hostile")
ELEMENTS = """() => ({
  scripts: [...document.querySelectorAll("script:not([type])")].filter(each => /alert/.test(each.textContent)).length,
  loaded: document.querySelectorAll("img, iframe, object, embed, link, base, [src]").length,
  handlers: [...document.querySelectorAll("*")]
    .filter(each => each.getAttributeNames().some(name => name.startsWith("on") || name === "autofocus")).length,
  links: [...document.querySelectorAll("a")].map(each => each.protocol),
})"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_and_keeps_its_policy(browser_page, name):
    """What it must not do is told when the page is closed: nothing bypasses the policy here."""
    page = browser_page(name, opened=True)
    policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert policy.startswith("default-src 'none'")
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert "'unsafe-eval'" not in policy
    page.evaluate("document.querySelectorAll('summary').forEach(each => each.click())")
    assert page.evaluate("window.violated") == []


@pytest.mark.parametrize("name", ["hostile", "batch", "batch/hostile"])
def test_hostile_text_makes_no_element(browser_page, name):
    page = browser_page(name, opened=True)
    found = page.evaluate(ELEMENTS)
    assert found["scripts"] == found["loaded"] == found["handlers"] == 0
    assert set(found["links"]) <= {"file:", "https:"}
    assert SCRIPT in page.locator("body").inner_text()


@pytest.mark.parametrize("name", ["hostile", "batch/hostile"])
def test_hostile_text_is_shown_as_it_stands_in_the_file(browser_page, name):
    page = browser_page(name, opened=True)
    shown = " ".join(page.locator("body").text_content().split())
    for text in HOSTILE_TEXTS:
        assert text in shown, text[:40]
    heading = page.locator("h1").text_content()
    assert ALL in heading
    assert page.locator("h1").evaluate("each => [...each.querySelectorAll('*')].every(part => part.matches('.quoted'))")


def test_hostile_names_of_a_table_are_text(browser_page):
    shown = browser_page("batch").locator("body").text_content()
    for text in (SCRIPT, BRACES, LONG[:200], HEBREW):
        assert text in shown


def test_a_title_is_text(browser_page):
    assert (
        "<script>"
        not in browser_page("hostile").locator("head").inner_html().partition("<title>")[2].partition("</title>")[0]
    )


BAD = """<!doctype html><title>x</title><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src http:">
<img src="http://127.0.0.1:9/x.png" alt="x"><script>window.ran = true;</script><p>x</p>"""


def test_a_page_that_is_not_quiet_is_found(browser_page, tmp_path):
    (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
    page = browser_page(tmp_path / "bad.html")
    page.evaluate("setTimeout(() => { throw new Error('thrown'); }); alert(1)")
    page.wait_for_timeout(100)
    faults = browser_page.seen[0].faults
    kinds = {fault.partition(":")[0] for fault in faults}
    assert kinds == {"console", "exception", "dialog", "request"}
    assert page.evaluate("window.violated") == ["script-src-elem"]
    page.evaluate("window.violated = []")
    faults.clear()
