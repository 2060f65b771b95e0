"""One page per study, and a page that lists them; self-contained, and every text from a table is escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf._version import __version__
from bayes_ivf.batches.comparison import Compared
from bayes_ivf.batches.index_page import render_index
from bayes_ivf.effects import REPORTED
from bayes_ivf.identifiers import DEVICES
from bayes_ivf.results import percent

if TYPE_CHECKING:
    from bayes_ivf.report import Row

FOLDER = "studies"
INDEX = "index.html"


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
    from bayes_ivf.report import (
        comparison_rows,
        context_of,
        in_study,
        joint_rows,
        lay_out,
        one_value_per_key,
        page_environment,
        told_under,
    )

    (staging / FOLDER).mkdir(exist_ok=True)
    environment = page_environment()
    template = environment.get_template("batch_study.html")
    order = manifest.get("priors", ())
    links: list[str] = []
    listed: list[list[Row]] = []
    for each in compared:
        name, context = page_name(each.study.id), context_of(each)
        tables: dict[str, Any] = {
            "outcomes": comparison_rows(context, "outcome"),
            "baseline": comparison_rows(context, "baseline"),
            "joint": joint_rows(context),
        }
        one_value_per_key(tables)
        shown = [row for row in tables["outcomes"] if row.effect]
        page = template.render(
            **tables,
            study=each.study,
            estimands=REPORTED,
            prior=told_under((*tables["outcomes"], *tables["baseline"]), order),
            notes={item.id: item.note for item in each.study.items},
            picture=lay_out(each) if shown else None,
            findings=each.audit.found,
            engines=", ".join(sorted({fit.engine for fit in each.fits})),
            priors=list(dict.fromkeys(fit.problem.prior_set for fit in each.fits)),
            failed=[fit for fit in each.fits if fit.verdict.level == "fail"],
            level=percent(each.ci_prob),
            version=__version__,
        )
        files.write_text(staging / FOLDER / name, page)
        links.append(f"{FOLDER}/{name}")
        listed.append([in_study(row, each.study.id) for row in shown])
    files.write_text(staging / INDEX, render_index(compared, links, listed, manifest))
