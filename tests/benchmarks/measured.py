"""A batch in a process of its own, measured from outside: seconds on the clock with start-up, CPU seconds, peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SCRIPT = """
import json, sys, time
start = time.perf_counter()
import resource
from bayes_ivf.batches import batch
asked = json.loads(sys.argv[1])
result = batch(**asked)
usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "cpu": sum(each.ru_utime + each.ru_stime for each in usage),
    "megabytes": max(each.ru_maxrss for each in usage) / 1024,
    "fits": result.counts.fits,
    "rows": result.counts.rows,
    "ok": result.ok,
}))
"""


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock and of CPU, peak memory, fits and rows."""

    seconds: float
    cpu: float
    megabytes: float
    fits: int
    rows: int
    ok: bool

    @property
    def rate(self) -> float:
        """Fits per second on the clock."""
        return self.fits / self.seconds


def measure(**asked: object) -> Measured:
    """Run a batch in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked, default=str)], capture_output=True, text=True, check=True
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def write_table(path: Path, rows: int, seed: int = 1) -> Path:
    """Write a table of trials with distinct counts, one study per row."""
    rng = np.random.default_rng(seed)
    n = rng.integers(20, 400, (rows, 2))
    events = rng.binomial(n, rng.uniform(0.1, 0.6, (rows, 1)))
    lines = ["study,outcome,benefit,events_treatment,n_treatment,events_control,n_control,mcid"]
    lines += [
        f"trial {i},live_birth,higher,{events[i, 0]},{n[i, 0]},{events[i, 1]},{n[i, 1]},0.05" for i in range(rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_priors(folder: Path, count: int) -> list[str]:
    """Write prior sets of one family, from skeptical to vague."""
    folder.mkdir(exist_ok=True)
    paths = []
    for i, sigma in enumerate(np.geomspace(0.2, 3, count)):
        path = folder / f"set_{i:02d}.toml"
        path.write_text(
            f'schema_version = 1\nid = "set_{i:02d}"\nlabel = "Set {i}"\n'
            f'sentence = "Normal around no effect with standard deviation {sigma:.2f}."\n\n[log_odds]\n'
            'average = { dist = "Normal", mu = 0, sigma = 1.5 }\n'
            f'effect = {{ dist = "Normal", mu = 0, sigma = {sigma:.4f} }}\n',
            encoding="utf-8",
        )
        paths.append(str(path))
    return paths
