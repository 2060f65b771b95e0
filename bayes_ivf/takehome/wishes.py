"""What the authors could provide to settle what is open: one wish for each kind of gap that the run found."""

from __future__ import annotations

from collections.abc import Callable

from bayes_ivf.report import Context
from bayes_ivf.study import KINDS

Wish = tuple[Callable[[Context], bool], str]


def _outcomes_per_embryo(context: Context) -> bool:
    return any(item.per == "embryo" for item in context.study.items)


def _other_units(context: Context) -> bool:
    return any(item.most is not None for item in context.study.items)


def _unsupported(context: Context) -> bool:
    return any(
        row.supported in ("no", "conditional") or row.p_reproduced in ("no", "conditional")
        for row in context.audit.ledger
    )


def _inexact(context: Context) -> bool:
    """Whether a claim that can be recomputed comes without an exact P."""
    return _unsupported(context) and any(
        row.supported and row.test and not row.p_reproduced for row in context.audit.ledger
    )


def _tests_alone(context: Context) -> bool:
    return _unsupported(context) and not _inexact(context)


def _words_only(context: Context) -> bool:
    items = [item for item in context.study.items if item.role == "outcome"]
    return any(KINDS[item.kind].words or item.data is None for item in items)


def _allocation(context: Context) -> bool:
    return context.study.randomized != "yes"


def _doubted(context: Context) -> bool:
    """Whether something but a claim's own verdict is held against numbers of an outcome or baseline variable."""
    ids = {item.id for item in context.study.items}
    return any(
        finding.severity in ("impossible", "caution") and finding.check != "claims" and finding.subject in ids
        for finding in context.audit.found
    )


WISHES: tuple[Wish, ...] = (
    (_inexact, "the tests used and exact P values"),
    (_tests_alone, "the tests used"),
    (_outcomes_per_embryo, "how many embryos each woman received, and how many implanted"),
    (_other_units, "how many units (cycles, transfers, eyes) each woman had, and how many of them had the event"),
    (_words_only, "numbers by arm for outcomes reported without them"),
    (_doubted, "a check of the printed numbers and units against the records"),
    (_allocation, "how and when women were allocated to the arms"),
)


def wishes(context: Context) -> list[str]:
    """Return what to ask for, in the order of the letter."""
    return [words for asked, words in WISHES if asked(context)]
