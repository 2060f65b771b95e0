"""Verdicts over the range of a number that a study file states since no paper prints it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.study import StatedCorrelation

if TYPE_CHECKING:
    from bayes_ivf.auditing.judgement import Judged

DEPENDS = "depends on "
"""How the ledger's note begins that a verdict changes within the range of a stated number."""
FAILS = "does not hold at "
"""How it begins that a verdict is against a claim within the whole range."""
_AT = {"yes": "it holds", "no": "it does not hold", "conditional": "it holds only under a condition"}


def over_range(
    what: str, stated: StatedCorrelation, claim: ParsedClaim | None, judge_at: Callable[[float], Judged]
) -> Judged:
    """Judge a claim at a stated number, and at both ends of its range: where they differ, a verdict is conditional.

    Parameters
    ----------
    what : str
        What is stated, such as "the correlation of a woman's values before and after".
    stated : StatedCorrelation
    claim : ParsedClaim or None
    judge_at : callable
        Judges the claim at one value.
    """
    first = judge_at(stated.value)
    ends = {end: judge_at(end) for end in stated.others}
    every = dict(sorted({**ends, stated.value: first}.items()))
    if claim is None or not all(each.readings.each for each in every.values()):
        return first
    verdict, reproduced, reasons = first.supported, first.p_reproduced, list(first.reasons)
    sides = {claim.holds(r.difference, r.p[r.primary]) for r in (each.readings.each[0] for each in every.values())}
    differ = verdict in ("yes", "no") and any(each.supported != verdict for each in ends.values())
    if differ or (verdict == "conditional" and first.readings.unique and len(sides) > 1):
        at = f"at the stated {stated.value:g} {_AT[verdict]}"
        verdict, reasons = "conditional", [f"{DEPENDS}{what}, which is not printed ({at})", *reasons]
    elif verdict == "no" and ends:
        reasons = [f"{FAILS}any stated value of {what}, which is not printed", *reasons]
    elif verdict == "no":
        reasons = [f"{FAILS}the stated value of {what}, which is not printed", *reasons]
    reached = {each.p_reproduced for each in every.values()}
    if reproduced in ("yes", "no") and (reached != {reproduced} or _between(claim, list(every.values()))):
        reproduced = "conditional"
        reasons.append(f"the printed P is reached at some values of {what} and not at others")
    return replace(first, supported=verdict, p_reproduced=reproduced, reasons=(*reasons, told_p(what, every)))


def told_p(what: str, every: dict[float, Judged]) -> str:
    """List the P of the first test at each value: "Welch, of changes, P 0.035 at 0.2, 0.010 at 0.5 of ..."."""
    first = next(iter(every.values())).readings
    name = first.each[0].primary
    spans = {
        value: (min(p), max(p))
        for value, each in every.items()
        if (p := [r.p[name] for r in (each.readings.each[:1] if each.readings.unique else each.readings.each)])
    }
    listed = (
        f"{short_p(low)}{f' to {short_p(high)}' if high > low else ''} at {value:g}"
        for value, (low, high) in spans.items()
    )
    return f"{name}{first.suffix} P {', '.join(listed)} of {what}"


def _between(claim: ParsedClaim, every: list[Judged]) -> bool:
    """Whether a printed exact P lies between those at the ends of the range, and is reached at none of them."""
    if claim.relation != "=" or any(each.p_reproduced == "yes" for each in every):
        return False
    for name in every[0].readings.each[0].p:
        p = [each.readings.each[0].p.get(name, float("nan")) for each in every]
        if min(p) <= claim.rounded[1] and max(p) >= claim.rounded[0]:
            return True
    return False
