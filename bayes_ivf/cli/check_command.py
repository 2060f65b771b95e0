"""``bayes-ivf check``: every fault of study files, model cards, prior sets and tables of trials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from bayes_ivf.errors import BayesIvfError, Fault, RequestError, visible

if TYPE_CHECKING:
    from bayes_ivf.batches import Asked
    from bayes_ivf.study import Study


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Study files, model cards, prior sets, tables of trials.")
    ],
    separator: Annotated[str, typer.Option(help="Between the cells of CSV tables; tab for tabs.")] = ",",
    decimal: Annotated[str, typer.Option(help="Decimal mark of CSV tables.")] = ".",
    fill: Fills = None,
    maps: Maps = None,
    treatment: Treatment = None,
    control: Control = None,
    benefit: Benefits = None,
) -> int:
    """Validate files; list every fault, not only the first."""
    from bayes_ivf.batches import Asked

    asked = Asked(fills_of(fill), maps_of(maps), arms_of(treatment, control), benefits_of(benefit))
    faults: list[Fault] = []
    for path in files:
        try:
            kind = check_file(path, separator_of(separator), decimal, asked)
        except BayesIvfError as error:
            faults.extend(error.faults)
        else:
            typer.echo(f"{visible(str(path))}: a valid {kind}")
    if faults:
        raise RequestError(faults)
    return 0


def check_file(path: Path, separator: str = ",", decimal: str = ".", asked: Asked | None = None) -> str:
    """Validate one file by what it holds, and return what it is.

    Raises
    ------
    BayesIvfError
        With every fault.
    """
    from bayes_ivf.batches import REVIEW_SUFFIXES, TABLE_SUFFIXES, check_table
    from bayes_ivf.cards import read_card
    from bayes_ivf.priors import SLOTS, read_prior_set
    from bayes_ivf.study import CONFIRM, read_study
    from bayes_ivf.tables import read_toml
    from bayes_ivf.words import counted

    if path.suffix.lower() in (*TABLE_SUFFIXES, *REVIEW_SUFFIXES):
        return check_table(path, separator, decimal, asked)
    values = read_toml(path, RequestError)
    if "structure" in values:
        read_card(path)
        return "model card"
    if "outcomes" not in values and "arms" not in values and ("sentence" in values or set(SLOTS) & set(values)):
        read_prior_set(path)
        return "prior set"
    study = read_study(path)
    open_ = path.read_text(encoding="utf-8-sig").count(f"{CONFIRM} ")
    asks = [f"{counted(open_, 'place')} to decide, marked `{CONFIRM}`"] if open_ else []
    return "study file" + "".join(f"\n  {note}" for note in [*asks, *_notes(study)])


def _notes(study: Study) -> list[str]:
    """Say what was printed and cannot hold or had to be interpreted, and what no bundled model can fit."""
    from bayes_ivf import defaults
    from bayes_ivf.cards import bundled_cards, load_card
    from bayes_ivf.problem import why_not
    from bayes_ivf.study import KINDS, undeclared_spreads, unstated_correlations

    notes = [told for told in (undeclared_spreads(study), unstated_correlations(study)) if told]
    owners = {impossible.why: item.id for item in study.items for impossible in item.impossible}
    cards = [load_card(name) for name in bundled_cards()]
    fitted = False
    for item in study.items:
        gone = item.left_out
        for impossible in item.impossible:
            ending = "; run leaves it out" if impossible.why == gone else ""
            notes.append(f"{item.id}: {impossible.why} ({impossible.alternatives}){ending}")
        if gone and gone not in owners:
            # what hangs on an impossible number is not told that number again
            for why, owner in owners.items():
                gone = gone.replace(f": {why}", f"; see {owner}.")
            notes.append(f"{item.id}: run leaves it out. {gone}")
        # nothing was printed, or nothing is estimated by intention: the file says so itself
        if gone or KINDS[item.kind].why_not:
            continue
        reason = why_not(study, item, cards, defaults.PRIMARY_PRIOR)
        notes += [f"{item.id}: no bundled model can fit it. {reason}"] if reason else []
        fitted = fitted or not reason
    if not fitted:
        notes.append("nothing can be estimated: run writes the audit and the report, and exits with status 1")
    return notes
