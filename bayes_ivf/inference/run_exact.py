"""One path for the exact engine: problems of the same kind are stacked, solved together and summarized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from bayes_ivf import defaults
from bayes_ivf.effects import figures_from_exact
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.forms import Solver
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.fit import Fit
from bayes_ivf.problem import Problem
from bayes_ivf.quadrature import ExactPosterior
from bayes_ivf.results import EVIDENCE_NUMBERS, evidence_row, rows_from_figures, with_derived
from bayes_ivf.settings import Settings
from bayes_ivf.structures import find_structure

GROSS_ERROR = 1e-3
"""Error of a probability, or of a mean or quantile in sds, above which an exact row fails its gate instead of being marked."""


def exact_key(problem: Problem) -> tuple[Any, ...] | None:
    """Return what problems must share to be solved in one call; None if the exact engine does not apply."""
    if _solver(problem) is None:
        return None
    if not is_stacked(problem):
        return (problem.likelihood, problem.hash)
    families = tuple((slot, prior.dist) for slot, prior in sorted(problem.priors.items()))
    return (problem.likelihood, problem.coding, problem.variant, families)


@dataclass(frozen=True, eq=False)
class Solved:
    """Numbers of B problems by quadrature, as arrays.

    Parameters
    ----------
    ids : tuple of EstimandId
        Quantities.
    figures : array, shape (B, quantity, field)
        In the order of `effects.FIELDS`.
    verdicts : tuple of Verdict
    evidence : array, shape (B, 3)
        Log marginal likelihood, log Bayes factor for no effect, and for another reading of it; NaN where undefined.
    """

    ids: tuple[EstimandId, ...]
    figures: np.ndarray
    verdicts: tuple[Verdict, ...]
    evidence: np.ndarray


def solve_exact(
    problems: Sequence[Problem],
    workers: int | None = None,
    *,
    summaries: bool = True,
    ci_prob: float = defaults.CI_PROB,
) -> Solved:
    """Solve problems by quadrature, without an object per row.

    Parameters
    ----------
    problems : sequence of Problem
        All with the same `exact_key`.
    workers : int, optional
        Threads; does not change the numbers.
    summaries : bool
        False gives probabilities alone: no summaries and no evidence.
    ci_prob : float
        Probability of the intervals.

    Raises
    ------
    RequestError
        If the exact engine does not apply.
    """
    solver = _solver(problems[0])
    if solver is None or len({exact_key(problem) for problem in problems}) != 1:
        raise RequestError(_no_solution(problems[0]))
    posterior = solver(problems, workers)
    # numbers are asked first: the error covers all that was asked
    ids, figures = figures_from_exact(problems, posterior, summaries=summaries, ci_prob=ci_prob)
    verdicts = tuple(verdict_of(posterior, i) for i in range(len(problems)))
    evidence = _evidence(posterior) if summaries else np.full((len(problems), EVIDENCE_NUMBERS), np.nan)
    return Solved(ids, figures, verdicts, evidence)


def solve_one(problem: Problem) -> Any:
    """Return the posterior of one problem by quadrature, to be asked.

    Raises
    ------
    RequestError
        If the exact engine does not apply.
    """
    return solver_of(problem)([problem], 1)


def solver_of(problem: Problem) -> Solver:
    """Return what solves problems of a kind by quadrature, to be asked itself.

    Raises
    ------
    RequestError
        If the exact engine does not apply.
    """
    solver = _solver(problem)
    if solver is None:
        raise RequestError(_no_solution(problem))
    return solver


def unit_evidence(posterior: Any) -> np.ndarray:
    """Return the log evidence (B,) of problems with flat priors as if their densities were one; NaN where it is not known.

    Only differences between problems with the same flat slots, in the same unit, mean anything.
    """
    batch = getattr(posterior, "problem", None)
    if getattr(batch, "proper", True):
        return np.asarray(posterior.log_marginal_likelihood)
    # such a batch says that its kernel leaves nothing out but the flat densities
    return np.asarray(posterior.log_total)


def _no_solution(problem: Problem) -> Fault:
    return Fault(repr(problem), "a problem without an exact solution", "two arms, common slots", 'use engine="nuts"')


def _evidence(posterior: ExactPosterior) -> np.ndarray:
    """Numbers (B, 3) of ``evidence.csv``."""
    numbers = posterior.log_marginal_likelihood, posterior.log_bayes_factor_null, posterior.log_bayes_factor_other
    return np.stack(numbers, axis=1)


@dataclass(frozen=True)
class ExactTask:
    """Problems to solve in a worker process."""

    problems: tuple[Problem, ...]
    ci_prob: float

    def work(self) -> Solved:
        """Solve them."""
        return solve_exact(self.problems, 1, ci_prob=self.ci_prob)


def fit_exact(
    problems: Sequence[Problem], settings: Settings, workers: int | None = None, ci_prob: float = defaults.CI_PROB
) -> list[Fit]:
    """Solve problems by quadrature and make a fit of each; see `solve_exact`.

    `settings` are carried along; quadrature has no chance in it.
    """
    return fits_of(problems, settings, solve_exact(problems, workers, ci_prob=ci_prob), ci_prob)


def fits_of(problems: Sequence[Problem], settings: Settings, solved: Solved, ci_prob: float) -> list[Fit]:
    """Make a fit of each solved problem."""
    fits = []
    for i, (problem, verdict) in enumerate(zip(problems, solved.verdicts, strict=True)):
        rows = rows_from_figures(problem, "exact", solved.ids, solved.figures[i], verdict.level, ci_prob)
        rows = with_derived(problem, rows)
        fits.append(Fit(problem, settings, "exact", rows, verdict, evidence=evidence_row(problem, solved.evidence[i])))
    return fits


def verdict_of(posterior: ExactPosterior, i: int) -> Verdict:
    """Return the verdict of one problem of a batch from the errors of what was asked of it."""
    figures = {
        "error_probability": float(posterior.error_probability[i]),
        "error_quantile": float(posterior.error_quantile[i]),
    }
    if bool(posterior.accurate[i]):
        return Verdict("pass", (), figures)
    gross = not max(figures.values()) <= GROSS_ERROR
    reason = (
        f"accuracy {figures['error_probability']:.1e} in probabilities, {figures['error_quantile']:.1e} in quantiles, "
        f"instead of {defaults.EXACT_PROBABILITY_TOLERANCE:g} and {defaults.EXACT_QUANTILE_TOLERANCE:g}"
    )
    return Verdict("fail" if gross else "warn", (reason,), figures)


WIDTHS = (0.25, 0.5, 2.0, 4.0)
"""Factors by which the effect prior's width is changed: Bayes factors depend on it far more than intervals do."""


