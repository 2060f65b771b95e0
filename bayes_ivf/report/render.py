"""From a context to one self-contained page, and to Markdown; every text from a study file is escaped."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bayes_ivf._version import __version__
from bayes_ivf.effects import REPORTED
from bayes_ivf.report.checklists import filled_checklists, open_gaps
from bayes_ivf.report.context import Context
from bayes_ivf.report.details import computed, diagnostic_rows, evidence_rows, ledger_rows, run_command
from bayes_ivf.report.figures import page_figures
from bayes_ivf.report.labels import model_label, outcome_label, prior_label
from bayes_ivf.report.live import live_values
from bayes_ivf.report.marks import in_html, in_words, level_of, quoted
from bayes_ivf.report.mixtures import mixture_rows
from bayes_ivf.report.opening import answers, asides, grouped, other_answers, question, told_findings
from bayes_ivf.report.payload import payload_block
from bayes_ivf.report.provenance import Provenance, with_provenance
from bayes_ivf.report.rows import Row, comparison_rows, told_under
from bayes_ivf.report.summary import (
    agreement_rows,
    clustered,
    drawn,
    joint_rows,
    nested_units,
    not_fitted,
    per_woman_rows,
    pooling_rows,
    prior_columns,
    prior_rows,
    statement_rows,
    still_to_come,
)
from bayes_ivf.report.values import one_value_per_key
from bayes_ivf.results import Said, Value, say, text
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


BY_QUADRATURE = "These numbers are by quadrature."
STATES = {
    "sampling": (
        BY_QUADRATURE,
        "Sampling (NUTS) goes on beside them; this page is replaced when it has finished. If the run was stopped, the same "
        "command starts it again.",
    ),
    "stopped": (
        BY_QUADRATURE,
        "Sampling (NUTS) was stopped before it had finished. The same command starts it again, and replaces this page.",
    ),
    "interrupted": (
        "This run was interrupted.",
        "What is missing below had not been estimated. The same command starts it again, and replaces this page.",
    ),
}
"""What a page says of a run that has not finished, in large and in small."""


@cache
def page_environment() -> Environment:
    """Return what fills the templates of every page."""
    environment = Environment(
        loader=PackageLoader("bayes_ivf.report", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701  Markdown has its own filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "md": markdown,
        "told": told_html,
        "told_md": told_markdown,
        "q": quoted,
        "words": in_words,
    }
    return environment


def render_html(context: Context) -> str:
    """Return the report as one HTML page that needs nothing else."""
    values = _values(context)
    figures = page_figures(context, [each.outcome for each in values["answers"]])
    values |= live_values(context) | {"figures": figures, "payload": payload_block(context)}
    return _page(context, "report.html", values)


def _page(context: Context, template: str, values: dict[str, Any]) -> str:
    """Fill a template, and tell of every marked number where it comes from."""
    known = Provenance(context, values["command"])
    filled = page_environment().get_template(template).render(**values, study_file=known.study_file)
    links = [f'<a href="#{place}">{name}</a>' for place, name in CONTENTS if f' id="{place}"' in filled]
    return with_provenance(filled.replace(LINKS, " ".join(links), 1), known)


def render_markdown(context: Context) -> str:
    """Return the report as Markdown, without figures."""
    text = page_environment().get_template("report.md").render(**_values(context))
    return re.sub(r"\n{3,}", "\n\n", text)


def render_study(context: Context, forest: Markup, **own: object) -> str:
    """Return the page of a study of a batch: the report's own sections, as far as there are values for them.

    Parameters
    ----------
    context : Context
        With a manifest, as a run would have it.
    forest : Markup
        Drawn without Matplotlib, since there may be many pages; empty if nothing is drawn.
    **own
        What only the page of a batch shows.
    """
    figures = defaultdict(Markup, forest=forest)
    return _page(context, "batch_study.html", _values(context) | own | {"figures": figures})


def _values(context: Context) -> dict[str, Any]:
    rows = comparison_rows(context, "outcome")
    outcomes = _by_knowledge(rows)
    baseline = comparison_rows(context, "baseline")
    found = told_findings(context)
    printed = {row.outcomes[0]: row.frequentist for row in rows}
    main = answers(context, printed)
    others = other_answers(context, main, printed)
    columns = prior_columns(context)
    lists = filled_checklists(context, [each.outcome for each in main])
    prior = told_under((*rows, *baseline), context.manifest["priors"])
    values = {
        "answers": main,
        "other_answers": others,
        "question": question(context.study),
        "headline": asides(context, others, outcomes),
        "impossible": grouped([each for each in found if each.severity == "impossible"]),
        "cautions": grouped([each for each in found if each.severity == "caution"]),
        "infos": grouped([each for each in found if each.severity == "info"]),
        "outcomes": outcomes,
        "caption": _caption(context, prior),
        "baseline": baseline,
        "ledger": ledger_rows(context),
        "per_woman": per_woman_rows(context),
        "statements": statement_rows(context),
        "clustered": clustered(context),
        "units": nested_units(context),
        "drawn": drawn(context),
        "pooling": pooling_rows(context),
        "joint": joint_rows(context),
        "mixed": mixture_rows(context),
        "columns": columns,
        "priors": prior_rows(context, [column["outcome"] for column in columns]),
        "agreement": agreement_rows(context),
        "diagnostics": diagnostic_rows(context),
        "computed": computed(context),
        "evidence": evidence_rows(context),
        "checklists": lists,
        "gaps": open_gaps(lists),
        "level": level_of(context.ci_prob),
    }
    one_value_per_key(values)
    failed = [fit for fit in context.manifest["fits"] if fit["verdict"].startswith("fail")]
    return values | {
        "prior": prior,
        "priors_by_id": {row.prior: prior_label(context, row.prior) for row in (*rows, *baseline)},
        "study": context.study,
        "staged": any(item.stage is not None for item in context.study.items),
        "manifest": context.manifest,
        "failed": [_failed(context, fit) for fit in failed],
        "state": STATES.get(str(context.manifest.get("status"))),
        "missing": still_to_come(context),
        "left_out": not_fitted(context),
        "VERDICTS": CHIPS,
        "nothing": NOTHING_BUT_WORDS if outcomes["words"] or outcomes["tests"] else NOTHING,
        "command": run_command(context),
        "version": __version__,
        "estimands": REPORTED,
    }


NOTHING = "Nothing that was visible of this trial allows an estimate."
NOTHING_BUT_WORDS = "No number that was visible of this trial allows an estimate; what its words tell stands below."
LINKS = "<!-- links -->"
"""Stands in a page for links to its sections, which are known when it is filled."""
CHIPS = {
    "yes": "agrees",
    "no": "not supported",
    "conditional": "depends",
    "undetermined": "not checkable",
}
"""The ledger's verdict on a claim in two words, beside the color."""
CONTENTS = (
    ("comparison", "Comparison"),
    ("claims", "Claims"),
    ("outcomes", "Outcomes"),
    ("try-another-prior", "Try another prior"),
    ("markers", "Markers"),
    ("details", "How it was computed"),
    ("limits", "Limits"),
    ("reproduce", "Make it again"),
)
"""Sections that a page leads to, if it has them."""


