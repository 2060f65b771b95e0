"""One path for the exact engine: problems of the same kind are stacked, solved together and summarized."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bayes_ivf import defaults
from bayes_ivf.effects.from_exact import rows_from_exact
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.exact import ExactPosterior, Slot, solve_beta_arms, solve_counts
from bayes_ivf.inference.fit import Fit
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings

GROSS_ERROR = 1e-3
"""Error of a probability above which an exact row fails its gate instead of being marked."""


def exact_key(problem: Problem) -> tuple[Any, ...] | None:
    """Return what problems must share to be solved in one call; None if the exact engine does not apply."""
    if problem.structure != "two_arm" or _solver(problem) is None:
        return None
    families = tuple((slot, prior.dist) for slot, prior in sorted(problem.priors.items()))
    return (problem.likelihood, problem.coding, problem.variant, families)


def fit_exact(problems: Sequence[Problem], settings: Settings, workers: int | None = None) -> list[Fit]:
    """Solve problems by quadrature.

    Parameters
    ----------
    problems : sequence of Problem
        All with the same `exact_key`.
    settings : Settings
        Carried along; quadrature has no chance in it.
    workers : int, optional
        Threads; does not change the numbers.

    Raises
    ------
    RequestError
        If the exact engine does not apply.
    """
    solver = _solver(problems[0])
    if solver is None or len({exact_key(problem) for problem in problems}) != 1:
        raise RequestError(
            Fault(
                repr(problems[0]), "a problem without an exact solution", "two arms, common slots", 'use engine="nuts"'
            )
        )
    posterior = solver(problems, workers)
    # rows are asked first: the error covers all that was asked
    unjudged = rows_from_exact(problems, posterior, ["pass"] * len(problems))
    verdicts = [_verdict(posterior, i) for i in range(len(problems))]
    evidence = _evidence(problems, posterior)
    return [
        Fit(problem, settings, "exact", _judged(rows, verdict), verdict, evidence=evidence[i])
        for i, (problem, rows, verdict) in enumerate(zip(problems, unjudged, verdicts, strict=True))
    ]


def _judged(rows: tuple[Any, ...], verdict: Verdict) -> tuple[Any, ...]:
    from dataclasses import replace

    return rows if verdict.level == "pass" else tuple(replace(row, verdict=verdict.level) for row in rows)


def _verdict(posterior: ExactPosterior, i: int) -> Verdict:
    figures = {
        "error_probability": float(posterior.error_probability[i]),
        "error_quantile": float(posterior.error_quantile[i]),
    }
    if bool(posterior.accurate[i]):
        return Verdict("pass", (), figures)
    gross = not figures["error_probability"] <= GROSS_ERROR
    reason = (
        f"accuracy {figures['error_probability']:.1e} in probabilities, {figures['error_quantile']:.1e} in quantiles, "
        f"instead of {defaults.EXACT_PROBABILITY_TOLERANCE:g} and {defaults.EXACT_QUANTILE_TOLERANCE:g}"
    )
    return Verdict("fail" if gross else "warn", (reason,), figures)


def _evidence(problems: Sequence[Problem], posterior: ExactPosterior) -> list[dict[str, Any]]:
    marginal, factor = posterior.log_marginal_likelihood, posterior.log_bayes_factor_null
    rows = []
    for i, problem in enumerate(problems):
        study, outcome, model, options, prior = problem.key
        known = bool(np.isfinite(marginal[i]))
        rows.append(
            {
                "study": study,
                "outcome": outcome,
                "model": model,
                "options": options,
                "prior": prior,
                "effect_prior": str(problem.priors.get("effect", "")),
                "log_marginal_likelihood": float(marginal[i]) if known else None,
                "log_bayes_factor_null": float(factor[i]) if np.isfinite(factor[i]) else None,
                "bayes_factor_null": float(np.exp(factor[i])) if np.isfinite(factor[i]) else None,
                "note": "" if known else "a flat prior leaves the marginal likelihood undefined",
                "problem": problem.hash,
            }
        )
    return rows


Solver = Callable[[Sequence[Problem], int | None], ExactPosterior]


def _solver(problem: Problem) -> Solver | None:
    if problem.likelihood == "counts":
        return _beta_arms if problem.coding == "arms" else _counts
    return None


def _stack(problems: Sequence[Problem], name: str) -> np.ndarray:
    return np.stack([problem.data[name] for problem in problems])


def _slots(problems: Sequence[Problem]) -> Mapping[str, Slot]:
    return {
        slot: Slot(
            prior.dist,
            {
                name: np.array([problem.priors[slot].parameters[name] for problem in problems])
                for name in prior.parameters
            },
        )
        for slot, prior in problems[0].priors.items()
    }


def _arms(problems: Sequence[Problem]) -> tuple[np.ndarray, ...]:
    events, n = _stack(problems, "events"), _stack(problems, "n")
    return events[:, 0], n[:, 0], events[:, 1], n[:, 1]


def _counts(problems: Sequence[Problem], workers: int | None) -> ExactPosterior:
    slots, coding = _slots(problems), problems[0].coding
    return solve_counts(*_arms(problems), first=slots[coding], effect=slots["effect"], coding=coding, workers=workers)


def _beta_arms(problems: Sequence[Problem], workers: int | None) -> ExactPosterior:
    slots = _slots(problems)
    return solve_beta_arms(*_arms(problems), control=slots["control"], treatment=slots["treatment"], workers=workers)
