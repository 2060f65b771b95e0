"""What is asked of a batch of problems, and how the answers of two rules become numbers with errors.

A `Batch` is what a model offers, a `Solution` its posterior under one rule. Questions are thresholds (distribution function at
points), summaries (moments, quantiles, intervals) and the evidence; `Questions.evaluate_questions` answers them by the finer
of two solutions and states four times the change from the coarser one as the error. A quantile's error is the change of the
distribution function at it, over its density, in posterior sds.

Examples
--------
What is asked of three problems, and what is left of it when one question has settled:

>>> import numpy as np
>>> asked = Questions((Threshold("null", "x", np.zeros((3, 1))),), estimands=("x",), evidence=True)
>>> asked.only({"summary x"})
Questions(thresholds=(), estimands=('x',), evidence=False, ci_prob=0.95)
>>> asked.take(np.array([2])).thresholds[0].points.shape
(1, 1)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.quadrature.panels import Rule
from bayes_ivf.quadrature.summarize import Distribution, summarize
from bayes_ivf.quadrature.transforms import Transform, side_by_side

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Answers = dict[str, Array]
TransformOf = Callable[[str], Transform]

ERROR, SUMMARY = "error_probability", "summary "
GROSS, HARDLY_LOWER = 1e-3, 0.7
"""Probability, or posterior sds, from which on an error is gross (a thousand, and ten, tolerances); ratio of the errors of two
levels above which the finer rule is said not to help."""
_SAFETY = 4.0
# An error is stated as four times the change between two rules: in hard cases neither of them is near the limit yet.


class Solution(Distribution, Protocol):
    """A chunk's posterior under one rule."""

    @property
    def log_total(self) -> Array:
        """Log integral of likelihood times prior, without constants."""

    def log_density_at_null(self) -> Array:
        """Log posterior density at the point null; see `ExactPosterior.log_bayes_factor_null`."""


