"""Which engine fits a problem, and many problems in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bayes_ivf import defaults
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.run_exact import exact_by_default, exact_key, fit_exact
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings, check_engine, check_workers

Progress = Callable[[str, int, int], None]


def fit_problem(problem: Problem, settings: Settings, engine: str = "auto", *, workers: int | None = None) -> Fit:
    """Fit a problem; see `fit_problems`."""
    return fit_problems([problem], settings, engine, workers=workers)[0]


def fit_problems(
    problems: Sequence[Problem],
    settings: Settings,
    engine: str = "auto",
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Fit]:
    """Fit problems; problems with the same content are computed once.

    Parameters
    ----------
    problems : sequence of Problem
    settings : Settings
    engine : {"auto", "exact", "nuts"}
        ``auto``: NUTS for the primary prior set with exact beside it where it applies; exact for every other prior set,
        and for options other than the card's defaults, where it applies and is accurate, else NUTS.
    workers : int, optional
        Threads; does not change the numbers.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Raises
    ------
    RequestError
        If `engine` is exact and does not apply to a problem.
    """
    check_engine(engine)
    check_workers(workers)
    report = progress or (lambda *_: None)
    unique = list({problem.hash: problem for problem in reversed(problems)}.values())[::-1]
    exact = _all_exact(unique, settings, engine, workers)
    of_record = {
        problem.hash for problem in problems if problem.prior_set == defaults.PRIMARY_PRIOR and not problem.variation
    }
    done: dict[str, Fit] = {}
    for index, problem in enumerate(unique):
        report(f"{problem.outcome}, {problem.model}, {problem.prior_set}", index, len(unique))
        found = exact.get(problem.hash)
        primary = problem.hash in of_record
        if engine == "exact" or (engine == "auto" and found and not primary and found.verdict.level != "fail"):
            done[problem.hash] = exact[problem.hash]
            continue
        from bayes_ivf.inference.run_nuts import fit_nuts

        sampled = fit_nuts(problem, settings, cores=workers)
        done[problem.hash] = replace(sampled, beside=found) if found else sampled
    report("fits done", len(unique), len(unique))
    return [done[problem.hash].renamed(problem) for problem in problems]


def _all_exact(problems: Sequence[Problem], settings: Settings, engine: str, workers: int | None) -> dict[str, Fit]:
    if engine == "nuts":
        return {}
    groups: dict[object, list[Problem]] = {}
    for problem in problems:
        if engine == "auto" and not exact_by_default(problem):
            continue
        key = exact_key(problem)
        if key is not None:
            groups.setdefault(key, []).append(problem)
        elif engine == "exact":
            fit_exact([problem], settings)
    return {fit.problem.hash: fit for group in groups.values() for fit in fit_exact(group, settings, workers)}
