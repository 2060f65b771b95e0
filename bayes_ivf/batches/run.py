"""``bayes_ivf.batch``: a grid of posterior fits, resumable; the same path for notebook and command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bayes_ivf import defaults, files
from bayes_ivf.batches.cells import Recipe
from bayes_ivf.batches.drive import Drive
from bayes_ivf.batches.executors import Executor, make_executor
from bayes_ivf.batches.finished import Batch
from bayes_ivf.batches.foreign import Asked
from bayes_ivf.batches.grid import Grid, make_grid
from bayes_ivf.batches.level import level_of, settle_level
from bayes_ivf.batches.output import NAME, start_manifest, write_batch
from bayes_ivf.batches.reviewed import ALL
from bayes_ivf.batches.sources import gather_sources
from bayes_ivf.batches.store import Store
from bayes_ivf.batches.tally import Tally
from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.inference import Interrupted
from bayes_ivf.lock import locked
from bayes_ivf.planning import load_cards, load_prior_sets
from bayes_ivf.priors import PriorSet
from bayes_ivf.settings import Settings, check_level, refuse_idle, sampler_settings

Progress = Callable[[str, int, int], None]
QUANTITIES = ("all", "probabilities")
LOG = logging.getLogger("bayes_ivf")


def batch(
    sources: Any,
    models: Sequence[str | Path | Card] | str | None = None,
    priors: Sequence[str | Path | PriorSet] | str | None = None,
    *,
    out: str | Path,
    executor: str | Executor | Any = "threads",
    workers: int | None = None,
    engine: str = "auto",
    quantities: str = "all",
    outcomes: Sequence[str] = (),
    keep_draws: bool = False,
    ci_prob: float | None = None,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    fill: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    arms: tuple[str, str] | None = None,
    benefit: Mapping[str, str] | str | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Fit a grid of sources x outcomes x models x priors; what is in `out` already is kept, what is missing is added.

    Parameters
    ----------
    sources : str, Path, Study, DataFrame or a sequence of these
        Bundled studies and tables, study files, tables of trials (CSV, Parquet, Excel or DataFrame), reviews (Cochrane
        data packages in ZIP, their ``*-data-rows.csv``, or ``.rm5``).
    models, priors : sequence, optional
        Model cards and prior sets; all by default. The first prior set is the primary one, also of what lies in `out`,
        for every outcome to which it applies.
    out : str or Path
        Folder for the results.
    executor : str or object
        ``threads`` (default: they share one compile per shape), ``serial``, ``processes``, the address of a Dask
        scheduler, or a ``distributed.Client``. Rows do not depend on it. Processes need the usual
        ``if __name__ == "__main__"`` in a script.
    workers : int, optional
        Threads or processes; all cores by default. Rows do not depend on it. Refused beside other executors.
    engine : {"auto", "exact", "nuts"}
        ``auto``: exact where it applies and is accurate, else NUTS.
    quantities : {"all", "probabilities"}
        ``probabilities``: P(benefit), P(beyond the MCID) and P(in the ROPE) alone, several times faster.
    outcomes : sequence of str
        Only these outcomes.
    keep_draws : bool
        Write the posterior of every NUTS fit to ``posteriors``.
    ci_prob : float, optional
        Probability of all intervals, such as 0.9; by default that of what lies in `out` already, else 0.95. At another level
        than that, kept draws are told anew and other fits made anew, all of what lies there or none.
    draws, tune, chains, seed : int, optional
        Of NUTS, by default as in `bayes_ivf.defaults`; refused beside ``engine="exact"``, where nothing is drawn.
    settings : Settings, optional
        The same four as one value, in place of them.
    separator, decimal : str, optional
        Of tables in CSV that are not written with comma and point.
    fill : mapping of str to str, optional
        Values of columns that the tables lack, the same in every row, such as ``{"benefit": "higher"}``.
    columns : mapping of str to str, optional
        Headings of the tables by the column that each is, such as ``{"events_treatment": "events_trt"}``, where they are
        not read by themselves.
    arms : (str, str), optional
        Names of the treatment and the control arm in tables with a row for each arm (columns T, R, N of MetaInsight).
    benefit : str or mapping of str to str, optional
        Which direction helps in a review, whose files do not tell it: ``higher``, ``lower`` or ``none`` (default) for all
        analyses, or by analysis, such as ``{"1.2": "lower"}``; ``{"1": "higher"}`` is a whole comparison.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Returns
    -------
    Batch

    Raises
    ------
    BayesIvfError
        If something cannot be read, combined or written; what was finished is kept.

    Examples
    --------
    A table of trials, one row each; a second call in the same folder finds everything done:

    >>> import bayes_ivf as bi
    >>> bi.batch("lmwh_ivf", "two_arm", out="results/lmwh", engine="exact")  # doctest: +SKIP
    >>> bi.batch("lmwh_ivf", "two_arm", out="results/lmwh", engine="exact").tally.fitted  # doctest: +SKIP
    0
    """
    grid = plan_batch(
        sources, models, priors, engine=engine, quantities=quantities, outcomes=outcomes, keep_draws=keep_draws,
        ci_prob=level_of(Path(out), ci_prob, quantities),
        settings=sampler_settings(engine, settings, draws=draws, tune=tune, chains=chains, seed=seed),
        separator=separator, decimal=decimal, fill=fill, columns=columns, arms=arms, benefit=benefit,
        progress=progress,
    )  # fmt: skip
    return run_grid(grid, Path(out), executor, workers, progress)


