"""From a study to its audit."""

from __future__ import annotations

from pathlib import Path

from bayes_ivf.auditing.discovery import all_checks
from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.ledger import claim_rows
from bayes_ivf.auditing.result import Audit
from bayes_ivf.study import Study, load_study


def audit(study: str | Path | Study) -> Audit:
    """Audit the printed numbers of a study.

    Parameters
    ----------
    study : str, Path or Study
        Id of a bundled study, path of a study file, or a study.

    Returns
    -------
    Audit
        With every claim that carries a P, and every finding of every check that applies.

    Raises
    ------
    StudyError
        If there is no such study, or with everything that is wrong with its file.
    """
    study = load_study(study)
    applied = [check for check in all_checks() if check.applies_to(study)]
    found = [finding for check in applied for finding in check.run(study)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study, claim_rows(study), tuple(found), tuple(check.NAME for check in applied))
