"""Shared by all suites: the index trial, one cache of fits for a process, and small studies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def peak_of():
    """Run code in a fresh process; return its last line and the most megabytes that it held.

    ru_maxrss will not do: a child inherits the size of the process that started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("the peak of memory is read from /proc")
    tail = f"\nprint(next(line.split()[1] for line in open({str(status)!r}) if line.startswith('VmHWM')))"

    def run(code, *arguments):
        command = [sys.executable, "-c", code + tail, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        *said, peak = done.stdout.splitlines()
        return (said or [""])[-1], int(peak) / 1024

    return run


@pytest.fixture(scope="session")
def lei():
    """The index trial."""
    from bayes_ivf import load_study

    return load_study("lei-2026")


@pytest.fixture(scope="session")
def nuts():
    """Sample a problem with NUTS; the same problem and settings are sampled once in a process."""
    from bayes_ivf import fit

    done = {}

    def sampled(study, outcome=None, prior="weakly_informative", *, draws=2000, tune=500, seed=7, **options):
        outcome = outcome or study.items[0].id
        fitted = (study.id, repr(study.items), outcome, repr(prior), draws, tune, seed, repr(options))
        if fitted not in done:
            done[fitted] = fit(study, outcome, prior=prior, engine="nuts", draws=draws, tune=tune, seed=seed, **options)
        return done[fitted]

    return sampled


@pytest.fixture(scope="session")
def exact():
    """Solve a problem with the exact engine."""
    from bayes_ivf import fit

    def solved(study, outcome=None, prior="weakly_informative", **options):
        return fit(study, outcome or study.items[0].id, prior=prior, engine="exact", **options)

    return solved


@pytest.fixture(scope="session")
def faults_of():
    """Return the faults of a call that must be refused, after checking that each has its four parts."""
    from bayes_ivf import BayesIvfError

    def refused(call, *arguments, **options):
        with pytest.raises(BayesIvfError) as caught:
            call(*arguments, **options)
        faults = caught.value.faults
        assert faults
        for fault in faults:
            assert all(part.strip() for part in (fault.where, fault.found, fault.allowed, fault.action)), fault
            assert str(fault) in str(caught.value)
        return faults

    return refused


def pytest_terminal_summary(terminalreporter):
    """Print the tables that tests made, whichever process ran them."""
    tables = {}
    for report in (each for reports in terminalreporter.stats.values() for each in reports):
        for name, line in getattr(report, "user_properties", ()):
            if name.startswith("table: "):
                tables.setdefault(name.removeprefix("table: "), []).append(line)
    for title, lines in tables.items():
        terminalreporter.section(title)
        for line in dict.fromkeys(lines):
            terminalreporter.write_line(line)
