"""The audit for a terminal. Text from a study file stays text: no markup, no control characters."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING

from bayes_ivf.auditing.finding import SEVERITIES
from bayes_ivf.auditing.least_p import format_p

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text

    from bayes_ivf.auditing.result import Audit

_STYLES = {"yes": "green", "no": "bold red", "conditional": "yellow", "undetermined": "dim"}
_SEVERITY_STYLES = {"impossible": "bold red", "caution": "yellow", "info": "cyan"}


def clean(text: str) -> str:
    """Replace control and formatting characters, which a terminal would obey, by a visible sign."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)


def rich_group(audit: Audit) -> Group:
    """Return the ledger and the findings for a rich console."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table

    ledger = Table(title=_text(f"Claims of {audit.study.id}"), title_justify="left", pad_edge=False, box=SIMPLE_HEAD)
    for name in ("outcome", "claim", "treatment", "control", "test", "P", "supported", "P reproduced"):
        ledger.add_column(name, overflow="fold", justify="right" if name == "P" else "left")
    for row in audit.ledger:
        ledger.add_row(
            _text(row.outcome),
            _text(row.claim),
            _text(row.treatment),
            _text(row.control),
            row.test,
            format_p(row.recomputed_p),
            _text(row.supported, _STYLES.get(row.supported, "")),
            _text(row.p_reproduced, _STYLES.get(row.p_reproduced, "")),
        )
    parts: list[RenderableType] = (
        [ledger] if audit.ledger else [_text("No claim with a P, and no numbers to recompute one from.")]
    )
    for row in audit.ledger:
        told = "; ".join(
            part for part in (row.least_change, row.note) if part and (row.test or row.supported != "undetermined")
        )
        if told:
            parts.append(_text(f"• {row.outcome}: {told}"))
    unknown = [row.outcome for row in audit.ledger if row.supported == "undetermined" and not row.test]
    if unknown:
        parts.append(_text(f"• nothing can be recomputed for {', '.join(unknown)}"))
    for severity in SEVERITIES:
        findings = [finding for finding in audit.found if finding.severity == severity]
        if findings:
            parts += [_text(""), _text(f"{severity} ({len(findings)})", _SEVERITY_STYLES[severity])]
        for finding in findings:
            parts += [
                _text(f"• [{finding.check}] {finding.subject}: {finding.statement}"),
                _text(f"    evidence: {finding.evidence}", "dim"),
                _text(f"    could also be: {finding.alternatives}", "dim"),
            ]
    human = [row.item for row in audit.inspect_sr if row.answer == "needs a human"]
    weigh = [row.item for row in audit.inspect_sr if row.answer == "in part: for a human to weigh"]
    told = (
        f"INSPECT-SR: findings to weigh under {', '.join(weigh) or 'no item'}; a human is needed for {', '.join(human)}"
    )
    return Group(*parts, _text(""), _text(told, "dim"))


def plain_text(audit: Audit, width: int) -> str:
    """Return the same without colors."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(), width=width, no_color=True, force_terminal=False, highlight=False, emoji=False
    )
    with console.capture() as capture:
        console.print(rich_group(audit))
    return capture.get()


def _text(value: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(clean(value), style=style)
