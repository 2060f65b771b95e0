"""Tables and the words of pages: of the index trial, of a batch, and of studies and tables from outside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

HIDDEN = ("style", "script", "svg", "head")
BLOCKS = (
    "p",
    "li",
    "td",
    "th",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "div",
    "section",
    "summary",
    "figcaption",
    "caption",
    "dt",
    "dd",
)
CHANGING = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.+Z]*)?|\d+\.\d+ s\b|\b\d+ s\b|[0-9a-f]{64}|/tmp/[^ ]+")
"""Dates, durations, digests and folders: what differs from day to day."""

PROGRESS = re.compile(r"\d+:\d\d ")
"""Lines that tell how far a command is begin with minutes and seconds."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines, self.depth = [""], 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag in HIDDEN
        if tag in BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in HIDDEN
        if tag in BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.lines[-1] += data


def words_of(page: str) -> list[str]:
    """Return the visible words of a page, a line for each block, without what differs from day to day."""
    reader = _Words()
    reader.feed(page)
    lines = (" ".join(line.split()) for line in reader.lines)
    return [CHANGING.sub("…", line) for line in lines if line]


def texts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Return every table and page below a folder as lines."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".csv":
            yield name, path.read_text(encoding="utf-8").splitlines()
        elif path.suffix == ".html":
            yield name, words_of(path.read_text(encoding="utf-8"))


def jobs(cases: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Return the commands whose output is kept, by name; ``{out}`` stands for their folder."""
    yield "index", ["run", "lei-2026", "--out", "{out}", "--engine", "exact"]
    yield "batch", ["batch", "lei-2026", "--out", "{out}", "--engine", "exact", "--executor", "serial"]
    if cases is not None:
        for path in sorted(cases.rglob("*.toml")):
            name = f"case {path.stem}"
            yield name, ["run", str(path), "--out", "{out}", "--engine", "exact", "--priors", "weakly_informative"]
        for path in sorted(cases.rglob("*.csv")):
            given = [
                "--priors",
                "weakly_informative",
                "--models",
                "two_arm",
                "--engine",
                "exact",
                "--executor",
                "serial",
            ]
            yield f"case {path.stem}", ["batch", str(path), "--out", "{out}", *given]


def pages(folder: Path, cases: Path | None, tell: Callable[[str], None]) -> dict[str, str]:
    """Return the text of every job's tables and pages, and of what it said, by name; of cases a digest of each line."""
    import contextlib
    from io import StringIO

    from bayes_ivf.cli.main import run

    found = {}
    for name, command in jobs(cases):
        tell(name)
        out, said = folder / name.replace(" ", "_"), StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = run([each.format(out=out) for each in command])
        told = said.getvalue().replace(str(out), "OUT").splitlines()
        parts = {"said": [f"status {status}", *(CHANGING.sub("…", line) for line in told if not PROGRESS.match(line))]}
        parts |= dict(texts(out)) if out.exists() else {}
        lines = [line for part, block in parts.items() for line in (f"== {part} ==", *block)]
        whole = "\n".join(lines).replace(str(out), "OUT").replace(str(cases), "CASES") + "\n"
        found[name] = short(whole) if name.startswith("case ") else whole
    return found


def short(text: str) -> str:
    """Return eight digits of a digest for each line: enough to name the lines that changed."""
    return "".join(
        f"{line}\n" if line.startswith("== ") else f"{hashlib.sha256(line.encode()).hexdigest()[:8]}\n"
        for line in text.splitlines()
    )
