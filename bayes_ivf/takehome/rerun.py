"""A Quarto document that reruns a reanalysis: the study inside it, the same cards, prior sets, settings and level."""

from __future__ import annotations

import re
from importlib import resources
from string import Template
from typing import Any

from bayes_ivf.cards import bundled_cards
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.report import Context
from bayes_ivf.study import study_table, study_toml
from bayes_ivf.takehome.prose import legal

TEMPLATE = "report.qmd"
KEPT = ("bayes_effect", "bayes_ci_low", "bayes_ci_high", "p_benefit")
"""Columns of the comparison that are compared with those of the run."""
ROWS = "Rows of individual women are not part of this document: it analyzes what their summary says."


def report_qmd(context: Context) -> str:
    """Return the document; texts of the study are data in it, and run nothing."""
    study, manifest = context.study, context.manifest
    table = study_table(study)
    rows = table.pop("rows", None)
    template = Template((resources.files("bayes_ivf.takehome") / TEMPLATE).read_text(encoding="utf-8"))
    return template.substitute(
        id=study.id,
        title=inert(study.title or study.id),
        citation=inert(" ".join(part for part in (study.citation, study.doi and f"doi {study.doi}") if part)),
        made=f"bayes_ivf {manifest['versions'].get('bayes_ivf', '')}, {manifest['written_at']}",
        status=f"The run was not finished: its status was {manifest['status']}."
        if manifest["status"] != "finished"
        else "",
        rows=ROWS if rows else "",
        study=study_toml(table),
        models=repr(list(manifest["models"])),
        own=_own(context),
        priors=repr(list(manifest["priors"])),
        arguments=_arguments(context),
        kept=_kept(context),
        versions=", ".join(f"{name} {version}" for name, version in manifest["versions"].items()),
    )


def engine_of(context: Context) -> str:
    """Return the engine that a run was asked for, as far as its fits tell: the same one gives the same numbers."""
    engines = {str(fit["engine"]) for fit in context.manifest["fits"]}
    if "nuts" not in engines:
        return "exact"
    return "auto" if any(row.engine == "exact" for row in context.rows) else "nuts"


def inert(text: str) -> str:
    """Return a text for Markdown whose signs are entities, so that no shortcode, code or link is left in it."""
    words = " ".join(legal(text).split())
    return re.sub(r"[^\w\s.,;()-]|_", lambda found: f"&#{ord(found.group())};", words)


def _arguments(context: Context) -> str:
    """Return what `reanalyze` is called with beside study, models and priors."""
    engine, settings = engine_of(context), context.manifest["settings"]
    given: dict[str, Any] = {"engine": engine, "ci_prob": context.ci_prob}
    if engine != "exact":  # which draws nothing, and refuses settings of draws
        given |= {name: settings[name] for name in ("draws", "tune", "chains", "seed")}
    return "".join(f"    {name}={value!r},\n" for name, value in given.items()).rstrip()


def _own(context: Context) -> str:
    """Say which cards and prior sets do not travel with the package."""
    own = [
        *(name for name in context.manifest["models"] if name not in bundled_cards()),
        *(name for name in context.manifest["priors"] if name not in bundled_prior_sets()),
    ]
    if not own:
        return "# all of these travel with the package"
    return f"# of your own, so write the paths of their files here: {', '.join(own)}"


def _kept(context: Context) -> str:
    lines = [
        f"    {row.outcome!r}: ({', '.join(repr(getattr(row, name)) for name in KEPT)}),"
        for row in context.comparisons
        if row.bayes_effect is not None
    ]
    return "\n".join(lines)
