"""Fixtures of the tests in a real browser: installed Chromium, driven by Playwright; nothing is downloaded.

- ``page_file(name)``: path of a page, built once a session. Names: ``index`` (the index trial, exact engine; with
  ``BAYES_IVF_RUN=FOLDER`` the page of that finished run, rendered anew), ``rates``, ``mixed``, ``one``, ``nothing``,
  ``doses``, ``hostile`` (`tests.browser.studies`), ``batch`` (the index of a batch) and ``batch/STUDY`` (the page of a
  study in it).
- ``browser_page(name, width=1280, dark=False, javascript=True, bypass_csp=False, opened=False)``: a Playwright page that
  shows it in a context of its own (390 px: a telephone, 844 px high). `name` may also be a path. What it does that it must
  not (`Seen`) fails the test at its end: a console error, an exception, a dialog, a violation of the policy, a request other
  than the file itself or, in a batch, a page beside it. ``opened``: with every collapsed part open.
- ``browser``: the Playwright browser itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser import studies
from tests.browser.chromium import ARGUMENTS, MISSING, find_browser

RUN = "BAYES_IVF_RUN"
"""Names the folder of a finished run of the index trial to look at, instead of an exact one."""
HEIGHTS = {390: 844, 768: 1024, 1280: 800}
STUDIES = tuple(studies.STUDIES)
PRIORS = ["weakly_informative", "skeptical_moderate"]
PATIENCE = 10_000
"""Milliseconds to wait for what a page does."""
WATCH = """
window.violated = [];
document.addEventListener("securitypolicyviolation", event => window.violated.push(event.violatedDirective));
"""


@dataclass
class Seen:
    """What a page did that no page of ours does."""

    file: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        beside = self.file.rpartition("/")[0].removesuffix("/studies") + "/"
        self.requests.append(request.url)
        own = request.url.partition("#")[0] == self.file
        followed = request.is_navigation_request() and request.url.startswith(beside)
        if not (own or followed or request.url.startswith("data:")):
            self.faults.append(f"request: {request.url[:200]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed browser."""
    found = find_browser()
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the path of a page, built when it is first asked for."""
    folder = tmp_path_factory.mktemp("pages")
    made: dict[str, Path] = {}

    def find(name: str) -> Path:
        kind, _, study = name.partition("/")
        if kind not in made:
            made[kind] = _build(kind, folder)
        return made[kind].parent / "studies" / f"{study}.html" if study else made[kind]

    return find


def _build(name: str, folder: Path) -> Path:
    import bayes_ivf as bi
    from bayes_ivf.report import rebuild_report

    out = folder / name
    if name == "batch":
        (folder / "trials.csv").write_text(studies.table_of_trials(), encoding="utf-8")
        sources = [folder / "trials.csv", *(_study(each, folder) for each in ("mixed", "hostile"))]
        bi.batch(sources, "two_arm", PRIORS, out=out, engine="exact", executor="serial")
        return out / "index.html"
    if name == "index" and os.environ.get(RUN):
        shutil.copytree(os.environ[RUN], out)
        rebuild_report(out)
    else:
        bi.reanalyze("lei-2026" if name == "index" else _study(name, folder), out, engine="exact")
    return out / "report.html"


def _study(name: str, folder: Path) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(studies.STUDIES[name], encoding="utf-8")
    return path


@pytest.fixture
def browser_page(browser: Browser, page_file: Callable[[str], Path]) -> Iterator[Callable[..., Page]]:
    """Show pages in contexts of their own; see the head of this file."""
    contexts, shown = [], []
    everything: list[Seen] = []

    def show(
        name: str | Path,
        width: int = 1280,
        *,
        dark: bool = False,
        javascript: bool = True,
        bypass_csp: bool = False,
        opened: bool = False,
    ) -> Page:
        path = name if isinstance(name, Path) else page_file(name)
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            device_scale_factor=2 if width < 500 else 1,
            is_mobile=width < 500,
            has_touch=width < 500,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            bypass_csp=bypass_csp,
        )
        context.add_init_script(WATCH)
        context.set_default_timeout(PATIENCE)
        page, seen = context.new_page(), Seen(path.as_uri())
        page.on("console", lambda told: seen.faults.append(f"console: {told.text}") if told.type == "error" else None)
        page.on("pageerror", lambda error: seen.faults.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: (seen.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        context.on("request", seen.request)
        contexts.append(context)
        everything.append(seen)
        shown.append((path.name, page, seen))
        page.goto(path.as_uri())
        if opened:
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        return page

    show.seen = everything
    yield show
    faults = [f"{name}: {fault}" for name, _, seen in shown for fault in seen.faults]
    for name, page, _ in shown:
        faults += [f"{name}: policy violated: {what}" for what in page.evaluate("window.violated || []")]
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
