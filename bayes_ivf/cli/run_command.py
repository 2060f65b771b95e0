"""``bayes-ivf run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf import defaults
from bayes_ivf.cli.sampler_options import Chains, Draws, Seed, Tune, interval_of, interval_option, tell_idle
from bayes_ivf.cli.take_home import TakeHome, refuse_take_home, tell_earlier, write_take_home


def command(
    study: Annotated[str, typer.Argument(help="Bundled id or study file.")] = defaults.STUDY,
    out: Annotated[Path | None, typer.Option(help="Output folder; results/STUDY by default.")] = None,
    models: Annotated[list[str] | None, typer.Option(help="Model card; repeat for several. Default: all.")] = None,
    priors: Annotated[
        list[str] | None, typer.Option(help="Prior set, the first one primary; repeat for several. Default: all.")
    ] = None,
    interval: Annotated[str | None, interval_option(str(defaults.CI_PROB))] = None,
    draws: Draws = None,
    tune: Tune = None,
    chains: Chains = None,
    seed: Seed = None,
    workers: Annotated[int | None, typer.Option(help="Threads; all cores by default.")] = None,
    engine: Annotated[str, typer.Option(help="auto, exact or nuts.")] = "auto",
    full: Annotated[
        bool, typer.Option("--full", help="Sample every prior set with NUTS, where exact would do.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Fit everything anew, whatever the folder holds.")] = False,
    take_home: TakeHome = False,
) -> int:
    """Reanalyze a study: audit, all applicable models and priors, tables and a report."""
    from bayes_ivf.cli.progress import bar
    from bayes_ivf.errors import Fault, RequestError
    from bayes_ivf.reanalysis import reanalyze
    from bayes_ivf.report import left_out
    from bayes_ivf.study import load_study, undeclared_spreads
    from bayes_ivf.words import counted

    if full and engine != "auto":
        raise RequestError(Fault("--full", f"beside --engine {engine}", "--engine auto", "leave out --full"))
    if take_home:
        refuse_take_home()
    level = interval_of(interval)
    loaded = load_study(study)
    folder = out or Path("results") / loaded.id
    with bar() as progress:
        result = reanalyze(
            loaded,
            folder,
            models=models or None,
            priors=priors or None,
            engine="nuts" if full else engine,
            ci_prob=defaults.CI_PROB if level is None else level,
            draws=draws,
            tune=tune,
            chains=chains,
            seed=seed,
            workers=workers,
            progress=progress,
            fresh=fresh,
        )
    for row in result.comparisons:
        if row.role == "outcome":
            typer.echo(f"{row.label}: {row.reading}")
    typer.echo("\n" + " | ".join(f"{name} {value:.1f} s" for name, value in result.seconds.items()), err=True)
    if result.kept:
        typer.echo(f"{result.kept} of {counted(len(result.fits), 'fit')} kept from the earlier run", err=True)
    typer.echo(f"\nReport: {folder / 'report.html'}")
    if take_home:
        write_take_home(folder)
    else:
        tell_earlier(folder)
    if result.fits and not result.sampled:
        tell_idle(draws=draws, tune=tune, chains=chains, seed=seed)
    if spreads := undeclared_spreads(loaded):
        typer.echo(f"Note: {spreads}", err=True)
    for line in left_out([{"key": left.key, "reason": left.reason} for left in result.left_out]):
        typer.echo(f"Left out: {line}", err=True)
    for fit in result.failed:
        typer.echo(
            f"Warning: {'/'.join(part for part in fit.problem.key if part)} failed its gate: {fit.verdict}", err=True
        )
    if not result.fits:
        typer.echo(
            "Nothing could be estimated: each line above says why. The audit and the report are written.", err=True
        )
        return 1
    return 1 if result.failed else 0
