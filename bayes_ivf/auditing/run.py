"""From a study to its audit."""

from __future__ import annotations

from bayes_ivf.auditing.discovery import all_checks
from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.ledger import claim_rows
from bayes_ivf.auditing.result import Audit
from bayes_ivf.study import Study


def audit(study: Study) -> Audit:
    """Audit the printed numbers of a study.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Audit
        With every claim that carries a P, and every finding of every check that applies.
    """
    applied = [check for check in all_checks() if check.applies_to(study)]
    found = [finding for check in applied for finding in check.run(study)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study, claim_rows(study), tuple(found), tuple(check.NAME for check in applied))