class Batch(Protocol):
    """A batch of problems of one model. An estimand is the name of a scalar quantity of the model."""

    @property
    def chunk(self) -> int:
        """Problems solved at once under the first rules; bounds the memory. By group where a batch has `chunks`, too."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules from coarse to fine."""

    @property
    def size(self) -> int:
        """Number of problems."""

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names of the quantities that can be asked."""

    def take(self, index: Index) -> Self:
        """Return some of the problems."""

    def scale(self, estimand: str) -> Transform:
        """Between a quantity and the unbounded coordinate in which it is searched."""

    def groups(self) -> Index:
        """Label of the problems that may share a chunk."""

    def solve(self, rules: Sequence[Rule]) -> tuple[Solution, ...]:
        """Posterior of one group under some rules, which may share what does not depend on them."""

    def log_constants(self) -> Array:
        """Return what the log marginal likelihood adds to `Solution.log_total`; NaN if a prior is improper."""

    def log_prior_at_null(self) -> Array:
        """Log prior density at the point null; NaN if the prior is improper or there is no null."""


@dataclass(frozen=True)
class Curves:
    """Quantities of B problems side by side, in C columns: all problems of the first quantity, then of the next.

    Parameters
    ----------
    posterior : Distribution
        One that answers for several at once has ``evaluate_all`` (and ``sketch_all``): names, and `s` (K, quantity, B).
    names : tuple of str
    """

    posterior: Distribution
    names: tuple[str, ...]

    @staticmethod
    def of(posterior: Distribution, names: Sequence[str]) -> list[Curves]:
        """Return quantities in as few groups as the posterior can be asked about."""
        together = hasattr(posterior, "evaluate_all")
        return [Curves(posterior, tuple(some)) for some in ([names] if together else [[name] for name in names])]

    def evaluate(self, s: Array, wanted: npt.NDArray[np.bool_] | None = None) -> tuple[Array, Array]:
        """Distribution functions and densities at `s` (K, C) of the coordinates.

        Quantities none of whose columns (C,) is `wanted` are left out, and NaN.
        """
        quantities = len(self.names)
        if wanted is None or quantities == 1 or wanted.all():
            return self._ask("evaluate", s)
        some = np.flatnonzero(wanted.reshape(quantities, -1).any(axis=1))
        found = np.full((2, len(s), quantities, s.shape[1] // quantities), np.nan)
        asked = Curves(self.posterior, tuple(self.names[i] for i in some))
        at = s.reshape(found.shape[1:])[:, some]
        found[:, :, some] = [part.reshape(at.shape) for part in asked.evaluate(at.reshape(len(s), -1))]
        below, density = found.reshape(2, *s.shape)
        return below, density

    def sketch(self, s: Array) -> tuple[Array, Array]:
        """`evaluate`, more cheaply where a posterior can: good enough to start from."""
        return self._ask("sketch" if hasattr(self.posterior, "sketch") else "evaluate", s)

    def _ask(self, how: str, s: Array) -> tuple[Array, Array]:
        if not hasattr(self.posterior, "evaluate_all"):
            found: tuple[Array, Array] = getattr(self.posterior, how)(self.names[0], s)
            return found
        below, density = getattr(self.posterior, f"{how}_all")(self.names, s.reshape(len(s), len(self.names), -1))
        return below.reshape(s.shape), density.reshape(s.shape)

    def location(self) -> tuple[Array, Array]:
        """Centers and spreads (C,) of the coordinates."""
        return self._each(self.posterior.location)

    def moments(self) -> tuple[Array, Array]:
        """Means and sds (C,) of the quantities."""
        return self._each(self.posterior.moments)

    def _each(self, ask: Callable[[str], tuple[Array, Array]]) -> tuple[Array, Array]:
        first, second = zip(*map(ask, self.names), strict=True)
        return np.concatenate(first), np.concatenate(second)

    def columns(self, size: int) -> dict[str, slice]:
        """Columns of each quantity, of `size` in all."""
        each = size // len(self.names)
        return {name: slice(i * each, (i + 1) * each) for i, name in enumerate(self.names)}


@dataclass(frozen=True)
class Threshold:
    """Points (B, K) in a quantity's coordinate at which its distribution function is asked; answered under `key`."""

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
        thresholds = tuple(question.take(index) for question in self.thresholds)
        return Questions(thresholds, self.estimands, self.evidence, self.ci_prob)

    def only(self, keys: Collection[str]) -> Questions:
        """Return the questions with these keys."""
        thresholds = tuple(question for question in self.thresholds if question.key in keys)
        estimands = tuple(name for name in self.estimands if f"{SUMMARY}{name}" in keys)
        return Questions(thresholds, estimands, self.evidence and "evidence" in keys, self.ci_prob)

    def evaluate_questions(self, transform_of: TransformOf, fine: Solution, coarse: Solution) -> dict[str, Answers]:
        """Answers for a chunk under the finer rule, by key; the change from the coarser one is their error."""
        answers = {question.key: _probabilities(fine, coarse, question) for question in self.thresholds}
        if self.estimands:
            answers |= _summaries(fine, coarse, self.estimands, transform_of, self.ci_prob)
        if self.evidence:
            answers["evidence"] = _evidence(fine, coarse)
        missed_mass = _missed(fine)
        if missed_mass is not None:
            for numbers in answers.values():
                numbers[ERROR] = np.maximum(numbers[ERROR], missed_mass)
        return answers


def _probabilities(fine: Solution, coarse: Solution, asked: Threshold) -> Answers:
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


def _worst(change: Array) -> Array:
    """Largest change (B,) over the leading axis; NaN under both rules counts as agreement."""
    return np.asarray(np.max(np.where(np.isnan(change), 0.0, change), axis=0))


def _missed(fine: Solution) -> Array | None:
    """Probability (B,) that a solution's search did not bracket, which the difference of two rules cannot show."""
    missed = getattr(fine, "missed", None)
    return None if missed is None else np.asarray(missed())


