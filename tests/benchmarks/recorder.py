"""Writes what a benchmark measured into results.md, one section per benchmark, with the machine it ran on."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("results.md")
HEAD = """# Benchmarks

Written by `make bench`. Every section was measured in one run, side by side, after a warm-up; ratios travel better than seconds.
"""


def machine() -> str:
    """Describe the machine in one line."""
    found = re.search(r"model name\s*: (.+)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s+(\d+) kB", _read("/proc/meminfo"))
    size = f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown memory"
    return f"{os.cpu_count()} cores of {found[1] if found else platform.processor()}, {size}, {platform.system()}"


def record(section: str, lines: list[str]) -> None:
    """Replace a section of results.md."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    when = datetime.now(UTC).date().isoformat()
    body = "\n".join(["", f"## {section}", "", f"{when}; {machine()}; load at the end {load:.1f}.", "", *lines, ""])
    pattern = re.compile(rf"\n## {re.escape(section)}\n.*?(?=\n## |\Z)", re.DOTALL)
    text = pattern.sub(lambda _: body, text) if pattern.search(text) else text.rstrip("\n") + "\n" + body
    RESULTS.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    print("\n".join(lines))


def quiet() -> bool:
    """Whether nothing else keeps the cores busy, so that seconds on the clock mean something."""
    return not hasattr(os, "getloadavg") or os.getloadavg()[0] < 0.7


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
