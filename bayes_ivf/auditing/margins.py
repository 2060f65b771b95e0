"""Non-inferiority and equivalence: only against a printed margin."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.conclusion import Verdict
from bayes_ivf.auditing.reading import Reading, Readings, arm_counts, mean_readings
from bayes_ivf.auditing.reproduced import short_p
from bayes_ivf.auditing.score import risks_at_difference
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.study import Counts, Outcome

AGAINST_MARGIN = ", against the margin"
"""What follows the name of a one-sided test of another difference than none."""
NONINFERIORITY_ALPHA = 0.025
"""One-sided level of a non-inferiority claim whose P is printed exactly; equivalence has twice it (a 90% interval)."""


def margin_readings(item: Outcome, equivalence: bool) -> tuple[Readings, str]:
    """Return one-sided P values against the declared margin.

    Parameters
    ----------
    item : Outcome
    equivalence : bool
        Both sides are tested, and the larger P counts.

    Returns
    -------
    readings : Readings
        Without any reading where the margin, or the direction that is worse, is not declared.
    told : str
        The margin and the side it is on.
    """
    if item.margin is None:
        return Readings((), why="a margin is needed for this claim, and none is declared (`margin`)"), ""
    if item.sign == 0 and not equivalence:
        return Readings((), why="which direction is worse is needed for this claim (`benefit`)"), ""
    sides = (1, -1) if equivalence else (item.sign,)
    margins = " and ".join(f"{'-' if side > 0 else '+'}{item.margin:g}" for side in sides)
    counts = [arm_counts(item, arm) for arm in ("treatment", "control")]
    if all(counts):
        results = tuple(
            Reading(None, _worst([_of_counts(a, b, item.margin, side) for side in sides]), f"{a} vs {b}")
            for a in counts[0]
            for b in counts[1]
        )
        unique = len(results) == 1
        why = "" if unique else f"the percentages fit {len(results)} pairs of counts"
        return Readings(results, unique, why=why, suffix=AGAINST_MARGIN), margins
    means = arm_means(item)
    if means is not None:
        shifted = [mean_readings(*means, item.spread, shift=side * item.margin) for side in sides]
        results = tuple(
            Reading(None, _worst([_toward(r, side) for r, side in zip(together, sides, strict=False)]))
            for together in zip(*(s.each for s in shifted), strict=True)
        )
        return Readings(results, why=shifted[0].why, suffix=AGAINST_MARGIN), margins
    return Readings((), why="no counts or means were printed; nothing can be recomputed"), margins


def unprinted(equivalence: bool) -> ParsedClaim:
    """Return a claim whose P was not printed as one at the usual level."""
    return ParsedClaim("none", "<", NONINFERIORITY_ALPHA * (2 if equivalence else 1), 3)


def judge_margin(claim: ParsedClaim, readings: Readings, equivalence: bool) -> tuple[Verdict, list[str]]:
    """Judge a claim of non-inferiority or equivalence by its one-sided P values."""
    usual = NONINFERIORITY_ALPHA * (2 if equivalence else 1)
    below = claim.level < usual if claim.relation == "=" else claim.relation == "<"
    alphas = (usual,) if claim.relation == "=" else (claim.level, min(claim.level, usual))
    held = [(p < alpha) == below for reading in readings.each for p in reading.p.values() for alpha in alphas]
    if all(held):
        return "yes", []
    if not any(held):
        return "no", []
    return "conditional", [f"the tests, levels ({' and '.join(f'{a:g}' for a in alphas)}) or readings disagree"]


def margin_note(reading: Reading, margin: str) -> str:
    """Name the one-sided P values and the margin they are against."""
    listed = ", ".join(f"{name} {short_p(p)}" for name, p in reading.p.items())
    return f"one-sided against {margin}: {listed}"


def _worst(each: list[Mapping[str, float]]) -> dict[str, float]:
    return {name: max(p[name] for p in each) for name in each[0]}


def _of_counts(a: Counts, b: Counts, margin: float, side: int) -> dict[str, float]:
    """Wald's and Farrington and Manning's P that the difference is beyond the margin on its worse side."""
    from scipy.special import ndtr

    risks = a.events / a.n, b.events / b.n
    distance = side * (risks[0] - risks[1]) + margin
    limited = risks_at_difference(a.events, a.n, b.events, b.n, max(-1.0, min(1.0, -side * margin)))
    p = {}
    for name, (one, two) in (("Wald", risks), ("Farrington-Manning", limited)):
        se = math.sqrt(one * (1 - one) / a.n + two * (1 - two) / b.n)
        p[name] = float(ndtr(-distance / se)) if se > 0 else 0.0 if distance > 0 else 1.0
    return p


def _toward(reading: Reading, side: int) -> dict[str, float]:
    """One-sided P of a difference that the margin was added to."""
    good = side * (reading.difference or 0.0) >= 0
    return {name: p / 2 if good else 1 - p / 2 for name, p in reading.p.items()}