def _summaries(
    fine: Solution, coarse: Solution, names: Sequence[str], transform_of: TransformOf, ci_prob: float
) -> dict[str, Answers]:
    answers: dict[str, Answers] = {}
    probed = []
    for curves in Curves.of(fine, names):
        other = Curves(coarse, curves.names)
        scales = [transform_of(name) for name in curves.names]
        summary, probes = summarize(curves, scales, ci_prob)
        scale = side_by_side(scales, probes.shape[1])
        below, density = curves.evaluate(probes)
        change = np.abs(other.evaluate(probes)[0] - below)
        mean, sd = other.moments()
        # the sd may be infinite or carried by far tails; for a normal density a quarter of the interval is about one sd
        spread = np.fmin(summary.sd, (summary.ci_high - summary.ci_low) / 4)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            shift = change * np.exp(scale.log_slope(probes)) / density / spread
            changes = np.abs([mean - summary.mean, sd - summary.sd]) / summary.sd
        for name, part in curves.columns(len(spread)).items():
            asked = probes[:, part], below[:, part], spread[part]
            if not (shift[:, part] <= EXACT_QUANTILE_TOLERANCE).all():
                shift[:, part][_within(coarse, name, transform_of(name), *asked)] = 0.0
            probed.append((name, probes[:3, part], below[:3, part], spread[part]))
        numbers = vars(summary) | {
            ERROR: _SAFETY * _worst(change),
            "error_quantile": _SAFETY * _worst(np.concatenate([shift, changes])),
        }
        for name, part in curves.columns(len(spread)).items():
            answers[f"{SUMMARY}{name}"] = {key: value[part] for key, value in numbers.items()}
    # after all summaries: the more grids a solution has tabulated by then, the more it knows of what it missed
    missed_mass = _missed(fine)
    for name, probes, below, spread in probed:
        not_held = _not_held(fine, name, transform_of(name), probes, below, spread, ci_prob, missed_mass)
        numbers = answers[f"{SUMMARY}{name}"]
        numbers["error_quantile"] = np.where(not_held, np.inf, numbers["error_quantile"])
    return answers


def _not_held(
    fine: Solution,
    name: str,
    scale: Transform,
    probes: Array,
    below: Array,
    spread: Array,
    ci_prob: float,
    lost: Array | None,
) -> npt.NDArray[np.bool_]:
    """Whether (B,) a quantile was not found, or may lie elsewhere by more than 1e-3 sd for what was missed.

    It is held where the distribution function passes the target between 1e-3 sd below and above it, with the probability that
    was `lost` (see `_missed`) on either side.
    """
    tail = (1 - ci_prob) / 2
    target = np.array([tail, 0.5, 1 - tail])[:, None]
    missed = np.zeros(len(spread)) if lost is None else lost
    suspect = (np.abs(below - target) > EXACT_PROBABILITY_TOLERANCE) | (missed > EXACT_PROBABILITY_TOLERANCE)
    if not suspect.any():
        return np.asarray(suspect.any(axis=0))
    quantiles, margin = scale.backward(probes), GROSS * spread
    lower = fine.evaluate(name, scale.forward(quantiles - margin))[0]
    upper = fine.evaluate(name, scale.forward(quantiles + margin))[0]
    held = (lower <= target - missed + EXACT_PROBABILITY_TOLERANCE) & (
        upper >= target + missed - EXACT_PROBABILITY_TOLERANCE
    )
    return np.asarray((suspect & ~held).any(axis=0))


def _within(
    coarse: Solution, name: str, scale: Transform, probes: Array, below: Array, spread: Array
) -> npt.NDArray[np.bool_]:
    """Whether (K, B) the other rule's distribution function passes within the tolerance of the probes, also where it jumps.

    Where probability is concentrated within rounding of a point (a proportion of 1 to the last digit), the density says
    nothing about a quantile's error.
    """
    quantiles, margin = scale.backward(probes), EXACT_QUANTILE_TOLERANCE * spread
    lower = coarse.evaluate(name, scale.forward(quantiles - margin))[0]
    upper = coarse.evaluate(name, scale.forward(quantiles + margin))[0]
    tolerance = EXACT_PROBABILITY_TOLERANCE
    return np.asarray((lower <= below + tolerance) & (upper >= below - tolerance))
