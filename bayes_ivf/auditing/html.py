"""The audit as a section of the report: the ledger first, then findings by severity. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.inspect_sr import inspect_sr_source
from bayes_ivf.auditing.least_p import format_p
from bayes_ivf.auditing.text import clean

if TYPE_CHECKING:
    from bayes_ivf.auditing.result import Audit

_HEADINGS = {
    "impossible": "Cannot hold under the stated assumption",
    "caution": "Needs care",
    "info": "For information",
}
_VERDICTS = (
    "Supported: whether the printed conclusion holds. P reproduced: whether a printed exact P is that of a usual test "
    "within rounding; empty where none was printed."
)
_INSPECT = "What the audit can say to each check of the tool, in short words of ours; a human reader settles each."


def audit_section_html(audit: Audit, recomputed: Mapping[str, str] | None = None) -> str:
    """Return the audit as an HTML fragment.

    Parameters
    ----------
    audit : Audit
    recomputed : mapping of str to str, optional
        HTML of the recomputed P by outcome, where a page writes it in a way of its own.

    Returns
    -------
    str
        A ``<section class="audit">``; every text from the study is escaped.
    """
    parts = ['<section class="audit">', "<h3>Claims ledger</h3>", _ledger(audit, recomputed or {})]
    parts.append("<h3>Findings</h3>")
    if not audit.found:
        parts.append("<p>No finding.</p>")
    for severity in SEVERITIES:
        findings = [finding for finding in audit.found if finding.severity == severity]
        if findings:
            parts.append(f"<h4>{_HEADINGS[severity]} ({severity}, {len(findings)})</h4>")
            rows = [(f.subject, f.check, f.statement, f.assumption, f.evidence, f.alternatives) for f in findings]
            names = ("subject", "check", "statement", "assumption", "evidence", "innocent explanations")
            parts.append(_table(names, rows, f"findings {severity}"))
    parts += ["<h3>INSPECT-SR</h3>", f"<p>{escape(_INSPECT)} {escape(inspect_sr_source())}.</p>"]
    items = [(row.item, row.topic, row.answer, row.evidence) for row in audit.inspect_sr]
    parts.append(_table(("item", "about", "answer", "evidence"), items, "inspect-sr"))
    parts.append("</section>")
    return "\n".join(parts)


def _ledger(audit: Audit, recomputed: Mapping[str, str]) -> str:
    if not audit.ledger:
        return "<p>No claim with a P was printed, and no numbers to recompute one from.</p>"
    names = (
        "outcome",
        "claim",
        "treatment",
        "control",
        "test",
        "recomputed P",
        "supported",
        "P reproduced",
        "least change",
        "note",
    )
    rows = [
        (
            audit.study.outcome(row.outcome).label,
            row.claim,
            row.treatment,
            row.control,
            row.test,
            format_p(row.recomputed_p),
            row.supported,
            row.p_reproduced,
            row.least_change,
            row.note,
        )
        for row in audit.ledger
    ]
    about = f"<p>{escape(_VERDICTS)}</p>\n"
    return about + _table(
        names, rows, "claims", {"recomputed P": [recomputed.get(row.outcome, "") for row in audit.ledger]}
    )


def _table(
    names: tuple[str, ...], rows: Sequence[tuple[str, ...]], kind: str, made: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Return a table; `made` holds cells of a column that are HTML already, empty where there is none."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    columns = [(made or {}).get(name, ()) for name in names]
    cells = [
        [column[i] if column and column[i] else escape(clean(cell)) for column, cell in zip(columns, row, strict=True)]
        for i, row in enumerate(rows)
    ]
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    table = f'<table class="{kind}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    return f'<div class="table-scroll">{table}</div>'
