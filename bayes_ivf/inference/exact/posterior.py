"""The answer for a batch of problems: distribution functions, summaries, evidence, and how accurate they are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from bayes_ivf.defaults import CI_PROB, EXACT_PROBABILITY_TOLERANCE, EXACT_QUANTILE_TOLERANCE
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.exact.quadrature import Rule
from bayes_ivf.inference.exact.scales import scale_of
from bayes_ivf.inference.exact.summary import Curve, Summary, summarize

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

RULES = (Rule(6, 6), Rule(7, 7), Rule(12, 12), Rule(20, 20), Rule(36, 36))
"""Rules of most models: each answer comes from one of these and is compared with the rule before it."""
_SAFETY = 4.0
# An error is stated as four times the change between two rules: in hard cases neither of them is near the limit yet.
_SHARES = (1, 1, 4, 16, 64)
# Finer rules take fewer problems at once.


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


Task = Callable[[Solution, Solution], dict[str, Array]]


@dataclass(frozen=True)
class ExactPosterior:
    """Posterior of every problem of a batch, by quadrature.

    Nothing is computed before it is asked for. Every answer is computed under two rules; where they differ by more
    than the tolerance, finer ones follow, and what still differs is marked in `accurate`.

    Parameters
    ----------
    problem : Problem
        Data and priors.
    workers : int, optional
        Threads; all cores by default. Results do not depend on it.
    """

    problem: Problem
    workers: int | None = None
    _seen: dict[str, dict[str, Array]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Number of problems."""
        return self.problem.size

    @property
    def estimands(self) -> tuple[str, ...]:
        """Names that `cdf` and `summarize` know."""
        return self.problem.estimands

    def cdf(self, estimand: str, t: npt.ArrayLike) -> Array:
        """Posterior probability that the estimand is at most `t`.

        Parameters
        ----------
        estimand : str
            One of `estimands`.
        t : array (B,), (B, K) or a number
            On the estimand's own scale.

        Returns
        -------
        array (B,) or (B, K)
        """
        return self.cdf_with_error(estimand, t)[0]

    def cdf_with_error(self, estimand: str, t: npt.ArrayLike) -> tuple[Array, Array]:
        """`cdf`, and the estimated error (B,) of these probabilities."""
        self._check(estimand)
        question = _Threshold(estimand, np.asarray(t, dtype=float), self.size)
        if question.key not in self._seen:
            self._seen[question.key] = self._run(question.task)
        answer = self._seen[question.key]
        value = answer["value"]
        return (value[:, 0] if question.flat else value), answer["error_probability"]

    def foresee(
        self,
        thresholds: Mapping[str, npt.ArrayLike],
        estimands: Sequence[str] = (),
        *,
        evidence: bool = False,
        ci_prob: float = CI_PROB,
    ) -> None:
        """Answer several questions in one pass, which is cheaper; asked again one by one, they are only looked up.

        Parameters
        ----------
        thresholds : mapping of str to array
            What `cdf` will be asked.
        estimands : sequence of str
            What `summaries` will be asked.
        evidence : bool
            Whether the evidence will be asked.
        ci_prob : float
            Probability of the intervals.
        """
        self._check(*thresholds, *estimands)
        questions = [_Threshold(name, np.asarray(t, dtype=float), self.size) for name, t in thresholds.items()]
        fresh = [name for name in estimands if f"{name} {ci_prob!r}" not in self._seen]

        def make(index: Index) -> Task:
            tasks: dict[str, Task] = {question.key: question.task(index) for question in questions}
            if fresh:
                tasks["summaries"] = lambda fine, coarse: _summary_task(fine, coarse, fresh, ci_prob)
            if evidence:
                tasks["evidence"] = _evidence_task

            def task(fine: Solution, coarse: Solution) -> dict[str, Array]:
                answers = {key: each(fine, coarse) for key, each in tasks.items()}
                joint = {f"{key}\0{name}": value for key, each in answers.items() for name, value in each.items()}
                for error in ("error_probability", "error_quantile"):
                    joint[error] = np.asarray(np.max([each[error] for each in answers.values()], axis=0))
                return joint

            return task

        if not (questions or fresh or evidence):
            return
        answer = self._run(make)
        found: dict[str, dict[str, Array]] = {}
        for name, value in answer.items():
            key, _, field_name = name.partition("\0")
            if field_name:
                found.setdefault(key, {})[field_name] = value
        self._keep_summaries(fresh, ci_prob, found.pop("summaries", {}))
        self._seen.update(found)

    def summarize(self, estimand: str, ci_prob: float = CI_PROB) -> Summary:
        """Mean, median, sd, equal-tailed and highest-density interval of one estimand, each an array (B,)."""
        return self.summaries((estimand,), ci_prob)[estimand]

    def summaries(self, estimands: Sequence[str] | None = None, ci_prob: float = CI_PROB) -> dict[str, Summary]:
        """Summaries of several estimands (all by default) in one pass, cheaper than one by one.

        Raises
        ------
        RequestError
            If an estimand is unknown or `ci_prob` is outside (0, 1).
        """
        names = tuple(self.estimands if estimands is None else estimands)
        self._check(*names)
        if not 0 < ci_prob < 1:
            raise RequestError(Fault("ci_prob", repr(ci_prob), "a number between 0 and 1", "give 0.95, for example"))
        fresh = [name for name in names if f"{name} {ci_prob!r}" not in self._seen]
        if fresh:
            answer = self._run(lambda _: lambda fine, coarse: _summary_task(fine, coarse, fresh, ci_prob))
            self._keep_summaries(fresh, ci_prob, answer)
        fields = Summary.__dataclass_fields__
        return {name: Summary(**{key: self._seen[f"{name} {ci_prob!r}"][key] for key in fields}) for name in names}

    @property
    def log_marginal_likelihood(self) -> Array:
        """Log marginal likelihood (B,) of the printed data, all constants included; NaN if a prior is improper."""
        return self._evidence()["log_total"] + self.problem.log_constants()

    @property
    def log_bayes_factor_null(self) -> Array:
        """Log Bayes factor (B,) for no effect against the prior, by Savage and Dickey; NaN if a prior is improper.

        Posterior over prior density of the effect at zero: negative values speak for an effect.
        """
        return self._evidence()["log_null"] - self.problem.log_prior_at_null()

    @property
    def error_probability(self) -> Array:
        """Estimated error (B,) of the probabilities asked so far: four times the change between the last two rules."""
        return self._error("error_probability")

    @property
    def error_quantile(self) -> Array:
        """Estimated error (B,) of the means, sds, quantiles and interval ends asked so far, in posterior sds."""
        return self._error("error_quantile")

    @property
    def accurate(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) all that was asked so far is within the tolerances of `bayes_ivf.defaults`."""
        within = self.error_probability <= EXACT_PROBABILITY_TOLERANCE
        return np.asarray(within & (self.error_quantile <= EXACT_QUANTILE_TOLERANCE))

    def _error(self, name: str) -> Array:
        if not self._seen:
            self._evidence()
        return np.asarray(np.max([seen[name] for seen in self._seen.values()], axis=0))

    def _evidence(self) -> dict[str, Array]:
        if "evidence" not in self._seen:
            self._seen["evidence"] = self._run(lambda _: _evidence_task)
        return self._seen["evidence"]

    def _keep_summaries(self, names: Sequence[str], ci_prob: float, answer: Mapping[str, Array]) -> None:
        for name in names:
            self._seen[f"{name} {ci_prob!r}"] = {
                key.removeprefix(f"{name} "): value for key, value in answer.items() if key.startswith(f"{name} ")
            }

    def _check(self, *names: str) -> None:
        unknown = [name for name in names if name not in self.estimands]
        if unknown:
            raise RequestError(
                Fault("estimand", ", ".join(unknown), ", ".join(self.estimands), "ask for one of these estimands")
            )

    def _run(self, make_task: Callable[[Index], Task]) -> dict[str, Array]:
        groups = self.problem.groups()
        chunks = [
            part for label in np.unique(groups) for part in _split(np.flatnonzero(groups == label), self.problem.chunk)
        ]

        def solve(index: Index) -> dict[str, Array]:
            return _refine(self.problem, index, make_task)

        workers = min(self.workers or os.cpu_count() or 1, len(chunks))
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                parts = list(pool.map(solve, chunks))
        else:
            parts = [solve(chunk) for chunk in chunks]
        order = np.argsort(np.concatenate(chunks), kind="stable")
        return {key: np.concatenate([part[key] for part in parts])[order] for key in parts[0]}


class _Threshold:
    """A question for the distribution function of one estimand."""

    def __init__(self, estimand: str, given: Array, size: int) -> None:
        self.estimand, self.flat = estimand, given.ndim < 2
        self.key = f"cdf {estimand} {given.shape} {hashlib.sha256(np.ascontiguousarray(given).tobytes()).hexdigest()}"
        column = np.broadcast_to(given, (size,))[:, None] if self.flat else given
        self._s = scale_of(estimand).forward(np.broadcast_to(column, _grid(given, size)))

    def task(self, index: Index) -> Task:
        points = np.ascontiguousarray(self._s[index].T)

        def task(fine: Solution, coarse: Solution) -> dict[str, Array]:
            value = np.clip(fine.evaluate(self.estimand, points)[0], 0, 1)
            change = np.abs(value - np.clip(coarse.evaluate(self.estimand, points)[0], 0, 1))
            return {
                "value": value.T,
                "error_probability": _SAFETY * _worst(change),
                "error_quantile": np.zeros(len(index)),
            }

        return task


def _evidence_task(fine: Solution, coarse: Solution) -> dict[str, Array]:
    null = fine.log_density_at_null()
    change = np.stack([fine.log_total - coarse.log_total, null - coarse.log_density_at_null()])
    zero = np.zeros(len(null))
    return {
        "log_total": fine.log_total,
        "log_null": null,
        "error_probability": _SAFETY * _worst(np.abs(change)),
        "error_quantile": zero,
    }


def _grid(given: Array, size: int) -> tuple[int, int]:
    return (size, 1) if given.ndim < 2 else (size, given.shape[1])


def _split(index: Index, length: int) -> list[Index]:
    return [index[start : start + length] for start in range(0, len(index), length)]


def _worst(change: Array) -> Array:
    """Largest change (B,) over the leading axis; what is undefined under both rules (NaN) is no error."""
    return np.asarray(np.max(np.where(np.isnan(change), 0.0, change), axis=0))


def _refine(problem: Problem, index: Index, make_task: Callable[[Index], Task]) -> dict[str, Array]:
    """Answer for some problems; those whose answer still moves get finer rules."""
    part, rules = problem.take(index), problem.rules
    answer = make_task(index)(*part.solve((rules[1], rules[0])))
    for level in range(2, len(rules)):
        rough = np.flatnonzero(
            ~(answer["error_probability"] <= EXACT_PROBABILITY_TOLERANCE)
            | ~(answer["error_quantile"] <= EXACT_QUANTILE_TOLERANCE)
        )
        for few in _split(rough, max(1, problem.chunk // _SHARES[level])):
            part = problem.take(index[few])
            better = make_task(index[few])(*part.solve((rules[level], rules[level - 1])))
            for key, value in better.items():
                answer[key][few] = value
    return answer


def _summary_task(fine: Solution, coarse: Solution, names: Sequence[str], ci_prob: float) -> dict[str, Array]:
    answer: dict[str, Array] = {}
    probability, quantile = [], []
    for name in names:
        summary, probes = summarize(fine, name, ci_prob)
        answer |= {f"{name} {key}": value for key, value in vars(summary).items()}
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
        answer[f"{name} error_probability"] = _SAFETY * _worst(change)
        answer[f"{name} error_quantile"] = _SAFETY * _worst(moved)
        probability.append(answer[f"{name} error_probability"])
        quantile.append(answer[f"{name} error_quantile"])
    answer["error_probability"] = np.max(probability, axis=0)
    answer["error_quantile"] = np.max(quantile, axis=0)
    return answer


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
