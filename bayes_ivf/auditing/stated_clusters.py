"""Two counts of units that share a cluster, at a stated intraclass correlation: what remains of each arm, and its chi-square.

With m units a cluster an arm's n units say as much as n / D independent ones, D = 1 + (m - 1) icc, and so do its events. The
chi-square and the interval of these effective counts are those of Rao and Scott.

References
----------
Rao and Scott 1992, doi 10.2307/2532311. Donner and Klar 2000, Design and Analysis of Cluster Randomization Trials.
"""

from __future__ import annotations

from dataclasses import replace

from bayes_ivf.auditing.count_tests import pearson_p
from bayes_ivf.auditing.reading import Reading, Readings
from bayes_ivf.study import ARMS, Outcome, Study

WITH_DESIGN_EFFECT = " with design effect"
"""What is added to the name of a test of effective counts."""
Effective = tuple[float, float, float, float]
Table = tuple[int, int, int, int]


def design_effects_of(study: Study, item: Outcome, sizes: tuple[int, int], icc: float) -> tuple[float, float]:
    """Return the design effect of both arms, treatment first; 1 where no unit shares a woman or what was randomized.

    Parameters
    ----------
    study : Study
    item : Outcome
        With a stated correlation, and perhaps a size of its clusters.
    sizes : tuple of int
        Units of both arms, treatment first.
    icc : float
    """
    stated = None if item.icc is None else item.icc.size
    women = [study.clusters.get(arm) or study.sizes[arm] or n for arm, n in zip(ARMS, sizes, strict=True)]
    shared = [n / min(each, n) if stated is None else stated for each, n in zip(women, sizes, strict=True)]
    first, second = (1 + (max(size, 1.0) - 1) * icc for size in shared)
    return first, second


def effective_counts(study: Study, item: Outcome, table: Table, icc: float | None = None) -> Effective | None:
    """Return events and units of both arms as so many independent ones; None where no icc is stated, or nothing is shared.

    Parameters
    ----------
    study : Study
    item : Outcome
    table : tuple of int
        Events and units, treatment first.
    icc : float, optional
        The stated one by default.
    """
    if item.icc is None or design_effects_of(study, item, (table[1], table[3]), 1.0) == (1.0, 1.0):
        return None
    first, second = design_effects_of(study, item, (table[1], table[3]), item.icc.value if icc is None else icc)
    return table[0] / first, table[1] / first, table[2] / second, table[3] / second


def with_design_effect(study: Study, item: Outcome, readings: Readings, icc: float) -> Readings:
    """Return readings of counts under the chi-square of effective counts; others as they are."""
    each = []
    for reading in readings.each:
        counts = None if reading.counts is None else effective_counts(study, item, reading.counts, icc)
        if counts is None:
            return readings
        each.append(Reading(reading.difference, {"Pearson": float(pearson_p(*counts))}, reading.text))
    return replace(readings, each=tuple(each), suffix=WITH_DESIGN_EFFECT)
