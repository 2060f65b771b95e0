"""From the printed claim and test statistic of an outcome's table to their facts."""

from __future__ import annotations

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.denominators import placed
from bayes_ivf.study.facts import Claim, Statistic
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.noted import Noted
from bayes_ivf.study.p_value import read_p
from bayes_ivf.study.schema import ClaimTable, OutcomeTable
from bayes_ivf.study.statistic import read_statistic


def claim_of_row(row: OutcomeTable, where: str, made: Noted) -> Claim | None:
    """Return the claim with its P in plain signs."""
    table: ClaimTable | None = row.claim
    if KINDS[row.kind].rests_on == "claim" and (table is None or table.p is None) and row.statistic is None:
        made.faults.append(
            Fault(
                f"{where}.claim",
                "no claim with a P",
                "direction and p, or a statistic",
                "add the claim, or use unavailable",
            )
        )
    if table is None or table.p is None:
        return None if table is None else Claim(table.text, table.direction)
    try:
        with placed(f"{where}.claim.p"):
            p = read_p(table.p)
    except StudyError as error:
        made.faults.extend(error.faults)
        return None
    claim = Claim(table.text, table.direction, str(p), "" if table.p == str(p) else table.p)
    if not p.possible:
        made.found.append(impossible.bad_p(claim, row.label))
    elif p.words:
        made.found.append(impossible.words_for_p(claim, row.label))
    if (
        KINDS[row.kind].words
        and p.possible
        and p.relation != "="
        and (claim.relation == ">") != (claim.direction == "none")
    ):
        made.faults.append(
            Fault(
                f"{where}.claim",
                f"direction {claim.direction} with {table.p}",
                "a direction with P<alpha, or none with P>alpha",
                "correct the direction or the P",
            )
        )
    return claim


def statistic_of_row(row: OutcomeTable, where: str, made: Noted) -> Statistic | None:
    """Return the printed test statistic; one that cannot hold is said, and kept as text."""
    if row.statistic is None:
        return None
    try:
        with placed(f"{where}.statistic"):
            statistic = read_statistic(row.statistic)
    except StudyError as error:
        made.faults.extend(error.faults)
        return None
    if statistic.cannot_be:
        made.found.append(impossible.bad_statistic(statistic, row.label))
    return statistic
