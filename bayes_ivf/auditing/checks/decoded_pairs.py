"""Percentages that stand for several pairs of counts: which of them the rest of the paper leaves."""

from __future__ import annotations

from bayes_ivf.auditing.decoded_pairs import DecodedPairs, Filtered, decoded_pairs, is_ambiguous
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.study import Outcome, Study

NAME = "decoded_pairs"
QUESTION = "Which counts of ambiguous percentages agree with everything else that is printed?"
_SHOWN = 6


def applies_to(study: Study) -> bool:
    """Whether a percentage stands for several pairs of counts."""
    return any(map(is_ambiguous, study.items))


def run(study: Study) -> tuple[Finding, ...]:
    """Return what is left of each ambiguous outcome, and every printed number that none of its pairs gives."""
    found = [(item, decoded_pairs(study, item)) for item in study.items if is_ambiguous(item)]
    narrowed = [_left(study, item, pairs) for item, pairs in found if any(each.applied for each in pairs.filters)]
    return (
        *narrowed,
        *(_none(study, item, each) for item, pairs in found for each in pairs.filters if not each.applied),
    )


def _left(study: Study, item: Outcome, decoded: DecodedPairs) -> Finding:
    shown = decoded.pairs[:_SHOWN] if decoded.size <= _SHOWN else ()
    listed = "; ".join(f"{a} vs {b}" for a, b in shown)
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="info",
        statement=f"Of {decoded.total:,} pairs of counts that the percentages of {item.label} fit, "
        f"{decoded.size:,} {'agrees' if decoded.size == 1 else 'agree'} with what else is printed.",
        assumption="whole numbers, denominators within those searched, and limits and P from a usual method",
        evidence=decoded.told + (f" Left: {listed}." if listed else ""),
        alternatives="another denominator than those searched; an adjusted analysis, which counts do not give",
    )


def _none(study: Study, item: Outcome, each: Filtered) -> Finding:
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"None of the {each.before:,} pairs of counts that the percentages of {item.label} can stand for "
        f"fits {each.told}.",
        assumption="whole numbers, and denominators within those searched",
        evidence=f"{each.before:,} pairs were tried; all of them are kept, since none is better than another",
        alternatives="an adjusted analysis, another test or rounding on the way; other denominators than those searched; "
        "women without a known result; a typing error",
    )
