"""Where the problems of a batch come from: a study with all that applies to it, or rows of a table made one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from bayes_ivf.batches.tabled import tabled_study, unmeasured
from bayes_ivf.batches.trials import TrialTable
from bayes_ivf.cards import Card
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.planning import plan
from bayes_ivf.priors import PriorSet
from bayes_ivf.problem import Problem, build_problem
from bayes_ivf.structures import base_structure
from bayes_ivf.study import Study


class Block(Protocol):
    """Problems that can be made when they are needed."""

    @property
    def left_out(self) -> Counter[str]:
        """Reasons why combinations were left out, with their number."""

    def __len__(self) -> int: ...

    def problem(self, place: int) -> Problem | None:
        """Return a problem, or None where the combination makes no sense."""


@dataclass(eq=False)
class StudyBlock:
    """Every problem of a study under cards and prior sets."""

    study: Study
    problems: tuple[Problem, ...]
    left_out: Counter[str]
    reasons: Mapping[str, str]
    """Why an outcome cannot be estimated."""

    def __len__(self) -> int:
        return len(self.problems)

    def problem(self, place: int) -> Problem:
        """Return a problem."""
        return self.problems[place]


def study_block(study: Study, cards: Sequence[Card], sets: Sequence[PriorSet]) -> StudyBlock:
    """List the problems of a study."""
    planned = plan(study, cards, sets)
    reasons = Counter(f"{study.id}/{outcome}: {reason}" for outcome, reason in planned.reasons.items())
    return StudyBlock(study, planned.problems, reasons, planned.reasons)


@dataclass(eq=False)
class TableBlock:
    """Every row of a table under cards and prior sets; row after row.

    The first problem of a kind is made from a whole study; all others take its priors and options and their own numbers.
    """

    table: TrialTable
    cards: Sequence[Card]
    sets: Sequence[PriorSet]
    left_out: Counter[str] = field(default_factory=Counter)
    _patterns: dict[tuple[object, ...], Problem | str] = field(default_factory=dict)

    @cached_property
    def unmeasured(self) -> dict[int, str]:
        """Rows that are left out, and why."""
        return unmeasured(self.table)

    def __len__(self) -> int:
        return len(self.table) * len(self.cards) * len(self.sets)

    def problem(self, place: int) -> Problem | None:
        """Return a problem, or None where the combination makes no sense."""
        rest, prior = divmod(place, len(self.sets))
        row, card = divmod(rest, len(self.cards))
        table = self.table
        if row in self.unmeasured:
            self.left_out[self.unmeasured[row]] += 1
            return None
        kind = (bool(table.counts[row]), int(table.sign[row]), table.per[row], card, prior)
        pattern = self._patterns.get(kind)
        if pattern is None:
            pattern = self._patterns[kind] = _pattern(table, row, self.cards[card], self.sets[prior])
        if isinstance(pattern, str):
            self.left_out[pattern] += 1
            return None
        mcid = float(table.mcid[row])
        return replace(
            pattern,
            study=table.study[row],
            outcome=table.outcome[row],
            label=table.label[row],
            mcid=None if np.isnan(mcid) else mcid,
            data=_data(table, row),
        )


def _data(table: TrialTable, row: int) -> dict[str, np.ndarray]:
    if table.counts[row]:
        return {"events": table.events[row].copy(), "n": table.n[row].copy()}
    mean, sd = (np.array([float(texts[arm][row]) for arm in (0, 1)]) for texts in (table.mean, table.sd))
    return {"mean": mean, "variance": sd**2, "n": table.n[row].copy()}


def _pattern(table: TrialTable, row: int, card: Card, prior: PriorSet) -> Problem | str:
    """Return the first problem of a kind, made on the path of single fits, or why there is none."""
    # the base case alone needs no more than a row of a table holds
    if card.structure != base_structure():
        return f"the model {card.id} needs more than a row of a table holds"
    study = tabled_study(table, [row])
    try:
        return build_problem(study, study.items[0].id, card, prior)
    except BayesIvfError as error:
        return error.faults[0].found
