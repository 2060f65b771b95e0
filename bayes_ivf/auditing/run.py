"""From a study to its audit."""

from __future__ import annotations

from pathlib import Path

from bayes_ivf import defaults
from bayes_ivf.auditing.discovery import all_checks
from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.result import Audit
from bayes_ivf.settings import check_level
from bayes_ivf.study import Study, load_study


def audit(study: str | Path | Study, *, ci_prob: float = defaults.CI_PROB) -> Audit:
    """Audit the printed numbers of a study.

    Parameters
    ----------
    study : str, Path or Study
        Id of a bundled study, path of a study file, or a study.
    ci_prob : float
        Confidence level of recomputed differences that stand beside no printed interval; all else has the levels of the
        paper.

    Returns
    -------
    Audit
        With every claim that carries a P, and every finding of every check that applies.

    Raises
    ------
    StudyError
        If there is no such study, or with everything that is wrong with its file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05", direction="higher"))
    >>> audit
    Audit('study': 1 claim, 0 supported, 1 not, 0 conditional; findings: 0 impossible, 1 caution, 0 info)
    >>> row = audit.claims.iloc[0]
    >>> row.test, float(round(row.recomputed_p, 2)), row.supported, row.least_change
    ('Fisher', 0.48, 'no', 'treatment 22/40 instead of 16/40 (Fisher)')
    """
    level, study = check_level(ci_prob), load_study(study)
    applied = [check for check in all_checks() if check.applies_to(study)]
    findings = [finding for check in applied for finding in check.run(study)]
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study, level, tuple(findings), tuple(check.NAME for check in applied))
