"""The figures of the README are those that its command makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_table_of_the_readme_is_current() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "tools" / "readme_table.py", "--check"], cwd=ROOT, capture_output=True
    )
    assert checked.returncode == 0, "run: .venv/bin/python tools/readme_table.py\n" + checked.stderr.decode()


def test_notebook_tells_the_numbers_of_the_readme() -> None:
    line = next(
        line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if "| Clinical preg" in line
    )
    cells = [cell.strip() for cell in line.split("|")]
    estimate, _, between = cells[4].partition(" points (")
    notebook = json.loads((ROOT / "notebooks" / "01_index_trial.ipynb").read_text(encoding="utf-8"))
    told = " ".join(str(output) for cell in notebook["cells"] for output in cell.get("outputs", []))
    assert f"{estimate} percentage points (95% credible interval {between.partition(';')[0]}" in told
    assert f"the probability of benefit is {cells[5].partition(';')[0]} " in told
