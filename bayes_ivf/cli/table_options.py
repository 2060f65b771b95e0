"""Options of commands that read tables of trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bayes_ivf.errors import Fault, RequestError


def separator_of(given: str) -> str:
    """Return the separator that an option names."""
    return {"\\t": "\t", "tab": "\t"}.get(given, given)


def fills_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return the values of columns that an option gives for all rows."""
    return _pairs("--fill", given, "COLUMN=VALUE", "write benefit=higher")


def maps_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return the headings that an option declares, by column."""
    return _pairs("--map", given, "COLUMN=HEADING", "write events_treatment=events_trt")


def benefits_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return which direction helps by analysis; a value alone is that of all others, under an empty text."""
    found: dict[str, str] = {}
    for text in given or ():
        key, _, value = text.rpartition("=")
        if key.strip() in found:
            action = "write --benefit higher, or --benefit 1.2=lower"
            raise RequestError(Fault("--benefit", repr(text), "VALUE or ANALYSIS=VALUE, each analysis once", action))
        found[key.strip()] = value.strip()
    return found


def arms_of(treatment: str | None, control: str | None) -> tuple[str, str] | None:
    """Return the names of both arms, or None if none is given."""
    if treatment is None and control is None:
        return None
    if treatment is None or control is None:
        alone, other = ("--control", "--treatment") if treatment is None else ("--treatment", "--control")
        raise RequestError(Fault(alone, f"no {other} beside it", "both arms", f"give {other} NAME as well"))
    return treatment, control


def _pairs(option: str, given: Sequence[str] | None, shape: str, action: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given or ():
        name, mark, value = (part.strip() for part in text.partition("="))
        if not (name and mark and value) or name in pairs:
            raise RequestError(Fault(option, repr(text), f"{shape}, each column once", action))
        pairs[name] = value
    return pairs


Fills = Annotated[
    list[str] | None,
    typer.Option("--fill", help="COLUMN=VALUE for a column that tables lack, such as benefit=higher; repeat."),
]
Maps = Annotated[
    list[str] | None,
    typer.Option("--map", help="COLUMN=HEADING for a heading that is not read by itself; repeat."),
]
Treatment = Annotated[
    str | None, typer.Option(help="Name of the treatment arm, in tables with a row for each arm (T, R, N).")
]
Control = Annotated[str | None, typer.Option(help="Name of the control arm there.")]
Benefits = Annotated[
    list[str] | None,
    typer.Option(
        "--benefit",
        help="higher, lower or none, for a review whose files do not tell it; 1.2=lower for one analysis; repeat.",
    ),
]
