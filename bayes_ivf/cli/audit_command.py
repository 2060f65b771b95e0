"""``bayes-ivf audit``: the claims ledger and the findings, without PyMC."""

from __future__ import annotations

from typing import Annotated

import typer

from bayes_ivf.errors import Fault, RequestError

FORMATS = ("table", "json", "csv")
PIPED_WIDTH = 160


def command(
    study: Annotated[str, typer.Argument(help="Bundled id or study file.")],
    format: Annotated[str, typer.Option(help="table, json or csv.")] = "table",
) -> int:
    """Check what was printed: recompute every P, and look for numbers that cannot stand together."""
    from bayes_ivf.auditing import audit
    from bayes_ivf.study import load_study

    if format not in FORMATS:
        raise RequestError(Fault("--format", repr(format), ", ".join(FORMATS), "name one of these"))
    result = audit(load_study(study))
    if format == "json":
        typer.echo(result.to_json())
    elif format == "csv":
        typer.echo(result.to_csv("claims") + "\n" + result.to_csv("findings"), nl=False)
    else:
        import sys

        from rich.console import Console

        Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(result)
    return 0
