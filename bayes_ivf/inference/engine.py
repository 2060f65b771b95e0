"""Which engine fits a problem, and many problems in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bayes_ivf import defaults
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.run_exact import exact_key, fit_exact
from bayes_ivf.problem import Problem, can_be_sampled
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
    of_record = {
        problem.hash for problem in problems if problem.prior_set == defaults.PRIMARY_PRIOR and not problem.variation
    }
    with ThreadPoolExecutor(1) as pool:
        # quadrature is NumPy and compiling is Python: beside each other they use two cores
        pending = pool.submit(_all_exact, unique, settings, engine, workers)
        if workers == 1:
            pending.result()
        sampled: dict[str, Fit] = {}
        for index, problem in enumerate(unique):
            report(f"{problem.outcome}, {problem.model}, {problem.prior_set}", index, len(unique))
            if _needs_nuts(problem, engine, of_record):
                sampled[problem.hash] = _sampled(problem, settings, workers)
        exact = pending.result()
    done: dict[str, Fit] = {}
    for problem in unique:
        found, drawn = exact.get(problem.hash), sampled.get(problem.hash)
        inaccurate = found is not None and found.verdict.level == "fail" and can_be_sampled(problem)
        if drawn is None and (found is None or (engine == "auto" and inaccurate)):
            drawn = _sampled(problem, settings, workers)
        fit = found if drawn is None else replace(drawn, beside=found)
        assert fit is not None
        done[problem.hash] = fit
    report("fits done", len(unique), len(unique))
    return [done[problem.hash].renamed(problem) for problem in problems]


def _needs_nuts(problem: Problem, engine: str, of_record: set[str]) -> bool:
    """Whether a problem is sampled whatever quadrature says of it."""
    if engine != "auto":
        return engine == "nuts"
    return exact_key(problem) is None or (problem.hash in of_record and can_be_sampled(problem))


def _sampled(problem: Problem, settings: Settings, workers: int | None) -> Fit:
    from bayes_ivf.inference.run_nuts import fit_nuts

    return fit_nuts(problem, settings, cores=workers)


def _all_exact(problems: Sequence[Problem], settings: Settings, engine: str, workers: int | None) -> dict[str, Fit]:
    if engine == "nuts":
        return {}
    groups: dict[object, list[Problem]] = {}
    for problem in problems:
        key = exact_key(problem)
        if key is not None:
            groups.setdefault(key, []).append(problem)
        elif engine == "exact":
            fit_exact([problem], settings)
    return {fit.problem.hash: fit for group in groups.values() for fit in fit_exact(group, settings, workers)}