def _by_knowledge(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Part rows into those with numbers, those known only from a test's, or only from words, and those of which nothing is."""
    parts: dict[str, list[Row]] = {"numbers": [], "tests": [], "words": [], "unavailable": []}
    for row in rows:
        known = "tests" if row.number else "words" if KINDS[row.kind].words else "numbers"
        parts[known if row.effect or (row.frequentist and known == "numbers") else "unavailable"].append(row)
    return parts


def _caption(context: Context, prior: str) -> Said:
    """Say what the columns of the comparison are."""
    return say(
        "Treatment against control. Recomputed: the usual frequentist analysis of the printed numbers. Reanalysis: posterior "
        "median with its ",
        level_of(context.ci_prob),
        f" credible interval under the prior “{prior_label(context, prior)}” unless the row names another, then how far the "
        "median moves over all priors that apply; risks in percentage points, means in their own unit. How sure: the "
        "probability of benefit; the tick in each bar marks even odds.",
    )


def _failed(context: Context, fit: Mapping[str, Any]) -> str:
    _, outcome, model, options, prior = fit["key"]
    about = f"{outcome_label(context, outcome)}, {model_label(context, model, options)}, {prior_label(context, prior)}"
    return f"{about}: {fit['verdict']}"


def told_html(said: Said | Value) -> Markup:
    """Return a sentence in parts as HTML: words escaped, numbers marked with their keys."""
    parts = said if isinstance(said, tuple) else (said,)
    # both escape their words
    return Markup("".join([in_html(part) if isinstance(part, str) else part.__html__() for part in parts]))  # noqa: S704


def told_markdown(said: Said | Value) -> str:
    """Return a sentence in parts as text for Markdown."""
    return markdown(said if isinstance(said, Value) else text(said))


def svg_of(figure: Figure, description: str) -> Markup:
    """Return a figure as SVG for a page, with words for who cannot see it."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    figure.set_facecolor("none")
    for axes in figure.axes:
        axes.set_facecolor("none")
    # ids inside the picture are made when it is saved: the same salt gives the same page
    with mpl.rc_context({"svg.hashsalt": "bayes_ivf"}):
        # `savefig` would draw everything once more for the layout
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1)) + Markup("<p class='sr'>{}</p>").format(description)  # noqa: S704


def markdown(value: object) -> str:
    """Escape a text for a cell of a Markdown table."""
    text = " ".join(str(value).split())
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
