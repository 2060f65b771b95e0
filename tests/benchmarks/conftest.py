from __future__ import annotations

import statistics
import time

import pytest


@pytest.fixture
def say(capsys):
    """Print a line past pytest's capture: the numbers are the point of these tests."""

    def told(text):
        with capsys.disabled():
            print(text)

    return told


@pytest.fixture
def alternating():
    """Time two functions in turn, so that a busy moment falls on both; return the medians in seconds."""

    def timed(first, second, runs=15):
        times = ([], [])
        for _ in range(runs):
            for function, kept in zip((first, second), times, strict=True):
                start = time.perf_counter()
                function()
                kept.append(time.perf_counter() - start)
        return tuple(statistics.median(kept) for kept in times)

    return timed
