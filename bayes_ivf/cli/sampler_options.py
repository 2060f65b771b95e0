"""Options of commands that sample; one that was not given is None, so that a given one can be refused where nothing is drawn."""

from __future__ import annotations

from typing import Annotated

import typer

from bayes_ivf import defaults


def tell_idle(**given: object) -> None:
    """Say which options of sampling changed nothing, where quadrature answered every fit."""
    idle = ", ".join(
        f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None and value is not False
    )
    if idle:
        typer.echo(f"Note: {idle} changed nothing: quadrature answered every fit, none was sampled", err=True)


Draws = Annotated[int | None, typer.Option(help=f"Kept draws per chain of NUTS.  [default: {defaults.DRAWS}]")]
Tune = Annotated[int | None, typer.Option(help=f"Tuning steps per chain of NUTS.  [default: {defaults.TUNE}]")]
Chains = Annotated[int | None, typer.Option(help=f"Chains of NUTS.  [default: {defaults.CHAINS}]")]
Seed = Annotated[int | None, typer.Option(help=f"Seed of NUTS.  [default: {defaults.SEED}]")]