def plan_batch(
    sources: Any,
    models: Sequence[str | Path | Card] | str | None = None,
    priors: Sequence[str | Path | PriorSet] | str | None = None,
    *,
    engine: str = "auto",
    quantities: str = "all",
    outcomes: Sequence[str] = (),
    keep_draws: bool = False,
    ci_prob: float = defaults.CI_PROB,
    settings: Settings | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    fill: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    arms: tuple[str, str] | None = None,
    benefit: Mapping[str, str] | str | None = None,
    progress: Progress | None = None,
) -> Grid:
    """Plan a batch without fitting anything; see `batch`."""
    if quantities not in QUANTITIES:
        raise RequestError(Fault("quantities", repr(quantities), ", ".join(QUANTITIES), "name one of these"))
    refuse_idle(engine, {"keep_draws": keep_draws or None})
    cards, sets = load_cards(_many(models)), load_prior_sets(_many(priors))
    _check_unique([card.id for card in cards], "models")
    _check_unique([prior_set.id for prior_set in sets], "priors")
    recipe = Recipe(settings or Settings(), quantities == "all", keep_draws, check_level(ci_prob))
    loaded = gather_sources(sources, separator, decimal, Asked(fill or {}, columns or {}, arms, _benefits(benefit)))
    grid = make_grid(loaded.sources, cards, sets, engine, recipe, outcomes=_many(outcomes), progress=progress)
    notes = tuple(dict.fromkeys((*grid.notes, *loaded.notes)))
    for note in notes:
        LOG.info("%s", note)
    left_out = tuple(row for review in loaded.reviews for row in review.left_out)
    reviews = tuple(loaded.reviews)
    return replace(grid, notes=notes, reviews=reviews, unmeasured=(*grid.unmeasured, *left_out))


def run_grid(
    grid: Grid, folder: Path, executor: str | Executor | Any, workers: int | None, progress: Progress | None = None
) -> Batch:
    """Fit what is missing of a grid, and write all files; an interruption writes what is finished, and says how to go on."""
    report = progress or (lambda *_: None)
    chosen = make_executor(executor, workers)
    try:
        files.claim_folder(folder, "batch", NAME)
    except BaseException:
        chosen.close(cancel=True)
        raise
    with locked(folder):
        start_manifest(folder, grid.recipe.ci_prob)
        with Store(folder) as store:
            damaged = store.damaged
            if damaged:
                report(
                    f"the store was damaged in {damaged} place{'s' * (damaged != 1)}; what was lost is computed again",
                    0,
                    1,
                )
            try:
                settle_level(store, grid, folder)
            except RequestError:
                chosen.close(cancel=True)
                raise
            store.put_studies(grid.studies)
            store.put_cells(grid.cells)
            drive = Drive(grid, store, chosen, folder, lambda tally: report(f"fits, {tally}", tally.done, tally.total))
            stopped = False
            try:
                drive.run()
            except KeyboardInterrupt:
                stopped = True
                report(f"{_kept(drive.tally, folder)}; writing their tables", 0, 1)
            sampled = sorted(drive.sampled)
            store.drop_cells(grid.cells[place] for place in sampled)
            store.put_cells(grid.sampled(place) for place in sampled)
            if drive.tally.done or not stopped:
                report("writing", 0, 1)
                counts = write_batch(folder, store, grid, drive.tally, "interrupted" if stopped else "finished")
    if stopped:
        raise Interrupted((), f"{_kept(drive.tally, folder)}; the same command goes on from there.")
    drawn = len(sampled) + sum(cell.engine == "nuts" for cell in grid.cells)
    return Batch(folder, drive.tally, counts, damaged, grid.notes, drawn)


def _kept(tally: Tally, folder: Path) -> str:
    done = tally.kept + tally.fitted
    return f"Interrupted: {done} of {tally.total} fits are kept in {folder}"


def _benefits(given: Mapping[str, str] | str | None) -> Mapping[str, str]:
    if given is None:
        return {}
    return {ALL: given} if isinstance(given, str) else dict(given)


def _many(given: Any) -> list[Any]:
    if given is None:
        return []
    return [given] if isinstance(given, str | Path | Card | PriorSet) else list(given)


def _check_unique(names: Sequence[str], where: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RequestError(Fault(where, f"{', '.join(twice)} twice", "each id once", "remove or rename one of them"))
