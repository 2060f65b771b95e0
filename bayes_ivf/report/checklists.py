"""The checklists of a page: each item with its answer, its evidence, and what a human answered in the study file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bayes_ivf.checklists import Checklist, checklists
from bayes_ivf.report.checklist_known import Filled, Known
from bayes_ivf.report.checklist_models import MODELS
from bayes_ivf.report.checklist_results import RESULTS
from bayes_ivf.report.context import Context
from bayes_ivf.report.details import inspect_rows
from bayes_ivf.report.marks import PAGE
from bayes_ivf.results import Said, Value, join

FACTS = {**MODELS, **RESULTS}
"""What a report can say to items of BARG and ROBUST, by the names in their tables."""
AUDITED = "inspect_sr"
"""The list that the audit fills."""
HUMAN = "needs a human"


@dataclass(frozen=True)
class ChecklistRow:
    """One item as a page shows it.

    Parameters
    ----------
    item, topic, answer : str
        Its number, what it is about, and how far it is settled.
    evidence : Said
        From the objects; empty where there is none.
    human : str
        Answer in the study file; empty without one.
    """

    item: str
    topic: str
    answer: str
    evidence: Said
    human: str

    @property
    def gap(self) -> bool:
        """Whether nobody has answered it."""
        return self.answer == HUMAN and not self.human


@dataclass(frozen=True)
class FilledList:
    """One checklist as a page shows it.

    Parameters
    ----------
    checklist : Checklist
    rows : tuple of ChecklistRow
    gaps : Value
        How many items nobody has answered.
    example : str
        How a gap is filled in the study file.
    """

    checklist: Checklist
    rows: tuple[ChecklistRow, ...]
    gaps: Value
    example: str


def filled_checklists(context: Context, main: Sequence[str]) -> list[FilledList]:
    """Return every checklist with each of its items.

    Parameters
    ----------
    context : Context
        With a manifest.
    main : sequence of str
        Outcomes that are answered first.
    """
    known = Known(context, tuple(main))
    return [_filled(context, each, _rows(known, each)) for each in checklists().values()]


def open_gaps(lists: Sequence[FilledList]) -> Value:
    """Return how many items of all lists nobody has answered."""
    return _count("gaps", sum(int(each.gaps.value) for each in lists))


def _rows(known: Known, checklist: Checklist) -> list[tuple[str, Said]]:
    """Return answer and evidence of every item; those of INSPECT-SR are the audit's."""
    if checklist.id == AUDITED:
        return [(row["answer"], row["evidence"]) for row in inspect_rows(known.context)]
    filled = [[FACTS[name](known) for name in item.filled_by] for item in checklist.items]
    return [(_together(each), join(one.evidence for one in each)) for each in filled]


def _together(filled: Sequence[Filled]) -> str:
    answers = {each.answer for each in filled}
    return next(iter(answers)) if len(answers) == 1 else "in part" if answers else HUMAN


def _filled(context: Context, checklist: Checklist, found: Sequence[tuple[str, Said]]) -> FilledList:
    humans = context.study.answers.get(checklist.id, {})
    rows = tuple(
        ChecklistRow(item.id, item.topic, answer, evidence, humans.get(item.id, ""))
        for item, (answer, evidence) in zip(checklist.items, found, strict=True)
    )
    gaps = [row for row in rows if row.gap]
    first = (gaps or rows)[0].item
    return FilledList(checklist, rows, _count(f"gaps_{checklist.id}", len(gaps)), f'"{first}" = "..."')


def _count(name: str, number: int) -> Value:
    return Value(PAGE, "checklist", "none", "none", "none", name, number, str(number))
