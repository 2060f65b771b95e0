"""What is asked of a batch of problems, and the answers: two rules are compared, finer ones follow where they differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.quadrature.panels import Rule
from bayes_ivf.quadrature.summarize import Distribution, summarize
from bayes_ivf.quadrature.transforms import Transform

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Answers = dict[str, Array]
TransformOf = Callable[[str], Transform]

RULES = (Rule(6, 6), Rule(7, 7), Rule(12, 12), Rule(20, 20), Rule(36, 36))
"""Rules of most models: each answer comes from one of these and is compared with the rule before it."""
ERROR, SUMMARY = "error_probability", "summary "
_GROSS, _HARDLY = 1e-3, 0.7
_SAFETY = 4.0
# An error is stated as four times the change between two rules: in hard cases neither of them is near the limit yet.


class Solution(Distribution, Protocol):
    """A chunk's posterior under one rule."""

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times prior, without constants."""

    def log_density_at_null(self) -> Array:
        """Log posterior density of the effect at zero."""


class Batch(Protocol):
    """A batch of problems of one model."""

    @property
    def chunk(self) -> int:
        """Problems solved at once under the first rules; bounds the memory."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine."""

    @property
    def size(self) -> int:
        """Number of problems."""

    @property
    def estimands(self) -> tuple[str, ...]:
        """What can be asked."""

    def take(self, index: Index) -> Self:
        """Return some of the problems."""

    def scale(self, estimand: str) -> Transform:
        """Between an estimand and the coordinate in which it is searched."""

    def groups(self) -> Index:
        """Label of the problems that may share a chunk."""

    def solve(self, rules: Sequence[Rule]) -> tuple[Solution, ...]:
        """Posterior of one group under some rules, which may share what does not depend on them."""

    def log_constants(self) -> Array:
        """Return what the log marginal likelihood adds to `Solution.log_total`; NaN if a prior is improper."""

    def log_prior_at_null(self) -> Array:
        """Log prior density of the effect at zero; NaN if improper or if there is no effect slot."""


@dataclass(frozen=True)
class Threshold:
    """Points (B, K) in an estimand's coordinate at which its distribution function is asked; answered under `key`."""

    key: str
    estimand: str
    points: Array

    def take(self, index: Index) -> Threshold:
        """Return the question for some problems."""
        return Threshold(self.key, self.estimand, self.points[index])


@dataclass(frozen=True)
class Questions:
    """Everything that is asked in one pass.

    Parameters
    ----------
    thresholds : tuple of Threshold
    estimands : tuple of str
        To be summarized; answered under ``summary ESTIMAND``.
    evidence : bool
        Answered under ``evidence``.
    ci_prob : float
        Probability of the intervals.
    """

    thresholds: tuple[Threshold, ...] = ()
    estimands: tuple[str, ...] = ()
    evidence: bool = False
    ci_prob: float = CI_PROB

    def take(self, index: Index) -> Questions:
        """Return the questions for some problems."""
        thresholds = tuple(each.take(index) for each in self.thresholds)
        return Questions(thresholds, self.estimands, self.evidence, self.ci_prob)

    def only(self, keys: Collection[str]) -> Questions:
        """Return the questions with these keys."""
        thresholds = tuple(each for each in self.thresholds if each.key in keys)
        estimands = tuple(name for name in self.estimands if f"{SUMMARY}{name}" in keys)
        return Questions(thresholds, estimands, self.evidence and "evidence" in keys, self.ci_prob)

    def evaluate_questions(self, transform_of: TransformOf, fine: Solution, coarse: Solution) -> dict[str, Answers]:
        """Answers for a chunk under the finer rule, by key; the change from the coarser one is their error."""
        answers = {each.key: _below(fine, coarse, each) for each in self.thresholds}
        if self.estimands:
            answers |= _summaries(fine, coarse, self.estimands, transform_of, self.ci_prob)
        if self.evidence:
            answers["evidence"] = _evidence(fine, coarse)
        lost = _lost(fine)
        if lost is not None:
            for each in answers.values():
                each[ERROR] = np.maximum(each[ERROR], lost)
        return answers


def refine(problem: Batch, questions: Questions) -> Answers:
    """Answer the questions for all problems, in chunks, in this thread.

    Returns
    -------
    dict of str to array, shape (B, ...)
        ``KEY`` (see `Questions`), a zero character and the name of a number.
    """
    groups = problem.groups()
    chunks = [part for label in np.unique(groups) for part in split(np.flatnonzero(groups == label), problem.chunk)]
    parts = [_refine_chunk(problem, questions, chunk) for chunk in chunks]
    order = np.argsort(np.concatenate(chunks), kind="stable")
    return {key: np.concatenate([part[key] for part in parts])[order] for key in parts[0]}


