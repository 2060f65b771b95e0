"""Whether a printed exact P is that of a usual test, within rounding; if not, which test comes nearest."""

from __future__ import annotations

import math
from typing import Literal

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.conclusion import Verdict
from bayes_ivf.auditing.least_p import BOUND, LEAST_P
from bayes_ivf.auditing.lesser_tests import lesser_tests
from bayes_ivf.auditing.reading import Readings

FAR = 10.0
"""Factor between printed and nearest recomputed P from which the note says which one is much larger."""


def judge_p(claim: ParsedClaim | None, readings: Readings) -> tuple[Verdict | Literal[""], str]:
    """Judge a printed exact P by the usual tests.

    Parameters
    ----------
    claim : ParsedClaim or None
    readings : Readings

    Returns
    -------
    verdict : {"yes", "no", "conditional", "undetermined", ""}
        ``yes``: a test gives it at the printed numbers; ``conditional``: only by cutting off digits, or by what rounding
        or a percentage leaves open; empty if no exact P was printed.
    told : str
        Which test gives it, or comes nearest.
    """
    if claim is None or claim.relation != "=":
        return "", ""
    if not readings.each:
        return "undetermined", ""
    if not readings.unique:
        return _of_several(claim, readings)
    printed = {name: p for name, p in readings.each[0].p.items() if not math.isnan(p)}
    held = [name for name, p in printed.items() if claim.matches(p)]
    if held:
        return "yes", f"the printed P is reproduced by {', '.join(held)}"
    counts = readings.each[0].counts
    if counts is not None and not any(name.startswith("one-sided") for name in printed):
        for name, p in lesser_tests(*counts):
            if claim.matches(p):
                return "yes", f"the printed P is reproduced by {name} ({short_p(p)})"
    cut = [f"{name} ({short_p(p)})" for name, p in printed.items() if claim.truncates(p)]
    if cut:
        return "conditional", f"the printed P is reproduced only with its last digits cut off, by {', '.join(cut)}"
    for name in printed:
        values = [reading.p[name] for reading in readings.each]
        if min(values) <= claim.rounded[1] and max(values) >= claim.rounded[0]:
            span = f"{name} P from {short_p(min(values))} to {short_p(max(values))}"
            return "conditional", f"{readings.why} leave {span}, the printed one among them"
    return "no", _nearest(claim, printed)


def _of_several(claim: ParsedClaim, readings: Readings) -> tuple[Verdict | Literal[""], str]:
    """Judge where percentages stand for several pairs of counts: some of them may give the printed P."""
    names = [name for name in readings.each[0].p if any(claim.matches(r.p[name]) for r in readings.each)]
    if names:
        return "conditional", f"{readings.why}; some of them give the printed P ({', '.join(names)})"
    if not readings.complete:
        return "undetermined", f"{readings.why}; not all could be tried"
    return "no", f"{readings.why}; none of them gives the printed P"


def _nearest(claim: ParsedClaim, printed: dict[str, float]) -> str:
    # A printed 0.000 stands for anything up to half its last digit.
    wanted = max(claim.level, claim.rounded[1] - claim.level)
    name = min(printed, key=lambda test: abs(math.log(max(printed[test], LEAST_P) / wanted)))
    words = f"no usual test gives the printed P; the nearest is {name} with {short_p(printed[name])}"
    if claim.rounded[0] > FAR * printed[name]:
        return f"{words}: the printed P is much larger than these numbers give"
    if printed[name] > FAR * claim.rounded[1]:
        return f"{words}: the printed P is much smaller than these numbers give"
    return words


def short_p(value: float) -> str:
    """Write a P with three decimals, or two digits if it is small; never as 0."""
    if value < LEAST_P:
        return BOUND
    return f"{value:.3f}" if value >= 0.0095 else f"{value:.2g}"
