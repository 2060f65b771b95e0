"""How long a user waits before anything happens, each time in a fresh process."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest


def seconds(*words):
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("name", "words", "limit"),
    [
        ("import bayes_ivf", ("-c", "import bayes_ivf"), 0.5),
        ("bayes-ivf --help", ("-m", "bayes_ivf", "--help"), 0.5),
        ("bayes-ivf audit lei-2026", ("-m", "bayes_ivf", "audit", "lei-2026"), 5.0),
    ],
)
def test_start(name, words, limit, say):
    # the best of five: other work on the machine only ever adds
    found = [seconds(*words) for _ in range(5)]
    say(f"{name:<28} {min(found):6.2f} s  (at most {limit:g} s)")
    assert min(found) < limit
