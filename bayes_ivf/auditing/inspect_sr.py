"""Which checks of INSPECT-SR the audit could speak to, and which need a human. None is ticked without evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.checklists import Item, checklists

Answer = Literal["needs a human", "in part: nothing found", "in part: for a human to weigh"]


@dataclass(frozen=True)
class InspectRow:
    """One check of INSPECT-SR.

    Parameters
    ----------
    item, topic : str
        Its number, and what it is about in our words.
    answer : str
        ``needs a human``: the audit says nothing; ``in part: ...``: what the audit's own checks found. No item is
        settled by the audit alone.
    evidence : str
        The audit's checks that ran, with what they found.
    """

    item: str
    topic: str
    answer: Answer
    evidence: str


def inspect_sr_rows(found: Sequence[Finding], ran: Sequence[str]) -> tuple[InspectRow, ...]:
    """Return all items of INSPECT-SR with what the audit found.

    Parameters
    ----------
    found : sequence of Finding
    ran : sequence of str
        Names of the checks that applied to the study.
    """
    return tuple(_row(item, found, ran) for item in checklists()["inspect_sr"].items)


def inspect_sr_source() -> str:
    """Return the reference for the items."""
    return checklists()["inspect_sr"].source


def _row(item: Item, found: Sequence[Finding], ran: Sequence[str]) -> InspectRow:
    checks = [name for name in item.filled_by if name in ran]
    if not checks:
        return InspectRow(item.id, item.topic, "needs a human", "")
    parts, serious = [], 0
    for name in checks:
        counts = {s: sum(f.check == name and f.severity == s for f in found) for s in ("impossible", "caution")}
        serious += sum(counts.values())
        counted = ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)
        parts.append(f"{name}: {counted or 'nothing beyond information'}")
    answer: Answer = "in part: for a human to weigh" if serious else "in part: nothing found"
    return InspectRow(item.id, item.topic, answer, "; ".join(parts))
