"""Comparisons that share an arm: how far they depend on each other, and what several of them do to a P below 0.05."""

from __future__ import annotations

from itertools import combinations

from bayes_ivf.auditing.any_of_several import chance_of_any
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.thresholds import ALPHA
from bayes_ivf.study import Study

NAME = "several_arms"
QUESTION = "Do several comparisons share an arm?"
OF_ALL_ARMS = True
"""It is about all comparisons together, not within each."""


def applies_to(study: Study) -> bool:
    """Whether the study has several comparisons of which some share an arm."""
    return study.many is not None and len(study.comparisons) > 1 and bool(study.many.shared)


def run(study: Study) -> tuple[Finding, ...]:
    """Return one finding with the correlations, and the chance that any of the comparisons comes out by chance alone."""
    assert study.many is not None
    each, shared = study.comparisons, ", ".join(study.many.shared)
    known = [value for a, b in combinations(each, 2) if (value := study.many.correlation(a, b)) is not None]
    complete = len(known) == len(each) * (len(each) - 1) // 2
    listed = "; ".join(comparison.label for comparison in each)
    if complete:
        chance, exact = chance_of_any(study.many, ALPHA)
        words = f"{'about' if exact else 'at most'} {chance:.2g} for each outcome instead of {ALPHA:g}"
        low, high = min(known), max(known)
        correlations = f"{low:.2f}" if round(low, 2) == round(high, 2) else f"{low:.2f} to {high:.2f}"
        evidence = f"correlations of the differences {correlations}; {listed}"
    else:
        words, evidence = f"above {ALPHA:g} for each outcome", listed
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject="comparisons",
            severity="info",
            statement=f"The {len(each)} comparisons share an arm ({shared}), so they are not independent. Without any effect, "
            f"the chance that at least one of them comes out with P < {ALPHA:g} is {words}; no interval, P or probability "
            "here is adjusted for it.",
            assumption="values spread alike in all arms, and each comparison is tested by itself",
            evidence=evidence,
            alternatives="comparisons that were planned one by one; a correction that the paper made",
        ),
    )
