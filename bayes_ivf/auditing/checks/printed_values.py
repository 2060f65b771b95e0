"""Numbers that cannot stand as they were printed, and how others were read."""

from __future__ import annotations

from bayes_ivf.auditing.finding import Finding
from bayes_ivf.study import Impossible, Study

NAME = "printed_values"
QUESTION = "Can each number be what was printed?"


def applies_to(study: Study) -> bool:
    """Whether anything was printed that cannot hold, or was read in a way that has to be said."""
    return any(item.impossible for item in study.items)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each of them."""
    return tuple(_finding(study, item.id, impossible) for item in study.items for impossible in item.impossible)


def _finding(study: Study, subject: str, each: Impossible) -> Finding:
    return Finding(
        study=study.id,
        check=NAME,
        subject=subject,
        severity=each.severity,
        statement=each.why,
        assumption=each.assumption,
        evidence=f"{each.arm + ': ' if each.arm else ''}printed {each.found}",
        alternatives=each.alternatives,
    )
