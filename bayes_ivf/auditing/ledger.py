"""The claims ledger: every printed sentence with a P, recomputed and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

from bayes_ivf.auditing.claims import ParsedClaim, parse_claim
from bayes_ivf.auditing.conclusion import Verdict, judge_conclusion
from bayes_ivf.auditing.embryos import crossing_icc
from bayes_ivf.auditing.least_change import least_change
from bayes_ivf.auditing.reading import Reading, Readings, arm_counts, arm_text, read_outcome
from bayes_ivf.auditing.reproduced import judge_p, short_p
from bayes_ivf.auditing.units import clustering
from bayes_ivf.study import ARMS, Clusters, Outcome, Study


@dataclass(frozen=True)
class ClaimRow:
    """One row of claims.csv.

    Parameters
    ----------
    study, outcome, claim : str
        Ids, and the claim in the words of the study file.
    treatment, control : str
        What was printed, with the counts that a percentage stands for.
    test : str
        Primary test of the family; empty if nothing can be recomputed.
    recomputed_p : float
        P under the primary test; NaN if nothing can be recomputed or the counts are not unique.
    supported : {"yes", "no", "conditional", "undetermined"}
        Whether the printed conclusion holds.
    least_change : str
        Smallest change of the counts (or the mean) that would make the claim true under the primary test.
    note : str
        The other tests, and what the verdicts rest on.
    p_reproduced : {"yes", "no", "conditional", "undetermined", ""}
        Whether a printed exact P is that of a usual test; empty where none is printed.
    """

    study: str
    outcome: str
    claim: str
    treatment: str
    control: str
    test: str
    recomputed_p: float
    supported: Verdict
    least_change: str
    note: str
    p_reproduced: Verdict | Literal[""] = ""


CLAIM_COLUMNS = tuple(field.name for field in fields(ClaimRow))


def claim_rows(study: Study) -> tuple[ClaimRow, ...]:
    """Recompute and judge every claim with a P, in the paper's order.

    Parameters
    ----------
    study : Study

    Returns
    -------
    tuple of ClaimRow
    """
    return tuple(_row(study, item) for item in study.items if item.claim is not None and item.claim.p is not None)


def _row(study: Study, item: Outcome) -> ClaimRow:
    claim = parse_claim(item.claim)
    readings = read_outcome(item)
    verdict, reasons = judge_conclusion(claim, readings)
    first = readings.each[0] if readings.each else None
    if verdict != "undetermined":
        verdict, reasons = _under_clustering(study, item, claim, verdict, reasons)
    reproduced, told = judge_p(claim, readings)
    change = others = ""
    if claim is not None and first is not None and readings.unique and verdict in ("no", "conditional"):
        change, others = least_change(item, claim, first)
    numbers = _other_tests(first) if first is not None and readings.unique else _range(readings)
    return ClaimRow(
        study=study.id,
        outcome=item.id,
        claim=item.claim.text if item.claim is not None else "",
        treatment=arm_text(item, "treatment"),
        control=arm_text(item, "control"),
        test=first.primary if first is not None else "",
        recomputed_p=first.p[first.primary] if first is not None and readings.unique else math.nan,
        supported=verdict,
        least_change=change,
        note="; ".join(part for part in (numbers, *reasons, told, others) if part),
        p_reproduced=reproduced,
    )


def _under_clustering(
    study: Study, item: Outcome, claim: ParsedClaim | None, verdict: Verdict, reasons: list[str]
) -> tuple[Verdict, list[str]]:
    """Make a verdict conditional where it needs embryos (or other parts of a woman) to be independent."""
    nested = clustering(study, item)
    if nested is None or claim is None or claim.below is None:
        return verdict, reasons
    if claim.below:
        # Nesting only widens the interval: what fails for independent units fails for nested ones too.
        if verdict == "no":
            return verdict, [*reasons, f"{nested.units} are also nested in women, which only weakens it"]
    elif verdict == "yes":
        return verdict, reasons
    crossing = _crossing(study, item, claim) if verdict == "yes" else ""
    told = [*reasons, nested.note + crossing]
    return "conditional", told


def _crossing(study: Study, item: Outcome, claim: ParsedClaim) -> str:
    """Say at which icc an embryo P passes the claimed level, embryos spread evenly over the women of each arm."""
    arms = []
    for arm in ARMS:
        counts, women = arm_counts(item, arm), study.sizes[arm]
        if len(counts) != 1 or counts[0].n < women:
            return ""
        arms.append(Clusters(women, counts[0].n, min(women, counts[0].events), counts[0].events))
    icc = crossing_icc(arms, claim.alpha)
    if icc is None:
        return ""
    mean = sum(totals.embryos for totals in arms) / sum(totals.women for totals in arms)
    return f": with {mean:.1f} each, chi-square P passes {claim.alpha:g} at an intraclass correlation of {icc:.2f}"


def _other_tests(reading: Reading) -> str:
    others = [
        f"{name} {short_p(value)}" if not math.isnan(value) else f"{name} not computed for arms this large"
        for name, value in list(reading.p.items())[1:]
    ]
    return ", ".join(others)


def _range(readings: Readings) -> str:
    if not readings.each:
        return ""
    name = readings.each[0].primary
    values = [reading.p[name] for reading in readings.each]
    return f"{name} P from {short_p(min(values))} to {short_p(max(values))} over {len(values)} readings"
