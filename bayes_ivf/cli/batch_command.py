"""``bayes-ivf batch``: a grid of posterior fits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf import defaults
from bayes_ivf.cli.sampler_options import Chains, Draws, Seed, Tune, interval_of, interval_option, tell_idle
from bayes_ivf.cli.table_options import (
    Benefits,
    Control,
    Fills,
    Maps,
    Treatment,
    arms_of,
    benefits_of,
    fills_of,
    maps_of,
    separator_of,
)

TOLD = 10
"""Rows left out that the terminal names."""


def command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Study ids, study files, tables (CSV, Parquet, Excel), reviews (ZIP, rm5).",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the results; what is in it already is kept.")],
    models: Annotated[list[str] | None, typer.Option(help="Model card; repeat for several. Default: all.")] = None,
    priors: Annotated[
        list[str] | None, typer.Option(help="Prior set, the first one primary; repeat for several. Default: all.")
    ] = None,
    outcomes: Annotated[list[str] | None, typer.Option(help="Only this outcome; repeat for several.")] = None,
    workers: Annotated[int | None, typer.Option(help="Threads or processes; all cores by default.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786.")
    ] = None,
    executor: Annotated[str | None, typer.Option(help="threads, serial or processes.  [default: threads]")] = None,
    engine: Annotated[str, typer.Option(help="auto, exact or nuts.")] = "auto",
    quantities: Annotated[str, typer.Option(help="all or probabilities.")] = "all",
    interval: Annotated[str | None, interval_option(f"that of --out, else {defaults.CI_PROB}")] = None,
    draws: Draws = None,
    tune: Tune = None,
    chains: Chains = None,
    seed: Seed = None,
    keep_draws: Annotated[bool, typer.Option("--keep-draws", help="Write the posterior of every NUTS fit.")] = False,
    separator: Annotated[
        str | None, typer.Option(help="Between the cells of CSV tables; \\t or 'tab' for tabs.  [default: ,]")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark of CSV tables.  [default: .]")] = None,
    fill: Fills = None,
    maps: Maps = None,
    treatment: Treatment = None,
    control: Control = None,
    benefit: Benefits = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be fitted.")] = False,
) -> int:
    """Fit a grid of studies x outcomes x models x priors; taken up again by the same command."""
    from bayes_ivf.batches import check_executor, is_address, level_of, plan_batch, run_grid
    from bayes_ivf.cli.progress import bar
    from bayes_ivf.errors import Fault, RequestError
    from bayes_ivf.settings import sampler_settings
    from bayes_ivf.study import undeclared_spreads

    if scheduler is not None and executor is not None:
        raise RequestError(Fault("--scheduler", "beside --executor", "one of them", "leave the workers to the cluster"))
    if scheduler is not None and not is_address(scheduler):
        allowed = "the address of a Dask scheduler, such as tcp://10.0.0.1:8786"
        raise RequestError(Fault("--scheduler", repr(scheduler), allowed, "name it, or use --executor"))
    where = next((given for given in (scheduler, executor) if given is not None), "threads")
    check_executor(where, workers)
    with bar() as progress:
        grid = plan_batch(
            sources,
            models,
            priors,
            engine=engine,
            quantities=quantities,
            outcomes=outcomes or (),
            keep_draws=keep_draws,
            ci_prob=level_of(out, interval_of(interval), quantities),
            settings=sampler_settings(engine, draws=draws, tune=tune, chains=chains, seed=seed),
            separator=None if separator is None else separator_of(separator),
            decimal=decimal,
            fill=fills_of(fill),
            columns=maps_of(maps),
            arms=arms_of(treatment, control),
            benefit=benefits_of(benefit),
            progress=progress,
        )
        spreads = [(study.id, undeclared_spreads(study, outcomes or ())) for study in grid.whole]
        for note in (*grid.notes, *(f"{name}: {reading}" for name, reading in spreads if reading)):
            typer.echo(f"Note: {note}", err=True)
        findings = [finding.statement for review in grid.reviews for finding in review.findings]
        for finding in findings[:TOLD]:
            typer.echo(f"Finding: {finding}", err=True)
        if len(findings) > TOLD:
            typer.echo(f"Finding: {len(findings) - TOLD} more; all stand in findings.csv", err=True)
        for _, _, reason in grid.unmeasured[:TOLD]:
            typer.echo(f"Left out: {reason}", err=True)
        if len(grid.unmeasured) > TOLD:
            typer.echo(f"Left out: {len(grid.unmeasured) - TOLD} more rows; all stand in failures.csv", err=True)
        if dry_run:
            return _show(grid)
        result = run_grid(grid, out, where, workers, progress)
    counts, tally = result.counts, result.tally
    typer.echo(
        f"{tally.total} fits: {tally.kept} kept, {tally.fitted} fitted, {tally.failed} failed, in {tally.seconds:.1f} s"
    )
    typer.echo(f"{counts.rows} rows of {counts.cells} cells in {out / 'effects.csv'}; pages: {out / 'index.html'}")
    if result.damaged:
        places = f"{result.damaged} record{'s' * (result.damaged != 1)}"
        again = f"{tally.fitted} of {tally.total} fits were computed again, {tally.kept} were intact"
        typer.echo(f"Note: {places} of {out / 'store.sqlite'} were found damaged and dropped; {again}", err=True)
    if not result.sampled:
        tell_idle(draws=draws, tune=tune, chains=chains, seed=seed, keep_draws=keep_draws)
    for reason in counts.reasons:
        typer.echo(f"Warning: {reason}", err=True)
    if counts.failed or counts.gated:
        more = f"{counts.failed} fits failed and {counts.gated} failed the gate; all stand in {out / 'failures.csv'}"
        typer.echo(f"Warning: {more}", err=True)
    return 0 if result.ok else 1


def _show(grid: object) -> int:
    from bayes_ivf.batches import dry_run
    from bayes_ivf.batches.grid import Grid
    from bayes_ivf.batches.output import COMPILE_SECONDS

    assert isinstance(grid, Grid)
    table = dry_run(grid)
    typer.echo(table.to_string(index=False))
    compiles = len({group for cell, group in zip(grid.cells, grid.groups, strict=True) if cell.engine == "nuts"})
    total = float(table.core_seconds.sum()) + compiles * COMPILE_SECONDS
    typer.echo(
        f"\n{len(grid.cells)} cells, {int(table.fits.sum())} distinct fits, {compiles} compiles; about {total:.0f} core seconds"
    )
    for reason, count in grid.left_out.most_common(10):
        typer.echo(f"left out ({count}): {reason}")
    return 0
