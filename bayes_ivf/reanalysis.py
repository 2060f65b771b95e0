"""The main job: audit, all applicable cards and priors, the comparison; the same path for notebook and command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from bayes_ivf import defaults
from bayes_ivf.auditing import audit
from bayes_ivf.cards import Card
from bayes_ivf.inference import Earlier, Fit, Interrupted, evidence_by_width, fit_problems, solvable
from bayes_ivf.planning import load_cards, load_prior_sets, plan
from bayes_ivf.priors import PriorSet
from bayes_ivf.problem import Problem
from bayes_ivf.reading_choices import mixed_readings
from bayes_ivf.record import best_of, of_record
from bayes_ivf.results import MixedReading, compare
from bayes_ivf.run_result import Reanalysis
from bayes_ivf.settings import Settings, check_level, check_workers, sampler_settings
from bayes_ivf.study import Study, load_study

__all__ = ["Reanalysis", "plan", "reanalyze"]

Progress = Callable[[str, int, int], None]
FIRST = "Report by quadrature"
"""First words of what is said when that report lies there."""


def reanalyze(
    study: str | Path | Study = defaults.STUDY,
    out: str | Path | None = None,
    *,
    models: Sequence[str | Path | Card] | None = None,
    priors: Sequence[str | Path | PriorSet] | None = None,
    engine: str = "auto",
    ci_prob: float = defaults.CI_PROB,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
) -> Reanalysis:
    """Reanalyze a study: audit, every applicable model and prior, and the comparison with what was printed.

    Parameters
    ----------
    study : str, Path or Study
    out : str or Path, optional
        Folder for all tables, posteriors and the report; nothing is written without it.
    models, priors : sequence, optional
        Model cards and prior sets; all that apply by default, and beside ``["joint"]``. The first prior set is the primary one.
    engine : {"auto", "exact", "nuts"}
    ci_prob : float
        Probability of all intervals, credible and recomputed, from 0.5 to 0.999; those of the paper stay as printed.
    draws, tune, chains, seed : int, optional
        Of NUTS, by default as in `bayes_ivf.defaults`; refused beside ``engine="exact"``, where nothing is drawn.
    settings : Settings, optional
        The same four as one value, in place of them.
    workers : int, optional
        Chains at a time; does not change the numbers.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.
    fresh : bool
        Fit everything anew; else fits of an earlier run in `out` are taken again where problem, settings and code are the same.

    Returns
    -------
    Reanalysis

    Raises
    ------
    BayesIvfError
        If something cannot be read, combined or written; nothing is half-written.
    Interrupted
        On Ctrl-C; the tables of what was finished are written to `out`, unless a finished run is there.

    Examples
    --------
    Quadrature alone, one card, one prior set:

    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    >>> result = bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    >>> row = result.comparison.iloc[0]
    >>> round(float(row.freq_p), 2), round(float(row.p_benefit), 2)
    (0.48, 0.8)
    """
    sampling = sampler_settings(engine, settings, draws=draws, tune=tune, chains=chains, seed=seed)
    check_workers(workers)
    level, loaded = check_level(ci_prob), load_study(study)
    cards, sets = load_cards(models), load_prior_sets(priors)
    if out is None:
        return _analyze(loaded, cards, sets, sampling, engine, level, workers, progress)
    from bayes_ivf.report import earlier_run, running, write_first, write_interrupted, write_run

    folder, lies = Path(out), []

    def first(result: Reanalysis) -> None:
        if write_first(result, folder, cards, sets):
            lies.append(folder)
            if progress is not None:
                progress(f"{FIRST}: {folder / 'report.html'} (sampling goes on)", len(result.fits), len(result.fits))

    with running(folder, loaded) as trees:
        earlier = None if fresh else earlier_run(folder, sampling, level)
        result = _analyze(loaded, cards, sets, sampling, engine, level, workers, progress, first, earlier, trees.save)
        if result.interrupted:
            raise Interrupted(result.fits, write_interrupted(result, folder, cards, sets, first=bool(lies)))
        if progress is not None:
            progress("writing", 0, 1)
        write_run(result, folder, cards, sets, earlier, trees)
    return result


def _analyze(
    study: Study,
    cards: Sequence[Card],
    sets: Sequence[PriorSet],
    settings: Settings,
    engine: str,
    ci_prob: float,
    workers: int | None,
    progress: Progress | None,
    first: Callable[[Reanalysis], None] | None = None,
    earlier: Earlier | None = None,
    drawn: Callable[[Fit], None] | None = None,
) -> Reanalysis:
    report = progress or (lambda *_: None)
    clock = {"start": time.perf_counter()}
    report("audit", 0, 1)
    audited = audit(study, ci_prob=ci_prob)
    clock["audit"] = time.perf_counter()
    planned = plan(study, cards, sets)
    clock["planning"] = time.perf_counter()
    problems, left_out = solvable(planned.problems) if engine == "exact" else (planned.problems, ())
    reasons = {left.key[1]: f"Not estimated: {left.reason}" for left in left_out} | dict(planned.reasons)

    def evidence() -> tuple[Mapping[str, Any], ...]:
        primary = [each for each in problems if each.prior_set == sets[0].id and not each.variation]
        return () if engine == "nuts" else tuple(evidence_by_width(primary, workers))

    def readings() -> tuple[MixedReading, ...]:
        if "readings" not in clock and engine != "nuts":
            mixed.extend(mixed_readings(study, cards, sets[0], ci_prob))
            clock["readings"] = time.perf_counter()
        return tuple(mixed)

    def told(fits: Sequence[Fit], widths: Sequence[Mapping[str, Any]], why: str, **state: Any) -> Reanalysis:
        there = {fit.problem.key for fit in fits}
        missing = [problem for problem in problems if problem.key not in there]
        late = _late(problems, missing) if state.get("waiting") else {problem.outcome for problem in missing}
        comparisons = tuple(
            compare(
                audited, item, *of_record(() if item.id in late else fits, item), reasons.get(item.id, why), ci_prob
            )
            for item in study.items
        )
        seconds = {name: clock[name] - clock[before] for before, name in pairwise(clock)}
        return Reanalysis(
            study,
            audited,
            tuple(fits),
            comparisons,
            settings,
            seconds,
            tuple(widths),
            left_out=left_out,
            ci_prob=ci_prob,
            kept=0 if earlier is None else sum(map(earlier.has_all_of, fits)),
            cards=tuple(cards),
            sets=tuple(sets),
            mixed=tuple(mixed),
            **state,
        )

    def halfway(fits: list[Fit], waiting: list[Problem]) -> None:
        clock["quadrature"] = time.perf_counter()
        if first is not None:
            found.extend(evidence())
            clock["evidence"] = time.perf_counter()
            readings()
            first(told(fits, found, "Not there yet: it is being sampled.", waiting=tuple(waiting)))
            clock["first report"] = time.perf_counter()

    found: list[Mapping[str, Any]] = []
    mixed: list[MixedReading] = []
    fits: Sequence[Fit] = ()
    try:
        fits = fit_problems(
            problems,
            settings,
            engine,
            workers=workers,
            progress=report,
            ci_prob=ci_prob,
            first=halfway,
            earlier=earlier,
            drawn=drawn,
        )
        clock["sampling" if "quadrature" in clock else "fits"] = time.perf_counter()
        if "evidence" not in clock:
            found.extend(evidence())
            clock["evidence"] = time.perf_counter()
        readings()
    except KeyboardInterrupt as stopped:
        fits = stopped.fits if isinstance(stopped, Interrupted) else fits
        return told(fits, found, "Not estimated: the run was interrupted before.", interrupted=True)
    return told(fits, found, "Not estimated by these models.")


def _late(problems: Sequence[Problem], missing: Sequence[Problem]) -> set[str]:
    """Return the outcomes that lack a fit of the model that is of record."""
    structures: dict[str, set[str]] = {}
    for problem in problems:
        structures.setdefault(problem.outcome, set()).add(problem.structure)
    best = {outcome: best_of(names) for outcome, names in structures.items()}
    return {problem.outcome for problem in missing if problem.structure == best[problem.outcome]}
