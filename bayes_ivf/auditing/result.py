"""The audit of a study: its claims ledger and its findings, frozen, in every form a reader may want."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from bayes_ivf.auditing.finding import FINDING_COLUMNS, SEVERITIES, Finding
from bayes_ivf.auditing.inspect_sr import InspectRow, inspect_sr_rows
from bayes_ivf.auditing.least_p import written_p
from bayes_ivf.auditing.ledger import CLAIM_COLUMNS, ClaimRow, claim_rows
from bayes_ivf.spreadsheet import safe_text
from bayes_ivf.study import Study
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType


@dataclass(frozen=True)
class Audit:
    """What an audit of a study's printed numbers returned.

    Parameters
    ----------
    study : Study
    level : float
        Confidence level of recomputed differences that stand beside no printed interval.
    found : tuple of Finding
        Impossible first, then caution, then info.
    ran : tuple of str
        Names of the checks that applied.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05"))
    >>> audit.claims.supported.tolist(), audit.findings.severity.tolist()
    (['no'], ['caution'])
    >>> len(audit.inspect_sr)
    21
    """

    study: Study
    level: float
    found: tuple[Finding, ...]
    ran: tuple[str, ...] = ()

    @cached_property
    def ledger(self) -> tuple[ClaimRow, ...]:
        """A row for each printed claim with a P, and each outcome with numbers and no P, in the paper's order.

        Made when it is first asked for: of a study that claims nothing, exact tests alone take longer than all else.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05"))
        >>> [(row.claim, row.test, row.supported) for row in audit.ledger]
        [('differs, P<0.05', 'Fisher', 'no')]
        """
        return claim_rows(self.study, self.level)

    @property
    def claims(self) -> pd.DataFrame:
        """The ledger, with the columns of claims.csv."""
        return _kept(self.ledger, CLAIM_COLUMNS)

    @property
    def findings(self) -> pd.DataFrame:
        """The findings, with the columns of findings.csv."""
        return _kept(self.found, FINDING_COLUMNS)

    @property
    def inspect_sr(self) -> tuple[InspectRow, ...]:
        """The 21 checks of INSPECT-SR: which the audit could speak to, and which need a human."""
        return inspect_sr_rows(self.found, self.ran)

    def to_json(self) -> str:
        """Return claims and findings as JSON; a P that cannot be recomputed is null, one below 1e-300 a bound.

        Returns
        -------
        str
            An object with ``study, claims, findings, checks, inspect_sr``.

        Examples
        --------
        >>> import bayes_ivf as bi, json
        >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05"))
        >>> json.loads(audit.to_json())["claims"][0]["supported"]
        'no'
        """
        rows = [asdict(row) for row in self.ledger]
        for row in rows:
            row["recomputed_p"] = None if math.isnan(row["recomputed_p"]) else written_p(row["recomputed_p"])
        findings = [{name: getattr(finding, name) for name in FINDING_COLUMNS} for finding in self.found]
        values = {
            "study": self.study.id,
            "claims": rows,
            "findings": findings,
            "checks": list(self.ran),
            "inspect_sr": [asdict(row) for row in self.inspect_sr],
        }
        return json.dumps(values, ensure_ascii=False, indent=2)

    def to_csv(self, table: Literal["claims", "findings"] = "claims") -> str:
        """Return one of the two tables as CSV, as claims.csv and findings.csv hold it.

        Parameters
        ----------
        table : {"claims", "findings"}

        Returns
        -------
        str

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05"))
        >>> audit.to_csv("findings").partition(",")[0]
        'study'
        """
        rows: Iterable[ClaimRow | Finding] = self.ledger if table == "claims" else self.found
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns = CLAIM_COLUMNS if table == "claims" else FINDING_COLUMNS
        writer.writerow(columns)
        for row in rows:
            values = asdict(row)
            if table == "claims":
                values["recomputed_p"] = written_p(values["recomputed_p"])
            cells = ["" if values[c] != values[c] else values[c] for c in columns]
            writer.writerow([safe_text(cell) if isinstance(cell, str) else cell for cell in cells])
        return out.getvalue()

    def to_table(self, width: int = 120) -> str:
        """Return the ledger and the findings as plain text of at most `width` columns.

        Parameters
        ----------
        width : int
            Characters a line.

        Returns
        -------
        str

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), claim="P<0.05"))
        >>> max(map(len, audit.to_table(width=100).splitlines())) <= 100
        True
        """
        from bayes_ivf.auditing.text import plain_text

        return plain_text(self, width)

    def __rich__(self) -> RenderableType:
        from bayes_ivf.auditing.text import rich_group

        return rich_group(self)

    def _repr_html_(self) -> str:
        from bayes_ivf.auditing.html import audit_section_html

        return audit_section_html(self)

    def __repr__(self) -> str:
        verdicts = {
            verdict: sum(row.supported == verdict for row in self.ledger) for verdict in ("yes", "no", "conditional")
        }
        severities = ", ".join(f"{sum(f.severity == s for f in self.found)} {s}" for s in SEVERITIES)
        claims = sum(row.supported != "" for row in self.ledger)
        return (
            f"Audit({self.study.id!r}: {counted(claims, 'claim')}, {verdicts['yes']} supported, {verdicts['no']} not, "
            f"{verdicts['conditional']} conditional{self._exact()}; findings: {severities})"
        )

    def _exact(self) -> str:
        """Say how many of the exact P values are those of a usual test; empty if none was printed."""
        exact = [row.p_reproduced for row in self.ledger if row.p_reproduced]
        return f"; {exact.count('yes')} of {len(exact)} exact P reproduced" if exact else ""


def _kept(rows: Iterable[Any], columns: tuple[str, ...]) -> pd.DataFrame:
    from bayes_ivf.kept_table import KeptTable

    return KeptTable([asdict(row) for row in rows], columns=list(columns))
