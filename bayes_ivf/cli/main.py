"""The application: gathers the commands and turns errors into messages and exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Annotated, Any

import typer

from bayes_ivf._version import __version__

INTERRUPTED = 130
UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""Base of every error in the words of a command; typer brings its own copy of the class, or shares click's."""
COMMANDS = (
    "run",
    "audit",
    "report",
    "verify",
    "diff",
    "batch",
    "calibrate",
    "check",
    "new",
    "schema",
    "list",
    "export",
)

app = typer.Typer(
    name="bayes-ivf",
    help="Take a small published fertility trial apart and say what it really shows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"bayes-ivf {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take a small published fertility trial apart and say what it really shows."""


for _name in COMMANDS:
    _module = import_module(f"bayes_ivf.cli.{_name}_command")
    app.command(_name)(_module.command) if hasattr(_module, "command") else app.add_typer(_module.app, name=_name)


def run(arguments: Sequence[str]) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.

    Returns
    -------
    int
        Exit status.
    """
    from bayes_ivf.errors import BayesIvfError, Fault

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        # not app(...): it answers Ctrl-C itself, without the message
        with typer.main.get_command(app).make_context("bayes-ivf", list(arguments)) as context:
            result = context.command.invoke(context)
    except typer.Exit as ended:
        return int(ended.exit_code)
    except BayesIvfError as error:
        count = len(error.faults)
        typer.echo("\n".join(["Error:" if count == 1 else f"{count} errors:", str(error)]), err=True)
        return 2
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
            return 2
        parameter = getattr(error, "param", None)
        where = " / ".join(parameter.opts) if parameter is not None else "command line"
        found, allowed = error.format_message(), "what bayes-ivf COMMAND --help lists"
        value = _value(arguments, parameter.opts if parameter is not None else ())
        found, allowed = (found, allowed) if value is None else (repr(value), f"{found}; {allowed}")
        fault = Fault(where, found, allowed, "correct the command")
        typer.echo(f"Error:\n{fault}", err=True)
        return 2
    except (KeyboardInterrupt, typer.Abort) as stopped:
        typer.echo(str(stopped) or "Interrupted; what was finished before stays as it is.", err=True)
        return INTERRUPTED
    return int(result or 0)


def _value(arguments: Sequence[str], names: Sequence[str]) -> str | None:
    """Return what stands behind an option, which messages about its type leave out."""
    for option, value in pairwise(arguments):
        if option in names:
            return value
    return next((word.partition("=")[2] for word in arguments if word.partition("=")[0] in names and "=" in word), None)
