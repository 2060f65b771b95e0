"""``bayes-ivf new``: commented templates that pass ``bayes-ivf check``."""

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
) -> int:
    """Write a commented template to fill in."""
    if kind not in KINDS:
        raise RequestError(Fault("new", repr(kind), ", ".join(KINDS), "name one of these"))
    if kind == "table" and path.suffix.lower() != ".csv":
        raise RequestError(Fault("new table", repr(str(path)), "a file that ends in .csv", "name it so"))
    text = _template(kind, path)
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
    typer.echo(f"Wrote {visible(str(path))}. Fill it in, then: bayes-ivf check {visible(str(path))}")
    return 0


def _template(kind: str, path: Path) -> str:
    """Return the template of a kind; the id of a study is the name of its file."""
    file = "table.csv" if kind == "table" else f"{kind}.toml"
    text = (resources.files("bayes_ivf.cli") / "templates" / file).read_text(encoding="utf-8")
    if kind != "study":
        return text
    from bayes_ivf.identifiers import is_identifier
    from bayes_ivf.study import UNITS

    units = ", ".join(UNITS)
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_-") else "-" for sign in path.stem.lower())
    name = name.strip("-_")[:64]
    text = text.replace("{UNITS}", "\n#   ".join(wrap(units, 110)))
    return text.replace("my-trial", name) if is_identifier(name) else text
