"""Each distinct problem of many readings solved once, and their mixture.

A likelihood under its priors is one problem, whatever readings lead to it; a reading's numbers are those of its own fit, since
both ask the same posterior the same questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.effects import ESTIMANDS, FIELDS, figures_from_exact, thresholds
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.exact import MixturePosterior, mix_posteriors
from bayes_ivf.inference import exact_key, solver_of, unit_evidence
from bayes_ivf.problem import Problem
from bayes_ivf.quadrature import ExactPosterior
from bayes_ivf.reading_choices.weighted import WeightedPosterior

Array = npt.NDArray[np.float64]
MAIN = ("risk_difference", "mean_difference")
"""Quantities on which an outcome is told, where it has them; else its first."""


@dataclass(frozen=True)
class Few:
    """A posterior that is asked about few quantities, since a summary of all would take most of the time."""

    posterior: Any
    estimands: tuple[str, ...]

    def cdf(self, estimand: str, t: Any) -> Array:
        """Probability of a value at most `t`."""
        found: Array = self.posterior.cdf(estimand, t)
        return found

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = 0.95) -> Mapping[str, Any]:
        """Summaries of these quantities."""
        found: Mapping[str, Any] = self.posterior.summaries(estimands or self.estimands, ci_prob=ci_prob)
        return found


@dataclass(frozen=True)
class Numbers:
    """Numbers of one quantity: arrays (problem,), or of a mixture (1,)."""

    figures: Array

    def of(self, field: str) -> Array:
        """Values of a field of `effects.FIELDS`."""
        return np.asarray(self.figures[:, FIELDS.index(field)])


@dataclass(frozen=True)
class SolvedGroup:
    """Problems that were solved together.

    Parameters
    ----------
    problems : tuple of Problem
    index : tuple of int
        Their places among all problems.
    posterior : object
        Of the exact engine.
    """

    problems: tuple[Problem, ...]
    index: tuple[int, ...]
    posterior: Any

    def numbers(self, name: EstimandId, ci_prob: float) -> Numbers:
        """Numbers of a quantity."""
        return numbers_of(self.problems, self.posterior, name, ci_prob)

    @cached_property
    def evidence(self) -> Array:
        """Log marginal likelihood (problem,); where a prior is flat, with density one."""
        found = np.asarray(self.posterior.log_marginal_likelihood)
        return unit_evidence(self.posterior) if np.isnan(found).any() else found


def numbers_of(problems: Sequence[Problem], posterior: Any, name: EstimandId, ci_prob: float) -> Numbers:
    """Return what is told of a quantity, as rows of a fit have it."""
    # what it shares its probability of benefit with, as rows of a fit do; of a mixture that is slow to ask, itself
    source = "" if isinstance(posterior, WeightedPosterior) else name.of(ESTIMANDS[name.estimand].same_sign).text
    known = tuple(each for each in posterior.estimands if each in (name.text, source))
    prefetch = getattr(posterior, "prefetch", None)
    few = Few(posterior, known)
    if prefetch is not None:
        ids = tuple(map(EstimandId.parse, known))
        points = {each.text: at for each, at in thresholds(problems, ids).items()}
        prefetch(points, known, evidence=True, ci_prob=ci_prob)
    ids, figures = figures_from_exact(problems, few, ci_prob=ci_prob)
    return Numbers(figures[:, ids.index(name)])


class SolvedProblems:
    """Distinct problems, solved.

    Parameters
    ----------
    problems : sequence of Problem
        Any; those with the same content are solved once.
    workers : int, optional
    """

    def __init__(self, problems: Sequence[Problem], workers: int | None = None) -> None:
        by_hash: dict[str, Problem] = {}
        for problem in problems:
            by_hash.setdefault(problem.hash, problem)
        self.problems = tuple(by_hash.values())
        self.place = {hash_: place for place, hash_ in enumerate(by_hash)}
        self.groups = tuple(self._solve(workers))

    def _solve(self, workers: int | None) -> Iterator[SolvedGroup]:
        grouped: dict[Any, list[int]] = {}
        for place, problem in enumerate(self.problems):
            key = exact_key(problem)
            if key is None:
                allowed = "priors and models that quadrature solves"
                raise RequestError(
                    Fault(repr(problem), "no exact solution of a reading", allowed, "choose another prior")
                )
            grouped.setdefault(key, []).append(place)
        for index in grouped.values():
            group = tuple(self.problems[place] for place in index)
            yield SolvedGroup(group, tuple(index), solver_of(group[0])(group, workers))

    @property
    def quantities(self) -> tuple[EstimandId, ...]:
        """What every problem has, the quantities on which the outcome is told first, then those of other denominators."""
        known = [tuple(group.posterior.estimands) for group in self.groups]
        shared = [EstimandId.parse(each) for each in known[0] if all(each in other for other in known)]
        places = dict.fromkeys(each.place for each in shared)
        return tuple(_main([each for each in shared if each.place == place]) for place in places)

    def numbers(self, name: EstimandId, ci_prob: float) -> Numbers:
        """Numbers of a quantity in every problem."""
        figures = np.full((len(self.problems), len(FIELDS)), np.nan)
        for group in self.groups:
            figures[list(group.index)] = group.numbers(name, ci_prob).figures
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
        return all(bool(np.all(group.posterior.accurate)) for group in self.groups)

    def mixture(self, weights: Array) -> MixturePosterior | WeightedPosterior:
        """Mix the problems with given posterior weights (problem,) of sum one; those of weight 0 are left out."""
        held = [(group, weights[list(group.index)]) for group in self.groups]
        held = [(group, weight) for group, weight in held if (weight > 0).any()]
        if all(isinstance(group.posterior, ExactPosterior) for group, _ in held):
            parts = [group.posterior for group, _ in held]
            owners = [np.zeros(len(weight), dtype=np.intp) for _, weight in held]
            return mix_posteriors(parts, owners=owners, weights=[weight for _, weight in held], workers=1)
        alone = [self._alone(group, i) for group, weight in held for i in range(len(weight))]
        flat = [float(each) for _, weight in held for each in weight]
        pairs = [(part, weight) for part, weight in zip(alone, flat, strict=True) if weight > 0]
        return WeightedPosterior(tuple(part for part, _ in pairs), tuple(weight for _, weight in pairs))

    def _alone(self, group: SolvedGroup, i: int) -> Any:
        if len(group.problems) == 1:
            return group.posterior
        return solver_of(group.problems[i])([group.problems[i]], 1)


def _main(ids: Sequence[EstimandId]) -> EstimandId:
    contrasts = [each for each in ids if ESTIMANDS[each.estimand].null is not None] or list(ids)
    return next((each for name in MAIN for each in contrasts if each.estimand == name), contrasts[0])
