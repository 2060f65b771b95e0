"""Joint readings of the index trial: more than 10,000 cost little more than the distinct problems behind them."""

from __future__ import annotations

import time

import pytest

import bayes_ivf as bi
from bayes_ivf.reading_choices import opened
from tests.benchmarks.recorder import quiet, record

MECHANISMS = ["beta_binomial", "receptivity", "independent"]


def choices(doubts):
    """Every choice that the index trial leaves open of both outcomes, and numbers doubted at so many levels each."""
    levels = [round(i / (doubts - 1), 6) for i in range(doubts)]
    sides = {"arms": ["as printed", "swapped"], "mechanism": MECHANISMS}
    return sides | {"doubt of cpr": levels, "doubt of eir": levels}


@pytest.fixture
def spent(monkeypatch):
    """CPU seconds in distinct problems, and their number."""
    found = {"seconds": 0.0, "problems": 0}

    class Timed(opened.SolvedProblems):
        def __init__(self, *arguments):
            start = time.process_time()
            super().__init__(*arguments)
            # those solved together compute nothing before they are asked
            for name in self.quantities:
                self.numbers(name)
            found["seconds"] += time.process_time() - start
            found["problems"] += len(self.problems)

    monkeypatch.setattr(opened, "SolvedProblems", Timed)
    return found


def test_ten_thousand_readings_cost_little_more_than_their_problems(spent, lei):
    bi.readings(lei, ["cpr", "eir"], choices=choices(2), workers=1)
    lines = [
        "| prior sets | joint readings | distinct problems | CPU seconds of these | CPU seconds of all | ratio |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for priors, doubts, most in ((False, 33, 2.5), (True, 11, 1.5)):
        spent.update(seconds=0.0, problems=0)
        start = time.process_time()
        found = bi.readings(lei, ["cpr", "eir"], "stated", priors, choices=choices(doubts), workers=1)
        taken, solved = time.process_time() - start, spent["seconds"]
        sets = len({each.levels["prior"] for each in found["cpr"].each}) if priors else 1
        lines.append(
            f"| {sets} | {len(found):,} | {spent['problems']} | {solved:.1f} | {taken:.1f} | {taken / solved:.2f} |"
        )
        assert len(found) >= 10_000
        assert found.accurate
        assert taken < most * solved
    start = time.perf_counter()
    found = bi.readings(lei, ["cpr", "eir"], priors=True, choices=choices(11))
    seconds = time.perf_counter() - start
    lines += ["", f"{len(found):,} readings over all prior sets on all cores: {seconds:.1f} seconds on the clock."]
    record("Joint readings of the index trial", lines)
    assert seconds < 10 or not quiet()
