"""What a table of trials holds, in words: for ``bayes-ivf check``, by the same reading as that of a batch."""

from __future__ import annotations

from pathlib import Path

from bayes_ivf.batches.columns import TEXT_SUFFIXES
from bayes_ivf.batches.foreign import Asked
from bayes_ivf.batches.sources import gather_sources
from bayes_ivf.batches.tabled import unmeasured
from bayes_ivf.batches.trials import TrialTable
from bayes_ivf.words import counted

TOLD = 50
"""Lines of one kind that are shown."""


def check_table(path: Path, separator: str = ",", decimal: str = ".", asked: Asked | None = None) -> str:
    """Return what a table holds, what was read otherwise than it stands, and what a batch leaves out.

    Raises
    ------
    BayesIvfError
        With every fault.
    """
    text = path.suffix.lower() in TEXT_SUFFIXES
    loaded = gather_sources(path, separator if text else None, decimal if text else None, asked)
    tables = [source for source in loaded.sources if isinstance(source, TrialTable)]
    rows = sum(len(source) if isinstance(source, TrialTable) else len(source.items) for source in loaded.sources)
    studies = sum(len(set(source.study)) if isinstance(source, TrialTable) else 1 for source in loaded.sources)
    left_out = [reason for table in tables for reason in unmeasured(table).values()]
    left_out += [reason for review in loaded.reviews for _, _, reason in review.left_out]
    notes = dict.fromkeys([*loaded.notes, *_shown("batch leaves it out", left_out)])
    found = [finding.statement for review in loaded.reviews for finding in review.findings]
    notes |= dict.fromkeys(_shown("finding", found))
    return (
        f"{'review' if loaded.reviews else 'table'} of {counted(rows, 'row')} of {counted(studies, 'trial')}"
        + "".join(f"\n  {note}" for note in notes)
    )


def _shown(what: str, reasons: list[str]) -> list[str]:
    more = [f"{what}: {len(reasons) - TOLD} more"] if len(reasons) > TOLD else []
    return [f"{what}: {reason}" for reason in reasons[:TOLD]] + more