def evidence_by_width(problems: Sequence[Problem], workers: int | None = None) -> list[dict[str, Any]]:
    """Return rows of ``evidence.csv`` for narrower and wider priors on the effect, as far as they can be solved.

    Parameters
    ----------
    problems : sequence of Problem
        Those of two arms whose effect prior has a scale are taken.
    workers : int, optional
    """
    groups: dict[Any, list[tuple[Problem, float]]] = {}
    for problem in problems:
        effect = problem.priors.get("effect")
        if not is_stacked(problem) or effect is None or _solver(problem) is None:
            continue
        for width in WIDTHS:
            prior = effect.stretched(width)
            if prior is not None:
                other = replace(problem, priors=dict(problem.priors) | {"effect": prior})
                groups.setdefault(exact_key(other), []).append((other, width))
    rows = []
    for group in groups.values():
        solver = cast(Solver, _solver(group[0][0]))
        posterior = solver([problem for problem, _ in group], workers)
        for (problem, width), numbers, accurate in zip(group, _evidence(posterior), posterior.accurate, strict=True):
            if accurate:
                rows.append(evidence_row(problem, numbers, width))
    return rows


def _solver(problem: Problem) -> Solver | None:
    part = find_structure(problem).load_exact()
    return None if part is None else part.solver(problem)


def is_stacked(problem: Problem) -> bool:
    """Whether problems of its kind are solved together in one call."""
    part = find_structure(problem).load_exact()
    return part is not None and part.STACKED
