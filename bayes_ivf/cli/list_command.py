"""``bayes-ivf list``: what is available, one line each."""

from __future__ import annotations

from typing import Annotated

import typer

from bayes_ivf.errors import Fault, RequestError

KINDS = ("studies", "models", "priors", "columns")


def command(what: Annotated[str, typer.Argument(help="studies, models, priors or columns.")]) -> int:
    """List what is available."""
    if what not in KINDS:
        raise RequestError(Fault("list", repr(what), ", ".join(KINDS), "name one of these"))
    lines = {"studies": _studies, "models": _models, "priors": _priors, "columns": _columns}[what]()
    width = max(len(name) for name in lines)
    for name, text in lines.items():
        typer.echo(f"{name:<{width}}  {' '.join(text.split())}")
    return 0


def _studies() -> dict[str, str]:
    from bayes_ivf.study import bundled_studies, read_study

    return {name: read_study(path).title for name, path in bundled_studies().items()}


def _models() -> dict[str, str]:
    from bayes_ivf.cards import bundled_cards, read_card

    return {name: read_card(path).label for name, path in bundled_cards().items()}


def _priors() -> dict[str, str]:
    from bayes_ivf.priors import bundled_prior_sets, read_prior_set

    sets = {name: read_prior_set(path) for name, path in bundled_prior_sets().items()}
    return {name: f"{prior_set.label}. {prior_set.sentence}" for name, prior_set in sets.items()}


def _columns() -> dict[str, str]:
    """Name every column of every table that is written, and what it means."""
    from bayes_ivf.results import TABLES

    return {
        f"{table.file} {column.name}": f"{column.kind}: {column.meaning}"
        for table in TABLES.values()
        for column in table.columns
    }
