"""From a study to its audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bayes_ivf import defaults
from bayes_ivf.auditing.discovery import all_checks
from bayes_ivf.auditing.finding import SEVERITIES, Finding
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
    # each comparison of several arms is a trial of two: what relates outcomes to each other holds within it alone
    parts = study.parts()
    findings, ran = [], []
    for check in all_checks():
        seen = (study,) if getattr(check, "OF_ALL_ARMS", False) else parts
        applied = [part for part in seen if check.applies_to(part)]
        ran += [check.NAME] if applied else []
        found = [(part, finding) for part in applied for finding in check.run(part)]
        findings += _once(_named(found, study, len(applied)))
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study, level, tuple(findings), tuple(ran))


def _named(found: Sequence[tuple[Study, Finding]], study: Study, applied: int) -> list[Finding]:
    """Name the comparison in what is found of one of several and of no outcome that would name it."""
    known, said = {item.id for item in study.items}, Counter(finding.statement for _, finding in found)

    def named(part: Study, finding: Finding) -> Finding:
        of_outcome = finding.subject.partition(" + ")[0] in known
        if of_outcome or part is study or said[finding.statement] == applied:
            return finding
        arms = f"{part.arms['treatment']} v {part.arms['control']}"
        return replace(finding, statement=f"{arms}: {finding.statement}")

    return [named(part, finding) for part, finding in found]


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Tell what several comparisons have in common, such as their control arm, once, and name all outcomes that it is about."""
    merged: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        key = (finding.severity, finding.statement, finding.assumption, finding.evidence)
        before = merged.get(key)
        subjects = [] if before is None else before.subject.split(" + ")
        names = dict.fromkeys([*subjects, *finding.subject.split(" + ")])
        merged[key] = replace(before or finding, subject=" + ".join(names))
    return list(merged.values())
