"""Which engine fits a problem, and many problems in one go."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

from bayes_ivf import defaults
from bayes_ivf.inference.fit import Fit
from bayes_ivf.inference.kept import Earlier
from bayes_ivf.inference.run_exact import ExactTask, exact_key, fit_exact, fits_of, is_stacked
from bayes_ivf.problem import Problem, can_be_sampled
from bayes_ivf.quadrature import work_apart
from bayes_ivf.results import with_derived, without_sign
from bayes_ivf.settings import Settings, check_engine, check_workers

Progress = Callable[[str, int, int], None]
First = Callable[[list[Fit], list[Problem]], None]
LOOK = 0.2
"""Seconds between two looks at how far quadrature is."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while problems were fitted.

    Parameters
    ----------
    fits : sequence of Fit
        Those that were finished.
    message : str
        What is kept, and how to go on.
    """

    def __init__(self, fits: Sequence[Fit], message: str = "Interrupted.") -> None:
        super().__init__(message)
        self.fits = tuple(fits)


def fit_problem(
    problem: Problem,
    settings: Settings,
    engine: str = "auto",
    *,
    workers: int | None = None,
    ci_prob: float = defaults.CI_PROB,
) -> Fit:
    """Fit a problem; see `fit_problems`."""
    return fit_problems([problem], settings, engine, workers=workers, ci_prob=ci_prob)[0]


def fit_problems(
    problems: Sequence[Problem],
    settings: Settings,
    engine: str = "auto",
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    ci_prob: float = defaults.CI_PROB,
    first: First | None = None,
    earlier: Earlier | None = None,
    drawn: Callable[[Fit], None] | None = None,
) -> list[Fit]:
    """Fit problems, by quadrature first; problems with the same content are computed once.

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
    ci_prob : float
        Probability of the intervals.
    first : callable, optional
        Called with the fits of quadrature and the problems that are still to be sampled, before they are, if there are both.
    earlier : Earlier, optional
        Fits that are taken instead of being made.
    drawn : callable, optional
        Called with each fit that was sampled, in a thread of its own while others are sampled.

    Raises
    ------
    RequestError
        If `engine` is exact and does not apply to a problem.
    Interrupted
        On Ctrl-C, at once; what is being computed then is left to end by itself.
    """
    check_engine(engine)
    check_workers(workers)
    report = progress or (lambda *_: None)
    unique = list({problem.hash: problem for problem in reversed(problems)}.values())[::-1]
    of_record = {
        problem.hash for problem in problems if problem.prior_set == defaults.PRIMARY_PRIOR and not problem.variation
    }
    exact: dict[str, Fit] = {}
    sampled: dict[str, Fit] = {}
    stop = Event()

    def found() -> list[Fit]:
        best = {problem.hash: _best(problem, engine, exact, sampled) for problem in unique}
        return [fit.renamed(problem) for problem in problems if (fit := best[problem.hash]) is not None]

    # This thread only waits, so that it can be interrupted whatever the others are in the middle of.
    pool, beside = ThreadPoolExecutor(1 if workers == 1 else 2), ThreadPoolExecutor(1)
    after: list[Future[None]] = []
    try:
        if earlier is not None and engine != "nuts":
            exact.update((each.hash, fit) for each in unique if exact_key(each) and (fit := earlier.exact(each)))
        rest = [problem for problem in unique if problem.hash not in exact]
        pending = pool.submit(_all_exact, rest, settings, engine, workers, exact, stop, ci_prob)
        if engine != "nuts":
            report("quadrature", 0, len(unique))
            while wait([pending], LOOK).not_done:
                report("quadrature", len(exact), len(unique))
        pending.result()
        waiting = [
            problem
            for problem in unique
            if _needs_nuts(problem, engine, of_record) or _best(problem, engine, exact, sampled) is None
        ]
        if first is not None and waiting and exact:
            first(found(), waiting)
        if earlier is not None:
            sampled.update((each.hash, fit) for each in waiting if (fit := earlier.sampled(each)))
        # two at a time: one shape is compiled, which is Python, while another is sampled, which is not
        sampling = {
            each.hash: pool.submit(_sampled, each, settings, workers, ci_prob)
            for each in waiting
            if each.hash not in sampled
        }
        for index, problem in enumerate(waiting, start=len(unique) - len(waiting)):
            report(f"{problem.outcome}, {problem.model}, {problem.prior_set}", index, len(unique))
            if problem.hash in sampling:
                sampled[problem.hash] = fit = sampling[problem.hash].result()
                if drawn is not None:
                    names = (each for each in problems if each.hash == problem.hash)
                    after += [beside.submit(drawn, fit.renamed(each)) for each in names]
        report("fits done", len(unique), len(unique))
        for saved in after:
            saved.result()
    except KeyboardInterrupt:
        unsampled = {each.hash for each in unique if _needs_nuts(each, engine, of_record)} - set(sampled)
        raise Interrupted([fit for fit in found() if fit.problem.hash not in unsampled]) from None
    finally:
        stop.set()
        for threads in (pool, beside):
            threads.shutdown(wait=False, cancel_futures=True)
    return found()


def _best(problem: Problem, engine: str, exact: Mapping[str, Fit], sampled: Mapping[str, Fit]) -> Fit | None:
    """Return the fit that stands for a problem; None where it is still to be sampled."""
    found, drawn = exact.get(problem.hash), sampled.get(problem.hash)
    if drawn is not None:
        return replace(drawn, beside=found)
    if found is None or (engine == "auto" and found.verdict.level == "fail" and can_be_sampled(problem)):
        return None
    return found


def _needs_nuts(problem: Problem, engine: str, of_record: set[str]) -> bool:
    """Whether a problem is sampled whatever quadrature says of it."""
    if engine != "auto":
        return engine == "nuts"
    return exact_key(problem) is None or (problem.hash in of_record and can_be_sampled(problem))


def _sampled(problem: Problem, settings: Settings, workers: int | None, ci_prob: float) -> Fit:
    from bayes_ivf.inference.run_nuts import fit_nuts

    fit = fit_nuts(problem, settings, cores=workers, ci_prob=ci_prob)
    return replace(fit, rows=with_derived(problem, without_sign(fit.rows)))


def _all_exact(
    problems: Sequence[Problem],
    settings: Settings,
    engine: str,
    workers: int | None,
    done: dict[str, Fit],
    stop: Event,
    ci_prob: float,
) -> None:
    """Add the fit of every problem that has an exact solution to `done`, group by group.

    Groups of one problem, such as embryo totals, take a second and more: worker processes solve them, beside the others here.
    """
    if engine == "nuts":
        return
    groups: dict[object, list[Problem]] = {}
    for problem in problems:
        key = exact_key(problem)
        if key is not None:
            groups.setdefault(key, []).append(problem)
        elif engine == "exact":
            fit_exact([problem], settings)  # refused, with the reason
    count = workers or os.cpu_count() or 1
    single = [group for group in groups.values() if not is_stacked(group[0])]
    apart = single if count > 1 and len(single) > 1 else []

    def solve(group: list[Problem]) -> None:
        if not stop.is_set():
            solved = work_apart(ExactTask(tuple(group), ci_prob), count)
            done.update((fit.problem.hash, fit) for fit in fits_of(group, settings, solved, ci_prob))

    with ThreadPoolExecutor(count) as threads:
        # variations of a card come last and take longest
        elsewhere = [threads.submit(solve, group) for group in reversed(apart)]
        for group in groups.values():
            if stop.is_set():
                return
            if group not in apart:
                done.update((fit.problem.hash, fit) for fit in fit_exact(group, settings, workers, ci_prob))
        for each in elsewhere:
            each.result()
