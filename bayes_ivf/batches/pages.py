"""One page per study, and a page that lists them; self-contained, and every text from a table is escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bayes_ivf import files
from bayes_ivf._version import __version__
from bayes_ivf.batches.comparison import Compared
from bayes_ivf.effects.comparison import ComparisonRow
from bayes_ivf.study import DEVICES

FOLDER = "studies"
INDEX = "index.html"


@cache
def _environment() -> Environment:
    from bayes_ivf.report import effect, effect_interval, p_value, probability

    environment = Environment(
        loader=PackageLoader("bayes_ivf.batches", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"effect": effect, "effect_interval": effect_interval, "p": p_value, "prob": probability}
    return environment


def page_name(study: str) -> str:
    """Return a file name for a study of any name; two names never share a file."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", study)[:80].strip("-")
    if plain == study and plain == plain.lower() and plain not in DEVICES:
        return f"{plain}.html"
    if plain.lower() in DEVICES:  # Windows cannot hold con.html, nor con.1.html
        plain = f"study-{plain}"
    return f"{plain or 'study'}.{hashlib.sha256(study.encode()).hexdigest()[:8]}.html"


def write_pages(staging: Path, compared: Sequence[Compared], manifest: Mapping[str, Any]) -> None:
    """Write the page of every study and the index.

    Parameters
    ----------
    staging : Path
        Folder of the batch, or one whose files will replace its files.
    compared : sequence of Compared
    manifest : mapping
        Of the batch.
    """
    (staging / FOLDER).mkdir(exist_ok=True)
    template = _environment().get_template("study.html")
    index = []
    for each in compared:
        name = page_name(each.study.id)
        page = template.render(
            study=each.study,
            outcomes=[row for row in each.rows if row.role == "outcome"],
            baseline=[row for row in each.rows if row.role == "baseline"],
            figure=_forest(each),
            findings=each.audit.found,
            engines=", ".join(sorted({fit.engine for fit in each.fits})),
            priors=list(dict.fromkeys(fit.problem.prior_set for fit in each.fits)),
            failed=[fit for fit in each.fits if fit.verdict.level == "fail"],
            version=__version__,
        )
        files.write_text(staging / FOLDER / name, page)
        index.append({"study": each.study, "link": f"{FOLDER}/{name}", "rows": _shown(each.rows)})
    page = _environment().get_template("index.html").render(entries=index, manifest=manifest, version=__version__)
    files.write_text(staging / INDEX, page)


def _shown(rows: Sequence[ComparisonRow]) -> list[ComparisonRow]:
    return [row for row in rows if row.role == "outcome" and row.bayes_effect is not None]


def _forest(compared: Compared) -> Markup:
    from bayes_ivf.plots import forest
    from bayes_ivf.report import svg_of

    if not _shown(compared.rows):
        return Markup("")
    return svg_of(forest(compared), "Forest plot of all estimated effects with 95% intervals")
