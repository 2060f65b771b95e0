"""Options of commands that sample; one that was not given is None, so that a given one can be refused where nothing is drawn."""

from __future__ import annotations

from typing import Annotated

import typer

from bayes_ivf import defaults

Draws = Annotated[int | None, typer.Option(help=f"Kept draws per chain of NUTS.  [default: {defaults.DRAWS}]")]
Tune = Annotated[int | None, typer.Option(help=f"Tuning steps per chain of NUTS.  [default: {defaults.TUNE}]")]
Chains = Annotated[int | None, typer.Option(help=f"Chains of NUTS.  [default: {defaults.CHAINS}]")]
Seed = Annotated[int | None, typer.Option(help=f"Seed of NUTS.  [default: {defaults.SEED}]")]
