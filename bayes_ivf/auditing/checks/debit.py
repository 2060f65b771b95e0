"""DEBIT: the sd of values that are 0 or 1 follows from their mean."""

from __future__ import annotations

from bayes_ivf.auditing.checks.integer_moments import moment_findings
from bayes_ivf.auditing.finding import Finding
from bayes_ivf.auditing.whole import whole_arms
from bayes_ivf.study import Study

NAME = "debit"
QUESTION = "Does each sd of a 0/1 variable agree with its mean?"


def applies_to(study: Study) -> bool:
    """Whether a mean and sd of values 0 and 1 are printed."""
    return any(arm.binary for arm in whole_arms(study))


def run(study: Study) -> tuple[Finding, ...]:
    """Return a finding for each mean and sd that no 0/1 sample has."""
    return tuple(finding for arm in whole_arms(study) if arm.binary for finding in moment_findings(study, arm, NAME))
