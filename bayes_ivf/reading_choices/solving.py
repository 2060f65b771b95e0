"""Each distinct problem of many readings solved once: its numbers, its evidence, and its distribution function as a table.

A likelihood under its priors is one problem, whatever readings lead to it; a reading's numbers are those of its own fit, since
both ask the same posterior the same questions. Problems that are solved one by one, each of which holds some 50 MB, are shared
among processes, and only numbers and tables of them are kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import ESTIMANDS, FIELDS, probabilities, thresholds
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference import exact_key, is_stacked, solver_of, unit_evidence
from bayes_ivf.problem import Problem
from bayes_ivf.quadrature import work_apart
from bayes_ivf.reading_choices.tables import Table, tabulate

Array = npt.NDArray[np.float64]
MAIN = ("risk_difference", "mean_difference")
"""Quantities on which an outcome is told, where it has them; else its first."""
_FEW = 6
"""Problems up to which starting other processes takes longer than solving them."""


@dataclass(frozen=True)
class Numbers:
    """Numbers of one quantity: an array (problem, field)."""

    figures: Array

    def of(self, field: str) -> Array:
        """Values of a field of `effects.FIELDS`."""
        return np.asarray(self.figures[:, FIELDS.index(field)])


def numbers_of(problems: Sequence[Problem], posterior: Any, name: EstimandId, ci_prob: float) -> Numbers:
    """Return what is told of a quantity, as rows of a fit have it."""
    # its probability of benefit is that of another quantity which always has its sign
    source = name.of(ESTIMANDS[name.estimand].same_sign)
    known = (name,) if source == name or source.text not in posterior.estimands else (name, source)
    prefetch = getattr(posterior, "prefetch", None)
    if prefetch is not None:
        points = {each.text: at for each, at in thresholds(problems, known).items()}
        prefetch(points, (name.text,), evidence=True, ci_prob=ci_prob)
    chances = probabilities(problems, posterior, known)[name]
    columns = dict(vars(posterior.summaries((name.text,), ci_prob=ci_prob)[name.text]))
    figures = np.full((len(problems), len(FIELDS)), np.nan)
    exists = ~np.isnan(columns["median"])
    for field, values in (columns | chances).items():
        figures[exists, FIELDS.index(field)] = np.asarray(values)[exists]
    return Numbers(figures)


def evidence_of(posterior: Any) -> Array:
    """Log marginal likelihood (problem,); where a prior is flat, with density one."""
    found = np.asarray(posterior.log_marginal_likelihood)
    return np.asarray(unit_evidence(posterior) if np.isnan(found).any() else found)


def main_quantities(texts: Sequence[str], places: Sequence[str]) -> tuple[EstimandId, ...]:
    """Return the quantity on which an outcome is told at each place that has any."""
    ids = [EstimandId.parse(each) for each in texts]
    held = [[each for each in ids if each.place == place] for place in places]
    return tuple(_main(some) for some in held if some)


def _main(ids: Sequence[EstimandId]) -> EstimandId:
    contrasts = [each for each in ids if ESTIMANDS[each.estimand].null is not None] or list(ids)
    return next((each for name in MAIN for each in contrasts if each.estimand == name), contrasts[0])


@dataclass(frozen=True)
class AloneTask:
    """A problem that is solved by itself, here or in another process.

    Parameters
    ----------
    problem : Problem
    places : tuple of str
        Whose main quantities are wanted.
    ci_prob : float
    """

    problem: Problem
    places: tuple[str, ...]
    ci_prob: float

    def work(self) -> Mapping[str, Any]:
        """Return numbers and table of each quantity, the evidence, and whether all is within the tolerances."""
        posterior = solver_of(self.problem)([self.problem], 1)
        names = main_quantities(tuple(posterior.estimands), self.places)
        found = {name.text: numbers_of([self.problem], posterior, name, self.ci_prob).figures for name in names}
        tables = {name.text: tabulate(posterior, name.text, self.ci_prob) for name in names}
        accurate = bool(np.all(posterior.accurate))
        return {"numbers": found, "tables": tables, "evidence": evidence_of(posterior), "accurate": accurate}


@dataclass(frozen=True)
class SolvedGroup:
    """Problems that were solved together.

    Parameters
    ----------
    problems : tuple of Problem
    index : tuple of int
        Their places among all problems.
    posterior : object or None
        Of the exact engine; None where only what was asked of it is kept.
    kept : mapping
        What was asked of it.
    """

    problems: tuple[Problem, ...]
    index: tuple[int, ...]
    posterior: Any
    kept: Mapping[str, Any]

    def quantities(self, places: Sequence[str]) -> tuple[EstimandId, ...]:
        """Quantities on which the outcome is told at some places."""
        texts = tuple(self.kept["numbers"]) if self.posterior is None else tuple(self.posterior.estimands)
        return main_quantities(texts, places)

    def numbers(self, name: EstimandId, ci_prob: float) -> Numbers:
        """Numbers of a quantity."""
        if self.posterior is None:
            return Numbers(self.kept["numbers"][name.text])
        return numbers_of(self.problems, self.posterior, name, ci_prob)

    def table(self, name: EstimandId, ci_prob: float) -> Table:
        """Table of a quantity."""
        if self.posterior is None:
            table: Table = self.kept["tables"][name.text]
            return table
        return tabulate(self.posterior, name.text, ci_prob)

    @cached_property
    def evidence(self) -> Array:
        """Log marginal likelihood (problem,)."""
        return np.asarray(self.kept["evidence"] if self.posterior is None else evidence_of(self.posterior))

    @property
    def accurate(self) -> bool:
        """Whether all that was asked is within the tolerances."""
        return bool(self.kept["accurate"] if self.posterior is None else np.all(self.posterior.accurate))


class SolvedProblems:
    """Distinct problems, solved.

    Parameters
    ----------
    problems : sequence of Problem
        Any; those with the same content are solved once.
    places : sequence of str
        Of quantities that are wanted, the outcome's own (``""``) first.
    ci_prob : float
    workers : int, optional
        Processes that share problems which are solved one by one; all cores by default. Changes no number.
    """

    def __init__(
        self, problems: Sequence[Problem], places: Sequence[str], ci_prob: float, workers: int | None = None
    ) -> None:
        by_hash: dict[str, Problem] = {}
        for problem in problems:
            by_hash.setdefault(problem.hash, problem)
        self.problems = tuple(by_hash.values())
        self.place = {hash_: place for place, hash_ in enumerate(by_hash)}
        self.places, self.ci_prob = tuple(places), ci_prob
        self.groups = (*self._together(workers), *self._alone(workers))

    def _together(self, workers: int | None) -> Iterator[SolvedGroup]:
        grouped: dict[Any, list[int]] = {}
        for place, problem in enumerate(self.problems):
            key = exact_key(problem)
            if key is None:
                allowed = "priors and models that quadrature solves"
                raise RequestError(
                    Fault(repr(problem), "no exact solution of a reading", allowed, "choose another prior")
                )
            if is_stacked(problem):
                grouped.setdefault(key, []).append(place)
        for index in grouped.values():
            group = tuple(self.problems[place] for place in index)
            yield SolvedGroup(group, tuple(index), solver_of(group[0])(group, workers), {})

    def _alone(self, workers: int | None) -> Iterator[SolvedGroup]:
        index = [place for place, problem in enumerate(self.problems) if not is_stacked(problem)]
        tasks = [AloneTask(self.problems[place], self.places, self.ci_prob) for place in index]
        count = min(workers or os.cpu_count() or 1, len(tasks))
        if count < 2 or len(tasks) <= _FEW:
            kept = [task.work() for task in tasks]
        else:
            with ThreadPoolExecutor(count) as threads:
                kept = list(threads.map(lambda task: work_apart(task, count), tasks))
        for place, each in zip(index, kept, strict=True):
            yield SolvedGroup((self.problems[place],), (place,), None, each)

    @property
    def quantities(self) -> tuple[EstimandId, ...]:
        """What every problem has of the wanted places."""
        known = [group.quantities(self.places) for group in self.groups]
        return tuple(each for each in known[0] if all(each in other for other in known))

    def numbers(self, name: EstimandId) -> Numbers:
        """Numbers of a quantity in every problem."""
        figures = np.full((len(self.problems), len(FIELDS)), np.nan)
        for group in self.groups:
            figures[list(group.index)] = group.numbers(name, self.ci_prob).figures
        return Numbers(figures)

    @cached_property
    def evidence(self) -> Array:
        """Log marginal likelihood of every problem; where a prior is flat, with density one, if the solver knows all else."""
        found = np.empty(len(self.problems))
        for group in self.groups:
            found[list(group.index)] = group.evidence
        return found

    def accurate(self) -> bool:
        """Whether all that was asked is within the tolerances."""
        return all(group.accurate for group in self.groups)
