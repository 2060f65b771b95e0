"""What the cell of one arm gave, and how many women the arm had."""

from __future__ import annotations

from dataclasses import dataclass, field

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.arms import ArmName
from bayes_ivf.study.data import Datum
from bayes_ivf.study.denominators import Known, arm_size
from bayes_ivf.study.facts import Impossible, Spread
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.schema import OutcomeTable


@dataclass
class Read:
    """What the cell of an arm gave."""

    datum: Datum | None = None
    found: list[Impossible] = field(default_factory=list)
    unit: str = ""
    spread: Spread | None = None


def women_of(row: OutcomeTable, arm: ArmName, known: Known, where: str) -> int | None:
    """Return how many women an arm had, which must be enough for what was printed."""
    n, fewest = arm_size(row, arm, known, where), KINDS[row.kind].fewest
    if n is not None and n < fewest:
        raise StudyError(Fault(f"{where}, n", str(n), f"a whole number of at least {fewest}", "correct n"))
    return n
