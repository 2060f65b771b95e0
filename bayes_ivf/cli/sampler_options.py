"""Options of commands that fit; one that was not given is None, so that a given one can be refused where it is of no use."""

from __future__ import annotations

from typing import Annotated, Any

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


def interval_option(default: str) -> Any:
    """Return the option ``--interval`` of a command, which says what stands without it."""
    told = f"Probability of all intervals, such as 0.9.  [default: {default}]"
    return typer.Option("--interval", metavar="<probability>", help=told)


def interval_of(text: str | None) -> float | None:
    """Return the probability behind ``--interval``, None if it was not given.

    Raises
    ------
    RequestError
        If it is none; of a percentage it says which probability it is.
    """
    from bayes_ivf.settings import LEVELS, check_level

    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    return number if LEVELS[0] <= number <= LEVELS[1] else check_level(text, "--interval")
