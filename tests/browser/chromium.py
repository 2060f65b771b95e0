"""Which installed browser the tests drive; none is ever downloaded. As a program: says in one sentence if there is none."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

VARIABLE = "BAYES_IVF_BROWSER"
COMMANDS = ("chromium", "google-chrome")
MISSING = f"No browser to test pages in: install {' or '.join(COMMANDS)}, or let {VARIABLE} be the path of a browser like them."
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
"""A root user, as in a container, has no sandbox; shared memory there is small."""


def find_browser() -> str | None:
    """Return the path of the browser that the variable names, else of the first command that is there."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named) or (named if Path(named).is_file() else None)
    return next((found for name in COMMANDS if (found := shutil.which(name))), None)


if __name__ == "__main__":
    sys.exit(None if find_browser() else MISSING)
