"""Whether a printed conclusion holds: on which side of its level every usual test of the printed numbers lies."""

from __future__ import annotations

import math
from typing import Literal

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reading import Readings

Verdict = Literal["yes", "no", "conditional", "undetermined"]


def judge_conclusion(claim: ParsedClaim | None, readings: Readings) -> tuple[Verdict, list[str]]:
    """Judge a printed conclusion by every usual test at every reading of the printed numbers.

    Parameters
    ----------
    claim : ParsedClaim or None
        None if the printed P could not be read.
    readings : Readings

    Returns
    -------
    verdict : {"yes", "no", "conditional", "undetermined"}
        ``yes``: all are on the claimed side and point the claimed way; ``no``: none is; ``conditional``: they disagree.
    reasons : list of str
    """
    if claim is None:
        return "undetermined", ["the printed P could not be read as a relation and a number"]
    if not readings.each:
        return "undetermined", [readings.why]
    if claim.below is None:
        return "undetermined", [f"the printed P may lie on either side of {claim.alpha:g}, and no words say which"]
    verdicts = [
        {name: claim.holds(r.difference, p) for name, p in r.p.items() if not math.isnan(p)} for r in readings.each
    ]
    wrong_way = [] if claim.direction_holds(readings.each[0].difference) else ["the direction is not as claimed"]
    if readings.unique:
        return _by_printed(verdicts, readings.why, wrong_way)
    flat = [held for verdict in verdicts for held in verdict.values()]
    # between the smallest and the largest difference no P is smaller or larger than those of the pairs tried
    known = readings.complete or readings.ends
    if all(flat) and known:
        return "yes", []
    if not any(flat) and known:
        return "no", wrong_way
    share = sum(all(v.values()) for v in verdicts)
    reason = f"{readings.why}; the claim holds under every test for {share} of the {len(readings.each)} that were tried"
    return ("conditional" if any(flat) else "undetermined"), [reason]


def _by_printed(verdicts: list[dict[str, bool]], why: str, wrong_way: list[str]) -> tuple[Verdict, list[str]]:
    """Judge by the printed numbers and by what rounding hides: the first of `verdicts`, and the others."""
    printed, corners = verdicts[0], verdicts[1:]
    held = [name for name, value in printed.items() if value]
    failed = [name for name, value in printed.items() if not value]
    if held and failed:
        words = f"holds under {', '.join(held)} but not under {', '.join(failed)}; which test was used is not recorded"
        return "conditional", [words]
    if held:
        fragile = any(not all(corner.values()) for corner in corners)
        return ("conditional", [f"{why} could undo it"]) if fragile else ("yes", [])
    if any(any(corner.values()) for corner in corners):
        return "conditional", [f"holds only if {why} are favorable to it", *wrong_way]
    return "no", wrong_way
