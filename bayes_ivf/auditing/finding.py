"""A finding, and the small protocol that every check fulfils."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal, Protocol, runtime_checkable

from bayes_ivf.study import Study

Severity = Literal["impossible", "caution", "info"]
SEVERITIES: tuple[Severity, ...] = ("impossible", "caution", "info")


@dataclass(frozen=True)
class Finding:
    """One row of findings.csv: something a reader should know, and what would explain it innocently.

    Parameters
    ----------
    study, check, subject : str
        The study, the check that found it, and the outcome or design feature it is about.
    severity : {"impossible", "caution", "info"}
        ``impossible``: cannot hold under the stated assumption.
    statement : str
        One neutral sentence; with `impossible` it holds the whole assumption.
    assumption : str
        What the statement rests on.
    evidence : str
        The numbers.
    alternatives : str
        Innocent explanations; never empty.
    brief : str
        Half a sentence for the outcome's own row, where numbers say more than the check's usual words; not a column.
    """

    study: Annotated[str, "id of the study"]
    check: Annotated[str, "the check that found it"]
    subject: Annotated[str, "what it is about"]
    severity: Annotated[Severity, "impossible, caution or info"]
    statement: Annotated[str, "what a reader should know"]
    assumption: Annotated[str, "what it rests on"]
    evidence: Annotated[str, "the numbers"]
    alternatives: Annotated[str, "innocent explanations"]
    brief: str = ""

    def __post_init__(self) -> None:
        # Study and subject are the file's own words and may be empty; what the audit says may not.
        said = ("check", "statement", "assumption", "evidence", "alternatives")
        empty = [name for name in said if not str(getattr(self, name)).strip()]
        if empty or self.severity not in SEVERITIES:
            raise ValueError(f"a finding needs every field and a known severity; empty: {empty}, {self.severity!r}")


FINDING_COLUMNS = tuple(field.name for field in fields(Finding) if field.name != "brief")


@runtime_checkable
class Check(Protocol):
    """What a module in ``checks/`` offers: each is one file, found by its place in the folder.

    Attributes
    ----------
    NAME : str
        Stands in the column ``check``; the name of the file.
    QUESTION : str
        What the check asks, in one sentence.
    """

    NAME: str
    QUESTION: str

    def applies_to(self, study: Study) -> bool:
        """Whether the study has anything to check."""

    def run(self, study: Study) -> tuple[Finding, ...]:
        """Return everything found; empty if all is well."""
