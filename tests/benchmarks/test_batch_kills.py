"""Twenty kills at random moments of a batch of 500 sampled fits: the table is that of a batch which was never killed."""

import json
import random
import subprocess
import sys
import time
from contextlib import suppress

from bayes_ivf.batches.store import NAME
from tests.benchmarks.measured import write_priors, write_table
from tests.benchmarks.recorder import record

SCRIPT = "import json, sys; from bayes_ivf.batches import batch; batch(**json.loads(sys.argv[1]))"
KILLS = 20


def _start(asked):
    return subprocess.Popen([sys.executable, "-c", SCRIPT, json.dumps(asked)], stderr=subprocess.DEVNULL)


def _wait_for_commits(process, wal, count):
    """Wait until the log of the store has been written to some times; the store itself is locked while it is used."""
    seen, begun = set(), time.monotonic()
    while process.poll() is None and len(seen) <= count and time.monotonic() - begun < 120:
        with suppress(OSError):
            seen.add(wal.stat().st_mtime_ns)
        time.sleep(0.005)


def test_twenty_kills_change_nothing(tmp_path):
    table, sets = write_table(tmp_path / "t.csv", 50), write_priors(tmp_path / "sets", 10)
    asked = {"sources": str(table), "models": "two_arm", "priors": sets, "engine": "nuts", "draws": 500, "tune": 300}
    assert _start({**asked, "out": str(tmp_path / "whole")}).wait() == 0
    out, chance, killed, idle = tmp_path / "killed", random.Random(1), 0, 0
    asked["out"] = str(out)
    while killed < KILLS:
        process = _start(asked)
        if killed % 4:  # most kills hit the sampling, some the start
            _wait_for_commits(process, out / f"{NAME}-wal", 5)
            time.sleep(chance.uniform(0, 0.2))
        else:
            time.sleep(chance.uniform(0, 4))
        idle += process.poll() is not None
        process.kill()
        process.wait()
        killed += 1
    assert _start(asked).wait() == 0
    same = (out / "effects.csv").read_bytes() == (tmp_path / "whole/effects.csv").read_bytes()
    record("Kills", [f"{killed} kills of a batch of 500 NUTS fits ({idle} found it finished): equal rows: {same}."])
    assert same
    assert idle <= KILLS // 4
