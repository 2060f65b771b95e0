"""One page per study, and a page that lists them; self-contained, and every text from a table is escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf import files
from bayes_ivf.batches.comparison import Compared
from bayes_ivf.batches.index_page import render_index
from bayes_ivf.batches.study_page import render_page, study_context
from bayes_ivf.identifiers import DEVICES

if TYPE_CHECKING:
    from bayes_ivf.auditing import Finding
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


def write_pages(
    staging: Path, compared: Sequence[Compared], manifest: Mapping[str, Any], findings: Sequence[Finding] = ()
) -> None:
    """Write the page of every study and the index.

    Parameters
    ----------
    staging : Path
        Folder of the batch, or one whose files will replace its files.
    compared : sequence of Compared
    manifest : mapping
        Of the batch.
    findings : sequence of Finding
        About reviews; the index tells them.
    """
    from bayes_ivf.report import comparison_rows, in_study

    (staging / FOLDER).mkdir(exist_ok=True)
    links: list[str] = []
    listed: list[list[Row]] = []
    for each in compared:
        context = study_context(each, manifest)
        shown = [row for row in comparison_rows(context, "outcome") if row.effect]
        links.append(f"{FOLDER}/{page_name(each.study.id)}")
        listed.append([in_study(row, each.study.id) for row in shown])
        files.write_text(staging / links[-1], render_page(each, context, manifest, drawn=bool(shown)))
    files.write_text(staging / INDEX, render_index(compared, links, listed, manifest, findings))
