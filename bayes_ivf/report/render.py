"""From a context to one self-contained page, and to Markdown; every text from a study file is escaped."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bayes_ivf._version import __version__
from bayes_ivf.auditing import audit_section_html
from bayes_ivf.effects import REPORTED
from bayes_ivf.report.context import Context
from bayes_ivf.report.rows import comparison_rows, told_under
from bayes_ivf.report.summary import (
    agreement_rows,
    drawn,
    headline,
    joint_rows,
    ledger_values,
    left_out,
    per_woman_rows,
    pooling_rows,
    prior_columns,
    prior_rows,
    statement_rows,
    still_to_come,
)
from bayes_ivf.report.values import one_value_per_key
from bayes_ivf.results import Said, Value, percent, text

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
    }
    return environment


def render_html(context: Context) -> str:
    """Return the report as one HTML page that needs nothing else."""
    from bayes_ivf.plots import clustering, forest, prior_posterior

    level = percent(context.ci_prob)
    figures = {"forest": svg_of(forest(context), f"Forest plot of all estimated effects with {level} intervals")}
    if context.curves:
        figures["curves"] = svg_of(prior_posterior(context.curves), "Prior and posterior density of each effect")
    nested = clustering(context)
    if nested is not None:
        figures["clustering"] = svg_of(nested, "Risk difference per embryo under every model of the embryos")
    values = _values(context)
    shown = {row.outcome: str(escape(value)) for row, value in values["ledger"] if value is not None}
    audit_section = Markup(audit_section_html(context.audit, shown))  # noqa: S704  escaped where it is made
    template = page_environment().get_template("report.html")
    return template.render(**values, figures=figures, audit_section=audit_section)


def render_markdown(context: Context) -> str:
    """Return the report as Markdown, without figures."""
    text = page_environment().get_template("report.md").render(**_values(context), audit=context.audit)
    return re.sub(r"\n{3,}", "\n\n", text)


def _values(context: Context) -> dict[str, Any]:
    outcomes = comparison_rows(context, "outcome")
    baseline = comparison_rows(context, "baseline")
    columns = prior_columns(context)
    values = {
        "outcomes": outcomes,
        "baseline": baseline,
        "agreement": agreement_rows(context),
        "columns": columns,
        "priors": prior_rows(context, [column["outcome"] for column in columns]),
        "per_woman": per_woman_rows(context),
        "statements": statement_rows(context),
        "pooling": pooling_rows(context),
        "joint": joint_rows(context),
        "drawn": drawn(context),
        "ledger": ledger_values(context),
    }
    one_value_per_key(values)
    return values | {
        "prior": told_under((*outcomes, *baseline), context.manifest["priors"]),
        "study": context.study,
        "headline": headline(context),
        "manifest": context.manifest,
        "failed": [fit for fit in context.manifest["fits"] if fit["verdict"].startswith("fail")],
        "state": STATES.get(str(context.manifest.get("status"))),
        "missing": still_to_come(context),
        "left_out": left_out(context.manifest.get("left_out", ())),
        "level": percent(context.ci_prob),
        "version": __version__,
        "estimands": REPORTED,
    }


def told_html(said: Said | Value) -> Markup:
    """Return a sentence in parts as HTML: words escaped, numbers marked with their keys."""
    return Markup("").join(escape(part) for part in (said if isinstance(said, tuple) else (said,)))


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
