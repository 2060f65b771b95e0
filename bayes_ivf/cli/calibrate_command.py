"""``bayes-ivf calibrate``: simulation-based calibration of a model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf import defaults


def command(
    card: Annotated[str, typer.Argument(help="Bundled model card or its file.")],
    simulations: Annotated[
        int | None,
        typer.Option(help="Simulated trials per design; 1,000 for fast structures, 200 for others by default."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder; results/calibration/CARD by default.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything.")] = defaults.SEED,
    workers: Annotated[int | None, typer.Option(help="Threads.", min=1, max=256)] = None,
) -> int:
    """Simulate trials from a model, fit them, and see whether true values lie anywhere with the same chance."""
    from bayes_ivf.calibration import calibrate, write_calibration
    from bayes_ivf.cards import load_card
    from bayes_ivf.cli.progress import bar

    loaded = load_card(card)
    folder = out or Path("results") / "calibration" / loaded.id
    with bar() as progress:
        result = calibrate(loaded, simulations, folder, seed=seed, workers=workers, progress=progress)
    write_calibration(result, folder)
    typer.echo(result.sentence())
    for name, number in result.failed_fits.items():
        if number:
            typer.echo(f"Warning: {number} fits of {name} failed their gate.", err=True)
    for judgment in result.outside:
        typer.echo(
            f"Warning: ranks of {judgment.quantity} of {judgment.design} leave the band (P = {judgment.p_uniform:.2g}).",
            err=True,
        )
    typer.echo(f"\nTable: {folder / 'calibration.csv'}\nPicture: {folder / 'ranks.png'}")
    return 1 if result.outside else 0
