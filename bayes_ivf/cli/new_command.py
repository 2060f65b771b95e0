"""``bayes-ivf new``: commented templates, and drafts from what others wrote; both pass ``bayes-ivf check``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer

from bayes_ivf.errors import Fault, OutputError, RequestError, visible

KINDS = ("study", "model", "prior", "table")


def command(
    kind: Annotated[str, typer.Argument(help="study, model, prior or table.")],
    path: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Draft a study from this file: a table, an abstract, or a record of ClinicalTrials.gov."
        ),
    ] = None,
    arms: Annotated[
        str,
        typer.Option(
            help="With --from: draft two arms of several, treatment and control, by name or number, such as 2,1."
        ),
    ] = "",
) -> int:
    """Write a commented template to fill in, or a study file drafted from what others wrote."""
    if kind not in KINDS:
        raise RequestError(Fault("new", repr(kind), ", ".join(KINDS), "name one of these"))
    if kind == "table" and path.suffix.lower() != ".csv":
        raise RequestError(Fault("new table", repr(str(path)), "a file that ends in .csv", "name it so"))
    if source is None and arms:
        raise RequestError(
            Fault("new --arms", "no --from", "--arms beside --from FILE", "name the file, or leave it out")
        )
    text = _template(kind, path) if source is None else _draft(kind, path, source, arms)
    if not path.parent.is_dir():
        raise OutputError(
            Fault(str(path), f"no folder {path.parent}", "a file in a folder that exists", "make the folder")
        )
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise OutputError(Fault(str(path), "a file that exists", "a new name", "choose another name")) from None
    except OSError as reason:
        raise OutputError(
            Fault(
                str(path), reason.strerror or "an error of the file system", "a writable folder", "choose another place"
            )
        ) from None
    to_do = "Fill it in" if source is None else "Read it beside its source and settle every `confirm:`"
    if source is not None and _lacks_sizes(text):
        to_do += "; fill in n, how many women each arm had, which the source does not say"
    typer.echo(f"Wrote {visible(str(path))}. {to_do}, then: bayes-ivf check {visible(str(path))}")
    return 0


def _lacks_sizes(text: str) -> bool:
    from bayes_ivf.study import lacks_sizes

    return lacks_sizes(text)


def _draft(kind: str, path: Path, source: Path, arms: str) -> str:
    """Return a study file drafted from another file."""
    from bayes_ivf.study import draft_file

    if kind != "study":
        raise RequestError(Fault(f"new {kind} --from", str(source), "new study PATH --from FILE", "leave --from out"))
    chosen = [name.strip() for name in arms.split(",")] if arms else []
    return draft_file(source, _name(path) or "my-trial", chosen)


def _name(path: Path) -> str:
    """Return the id that the name of a file makes; empty if it makes none."""
    from bayes_ivf.identifiers import is_identifier

    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-") else "-" for sign in path.stem.lower())
    name = name.strip("-_")[:64]
    return name if is_identifier(name) else ""


def _template(kind: str, path: Path) -> str:
    """Return the template of a kind; the id of a study is the name of its file."""
    file = "table.csv" if kind == "table" else f"{kind}.toml"
    text = (resources.files("bayes_ivf.cli") / "templates" / file).read_text(encoding="utf-8")
    if kind != "study":
        return text
    from bayes_ivf.study import UNITS

    units = ", ".join(UNITS)
    text = text.replace("{UNITS}", "\n#   ".join(wrap(units, 110)))
    return text.replace("my-trial", _name(path) or "my-trial")
