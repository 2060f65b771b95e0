"""What checks say of outcomes of one arm that do not fit into each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bayes_ivf.auditing.finding import Finding, Severity
from bayes_ivf.study import ArmName, Outcome, Study


class Member(Protocol):
    """An outcome that a finding is about."""

    @property
    def item(self) -> Outcome:
        """The outcome."""

    @property
    def text(self) -> str:
        """How it was printed."""

    @property
    def declared(self) -> bool:
        """Whether the study file says what it counts."""


def arm_finding(
    study: Study,
    arm: ArmName,
    members: Sequence[Member],
    what: str,
    assumption: str,
    severity: Severity,
    why: str,
    *,
    check: str,
    read: str,
) -> Finding:
    """Make the finding of outcomes of one arm.

    Parameters
    ----------
    study : Study
    arm : {"treatment", "control"}
    members : sequence of Member
        Its subject first.
    what, assumption, why : str
        What was found, what that rests on, and innocent explanations.
    severity : {"impossible", "caution", "info"}
    check : str
        Its name.
    read : str
        What is read from labels where the study file does not declare it, with its verb.
    """
    undeclared = dict.fromkeys(member.item.id for member in members if not member.declared)
    if undeclared:
        assumption += f"; {read} as the labels of {', '.join(undeclared)} say (declare stage to be sure)"
    certain = severity == "impossible"
    return Finding(
        study=study.id,
        check=check,
        subject=members[0].item.id,
        severity=severity,
        statement=f"{what} in the {arm} arm cannot be if {assumption}." if certain else f"{what} in the {arm} arm.",
        assumption=assumption,
        evidence="; ".join(dict.fromkeys(member.text for member in members)) + f" ({arm} arm)",
        alternatives=why,
    )
