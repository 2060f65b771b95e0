"""What is asked of a batch of problems, and the answers: two rules are compared, and finer ones follow where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.inference.exact.quadrature import Rule
from bayes_ivf.inference.exact.scales import scale_of
from bayes_ivf.inference.exact.summary import Curve, summarize

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Answers = dict[str, Array]

RULES = (Rule(6, 6), Rule(7, 7), Rule(12, 12), Rule(20, 20), Rule(36, 36))
"""Rules of most models: each answer comes from one of these and is compared with the rule before it."""
ERROR = "error_probability"
_GROSS, _HARDLY = 1e-3, 0.7
_SAFETY = 4.0
# An error is stated as four times the change between two rules: in hard cases neither of them is near the limit yet.


class Solution(Curve, Protocol):
    """A chunk's posterior under one rule."""

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times prior, without constants."""

    def log_density_at_null(self) -> Array:
        """Log posterior density of the effect at zero."""


class Problem(Protocol):
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
    """Points (B, K) in an estimand's coordinate at which its distribution function is asked."""

    estimand: str
    points: Array

    def take(self, index: Index) -> Threshold:
        """Return the question for some problems."""
        return Threshold(self.estimand, self.points[index])


@dataclass(frozen=True)
class Questions:
    """Everything that is asked in one pass.

    Parameters
    ----------
    thresholds : tuple of Threshold
        Answered under ``0``, ``1``, ... in their order.
    estimands : tuple of str
        To be summarized; answered under ``summaries``.
    evidence : bool
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

    def put(self, fine: Solution, coarse: Solution) -> Answers:
        """Answers for a chunk under the finer rule; the change from the coarser one is their error."""
        answers = {str(i): _below(fine, coarse, each) for i, each in enumerate(self.thresholds)}
        if self.estimands:
            answers["summaries"] = _summaries(fine, coarse, self.estimands, self.ci_prob)
        if self.evidence:
            answers["evidence"] = _evidence(fine, coarse)
        lost = _lost(fine)
        if lost is not None:
            for each in answers.values():
                each |= {name: np.maximum(error, lost) for name, error in each.items() if name.endswith(ERROR)}
        joint = {f"{key}\0{name}": value for key, each in answers.items() for name, value in each.items()}
        for error in ("error_probability", "error_quantile"):
            joint[error] = np.asarray(np.max([each[error] for each in answers.values()], axis=0))
        return joint


def answer(problem: Problem, questions: Questions) -> Answers:
    """Answer the questions for all problems, in chunks, in this thread.

    Returns
    -------
    dict of str to array, shape (B, ...)
        ``KEY`` (see `Questions`), a zero character and the name of a number.
    """
    groups = problem.groups()
    chunks = [part for label in np.unique(groups) for part in split(np.flatnonzero(groups == label), problem.chunk)]
    parts = [_refine(problem, questions, chunk) for chunk in chunks]
    order = np.argsort(np.concatenate(chunks), kind="stable")
    return {key: np.concatenate([part[key] for part in parts])[order] for key in parts[0]}


def _refine(problem: Problem, questions: Questions, index: Index) -> Answers:
    """Answer for some problems; those whose answer still moves get finer rules."""
    part, rules = problem.take(index), problem.rules
    found = questions.take(index).put(*part.solve((rules[1], rules[0])))
    before = np.full(len(index), np.inf)
    for level in range(2, len(rules)):
        error = found["error_probability"]
        # a gross error that a finer rule hardly lowered will not be lowered by the next, dearer one
        hopeless = (error > _GROSS) & (error > _HARDLY * before)
        rough = np.flatnonzero(
            ~hopeless
            & (~(error <= EXACT_PROBABILITY_TOLERANCE) | ~(found["error_quantile"] <= EXACT_QUANTILE_TOLERANCE))
        )
        before = error.copy()
        # finer rules take fewer problems at once
        finer = -(-rules[level].outer // rules[1].outer)
        for few in split(rough, max(1, problem.chunk // finer**2)):
            part = problem.take(index[few])
            better = questions.take(index[few]).put(*part.solve((rules[level], rules[level - 1])))
            for key, value in better.items():
                found[key][few] = value
    return found


def _below(fine: Solution, coarse: Solution, asked: Threshold) -> Answers:
    points = np.ascontiguousarray(asked.points.T)
    value = np.clip(fine.evaluate(asked.estimand, points)[0], 0, 1)
    change = np.abs(value - np.clip(coarse.evaluate(asked.estimand, points)[0], 0, 1))
    error = _SAFETY * _worst(change)
    return {"value": value.T, "error_probability": error, "error_quantile": np.zeros(len(error))}


def _evidence(fine: Solution, coarse: Solution) -> Answers:
    null = fine.log_density_at_null()
    change = np.stack([fine.log_total - coarse.log_total, null - coarse.log_density_at_null()])
    zero = np.zeros(len(null))
    return {
        "log_total": fine.log_total,
        "log_null": null,
        "error_probability": _SAFETY * _worst(np.abs(change)),
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


def _summaries(fine: Solution, coarse: Solution, names: Sequence[str], ci_prob: float) -> Answers:
    found: Answers = {}
    probability, quantile, asked = [], [], []
    for name in names:
        summary, probes = summarize(fine, name, ci_prob)
        found |= {f"{name} {key}": value for key, value in vars(summary).items()}
        below, density = fine.evaluate(name, probes)
        change = np.abs(coarse.evaluate(name, probes)[0] - below)
        mean, sd = coarse.moments(name)
        spread = np.fmin(summary.sd, (summary.ci_high - summary.ci_low) / 4)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            shift = change * np.exp(scale_of(name).log_slope(probes)) / density / spread
            moved = np.abs([mean - summary.mean, sd - summary.sd]) / summary.sd
        if not (shift <= EXACT_QUANTILE_TOLERANCE).all():
            shift = np.where(_within(coarse, name, probes, below, spread), 0.0, shift)
        moved = np.concatenate([shift, moved])
        found[f"{name} error_probability"] = _SAFETY * _worst(change)
        found[f"{name} error_quantile"] = _SAFETY * _worst(moved)
        asked.append((name, probes[:3], below[:3], spread))
        probability.append(found[f"{name} error_probability"])
    # after all of them, when a solution has looked from every side
    lost = _lost(fine)
    for name, probes, below, spread in asked:
        astray = _astray(fine, name, probes, below, spread, ci_prob, lost)
        found[f"{name} error_quantile"] = np.where(astray, np.inf, found[f"{name} error_quantile"])
        quantile.append(found[f"{name} error_quantile"])
    found["error_probability"] = np.max(probability, axis=0)
    found["error_quantile"] = np.max(quantile, axis=0)
    return found


def _astray(
    fine: Solution, name: str, probes: Array, below: Array, spread: Array, ci_prob: float, lost: Array | None
) -> npt.NDArray[np.bool_]:
    """Whether (B,) a quantile's root was not found, or may lie grossly elsewhere for what was missed."""
    tail = (1 - ci_prob) / 2
    target = np.array([tail, 0.5, 1 - tail])[:, None]
    doubt = np.zeros(len(spread)) if lost is None else lost
    suspect = (np.abs(below - target) > EXACT_PROBABILITY_TOLERANCE) | (doubt > EXACT_PROBABILITY_TOLERANCE)
    if not suspect.any():
        return np.asarray(suspect.any(axis=0))
    scale = scale_of(name)
    at, slack = scale.backward(probes), _GROSS * spread
    lower = fine.evaluate(name, scale.forward(at - slack))[0]
    upper = fine.evaluate(name, scale.forward(at + slack))[0]
    held = (lower <= target - doubt + EXACT_PROBABILITY_TOLERANCE) & (
        upper >= target + doubt - EXACT_PROBABILITY_TOLERANCE
    )
    return np.asarray((suspect & ~held).any(axis=0))


def _within(coarse: Solution, name: str, probes: Array, below: Array, spread: Array) -> npt.NDArray[np.bool_]:
    """Whether the other rule's distribution function passes within the tolerance of the probes, also where it jumps.

    At a lump of probability (a risk of 1 to the last digit) the density says nothing about a quantile's error.
    """
    scale = scale_of(name)
    at, slack = scale.backward(probes), EXACT_QUANTILE_TOLERANCE * spread
    lower = coarse.evaluate(name, scale.forward(at - slack))[0]
    upper = coarse.evaluate(name, scale.forward(at + slack))[0]
    leeway = EXACT_PROBABILITY_TOLERANCE
    return np.asarray((lower <= below + leeway) & (upper >= below - leeway))
