"""Rows of totals, as reviews print them below their trials: they count the same women twice."""

from __future__ import annotations

from collections.abc import Sequence

from bayes_ivf.batches.columns import Columns
from bayes_ivf.errors import Fault

LEAST = 40
"""Events and women of a row below which equal sums may be chance."""


def total_faults(
    columns: Columns,
    study: Sequence[str],
    outcome: Sequence[str],
    counts: Sequence[bool],
    figures: Sequence[Sequence[int]],
) -> list[Fault]:
    """Return a fault for every row of counts that is the sum of two or more rows of its outcome directly above it.

    Parameters
    ----------
    columns : Columns
    study, outcome : sequence of str
    counts : sequence of bool
        Whether a row holds counts.
    figures : sequence of (int, int, int, int)
        Events and size of both arms.
    """
    above: dict[str, list[int]] = {}
    faults = []
    for row, name in enumerate(outcome):
        if not counts[row]:
            continue
        total = [0, 0, 0, 0]
        for rows, other in enumerate(reversed(above.setdefault(name, [])), 1):
            total = [sum(pair) for pair in zip(total, figures[other], strict=True)]
            if rows > 1 and total == list(figures[row]) and sum(total) >= LEAST:
                found = (
                    f"{study[row][:60]!r}: events and sizes are the sums of the {rows} rows of {name[:60]!r} above it"
                )
                action = "remove the row: a total counts the same women twice"
                faults.append(Fault(columns.where(row, "study"), found, "one trial in a row", action))
                break
            if any(sums > own for sums, own in zip(total, figures[row], strict=True)):
                break
        above[name].append(row)
    return faults
