"""A batch that is killed again and again gives the table of one that never was."""

import random
import subprocess
import sys
import time

import pandas as pd

from bayes_ivf.batches.store import NAME

SCRIPT = """
import sys
from bayes_ivf.batches import batch, grid, output
output.write_pages = lambda *_: None
grid.JOB_SIZE["exact"] = 2
batch(sys.argv[1], "two_arm", "weakly_informative", out=sys.argv[2], workers=2)
"""
KILLS = 2
ROWS = 28


def _start(source, out):
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(source), str(out)])


def test_kills_lose_no_row_and_double_none(table, tmp_path):
    rows = [f"s,o{i},higher,{3 + i % 17},{20 + i % 30},{2 + i % 11},{20 + i % 23}" for i in range(ROWS)]
    source = table(*rows)
    _start(source, tmp_path / "whole").wait(timeout=300)
    out, chance = tmp_path / "killed", random.Random(5)
    store, killed = out / NAME, 0
    while killed < KILLS:
        process = _start(source, out)
        before = store.stat().st_mtime_ns if store.exists() else 0
        while process.poll() is None and not (store.exists() and store.stat().st_mtime_ns > before):
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.7))
        process.kill()
        process.wait()
        killed += 1
    assert _start(source, out).wait(timeout=300) == 0
    assert (out / "effects.csv").read_bytes() == (tmp_path / "whole/effects.csv").read_bytes()
    effects = pd.read_csv(out / "effects.csv")
    assert len(effects) == ROWS * 8
    assert not effects.duplicated(["outcome", "prior", "estimand"]).any()
