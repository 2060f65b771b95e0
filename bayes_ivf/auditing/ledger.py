"""The claims ledger: every printed sentence with a P, recomputed and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

from bayes_ivf.auditing.claims import ParsedClaim, parse_claim
from bayes_ivf.auditing.embryos import crossing_icc
from bayes_ivf.auditing.least_change import least_change
from bayes_ivf.auditing.reading import Reading, Readings, arm_counts, arm_text, read_outcome
from bayes_ivf.auditing.units import clustering
from bayes_ivf.study import ARMS, Clusters, Outcome, Study

Verdict = Literal["yes", "no", "conditional", "undetermined"]


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
    least_change : str
        Smallest change of the counts (or the mean) that would make the claim true under the primary test.
    note : str
        The other tests, and what the verdict rests on.
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
    verdict, reasons = _judge(claim, readings)
    first = readings.each[0] if readings.each else None
    if verdict != "undetermined":
        verdict, reasons = _under_clustering(study, item, claim, verdict, reasons)
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
        note="; ".join(part for part in (numbers, *reasons, others) if part),
    )


def _judge(claim: ParsedClaim | None, readings: Readings) -> tuple[Verdict, list[str]]:
    """Judge a claim by every test and every reading of the printed numbers."""
    if claim is None:
        return "undetermined", ["the printed P could not be read as a relation and a number"]
    if not readings.each:
        return "undetermined", [readings.why]
    first = readings.each[0]
    if claim.relation == "=":
        return _judge_exact(claim, readings)
    verdicts = [
        {name: claim.holds(r.difference, p) for name, p in r.p.items() if not math.isnan(p)} for r in readings.each
    ]
    wrong_way = [] if claim.direction_holds(first.difference) else ["the direction is not as claimed"]
    if readings.unique:
        return _judge_printed(verdicts, readings.why, wrong_way)
    flat = [held for verdict in verdicts for held in verdict.values()]
    if all(flat) and readings.complete:
        return "yes", []
    if not any(flat) and readings.complete:
        return "no", wrong_way
    share = sum(all(v.values()) for v in verdicts)
    reason = f"{readings.why}; the claim holds under every test for {share} of the {len(readings.each)} that were tried"
    return ("conditional" if any(flat) else "undetermined"), [reason]


def _judge_printed(verdicts: list[dict[str, bool]], why: str, wrong_way: list[str]) -> tuple[Verdict, list[str]]:
    """Judge by the printed numbers: what rounding hides can save a claim, and is noted where it could undo one."""
    printed, corners = verdicts[0], verdicts[1:]
    held = [name for name, value in printed.items() if value]
    failed = [name for name, value in printed.items() if not value]
    if not failed:
        fragile = any(not all(corner.values()) for corner in corners)
        return "yes", [f"{why} could undo it"] if fragile else []
    if held:
        told = f"holds under {', '.join(held)} but not under {', '.join(failed)}; which test was used is not recorded"
        return "conditional", [told]
    if any(any(corner.values()) for corner in corners):
        return "conditional", [f"holds only if {why} are favorable to it", *wrong_way]
    return "no", wrong_way


def _judge_exact(claim: ParsedClaim, readings: Readings) -> tuple[Verdict, list[str]]:
    """Judge a printed exact P by whether some test of the family gives it."""
    names = list(readings.each[0].p)
    held = []
    for name in names:
        values = [r.p[name] for r in readings.each if not math.isnan(r.p[name])]
        if any(claim.matches(p) for p in values) or (
            readings.unique and len(values) > 1 and min(values) <= claim.level <= max(values)
        ):
            held.append(name)
    if not claim.direction_holds(readings.each[0].difference) and readings.unique:
        return "no", ["the direction is not as claimed"]
    if not held:
        if not readings.complete:
            return "undetermined", [f"{readings.why}; not all could be tried"]
        return "no", ["no test of the family gives the printed P"]
    if not readings.unique:
        return "conditional", [f"{readings.why}; some of them give the printed P ({', '.join(held)})"]
    return "yes", [f"the printed P is reproduced by {', '.join(held)}"]


def _under_clustering(
    study: Study, item: Outcome, claim: ParsedClaim | None, verdict: Verdict, reasons: list[str]
) -> tuple[Verdict, list[str]]:
    """Make a verdict conditional where it needs embryos (or other parts of a woman) to be independent."""
    nested = clustering(study, item)
    if nested is None or claim is None:
        return verdict, reasons
    if claim.relation == "<":
        # Nesting only widens the interval: what fails for independent units fails for nested ones too.
        if verdict == "no":
            return verdict, [*reasons, f"{nested.units} are also nested in women, which only weakens it"]
    elif claim.relation == ">" and verdict == "yes":
        return verdict, reasons
    crossing = _crossing(study, item, claim) if verdict == "yes" else ""
    told = [*reasons, nested.note + crossing]
    return ("conditional" if verdict != "no" or claim.relation == ">" else verdict), told


def _crossing(study: Study, item: Outcome, claim: ParsedClaim) -> str:
    """Say at which icc an embryo P passes the claimed level, embryos spread evenly over the women of each arm."""
    arms = []
    for arm in ARMS:
        counts, women = arm_counts(item, arm), study.sizes[arm]
        if len(counts) != 1 or counts[0].n < women:
            return ""
        arms.append(Clusters(women, counts[0].n, min(women, counts[0].events), counts[0].events))
    icc = crossing_icc(arms, claim.level)
    if icc is None:
        return ""
    mean = sum(totals.embryos for totals in arms) / sum(totals.women for totals in arms)
    return f": with {mean:.1f} each, chi-square P passes {claim.level:g} at an intraclass correlation of {icc:.2f}"


def _other_tests(reading: Reading) -> str:
    others = [
        f"{name} {_p(value)}" if not math.isnan(value) else f"{name} not computed for arms this large"
        for name, value in list(reading.p.items())[1:]
    ]
    return ", ".join(others)


def _range(readings: Readings) -> str:
    if not readings.each:
        return ""
    name = readings.each[0].primary
    values = [reading.p[name] for reading in readings.each]
    return f"{name} P from {_p(min(values))} to {_p(max(values))} over {len(values)} readings"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0095 else f"{value:.2g}"
