"""Rows of totals, as reviews print them below their trials: they count the same women twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bayes_ivf.batches.columns import Columns
from bayes_ivf.errors import Fault

LEAST = 20
"""Events, or women without one, below which equal sums may be chance: none and none are none, and round sizes add up."""
NAMED = re.compile(r"\b(sub-?)?totals?\b|\b(overall|pooled|combined|all)\b", re.IGNORECASE)
"""Words of a row that says itself that it is a total."""


def total_faults(
    columns: Columns,
    study: Sequence[str],
    outcome: Sequence[str],
    counts: Sequence[bool],
    figures: Sequence[Sequence[int]],
) -> list[Fault]:
    """Return a fault for every row of counts that is the sum of two or more rows of its outcome directly above it.

    Equal sums alone may be chance: two of those rows must have events, and enough of them, unless the row is called a total.

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
        total, eventful = [0, 0, 0, 0], 0
        for rows, other in enumerate(reversed(above.setdefault(name, [])), 1):
            total = [sum(pair) for pair in zip(total, figures[other], strict=True)]
            eventful += _rarer(figures[other]) > 0
            shown = eventful > 1 and _rarer(total) >= LEAST
            if rows > 1 and total == list(figures[row]) and (shown or NAMED.search(study[row])):
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


def _rarer(figures: Sequence[int]) -> int:
    """Return the number of events or of women without one in both arms, whichever is smaller."""
    events, women = figures[0] + figures[2], figures[1] + figures[3]
    return min(events, women - events)