def _refine_chunk(problem: Batch, questions: Questions, index: Index) -> Answers:
    """Answer for some problems; what still moves, and no more, is asked again under finer rules."""
    part, rules = problem.take(index), problem.rules
    found = questions.take(index).evaluate_questions(problem.scale, *part.solve((rules[1], rules[0])))
    before = np.full(len(index), np.inf)
    for level in range(2, len(rules)):
        moving = {key: _moves(each) for key, each in found.items()}
        error = np.max([each[ERROR] for each in found.values()], axis=0)
        # a gross error that a finer rule hardly lowered will not be lowered by the next, dearer one
        hopeless = (error > _GROSS) & (error > _HARDLY * before)
        rough = np.flatnonzero(~hopeless & np.any(list(moving.values()), axis=0))
        before = error
        # finer rules take fewer problems at once
        finer = -(-rules[level].outer // rules[1].outer)
        for few in split(rough, max(1, problem.chunk // finer**2)):
            asked = questions.take(index[few]).only({key for key, each in moving.items() if each[few].any()})
            part = problem.take(index[few])
            for key, better in asked.evaluate_questions(
                problem.scale, *part.solve((rules[level], rules[level - 1]))
            ).items():
                # no answer depends on the company in which it was asked
                own = moving[key][few]
                for name, value in better.items():
                    found[key][name][few[own]] = value[own]
    return {f"{key}\0{name}": value for key, each in found.items() for name, value in each.items()}


def _moves(answers: Answers) -> npt.NDArray[np.bool_]:
    """Whether (B,) the answers to one question are not yet within the tolerances."""
    settled = (answers[ERROR] <= EXACT_PROBABILITY_TOLERANCE) & (answers["error_quantile"] <= EXACT_QUANTILE_TOLERANCE)
    return np.asarray(~settled)


def _below(fine: Solution, coarse: Solution, asked: Threshold) -> Answers:
    points = np.ascontiguousarray(asked.points.T)
    value = np.clip(fine.evaluate(asked.estimand, points)[0], 0, 1)
    change = np.abs(value - np.clip(coarse.evaluate(asked.estimand, points)[0], 0, 1))
    error = _SAFETY * _worst(change)
    return {"value": value.T, ERROR: error, "error_quantile": np.zeros(len(error))}


def _evidence(fine: Solution, coarse: Solution) -> Answers:
    null = fine.log_density_at_null()
    change = np.stack([fine.log_total - coarse.log_total, null - coarse.log_density_at_null()])
    zero = np.zeros(len(null))
    return {
        "log_total": fine.log_total,
        "log_null": null,
        ERROR: _SAFETY * _worst(np.abs(change)),
        "error_quantile": zero,
    }


def split(index: Index, length: int) -> list[Index]:
    """Cut an index into pieces of at most this length."""
    return [index[start : start + length] for start in range(0, len(index), length)]


def _worst(change: Array) -> Array:
    """Largest change (B,) over the leading axis; what is undefined under both rules (NaN) is no error."""
    return np.asarray(np.max(np.where(np.isnan(change), 0.0, change), axis=0))


def _lost(fine: Solution) -> Array | None:
    """What a solution knows of that both rules, which share where they look, cannot tell by their difference."""
    missed = getattr(fine, "missed", None)
    return None if missed is None else np.asarray(missed())


def _summaries(
    fine: Solution, coarse: Solution, names: Sequence[str], transform_of: TransformOf, ci_prob: float
) -> dict[str, Answers]:
    found: dict[str, Answers] = {}
    asked = []
    for name in names:
        scale = transform_of(name)
        summary, probes = summarize(fine, name, scale, ci_prob)
        below, density = fine.evaluate(name, probes)
        change = np.abs(coarse.evaluate(name, probes)[0] - below)
        mean, sd = coarse.moments(name)
        spread = np.fmin(summary.sd, (summary.ci_high - summary.ci_low) / 4)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            shift = change * np.exp(scale.log_slope(probes)) / density / spread
            moved = np.abs([mean - summary.mean, sd - summary.sd]) / summary.sd
        if not (shift <= EXACT_QUANTILE_TOLERANCE).all():
            shift = np.where(_within(coarse, name, scale, probes, below, spread), 0.0, shift)
        moved = np.concatenate([shift, moved])
        errors = {ERROR: _SAFETY * _worst(change), "error_quantile": _SAFETY * _worst(moved)}
        found[f"{SUMMARY}{name}"] = vars(summary) | errors
        asked.append((name, probes[:3], below[:3], spread))
    # after all of them, when a solution has looked from every side
    lost = _lost(fine)
    for name, probes, below, spread in asked:
        astray = _astray(fine, name, transform_of(name), probes, below, spread, ci_prob, lost)
        each = found[f"{SUMMARY}{name}"]
        each["error_quantile"] = np.where(astray, np.inf, each["error_quantile"])
    return found


def _astray(
    fine: Solution,
    name: str,
    scale: Transform,
    probes: Array,
    below: Array,
    spread: Array,
    ci_prob: float,
    lost: Array | None,
) -> npt.NDArray[np.bool_]:
    """Whether (B,) a quantile's root was not found, or may lie grossly elsewhere for what was missed."""
    tail = (1 - ci_prob) / 2
    target = np.array([tail, 0.5, 1 - tail])[:, None]
    doubt = np.zeros(len(spread)) if lost is None else lost
    suspect = (np.abs(below - target) > EXACT_PROBABILITY_TOLERANCE) | (doubt > EXACT_PROBABILITY_TOLERANCE)
    if not suspect.any():
        return np.asarray(suspect.any(axis=0))
    at, slack = scale.backward(probes), _GROSS * spread
    lower = fine.evaluate(name, scale.forward(at - slack))[0]
    upper = fine.evaluate(name, scale.forward(at + slack))[0]
    held = (lower <= target - doubt + EXACT_PROBABILITY_TOLERANCE) & (
        upper >= target + doubt - EXACT_PROBABILITY_TOLERANCE
    )
    return np.asarray((suspect & ~held).any(axis=0))


def _within(
    coarse: Solution, name: str, scale: Transform, probes: Array, below: Array, spread: Array
) -> npt.NDArray[np.bool_]:
    """Whether the other rule's distribution function passes within the tolerance of the probes, also where it jumps.

    At a lump of probability (a risk of 1 to the last digit) the density says nothing about a quantile's error.
    """
    at, slack = scale.backward(probes), EXACT_QUANTILE_TOLERANCE * spread
    lower = coarse.evaluate(name, scale.forward(at - slack))[0]
    upper = coarse.evaluate(name, scale.forward(at + slack))[0]
    leeway = EXACT_PROBABILITY_TOLERANCE
    return np.asarray((lower <= below + leeway) & (upper >= below - leeway))
