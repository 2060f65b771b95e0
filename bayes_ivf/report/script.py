"""The one script of a page, and the hash by which its security policy lets it run."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

SCRIPTS = ("live_numbers.js", "live.js", "page.js")
"""In this order; those that exist are joined."""


@cache
def script_and_hash() -> tuple[str, str]:
    """Return the script of a page and its source expression for a Content-Security-Policy.

    Indentation and lines that are comments are left out; the files have no text that runs over several lines.

    Returns
    -------
    script, source : str
        The source is ``'sha256-...'`` with its quotes.

    Examples
    --------
    >>> script, source = script_and_hash()
    >>> script.startswith("'use strict';"), source.startswith("'sha256-")
    (True, True)
    """
    folder = files("bayes_ivf.report") / "templates"
    found = [folder / name for name in SCRIPTS if (folder / name).is_file()]
    script = "\n".join(_without_layout(path.read_text(encoding="utf-8")) for path in found)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return script, f"'sha256-{digest}'"


def _without_layout(text: str) -> str:
    text = re.sub(r"^\s*/\*.*?\*/\s*$", "", text, flags=re.MULTILINE)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
