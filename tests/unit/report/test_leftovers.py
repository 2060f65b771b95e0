"""What a killed writer leaves is removed by the next one; what a living one is writing is not."""

from __future__ import annotations

import subprocess
import sys

from bayes_ivf import Study, batch, reanalyze
from bayes_ivf.files import LOCK, STAGING
from bayes_ivf.lock import locked

WRITE = """
import sys, time
from pathlib import Path
from bayes_ivf.files import staged
from bayes_ivf.lock import locked
folder = Path(sys.argv[1])
with locked(folder), staged(folder) as staging:
    (staging / "posteriors").mkdir()
    (staging / "posteriors" / "a.nc").write_text("half", encoding="utf-8")
    print("writing", flush=True)
    time.sleep(60)
"""


def leftovers(folder):
    return sorted(path.name for path in folder.rglob(f"{STAGING}*"))


def test_a_living_writer_keeps_what_it_writes_and_a_killed_one_does_not(tmp_path, faults_of):
    def enter():
        with locked(tmp_path):
            return leftovers(tmp_path)

    with subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline().strip() == "writing"
        before = leftovers(tmp_path)
        assert len(before) == 2
        (fault,) = faults_of(enter)
        assert "another run" in fault.found
        assert leftovers(tmp_path) == before
        writer.kill()
        writer.wait()
    assert leftovers(tmp_path) == before
    assert enter() == [LOCK]
    assert leftovers(tmp_path) == []


def litter(folder):
    for place in (folder, folder / "posteriors"):
        (place / f"{STAGING}dead").mkdir(parents=True, exist_ok=True)
        (place / f"{STAGING}dead" / "a.nc").write_text("half", encoding="utf-8")
        (place / f"{STAGING}0123456789abcdef").write_text("half", encoding="utf-8")


def test_run_and_batch_remove_what_killed_ones_left(tmp_path):
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr")
    few = {"models": ["two_arm"], "priors": ["weakly_informative"], "engine": "exact"}
    for name, make in (("run", reanalyze), ("batch", batch)):
        folder = tmp_path / name
        make(study, out=folder, **few)
        litter(folder)
        make(study, out=folder, **few)
        assert leftovers(folder) == []
