"""Units that share a woman, and women that share a cluster: what a conclusion from them rests on."""

from __future__ import annotations

from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.conclusion import Verdict
from bayes_ivf.auditing.design_effect import crossing_design_effect
from bayes_ivf.auditing.embryos import crossing_icc
from bayes_ivf.auditing.reading import Reading, arm_counts
from bayes_ivf.auditing.units import clustering
from bayes_ivf.study import ARMS, Clusters, Outcome, Study


def under_dependence(
    study: Study,
    item: Outcome,
    claim: ParsedClaim,
    reading: Reading,
    groups: frozenset[str],
    verdict: Verdict,
    reasons: list[str],
) -> tuple[Verdict, list[str]]:
    """Make a verdict conditional where it needs units of one woman, or women of one cluster, to be independent."""
    if verdict == "undetermined":
        return verdict, reasons
    sentences = []
    nested = clustering(study, item)
    if nested is not None:
        alike = f"holds only if {nested.units} of one woman are alike, which widens every interval"
        at = _icc(study, item, claim)
        sentences.append((f"{nested.units} are also nested in women", nested.note + at, alike + at))
    if "cluster" in groups:
        holds = "holds only if women of one cluster are independent; clusters were randomized"
        alike = "holds only if women of one cluster are alike, which widens every interval; clusters were randomized"
        at = crossing_design_effect(study, claim, reading)
        sentences.append(("clusters were randomized", holds + at, alike + at))
    for short, note, saved in sentences:
        # Dependence only widens an interval: it can undo a small P, and can save a claim of no difference.
        if claim.below and verdict == "no":
            reasons = [*reasons, f"{short}, which only weakens it"]
        elif claim.below:
            verdict, reasons = "conditional", [*reasons, note]
        elif verdict == "no":
            verdict, reasons = "conditional", [*reasons, saved]
        elif verdict == "conditional":
            reasons = [*reasons, f"{short}, which only makes a difference less significant"]
    return verdict, reasons


def _icc(study: Study, item: Outcome, claim: ParsedClaim) -> str:
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
