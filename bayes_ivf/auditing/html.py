"""The audit as a section of the report: the ledger first, then findings by severity. Everything is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.inspect_sr import inspect_sr_source
from bayes_ivf.auditing.text import clean, format_p

if TYPE_CHECKING:
    from bayes_ivf.auditing.result import Audit

_HEADINGS = {
    "impossible": "Cannot hold under the stated assumption",
    "caution": "Needs care",
    "info": "For information",
}
_INSPECT = "What the audit can say to each check of the tool, in short words of ours; a human reader settles each."


def audit_section_html(audit: Audit) -> str:
    """Return the audit as an HTML fragment.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    str
        A ``<section class="audit">``; every text from the study is escaped.
    """
    parts = ['<section class="audit">', "<h3>Claims ledger</h3>", _ledger(audit)]
    parts.append("<h3>Findings</h3>")
    if not audit.found:
        parts.append("<p>No finding.</p>")
    for severity in SEVERITIES:
        found = [finding for finding in audit.found if finding.severity == severity]
        if found:
            parts.append(f"<h4>{_HEADINGS[severity]} ({severity}, {len(found)})</h4>")
            rows = [(f.subject, f.check, f.statement, f.assumption, f.evidence, f.alternatives) for f in found]
            names = ("subject", "check", "statement", "assumption", "evidence", "innocent explanations")
            parts.append(_table(names, rows, f"findings {severity}"))
    parts += ["<h3>INSPECT-SR</h3>", f"<p>{escape(_INSPECT)} {escape(inspect_sr_source())}.</p>"]
    items = [(row.item, row.topic, row.answer, row.evidence) for row in audit.inspect_sr]
    parts.append(_table(("item", "about", "answer", "evidence"), items, "inspect-sr"))
    parts.append("</section>")
    return "\n".join(parts)


def _ledger(audit: Audit) -> str:
    if not audit.ledger:
        return "<p>No claim with a P was printed.</p>"
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
            row.outcome,
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
    return _table(names, rows, "claims")


def _table(names: tuple[str, ...], rows: Sequence[tuple[str, ...]], kind: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(clean(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    table = f'<table class="{kind}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    return f'<div class="table-scroll">{table}</div>'
