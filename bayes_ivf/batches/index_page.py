"""The page that lists every outcome of a batch: it sorts and filters by a script of its own, and is whole without it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bayes_ivf._version import __version__
from bayes_ivf.batches.comparison import Compared
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.results import FINDINGS, Said, Value, ci_prob_of, percent, say
from bayes_ivf.study import KINDS, Study

if TYPE_CHECKING:
    from bayes_ivf.auditing import Finding
    from bayes_ivf.report import Row

SCRIPT = "batch_index.js"
COLUMNS = (
    ("Study", "words"),
    ("Outcome", "words"),
    ("Unit", "words"),
    ("Design", "words"),
    ("Reported", "words"),
    ("P, recomputed", "number"),
    ("Reanalysis", "number"),
    ("Probability of benefit", "number"),
)
RANDOMIZED = {"yes": "randomized", "no": "not randomized", "unclear": "not told"}
UNTOLD = "not told"
SHOWN = 50
"""Findings about reviews that the page tells; the rest stands in their table alone."""


@dataclass(frozen=True)
class Line:
    """One outcome of a study in the index; one line without a row for a study of which nothing could be estimated.

    Parameters
    ----------
    study, link, design, unit, flag : str
        Name and page of the study, how it was done, what a denominator counts, and what findings say of the row.
    prior : str
        Label of the prior set, where it is not that of the caption.
    row : Row or None
    p, effect, likely : str
        What the columns of numbers are sorted by; empty where there is none.
    """

    study: str
    link: str
    design: str
    row: Row | None = None
    unit: str = ""
    flag: str = ""
    prior: str = ""
    p: str = ""
    effect: str = ""
    likely: str = ""


def render_index(
    compared: Sequence[Compared],
    links: Sequence[str],
    rows: Sequence[Sequence[Row]],
    manifest: Mapping[str, Any],
    findings: Sequence[Finding] = (),
) -> str:
    """Return the index as one page.

    Parameters
    ----------
    compared : sequence of Compared
    links : sequence of str
        Of the page of each.
    rows : sequence of sequence of Row
        The rows of each that have a number, with their study in their keys.
    manifest : mapping
        Of the batch.
    findings : sequence of Finding
        About reviews: the first ones are told, all are counted.
    """
    from markupsafe import Markup

    from bayes_ivf.report import one_value_per_key, page_environment, told_under

    environment = page_environment()
    assert environment.loader is not None
    script, *_ = environment.loader.get_source(environment, SCRIPT)
    prior = told_under((row for each in rows for row in each), manifest.get("priors", ()))
    lines = [
        line for each, link, mine in zip(compared, links, rows, strict=True) for line in _lines(each, link, mine, prior)
    ]
    values = {
        "heading": _heading(len(compared)),
        "counted": _counted(manifest["counts"]),
        "limit": count("pages_limit", manifest["pages_limit"]),
        "level": _level(ci_prob_of(manifest)),
        "rows": rows,
        "found": _found(len(findings)),
        "more": count("findings_left", max(len(findings) - SHOWN, 0)),
    }
    one_value_per_key(values)
    return environment.get_template("batch_index.html").render(
        **values,
        lines=lines,
        columns=COLUMNS,
        findings=findings[:SHOWN],
        places={each.study.id: link for each, link in zip(compared, links, strict=True)},
        file=FINDINGS.file,
        units=sorted({line.unit for line in lines if line.unit}),
        designs=sorted({line.design for line in lines}),
        prior=prior_words(prior)["label"],
        written=manifest["written_at"][:10],
        policy=policy_of(script),
        script=Markup(script),  # noqa: S704  the package's own file
        version=__version__,
    )


def policy_of(script: str) -> str:
    """Return a policy that lets nothing run but this script, and nothing be asked of any place."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def design_of(study: Study, told: str = "") -> str:
    """Return how a study was done, as far as a table or its paper says it."""
    return told or ", ".join(study.design_words) or RANDOMIZED[study.randomized]


@cache
def prior_words(name: str) -> dict[str, str]:
    """Return label and sentence of a prior set; of one that is not bundled its name stands for both."""
    if name not in bundled_prior_sets():
        return {"label": name.replace("_", " "), "sentence": ""}
    found = load_prior_set(name)
    return {"label": found.label, "sentence": found.sentence.strip()}


def count(what: str, number: int) -> Value:
    """Return a number of things on a page as a value of the page."""
    return Value("(page)", "count", "none", "none", "none", what, number, f"{number:,}")


def _level(ci_prob: float) -> Value:
    return Value("(page)", "ci_prob", "none", "none", "none", "level", ci_prob, percent(ci_prob))


def _heading(studies: int) -> Said:
    return say("Reanalysis of ", count("studies", studies), " study" if studies == 1 else " studies")


def _counted(counts: Mapping[str, int]) -> Said:
    fits = say(count("fits", counts["fits"]), " fit" if counts["fits"] == 1 else " fits")
    failed = say(", ", count("failed", counts["failed"]), " failed") if counts["failed"] else ", none failed"
    gated = say(", ", count("gated", counts["gated"]), " with a failed gate") if counts["gated"] else ""
    return say(fits, failed, gated, ".")


def _found(findings: int) -> Said:
    return say(count("findings", findings), " finding" if findings == 1 else " findings", " in the numbers of reviews")


def _lines(compared: Compared, link: str, rows: Sequence[Row], prior: str) -> list[Line]:
    study, design = compared.study, design_of(compared.study, compared.design)
    if not rows:
        return [Line(study.id, link, design)]
    units = {item.id: UNTOLD if KINDS[item.kind].words else item.per.replace("_", " ") for item in study.items}
    return [
        Line(
            study.id,
            link,
            design,
            row,
            unit=units[row.outcomes[0]],
            flag=re.sub(r"[;,]? *see findings$", "", row.flag),
            prior="" if row.prior == prior else prior_words(row.prior)["label"],
            p=_sorted_by(row.p),
            effect=_sorted_by(row.effect),
            likely=_sorted_by(row.likely),
        )
        for row in rows
    ]


def _sorted_by(said: Said) -> str:
    return next((repr(part.value) for part in said if isinstance(part, Value)), "")
