"""``bayes-ivf schema``: the JSON Schema of study files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bayes_ivf.errors import Fault, OutputError, visible


def command(
    out: Annotated[
        Path | None, typer.Option(help="File to write it to, such as study.schema.json; the terminal if left out.")
    ] = None,
) -> int:
    """Print the JSON Schema of study files, by which an editor completes and checks them."""
    from bayes_ivf.files import write_text
    from bayes_ivf.study import study_schema

    text = json.dumps(study_schema(), indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return 0
    if out.suffix.lower() != ".json":
        raise OutputError(Fault(str(out), "no name of a JSON file", "a file that ends in .json", "name it so"))
    try:
        write_text(out, text + "\n")
    except OSError as reason:
        found = reason.strerror or "an error of the file system"
        raise OutputError(Fault(str(out), found, "a file in a folder that exists", "choose another --out")) from None
    typer.echo(
        f"Wrote {visible(str(out))}. The line `#:schema ./{visible(out.name)}` at the top of a study file names it."
    )
    return 0
