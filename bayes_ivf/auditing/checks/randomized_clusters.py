"""Clusters that were randomized, and outcomes that are read as if women had been, since no correlation is stated."""

from __future__ import annotations

from bayes_ivf.auditing.claim_words import groups_of
from bayes_ivf.auditing.claims import ParsedClaim
from bayes_ivf.auditing.design_effect import crossing_design_effect
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.reading import arm_counts, read_outcome
from bayes_ivf.auditing.standardized import arm_means
from bayes_ivf.auditing.thresholds import ALPHA
from bayes_ivf.study import ARMS, Outcome, Study

NAME = "randomized_clusters"
QUESTION = "Does a result count women of one randomized cluster as independent?"

SHOWN = (0.01, 0.05)
"""Intraclass correlations whose design effect is told: what is usual of outcomes of patients in clinics."""
_STATE = "icc = { value = 0.05, low = 0, high = 0.1 }"


def applies_to(study: Study) -> bool:
    """Whether clusters were randomized."""
    return bool(study.clusters) or "cluster" in groups_of(*study.design_words)


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each outcome with numbers of both arms and no stated correlation."""
    return tuple(
        _finding(study, item)
        for item in study.items
        if item.role == "outcome" and item.icc is None and (_counted(item) or arm_means(item) is not None)
    )


def _counted(item: Outcome) -> bool:
    return all(arm_counts(item, arm) for arm in ARMS)


def _finding(study: Study, item: Outcome) -> Finding:
    if study.clusters:
        step = f"next step: state {_STATE}, or what is known of such outcomes, with this outcome"
    else:
        step = f"next step: state {_STATE}, or what is known of such outcomes, and how many clusters each arm had"
    return Finding(
        study=study.id,
        check=NAME,
        subject=item.id,
        severity="caution",
        statement=f"Clusters were randomized, and {item.label} is read as if each woman had been: its intervals are too "
        "narrow by the root of a design effect that is not known, since no intraclass correlation is stated.",
        assumption="women of one cluster are more alike than others",
        evidence="; ".join(part for part in (_effects(study), _crossing(study, item), step) if part),
        alternatives="women of one cluster may be no more alike than others, as where clusters are days or weeks; the "
        "paper's own analysis may have allowed for clusters",
        brief="clusters were randomized, and no icc is stated",
    )


def _effects(study: Study) -> str:
    clusters = sum(study.clusters.values())
    size = sum(study.sizes[arm] for arm in ARMS) / clusters if clusters else 0.0
    if size <= 1:
        return "the design effect is 1 + (m - 1) icc with m women a cluster"
    told = ", ".join(f"{1 + (size - 1) * icc:.2f} at an icc of {icc:g}" for icc in SHOWN)
    return f"with {size:.1f} women a cluster the design effect is {told}"


def _crossing(study: Study, item: Outcome) -> str:
    """Say at which design effect a significant difference would be none."""
    readings = read_outcome(item)
    if not readings.each or not readings.unique:
        return ""
    return crossing_design_effect(study, ParsedClaim("differs", "<", ALPHA, 2), readings.each[0]).removeprefix(": ")
