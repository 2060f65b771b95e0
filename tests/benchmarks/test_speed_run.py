"""The main job, whole, in a warm environment and a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import time

LIMIT = 240.0


def test_the_index_trial(tmp_path, say):
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bayes_ivf", "run", "--out", tmp_path / "run"], capture_output=True, text=True
    )
    elapsed = time.perf_counter() - start
    assert done.returncode in (0, 1), done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    parts = "  ".join(f"{name} {value:.1f} s" for name, value in manifest["seconds"].items())
    say(f"bayes-ivf run lei-2026: {elapsed:.0f} s  (at most {LIMIT:g} s)   {parts}")
    assert elapsed <= LIMIT
