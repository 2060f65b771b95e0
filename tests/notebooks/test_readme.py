"""The figures of the README are those that its command makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_table_of_the_readme_is_current() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "tools" / "readme_table.py", "--check"], cwd=ROOT, capture_output=True
    )
    assert checked.returncode == 0, "run: .venv/bin/python tools/readme_table.py\n" + checked.stderr.decode()
