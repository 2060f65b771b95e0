"""One-sided P values, for papers that declare them and for printed ones that only they give."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from bayes_ivf.auditing.count_tests import log_hypergeometric, many_tables
from bayes_ivf.auditing.reading import Reading, Readings

Side = Literal["higher", "lower"]
HALVED = ("Pearson", "Yates", "Welch", "Student", "normal")
"""Tests whose one-sided P is half the two-sided one in the observed direction."""


def one_sided_reading(reading: Reading, direction: str) -> Reading | None:
    """Return a reading with one-sided P values toward a claimed direction; None where no direction exists.

    Parameters
    ----------
    reading : Reading
    direction : {"higher", "lower", "differs", "none"}
        Without a direction the observed one is taken; of a statistic without a sign of its own, the claimed one.
    """
    if reading.halves:
        return replace(reading, p={f"one-sided {name}": value / 2 for name, value in reading.p.items()})
    if reading.difference is None:
        return None
    side = direction if direction in ("higher", "lower") else ("higher" if reading.difference >= 0 else "lower")
    toward = reading.difference >= 0 if side == "higher" else reading.difference <= 0
    p = {f"one-sided {name}": _half(value, toward) for name, value in reading.p.items() if name in HALVED}
    if reading.counts is not None and not many_tables(*reading.counts):
        p = {"one-sided Fisher": fisher_tail(*reading.counts, "higher" if side == "higher" else "lower"), **p}
    return replace(reading, p=p) if p else None


def one_sided_readings(readings: Readings, direction: str) -> Readings:
    """Return every reading with one-sided P values, toward one side for all of them."""
    if direction not in ("higher", "lower") and readings.each:
        direction = "higher" if (readings.each[0].difference or 0.0) >= 0 else "lower"
    sided = [one_sided_reading(reading, direction) for reading in readings.each]
    return replace(readings, each=tuple(r for r in sided if r is not None)) if all(sided) else readings


def fisher_tail(events_treatment: int, n_treatment: int, events_control: int, n_control: int, side: Side) -> float:
    """One-sided Fisher P: tables with these margins and at least (or at most) as many events in the treatment arm."""
    low, logp = log_hypergeometric(events_treatment + events_control, n_treatment, n_control)
    at = events_treatment - low
    tail = logp[at:] if side == "higher" else logp[: at + 1]
    return min(1.0, float(np.exp(tail).sum()))


def _half(p: float, toward: bool) -> float:
    return p / 2 if toward else 1 - p / 2
