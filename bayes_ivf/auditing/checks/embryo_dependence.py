"""What becomes of an embryo P value if embryos of one woman share her fate."""

from __future__ import annotations

from bayes_ivf.auditing.embryos import (
    arm_totals,
    crossing_icc,
    design_effect,
    implantation_outcome,
    implied_icc,
    inflated_p,
)
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.least_p import format_p
from bayes_ivf.auditing.thresholds import ALPHA
from bayes_ivf.study import ARMS, Study

NAME = "embryo_dependence"
QUESTION = "Does the embryo result hold if embryos of one woman are not independent?"


def applies_to(study: Study) -> bool:
    """Whether embryo totals and pregnancies of both arms are known without doubt."""
    return all(len(arm_totals(study, arm)) == 1 for arm in ARMS)


def run(study: Study) -> tuple[Finding, ...]:
    """Return the implied icc and the P value under it."""
    arms = [arm_totals(study, arm)[0] for arm in ARMS]
    icc = implied_icc(arms)
    item = implantation_outcome(study)
    if icc is None or item is None:
        return ()
    naive, inflated = inflated_p(arms, 0.0), inflated_p(arms, icc)
    crossing = crossing_icc(arms, ALPHA)
    evidence = (
        f"implied icc {icc:.2f}, design effect {design_effect(arms, icc):.2f}; chi-square P {format_p(naive)} with "
        f"independent embryos, {format_p(inflated)} with this icc"
    )
    if crossing is not None:
        evidence += f"; P passes {ALPHA} at an icc of {crossing:.2f}"
    passes = naive < ALPHA <= inflated
    return (
        Finding(
            study=study.id,
            check=NAME,
            subject=item.id,
            severity="caution" if passes or crossing is not None else "info",
            statement=f"As many pregnancies as printed imply an icc of about {icc:.2f} between embryos of one woman; "
            f"the P of {item.label} is then {format_p(inflated)} instead of {format_p(naive)}.",
            assumption="embryos spread over women as evenly as the totals allow; implanted embryos of a woman are "
            "beta-binomial with one icc for both arms; pregnant means at least one implanted",
            evidence=evidence,
            alternatives="an uneven number of embryos per woman; implantation counted by hCG; the analysis may have "
            "allowed for clustering without saying so",
        ),
    )
